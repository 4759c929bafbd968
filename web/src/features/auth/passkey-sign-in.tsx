import { Button } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { passkeysSupported, provePasskey, wasCancelled } from '@/entities/second-factor/webauthn';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { CompleteSignIn } from './second-step';

const StartPasskeySignIn = graphql(`
  mutation StartPasskeySignIn($input: StartPasskeySignInInput!) {
    startPasskeySignIn(input: $input) {
      challenge { challengeToken options }
      userErrors { code message path }
    }
  }
`);

interface Props {
  readonly onDone: () => Promise<void>;
  readonly onProblem: (problem: string) => void;
}

/** Signs in with a passkey alone: no address, no password. */
export function PasskeySignIn({ onDone, onProblem }: Props) {
  const { t } = useTranslation();
  const [start, starting] = useAction(StartPasskeySignIn);
  const [complete, completing] = useAction(CompleteSignIn);
  if (!passkeysSupported()) return null;
  const signIn = async () => {
    const { payload, userErrors } = await start({ input: { deviceKind: 'COOKIE' } });
    if (userErrors[0]) onProblem(userErrors[0].message);
    if (!payload?.challenge) return;
    const { challengeToken, options } = payload.challenge;
    let passkey: object;
    try {
      passkey = await provePasskey(options);
    } catch (problem) {
      onProblem(t(wasCancelled(problem) ? 'security.passkeys.cancelled' : 'security.passkeys.failed'));
      return;
    }
    const done = await complete({ input: { challengeToken, proof: { passkey }, deviceKind: 'COOKIE' } });
    if (done.userErrors[0]) onProblem(done.userErrors[0].message);
    else if (done.payload) await onDone();
  };
  return (
    <Button
      variant="default"
      leftSection={<IconFingerprint size={20} aria-hidden="true" />}
      loading={starting || completing}
      onClick={() => void signIn()}
      fullWidth
    >
      {t('security.passkeys.signIn')}
    </Button>
  );
}
