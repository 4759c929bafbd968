import { Button, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import { useAction } from '@/shared/ui/mutation';
import { PasswordInput } from '@/shared/ui/password-input';
import { Problems } from '@/shared/ui/problems';
import { AuthFrame } from './auth-frame';
import { MIN_PASSWORD } from './sign-up-page';

const ResetPassword = graphql(`
  mutation ResetPassword($input: ResetPasswordInput!) {
    resetPassword(input: $input) {
      email
      userErrors { code message path }
    }
  }
`);

/** Where the mailed link leads: a new password, which signs out every device. */
export function ResetPasswordPage({ token }: { readonly token?: string | undefined }) {
  const { t } = useTranslation();
  const [reset, busy] = useAction(ResetPassword);
  const [problems, setProblems] = useState<string[]>([]);
  const [doneFor, setDoneFor] = useState<string>();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { newPassword: '' },
    validate: {
      newPassword: (value) => ([...value].length < MIN_PASSWORD ? t('errors.tooShort', { min: MIN_PASSWORD }) : null),
    },
  });
  const submit = form.onSubmit(async ({ newPassword }) => {
    const { payload, userErrors } = await reset({ input: { token: token ?? '', newPassword } });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, ['newPassword']);
    form.setErrors(fields);
    setProblems(rest);
    if (userErrors.length === 0) setDoneFor(payload.email ?? '');
  });
  const again = <AnchorLink to="/forgot-password">{t('auth.requestNew')}</AnchorLink>;
  if (doneFor !== undefined) {
    return (
      <AuthFrame title={t('auth.resetDoneTitle')}>
        <Stack>
          <Text role="status">{t('auth.resetDone', { email: doneFor })}</Text>
          <ButtonLink to="/sign-in" fullWidth>
            {t('auth.signIn')}
          </ButtonLink>
        </Stack>
      </AuthFrame>
    );
  }
  if (!token) {
    return (
      <AuthFrame title={t('auth.resetTitle')} footer={again}>
        <Problems problems={[t('auth.linkIncomplete')]} />
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t('auth.resetTitle')} lead={t('auth.resetLead')} footer={again}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Problems problems={problems} />
          <PasswordInput
            label={t('auth.newPassword')}
            description={t('auth.passwordHint', { min: MIN_PASSWORD })}
            autoComplete="new-password"
            autoFocus
            key={form.key('newPassword')}
            {...form.getInputProps('newPassword')}
          />
          <Button type="submit" loading={busy} fullWidth mt="xs">
            {t('auth.resetSubmit')}
          </Button>
        </Stack>
      </form>
    </AuthFrame>
  );
}
