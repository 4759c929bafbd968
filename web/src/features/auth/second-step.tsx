import { Anchor } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { provePasskey, wasCancelled } from '@/entities/second-factor/webauthn';
import { type Proof, ProofForm } from '@/features/security/proof-form';
import type { ConfirmationMethod } from '@/shared/graphql/confirming';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { AuthFrame } from './auth-frame';

export const CompleteSignIn = graphql(`
  mutation CompleteSignIn($input: CompleteSignInInput!) {
    completeSignIn(input: $input) {
      viewer { role }
      userErrors { code message path }
    }
  }
`);

export interface Challenge {
  readonly challengeToken: string;
  readonly methods: readonly ConfirmationMethod[];
  readonly passkeyOptions: unknown;
}

interface Props {
  readonly challenge: Challenge;
  readonly onDone: () => Promise<void>;
  readonly onRestart: () => void;
}

/** The second step of signing in: the password was right. */
export function SecondStep({ challenge, onDone, onRestart }: Props) {
  const { t } = useTranslation();
  const [complete, busy] = useAction(CompleteSignIn);
  const [problems, setProblems] = useState<string[]>([]);
  const byPasskey = async () => {
    try {
      await prove({ passkey: await provePasskey(challenge.passkeyOptions) });
    } catch (problem) {
      setProblems([t(wasCancelled(problem) ? 'security.passkeys.cancelled' : 'security.passkeys.failed')]);
    }
  };
  const prove = async (proof: Proof | { readonly passkey: object }) => {
    if ('password' in proof) return;
    const { payload, userErrors } = await complete({
      input: { challengeToken: challenge.challengeToken, proof, deviceKind: 'COOKIE' },
    });
    setProblems(userErrors.map(({ message }) => message));
    if (payload && userErrors.length === 0) await onDone();
  };
  return (
    <AuthFrame
      title={t('security.second.title')}
      lead={t('security.second.lead')}
      footer={
        <Anchor component="button" type="button" size="sm" onClick={onRestart}>
          {t('security.second.restart')}
        </Anchor>
      }
    >
      <ProofForm
        methods={challenge.methods}
        busy={busy}
        problems={problems}
        onProof={(proof) => void prove(proof)}
        onPasskey={() => void byPasskey()}
      />
    </AuthFrame>
  );
}
