import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { AuthFrame } from './auth-frame';
import { SignUpPage } from './sign-up-page';

/** Where an invitation leads: a sign-up that takes over the customer an operator has already made. */
export function ClaimPage({ token }: { readonly token?: string | undefined }) {
  const { t } = useTranslation();
  if (token) return <SignUpPage invitationToken={token} />;
  return (
    <AuthFrame title={t('auth.claimTitle')}>
      <Alert color="coral">{t('auth.claimMissing')}</Alert>
    </AuthFrame>
  );
}
