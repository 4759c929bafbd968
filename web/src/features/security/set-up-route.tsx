import { Anchor, SegmentedControl, Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PasskeySetup } from '@/entities/second-factor/passkeys-list';
import { TotpSetup } from '@/entities/second-factor/totp-setup';
import { passkeysSupported } from '@/entities/second-factor/webauthn';
import { safeReturn } from '@/entities/viewer/session';
import { useSignOut } from '@/entities/viewer/sign-out';
import { AuthFrame } from '@/features/auth/auth-frame';
import { startAfresh } from '@/shared/graphql/client';

const route = getRouteApi('/set-up-second-factor');

/** For staff who must have a second factor: nothing else is open to them before. */
export function SetUpRoute() {
  const { t } = useTranslation();
  const { next } = route.useSearch();
  const signOut = useSignOut();
  return (
    <AuthFrame
      title={t('security.must.title')}
      lead={t('security.must.lead')}
      footer={
        <Anchor component="button" type="button" size="sm" onClick={signOut}>
          {t('security.must.signOut')}
        </Anchor>
      }
    >
      <SetUp onDone={() => void startAfresh(safeReturn(next))} />
    </AuthFrame>
  );
}

/** An authenticator app, or where the browser and the address allow it a passkey. */
function SetUp({ onDone }: { readonly onDone: () => void }) {
  const { t } = useTranslation();
  const [way, setWay] = useState('app');
  if (!passkeysSupported()) return <TotpSetup onDone={onDone} />;
  return (
    <Stack>
      <SegmentedControl
        aria-label={t('security.must.title')}
        value={way}
        onChange={setWay}
        data={[
          { value: 'app', label: t('security.factors.app') },
          { value: 'passkey', label: t('security.passkeys.title') },
        ]}
      />
      {way === 'app' ? <TotpSetup onDone={onDone} /> : <PasskeySetup onDone={onDone} />}
    </Stack>
  );
}
