import { Anchor, Button, Stack, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { passkeysSupported } from '@/entities/second-factor/webauthn';
import type { ConfirmationMethod } from '@/shared/graphql/confirming';
import { PasswordInput } from '@/shared/ui/password-input';
import { Problems } from '@/shared/ui/problems';

/** What a person gave to prove who they are; exactly one of them. */
export type Proof = { readonly password: string } | { readonly code: string } | { readonly recoveryCode: string };

type Way = 'PASSWORD' | 'TOTP' | 'RECOVERY_CODE';

interface Props {
  readonly methods: readonly ConfirmationMethod[];
  readonly busy: boolean;
  readonly problems: readonly string[];
  readonly onProof: (proof: Proof) => void;
  /** Asks for a passkey, where the account has one. */
  readonly onPasskey: () => void;
}

/** Asks for a password, a code of the authenticator app or a recovery code, whichever the account has. */
export function ProofForm({ methods, busy, problems, onProof, onPasskey }: Props) {
  const { t } = useTranslation();
  const ways = methods.filter((method): method is Way => method !== 'PASSKEY');
  const passkey = methods.includes('PASSKEY') && passkeysSupported();
  const [way, setWay] = useState<Way | undefined>(passkey ? undefined : ways[0]);
  const [value, setValue] = useState('');
  const [missing, setMissing] = useState(false);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The dialog lives above other forms in React's tree; they must not be sent with it.
    event.stopPropagation();
    const given = way === 'PASSWORD' ? value : value.trim();
    setMissing(given === '');
    if (given === '' || !way) return;
    if (way === 'PASSWORD') onProof({ password: given });
    else if (way === 'TOTP') onProof({ code: given });
    else onProof({ recoveryCode: given });
  };
  const turnTo = (next: Way) => {
    setWay(next);
    setValue('');
    setMissing(false);
  };
  const field = {
    value,
    onChange: (event: { currentTarget: { value: string } }) => setValue(event.currentTarget.value),
    error: missing && value === '' ? t('errors.required') : undefined,
    autoFocus: true,
    'data-autofocus': true,
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Problems problems={problems} />
        {passkey ? (
          <Button
            variant={way ? 'default' : 'filled'}
            leftSection={<IconFingerprint size={20} aria-hidden="true" />}
            loading={busy && !way}
            onClick={onPasskey}
            fullWidth
          >
            {t('security.proof.usePasskey')}
          </Button>
        ) : null}
        {way === 'PASSWORD' ? (
          <PasswordInput label={t('security.proof.password')} autoComplete="current-password" {...field} />
        ) : null}
        {way === 'TOTP' ? (
          <TextInput
            key="code"
            label={t('security.proof.code')}
            description={t('security.proof.codeHint')}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={12}
            {...field}
          />
        ) : null}
        {way === 'RECOVERY_CODE' ? (
          <TextInput
            key="recovery"
            label={t('security.proof.recovery')}
            description={t('security.proof.recoveryHint')}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={40}
            {...field}
          />
        ) : null}
        {way ? (
          <Button type="submit" loading={busy} fullWidth>
            {t('security.proof.submit')}
          </Button>
        ) : null}
        {ways.includes('RECOVERY_CODE') && way !== 'RECOVERY_CODE' ? (
          <Anchor component="button" type="button" size="sm" onClick={() => turnTo('RECOVERY_CODE')}>
            {t('security.proof.useRecovery')}
          </Anchor>
        ) : null}
        {ways.includes('TOTP') && way !== 'TOTP' ? (
          <Anchor component="button" type="button" size="sm" onClick={() => turnTo('TOTP')}>
            {t('security.proof.useCode')}
          </Anchor>
        ) : null}
      </Stack>
    </form>
  );
}
