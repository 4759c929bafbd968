import { Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { provePasskey, wasCancelled } from '@/entities/second-factor/webauthn';
import { type Confirmation, confirmation } from '@/shared/graphql/confirming';
import { graphql } from '@/shared/graphql/graphql';
import { useObservable } from '@/shared/lib/store';
import { useAction } from '@/shared/ui/mutation';
import { type Proof, ProofForm } from './proof-form';

const ConfirmIdentity = graphql(`
  mutation ConfirmIdentity($input: ConfirmIdentityInput!) {
    confirmIdentity(input: $input) {
      confirmedUntil
      userErrors { code message path }
    }
  }
`);

const StartPasskeyConfirmation = graphql(`
  mutation StartPasskeyConfirmation {
    startPasskeyConfirmation {
      challenge { challengeToken options }
      userErrors { code message path }
    }
  }
`);

/** Asks who is there when the server wants to know again; what was asked for is sent once more by itself. */
export function ConfirmDialog() {
  const { t } = useTranslation();
  const asked = useObservable(confirmation);
  return (
    <Modal
      opened={asked !== undefined}
      onClose={() => asked?.done(false)}
      title={t('security.confirm.title')}
      zIndex={400}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {asked ? <Ask asked={asked} /> : null}
    </Modal>
  );
}

function Ask({ asked }: { readonly asked: Confirmation }) {
  const { t } = useTranslation();
  const [confirm, busy] = useAction(ConfirmIdentity);
  const [problems, setProblems] = useState<string[]>([]);
  const [start, starting] = useAction(StartPasskeyConfirmation);
  const byPasskey = async () => {
    const { payload, userErrors } = await start({});
    setProblems(userErrors.map(({ message }) => message));
    if (!payload?.challenge) return;
    try {
      const { challengeToken, options } = payload.challenge;
      await prove({ passkey: { challengeToken, assertion: await provePasskey(options) } });
    } catch (problem) {
      setProblems([t(wasCancelled(problem) ? 'security.passkeys.cancelled' : 'security.passkeys.failed')]);
    }
  };
  const prove = async (proof: Proof | { readonly passkey: { challengeToken: string; assertion: object } }) => {
    const { payload, userErrors } = await confirm({ input: { proof } });
    setProblems(userErrors.map(({ message }) => message));
    if (payload && userErrors.length === 0) asked.done(true);
  };
  return (
    <Stack>
      <Text size="sm">{t('security.confirm.lead')}</Text>
      <ProofForm
        methods={asked.methods}
        busy={busy || starting}
        problems={problems}
        onProof={(proof) => void prove(proof)}
        onPasskey={() => void byPasskey()}
      />
    </Stack>
  );
}
