import { Button, Card, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { IconCircleCheck, IconScale } from '@tabler/icons-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { AnchorLink } from '@/shared/ui/links';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { ask } from '../ui/ask';
import { PagedRows } from '../ui/paged-rows';
import { type Column, Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { ReconciliationState } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';
import { yesterday } from './days';

const DayFragment = graphql(`
  fragment StaffReconciliation on Reconciliation {
    id
    day
    status
    message
    compared
    discrepancyCount
    createdAt
    finishedAt
    gateway { id name }
  }
`);

const DaysQuery = graphql(
  `
    query StaffReconciliations($first: Int!, $after: String) {
      reconciliations(first: $first, after: $after) {
        nodes { id ...StaffReconciliation }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [DayFragment],
);

const DiscrepanciesQuery = graphql(`
  query StaffDiscrepancies {
    openDiscrepancies {
      id
      kind
      externalId
      message
      createdAt
      ours { amountMinor currency }
      theirs { amountMinor currency }
      payment { id }
    }
    gateways { id name }
  }
`);

const StartReconciliation = graphql(
  `
    mutation StaffStartReconciliation($input: StartReconciliationInput!) {
      startReconciliation(input: $input) {
        reconciliation { id ...StaffReconciliation }
        userErrors { code message path }
      }
    }
  `,
  [DayFragment],
);

const ResolveDiscrepancy = graphql(`
  mutation StaffResolveDiscrepancy($input: ResolveDiscrepancyInput!) {
    resolveDiscrepancy(input: $input) {
      discrepancy { id resolvedAt resolution }
      userErrors { code message path }
    }
  }
`);

type Day = ResultOf<typeof DayFragment>;
type Discrepancy = ResultOf<typeof DiscrepanciesQuery>['openDiscrepancies'][number];

/** The daily comparison of the ledger with the gateways, and what came out different. */
export function Reconciliations() {
  const t = useWords();
  const format = useFormat();
  const [found, askFound] = useQuery({ query: DiscrepanciesQuery });
  const days = usePagedQuery(DaysQuery, { first: PAGE_SIZE }, (data) => data.reconciliations.pageInfo);
  const refresh = () => {
    askFound({ requestPolicy: 'network-only' });
    days.retry();
  };
  const nodes = days.result.data?.reconciliations.nodes;
  const columns: Column<Day>[] = [
    {
      key: 'day',
      label: t('reconciliation.day'),
      cell: ({ day, gateway }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {format.day(day)}
          </Text>
          <Text size="xs" c="dimmed">
            {gateway.name}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'state',
      label: t('payments.status'),
      cell: ({ status, discrepancyCount, message }) => (
        <Stack gap={2} align="flex-start">
          <ReconciliationState status={status} discrepancies={discrepancyCount} />
          {message ? (
            <Text size="xs" c="dimmed">
              {message}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    {
      key: 'compared',
      label: t('reconciliation.compared'),
      right: true,
      cell: ({ compared }) => format.number(compared),
    },
    {
      key: 'differ',
      label: t('reconciliation.differ'),
      right: true,
      cell: ({ discrepancyCount }) => format.number(discrepancyCount),
    },
    { key: 'when', label: t('runs.when'), right: true, cell: ({ createdAt }) => <When at={createdAt} /> },
  ];
  return (
    <Stack gap="lg">
      <Section bare title={t('reconciliation.open')} hint={t('reconciliation.openHint')}>
        <QueryState
          result={found}
          data={found.data?.openDiscrepancies}
          skeleton={<RowsSkeleton rows={2} height={52} />}
          onRetry={refresh}
        >
          {(open) => <Discrepancies open={open} onChanged={refresh} />}
        </QueryState>
      </Section>
      <Section bare title={t('reconciliation.days')}>
        <RunDay gateways={found.data?.gateways ?? []} onDone={refresh} />
        <PagedRows
          list={days}
          rows={nodes ? readFragment(DayFragment, nodes) : undefined}
          columns={columns}
          rowKey={({ id }) => id}
          label={t('reconciliation.days')}
          empty={
            <EmptyState icon={<IconScale size={32} />} title={t('reconciliation.none')}>
              {t('reconciliation.noneBody')}
            </EmptyState>
          }
        />
      </Section>
    </Stack>
  );
}

function Discrepancies({ open, onChanged }: { readonly open: readonly Discrepancy[]; readonly onChanged: () => void }) {
  const t = useWords();
  const [resolve] = useAction(ResolveDiscrepancy);
  if (open.length === 0) {
    return (
      <Card>
        <Group gap="sm" wrap="nowrap">
          <IconCircleCheck color="var(--mantine-color-teal-6)" aria-hidden="true" />
          <Text size="sm">{t('reconciliation.agree')}</Text>
        </Group>
      </Card>
    );
  }
  const columns: Column<Discrepancy>[] = [
    {
      key: 'what',
      label: t('reconciliation.what'),
      cell: ({ kind, message, externalId, payment }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {t(`enums.discrepancy.${kind}`)}
          </Text>
          <Text size="xs" c="dimmed">
            {message}
          </Text>
          {payment ? (
            <AnchorLink to="/staff/payments/$paymentId" params={{ paymentId: payment.id }} size="xs">
              {t('payments.payment')}
            </AnchorLink>
          ) : null}
          {externalId ? (
            <Text size="xs" ff="monospace" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {externalId}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    {
      key: 'ours',
      label: t('reconciliation.ours'),
      right: true,
      cell: ({ ours }) => (ours ? <Amount money={ours} /> : '–'),
    },
    {
      key: 'theirs',
      label: t('reconciliation.theirs'),
      right: true,
      cell: ({ theirs }) => (theirs ? <Amount money={theirs} /> : '–'),
    },
    { key: 'since', label: t('payments.waitingSince'), cell: ({ createdAt }) => <When at={createdAt} /> },
    {
      key: 'resolve',
      label: t('payments.decide'),
      right: true,
      cell: ({ id }) => (
        <Button
          size="xs"
          variant="default"
          onClick={() =>
            ask({
              title: t('reconciliation.resolveTitle'),
              body: t('reconciliation.resolveBody'),
              confirm: t('reconciliation.resolve'),
              reason: 'required',
              run: (resolution) => resolve({ input: { id, resolution } }),
              onDone: onChanged,
            })
          }
        >
          {t('reconciliation.resolve')}
        </Button>
      ),
    },
  ];
  return <Rows columns={columns} rows={open} rowKey={({ id }) => id} label={t('reconciliation.open')} />;
}

interface RunProps {
  readonly gateways: readonly { readonly id: string; readonly name: string }[];
  readonly onDone: () => void;
}

function RunDay({ gateways, onDone }: RunProps) {
  const t = useWords();
  const format = useFormat();
  const [chosen, setChosen] = useState('');
  const [day, setDay] = useState(() => yesterday(format.today()));
  const [start, busy] = useAction(StartReconciliation);
  const gatewayId = chosen || gateways[0]?.id;
  const run = async () => {
    if (!gatewayId || !day) return;
    const { userErrors } = await start({ input: { gatewayId, day } });
    toastErrors(userErrors, t('reconciliation.run'));
    onDone();
  };
  return (
    <Group gap="sm">
      <NativeSelect
        size="sm"
        aria-label={t('reconciliation.gateway')}
        value={gatewayId ?? ''}
        onChange={(event) => setChosen(event.currentTarget.value)}
        data={gateways.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <TextInput
        size="sm"
        type="date"
        aria-label={t('reconciliation.day')}
        value={day}
        max={format.today()}
        onChange={(event) => setDay(event.currentTarget.value)}
      />
      <Button size="sm" variant="light" loading={busy} disabled={!gatewayId || !day} onClick={() => void run()}>
        {t('reconciliation.run')}
      </Button>
    </Group>
  );
}
