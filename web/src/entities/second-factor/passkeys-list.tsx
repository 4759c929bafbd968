import { Alert, Button, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconFingerprint } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { describeDevice } from '@/shared/lib/device';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';
import { Line } from './line';
import { RecoveryCodes } from './recovery-codes';
import { makePasskey, passkeysSupported, wasCancelled } from './webauthn';

const StartPasskeyRegistration = graphql(`
  mutation StartPasskeyRegistration {
    startPasskeyRegistration {
      challenge { challengeToken options }
      userErrors { code message path }
    }
  }
`);

const FinishPasskeyRegistration = graphql(`
  mutation FinishPasskeyRegistration($input: FinishPasskeyRegistrationInput!) {
    finishPasskeyRegistration(input: $input) {
      recoveryCodes
      userErrors { code message path }
    }
  }
`);

const RenamePasskey = graphql(`
  mutation RenamePasskey($input: RenamePasskeyInput!) {
    renamePasskey(input: $input) {
      passkey { id name }
      userErrors { code message path }
    }
  }
`);

const RemovePasskey = graphql(`
  mutation RemovePasskey($input: RemovePasskeyInput!) {
    removePasskey(input: $input) {
      removedPasskeyId
      userErrors { code message path }
    }
  }
`);

export interface ListedPasskey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

interface Props {
  readonly available: boolean;
  readonly passkeys: readonly ListedPasskey[];
  readonly onChanged: () => void;
}

/** One's own passkeys: add, rename, remove. */
export function PasskeysList({ available, passkeys, onChanged }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [remove] = useAction(RemovePasskey);
  const day = (instant: string) => format.instant(instant, { dateStyle: 'medium' });

  const add = () => {
    const id = modals.open({
      title: t('security.passkeys.addTitle'),
      closeOnClickOutside: false,
      children: (
        <PasskeySetup
          onDone={() => {
            modals.close(id);
            notifications.show({ color: 'teal', message: t('security.passkeys.added') });
          }}
        />
      ),
      onClose: onChanged,
    });
  };
  const edit = (passkey: ListedPasskey) => {
    const id = modals.open({
      title: t('security.passkeys.rename'),
      children: <Rename passkey={passkey} onDone={() => modals.close(id)} />,
    });
  };
  const removeOne = ({ id, name }: ListedPasskey) =>
    modals.openConfirmModal({
      title: t('security.passkeys.removeTitle', { name }),
      children: <Text size="sm">{t('security.passkeys.removeBody')}</Text>,
      labels: { confirm: t('common.remove'), cancel: t('common.cancel') },
      confirmProps: { color: 'coral' },
      onConfirm: () => {
        void remove({ input: { passkeyId: id } }).then(({ userErrors }) => {
          toastErrors(userErrors, t('errors.title'));
          onChanged();
        });
      },
    });

  return (
    <>
      {passkeys.map((passkey) => (
        <Line
          key={passkey.id}
          icon={<IconFingerprint size={20} />}
          title={passkey.name}
          lead={
            passkey.lastUsedAt
              ? t('security.factors.appUsed', {
                  since: day(passkey.createdAt),
                  used: format.relative(passkey.lastUsedAt),
                })
              : t('security.factors.appSince', { since: day(passkey.createdAt) })
          }
          action={
            <>
              <Button size="compact-sm" variant="subtle" onClick={() => edit(passkey)}>
                {t('common.edit')}
              </Button>
              <Button size="compact-sm" variant="subtle" color="coral" onClick={() => removeOne(passkey)}>
                {t('common.remove')}
              </Button>
            </>
          }
        />
      ))}
      <Line
        icon={<IconFingerprint size={20} />}
        title={t('security.passkeys.title')}
        lead={available ? t('security.passkeys.lead') : t('security.passkeys.unavailable')}
        action={
          available && passkeysSupported() ? (
            <Button size="compact-sm" variant="light" onClick={add}>
              {t('security.passkeys.add')}
            </Button>
          ) : null
        }
      />
    </>
  );
}

/** Makes a passkey on this device and gives it a name. */
export function PasskeySetup({ onDone }: { readonly onDone: () => void }) {
  const { t } = useTranslation();
  const [start, starting] = useAction(StartPasskeyRegistration);
  const [finish, finishing] = useAction(FinishPasskeyRegistration);
  const [name, setName] = useState(() => describeDevice(navigator.userAgent).name ?? '');
  const [problems, setProblems] = useState<string[]>([]);
  const [codes, setCodes] = useState<readonly string[]>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setProblems([]);
    const { payload, userErrors } = await start({});
    setProblems(userErrors.map(({ message }) => message));
    if (!payload?.challenge) return;
    let credential: object;
    try {
      credential = await makePasskey(payload.challenge.options);
    } catch (problem) {
      setProblems([t(wasCancelled(problem) ? 'security.passkeys.cancelled' : 'security.passkeys.failed')]);
      return;
    }
    const { challengeToken } = payload.challenge;
    const done = await finish({ input: { challengeToken, credential, name: name.trim() } });
    setProblems(done.userErrors.map(({ message }) => message));
    if (!done.payload || done.userErrors.length > 0) return;
    if (done.payload.recoveryCodes) setCodes(done.payload.recoveryCodes);
    else onDone();
  };

  if (codes) return <RecoveryCodes codes={codes} onSaved={onDone} />;
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Alert color="tide">{t('security.passkeys.hint')}</Alert>
        <Problems problems={problems} />
        <TextInput
          label={t('security.passkeys.name')}
          description={t('security.passkeys.nameHint')}
          maxLength={100}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={starting || finishing} disabled={name.trim() === ''}>
          {t('security.passkeys.make')}
        </Button>
      </Stack>
    </form>
  );
}

function Rename({ passkey, onDone }: { readonly passkey: ListedPasskey; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const [rename, busy] = useAction(RenamePasskey);
  const [name, setName] = useState(passkey.name);
  const [problems, setProblems] = useState<string[]>([]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { payload, userErrors } = await rename({ input: { passkeyId: passkey.id, name: name.trim() } });
    setProblems(userErrors.map(({ message }) => message));
    if (payload && userErrors.length === 0) onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Problems problems={problems} />
        <TextInput
          label={t('security.passkeys.name')}
          maxLength={100}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy} disabled={name.trim() === ''}>
          {t('common.save')}
        </Button>
      </Stack>
    </form>
  );
}
