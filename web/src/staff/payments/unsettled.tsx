import { Card, Group, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from 'urql';
import { useAskAgain } from '@/shared/graphql/ask-again';
import { graphql } from '@/shared/graphql/graphql';
import { QueryState, RowsSkeleton } from '@/shared/ui/states';
import { Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { useWords } from '../words';
import { usePaymentColumns } from './payment-rows';

export const UnsettledQuery = graphql(`
  query StaffUnsettled {
    unsettled {
      id
      kind
      status
      statusReason
      createdAt
      amount { amountMinor currency }
      customer { id name }
      method { id title }
    }
  }
`);

/** Ages grow without events. */
const ASK_AGAIN_MS = 30_000;

/** What is begun and not over, the longest waiting first. */
export function Unsettled() {
  const t = useWords();
  const columns = usePaymentColumns({ withCustomer: true, age: true });
  const [result, execute] = useQuery({ query: UnsettledQuery });
  useAskAgain(execute, ASK_AGAIN_MS);
  return (
    <Section bare title={t('payments.tabs.unsettled')} hint={t('payments.unsettledHint')}>
      <QueryState
        result={result}
        data={result.data?.unsettled}
        skeleton={<RowsSkeleton rows={4} height={52} />}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
      >
        {(payments) =>
          payments.length === 0 ? (
            <Card>
              <Group gap="sm" wrap="nowrap">
                <IconCircleCheck color="var(--mantine-color-teal-6)" aria-hidden="true" />
                <Text size="sm">{t('payments.allSettled')}</Text>
              </Group>
            </Card>
          ) : (
            <Rows columns={columns} rows={payments} rowKey={({ id }) => id} label={t('payments.tabs.unsettled')} />
          )
        }
      </QueryState>
    </Section>
  );
}
