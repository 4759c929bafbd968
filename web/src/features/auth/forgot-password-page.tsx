import { Button, Stack, Text, TextInput } from '@mantine/core';
import { isEmail, useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { AnchorLink } from '@/shared/ui/links';
import { useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';
import { AuthFrame } from './auth-frame';

const RequestPasswordReset = graphql(`
  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {
    requestPasswordReset(input: $input) {
      userErrors { code message path }
    }
  }
`);

/** Requests the mail with a link to set a new password. The answer never tells whether an address is known. */
export function ForgotPasswordPage() {
  const { t } = useTranslation();
  const [request, busy] = useAction(RequestPasswordReset);
  const [problems, setProblems] = useState<string[]>([]);
  const [sentTo, setSentTo] = useState<string>();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '' },
    validate: { email: (value) => isEmail(t('errors.email'))(value.trim()) },
  });
  const submit = form.onSubmit(async ({ email }) => {
    const { payload, userErrors } = await request({ input: { email: email.trim() } });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, ['email']);
    form.setErrors(fields);
    setProblems(rest);
    if (userErrors.length === 0) setSentTo(email.trim());
  });
  const footer = <AnchorLink to="/sign-in">{t('auth.backToSignIn')}</AnchorLink>;
  if (sentTo !== undefined) {
    return (
      <AuthFrame title={t('auth.forgotSentTitle')} footer={footer}>
        <Text role="status">{t('auth.forgotSent', { email: sentTo })}</Text>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t('auth.forgotTitle')} lead={t('auth.forgotLead')} footer={footer}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Problems problems={problems} />
          <TextInput
            label={t('auth.email')}
            type="email"
            autoComplete="username"
            autoFocus
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <Button type="submit" loading={busy} fullWidth mt="xs">
            {t('auth.forgotSend')}
          </Button>
        </Stack>
      </form>
    </AuthFrame>
  );
}
