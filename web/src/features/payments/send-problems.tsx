import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { UserError } from '@/shared/graphql/errors';
import { Problems } from '@/shared/ui/problems';

interface Props {
  /** Why the last one was refused, in the reader's language. */
  readonly refusals: readonly UserError[];
  /** The last answer was lost; see `useSend`. */
  readonly unsure: boolean;
}

/** What is said above a button that sends money, when it did not go as it should. */
export function SendProblems({ refusals, unsure }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <Problems problems={refusals.map(({ message }) => message)} />
      {unsure ? (
        <Alert color="orange" role="status" title={t('pay.unsureTitle')}>
          {t('pay.unsure')}
        </Alert>
      ) : null}
    </>
  );
}
