import { Alert, Button, Stack, TextInput } from '@mantine/core';
import { isEmail, isNotEmpty, useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { safeReturn } from '@/entities/viewer/session';
import { startAfresh } from '@/shared/graphql/client';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { AnchorLink } from '@/shared/ui/links';
import { useAction } from '@/shared/ui/mutation';
import { PasswordInput } from '@/shared/ui/password-input';
import { Problems } from '@/shared/ui/problems';
import { AuthFrame } from './auth-frame';
import { PasskeySignIn } from './passkey-sign-in';
import { type Challenge, SecondStep } from './second-step';
import { useSignUpOpen } from './sign-up-open';

const SignIn = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      viewer { role }
      secondFactorRequired { challengeToken methods passkeyOptions }
      userErrors { code message path }
    }
  }
`);

interface Props {
  readonly next?: string | undefined;
  readonly ended?: boolean | undefined;
}

export function SignInPage({ next, ended }: Props) {
  const { t } = useTranslation();
  const [signIn, busy] = useAction(SignIn);
  const open = useSignUpOpen();
  const [problems, setProblems] = useState<string[]>([]);
  const [challenge, setChallenge] = useState<Challenge>();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '' },
    validate: { email: isEmail(t('errors.email')), password: isNotEmpty(t('errors.required')) },
  });

  const submit = form.onSubmit(async ({ email, password }) => {
    const { payload, userErrors } = await signIn({ input: { email: email.trim(), password, deviceKind: 'COOKIE' } });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, ['email', 'password']);
    form.setErrors(fields);
    setProblems(rest);
    if (userErrors.length > 0) return;
    if (payload.secondFactorRequired) setChallenge(payload.secondFactorRequired);
    else await startAfresh(safeReturn(next));
  });

  if (challenge)
    return (
      <SecondStep
        challenge={challenge}
        onDone={() => startAfresh(safeReturn(next))}
        onRestart={() => {
          form.setFieldValue('password', '');
          setChallenge(undefined);
        }}
      />
    );

  return (
    <AuthFrame
      title={t('auth.signInTitle')}
      footer={
        open ? (
          <>
            {t('auth.noAccount')}{' '}
            <AnchorLink to="/sign-up" search={next ? { next } : {}} fw={600}>
              {t('auth.signUp')}
            </AnchorLink>
          </>
        ) : null
      }
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          {ended && problems.length === 0 ? <Alert color="tide">{t('auth.sessionEnded')}</Alert> : null}
          <Problems problems={problems} />
          <TextInput
            label={t('auth.email')}
            type="email"
            autoComplete="username"
            autoFocus
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('auth.password')}
            autoComplete="current-password"
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <AnchorLink to="/forgot-password" size="sm" fw={600} style={{ alignSelf: 'flex-start' }}>
            {t('auth.forgot')}
          </AnchorLink>
          <Button type="submit" loading={busy} fullWidth mt="xs">
            {t('auth.signIn')}
          </Button>
          <PasskeySignIn onDone={() => startAfresh(safeReturn(next))} onProblem={(problem) => setProblems([problem])} />
        </Stack>
      </form>
    </AuthFrame>
  );
}
