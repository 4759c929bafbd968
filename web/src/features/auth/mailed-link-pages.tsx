import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql } from '@/shared/graphql/graphql';
import { ButtonLink } from '@/shared/ui/links';
import { type Outcome, useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';
import { AuthFrame } from './auth-frame';

const ConfirmEmail = graphql(`
  mutation ConfirmEmail($input: ConfirmEmailInput!) {
    confirmEmail(input: $input) {
      email
      userErrors { code message path }
    }
  }
`);

const UndoEmailChange = graphql(`
  mutation UndoEmailChange($input: UndoEmailChangeInput!) {
    undoEmailChange(input: $input) {
      email
      userErrors { code message path }
    }
  }
`);

interface LinkProps {
  readonly token?: string | undefined;
}

/** Confirms an address. By a button: programs that look into mails open links, and must not confirm anything. */
export function ConfirmEmailPage({ token }: LinkProps) {
  const [confirm, busy] = useAction(ConfirmEmail);
  return <LinkPage kind="confirm" token={token} busy={busy} run={(input) => confirm({ input })} />;
}

/** Takes back a change of address. */
export function UndoEmailChangePage({ token }: LinkProps) {
  const [undo, busy] = useAction(UndoEmailChange);
  return <LinkPage kind="undo" token={token} busy={busy} run={(input) => undo({ input })} />;
}

interface Props extends LinkProps {
  readonly kind: 'confirm' | 'undo';
  readonly busy: boolean;
  readonly run: (input: { token: string }) => Promise<Outcome<{ readonly email: string | null }>>;
}

function LinkPage({ kind, token, busy, run }: Props) {
  const { t } = useTranslation();
  const [problems, setProblems] = useState<string[]>([]);
  const [doneFor, setDoneFor] = useState<string>();
  const submit = async () => {
    const { payload, userErrors } = await run({ token: token ?? '' });
    setProblems(userErrors.map(({ message }) => message));
    if (payload && userErrors.length === 0) setDoneFor(payload.email ?? '');
  };
  if (doneFor !== undefined) {
    return (
      <AuthFrame title={t(`auth.${kind}DoneTitle`)}>
        <Stack>
          <Text role="status">{t(`auth.${kind}Done`, { email: doneFor })}</Text>
          <ButtonLink to={kind === 'confirm' ? '/' : '/sign-in'} reloadDocument fullWidth>
            {t('auth.goOn')}
          </ButtonLink>
        </Stack>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t(`auth.${kind}Title`)} lead={t(`auth.${kind}Lead`)}>
      <Stack>
        <Problems problems={token ? problems : [t('auth.linkIncomplete')]} />
        {token ? (
          <Button loading={busy} fullWidth onClick={() => void submit()}>
            {t(`auth.${kind}Submit`)}
          </Button>
        ) : null}
      </Stack>
    </AuthFrame>
  );
}
