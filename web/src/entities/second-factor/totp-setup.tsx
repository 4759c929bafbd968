import { Anchor, Button, Center, Code, Image, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';
import { RecoveryCodes } from './recovery-codes';

const StartTotpSetup = graphql(`
  mutation StartTotpSetup {
    startTotpSetup {
      secret
      uri
      qrSvg
      userErrors { code message path }
    }
  }
`);

const ConfirmTotpSetup = graphql(`
  mutation ConfirmTotpSetup($input: ConfirmTotpSetupInput!) {
    confirmTotpSetup(input: $input) {
      recoveryCodes
      userErrors { code message path }
    }
  }
`);

interface Started {
  readonly secret: string | null;
  readonly uri: string | null;
  readonly qrSvg: string | null;
}

/** Adds an authenticator app: scan, type the first code, save the recovery codes. */
export function TotpSetup({ onDone }: { readonly onDone: () => void }) {
  const { t } = useTranslation();
  const [start] = useAction(StartTotpSetup);
  const [confirm, busy] = useAction(ConfirmTotpSetup);
  const [started, setStarted] = useState<Started>();
  const [code, setCode] = useState('');
  const [codes, setCodes] = useState<readonly string[]>();
  const [problems, setProblems] = useState<string[]>([]);
  const [failed, setFailed] = useState(false);

  const begin = async () => {
    setFailed(false);
    const { payload, userErrors } = await start({});
    setProblems(userErrors.map(({ message }) => message));
    if (payload?.secret) setStarted(payload);
    else setFailed(true);
  };
  // Once, also where React mounts twice: each start makes a new secret.
  const begun = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when it opens
  useEffect(() => {
    if (!begun.current) void begin();
    begun.current = true;
  }, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const { payload, userErrors } = await confirm({ input: { code: code.trim() } });
    setProblems(userErrors.map(({ message }) => message));
    if (!payload || userErrors.length > 0) return;
    if (payload.recoveryCodes) setCodes(payload.recoveryCodes);
    else onDone();
  };

  if (codes) return <RecoveryCodes codes={codes} onSaved={onDone} />;
  if (failed)
    return (
      <Stack>
        <Problems problems={problems} />
        <Button onClick={() => void begin()}>{t('security.setup.again')}</Button>
      </Stack>
    );
  if (!started) return <Skeleton height={260} />;
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Text size="sm">{t('security.setup.scan')}</Text>
        {started.qrSvg ? (
          <Center>
            <Image
              src={`data:image/svg+xml;base64,${btoa(started.qrSvg)}`}
              alt={t('security.setup.qr')}
              w={200}
              h={200}
              radius="sm"
            />
          </Center>
        ) : null}
        <Text size="sm">
          {t('security.setup.type')} <Code style={{ overflowWrap: 'anywhere' }}>{grouped(started.secret)}</Code>
        </Text>
        <Anchor href={started.uri ?? undefined} size="sm" hiddenFrom="md">
          {t('security.setup.open')}
        </Anchor>
        <Problems problems={problems} />
        <TextInput
          label={t('security.setup.code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={12}
          data-autofocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy} disabled={code.trim() === ''}>
          {t('security.setup.finish')}
        </Button>
      </Stack>
    </form>
  );
}

/** In groups of four, as apps show and people type it. */
const grouped = (secret: string | null): string => secret?.match(/.{1,4}/g)?.join(' ') ?? '';
