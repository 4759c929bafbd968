import { Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Outcome } from '@/shared/ui/mutation';
import { useWords } from '../words';
import { DialogButtons } from './dialog-buttons';
import { Problems } from './problems';
import { ReasonField } from './reason-field';

interface Question {
  readonly title: string;
  readonly body?: ReactNode;
  readonly confirm: string;
  readonly danger?: boolean;
  readonly reason?: 'required' | 'optional';
  readonly run: (reason: string) => Promise<Outcome<unknown>>;
  /** Said when it is done. */
  readonly done?: string;
  readonly onDone?: () => void;
}

/** Asks before something is done that is not easily undone; with a reason where one is kept. */
export function ask(question: Question): void {
  const id = modals.open({
    title: question.title,
    children: <AskForm question={question} onClose={() => modals.close(id)} />,
  });
}

function AskForm({ question, onClose }: { readonly question: Question; readonly onClose: () => void }) {
  const t = useWords();
  const { t: common } = useTranslation();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (question.reason === 'required' && reason.trim() === '') {
      setMissing(true);
      return;
    }
    setBusy(true);
    const { payload, userErrors } = await question.run(reason.trim());
    setBusy(false);
    setProblems(userErrors.map(({ message }) => message));
    if (!payload || userErrors.length > 0) return;
    onClose();
    notifications.show({ color: 'teal', message: question.done ?? t('ask.done') });
    question.onDone?.();
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        {question.body ? (
          <Text size="sm" component="div">
            {question.body}
          </Text>
        ) : null}
        <Problems problems={problems} />
        {question.reason ? (
          <ReasonField
            label={
              question.reason === 'required' ? t('ask.reason') : `${t('ask.reason')} (${common('common.optional')})`
            }
            description={t('ask.reasonHint')}
            required={question.reason === 'required'}
            error={missing && reason.trim() === '' ? t('ask.reasonNeeded') : undefined}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        ) : null}
        <DialogButtons onClose={onClose} busy={busy} danger={question.danger}>
          {question.confirm}
        </DialogButtons>
      </Stack>
    </form>
  );
}
