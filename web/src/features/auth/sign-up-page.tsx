import { Button, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { isEmail, isNotEmpty, useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { safeReturn } from '@/entities/viewer/session';
import { startAfresh } from '@/shared/graphql/client';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { localeChoices } from '@/shared/i18n/choices';
import { useFormat } from '@/shared/i18n/format';
import { AnchorLink } from '@/shared/ui/links';
import { useAction } from '@/shared/ui/mutation';
import { PasswordInput } from '@/shared/ui/password-input';
import { Problems } from '@/shared/ui/problems';
import { TimeZoneSelect } from '@/shared/ui/time-zone-select';
import { AuthFrame } from './auth-frame';
import { useSignUpOpen } from './sign-up-open';

const SignUp = graphql(`
  mutation SignUp($input: SignUpInput!) {
    signUp(input: $input) {
      viewer { role }
      userErrors { code message path }
    }
  }
`);

export const MIN_PASSWORD = 10;
const FIELDS = ['email', 'password', 'name', 'mobile', 'locale', 'timeZone'];

interface Props {
  readonly next?: string | undefined;
  /** Given when the person claims an account that an operator made for them. */
  readonly invitationToken?: string | undefined;
}

export function SignUpPage({ next, invitationToken }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [signUp, busy] = useAction(SignUp);
  const [problems, setProblems] = useState<string[]>([]);
  const open = useSignUpOpen();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', email: '', mobile: '', password: '', locale: format.locale, timeZone: format.timeZone },
    validate: {
      name: isNotEmpty(t('errors.required')),
      email: (value) => isEmail(t('errors.email'))(value.trim()),
      password: (value) => ([...value].length < MIN_PASSWORD ? t('errors.tooShort', { min: MIN_PASSWORD }) : null),
    },
  });

  const submit = form.onSubmit(async ({ email, mobile, name, ...rest }) => {
    const { payload, userErrors } = await signUp({
      input: {
        ...rest,
        email: email.trim(),
        name: name.trim(),
        mobile: mobile.trim() || null,
        invitationToken: invitationToken ?? null,
        deviceKind: 'COOKIE',
      },
    });
    if (!payload) return;
    const { fields, rest: others } = fieldErrors(userErrors, FIELDS);
    form.setErrors(fields);
    setProblems(others);
    if (userErrors.length > 0) return;
    await startAfresh(safeReturn(next));
  });

  if (!open && !invitationToken) {
    return (
      <AuthFrame title={t('auth.closedTitle')} footer={<AnchorLink to="/sign-in">{t('auth.backToSignIn')}</AnchorLink>}>
        <Text>{t('auth.closed')}</Text>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame
      title={invitationToken ? t('auth.claimTitle') : t('auth.signUpTitle')}
      lead={invitationToken ? t('auth.claimLead') : t('auth.signUpLead')}
      footer={
        <>
          {t('auth.haveAccount')}{' '}
          <AnchorLink to="/sign-in" search={next ? { next } : {}} fw={600}>
            {t('auth.signIn')}
          </AnchorLink>
        </>
      }
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <Problems problems={problems} />
          <TextInput
            label={t('auth.name')}
            autoComplete="name"
            required
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <TextInput
            label={t('auth.email')}
            type="email"
            autoComplete="username"
            required
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('auth.password')}
            description={t('auth.passwordHint', { min: MIN_PASSWORD })}
            autoComplete="new-password"
            required
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <TextInput
            label={t('auth.mobile')}
            description={t('auth.mobileHint')}
            type="tel"
            autoComplete="tel"
            key={form.key('mobile')}
            {...form.getInputProps('mobile')}
          />
          <NativeSelect
            label={t('auth.locale')}
            data={localeChoices(format.locale)}
            key={form.key('locale')}
            {...form.getInputProps('locale')}
          />
          <TimeZoneSelect
            label={t('auth.timeZone')}
            current={format.timeZone}
            key={form.key('timeZone')}
            {...form.getInputProps('timeZone')}
          />
          <Button type="submit" loading={busy} fullWidth mt="xs">
            {invitationToken ? t('auth.claimTitle') : t('auth.signUp')}
          </Button>
        </Stack>
      </form>
    </AuthFrame>
  );
}
