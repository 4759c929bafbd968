import { ActionIcon, Stack, Text, Tooltip } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconBraces, IconHistory } from '@tabler/icons-react';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { CodeBlock, pretty } from '../ui/code';
import { PagedRows } from '../ui/paged-rows';
import type { Column } from '../ui/rows';
import { SubjectLink } from '../ui/subject-link';
import { When } from '../ui/when';
import { useWords } from '../words';
import { Actor } from './actor';

const AuditEntryFragment = graphql(`
  fragment StaffAuditEntry on AuditEntry {
    id
    actor
    actorName
    importId
    action
    subject
    customerId
    reason
    data
    createdAt
  }
`);

const AuditQuery = graphql(
  `
    query StaffAudit($subject: ID, $first: Int!, $after: String) {
      auditEntries(subject: $subject, first: $first, after: $after) {
        nodes { id ...StaffAuditEntry }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [AuditEntryFragment],
);

type Entry = ResultOf<typeof AuditEntryFragment>;

export function AuditList({ subject }: { readonly subject?: string | undefined }) {
  const t = useWords();
  const list = usePagedQuery(
    AuditQuery,
    { subject: subject ?? null, first: PAGE_SIZE },
    (data) => data.auditEntries.pageInfo,
  );
  const nodes = list.result.data?.auditEntries.nodes;
  const columns: Column<Entry>[] = [
    {
      key: 'action',
      label: t('audit.action'),
      cell: ({ action, reason }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {action}
          </Text>
          {reason ? (
            <Text size="xs" c="dimmed">
              {reason}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    { key: 'about', label: t('audit.about'), cell: (entry) => <SubjectLink id={entry.subject} /> },
    {
      key: 'actor',
      label: t('audit.actor'),
      cell: ({ actor, actorName, importId }) => (
        <Stack gap={0}>
          <Actor id={actor} name={actorName} />
          {importId ? <SubjectLink id={importId} /> : null}
        </Stack>
      ),
    },
    {
      key: 'data',
      label: t('audit.particulars'),
      cell: ({ action, data }) =>
        isEmpty(data) ? null : (
          <Tooltip label={t('audit.particulars')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('audit.particulars')}
              onClick={() =>
                modals.open({ title: action, size: 'lg', children: <CodeBlock text={pretty(data)} maxHeight={520} /> })
              }
            >
              <IconBraces size={18} />
            </ActionIcon>
          </Tooltip>
        ),
    },
    { key: 'when', label: t('audit.when'), right: true, cell: ({ createdAt }) => <When at={createdAt} /> },
  ];
  return (
    <PagedRows
      list={list}
      rows={nodes ? readFragment(AuditEntryFragment, nodes) : undefined}
      columns={columns}
      rowKey={({ id }) => id}
      label={t('audit.title')}
      empty={
        <EmptyState icon={<IconHistory size={32} />} title={t('audit.empty')}>
          {t('audit.emptyBody')}
        </EmptyState>
      }
    />
  );
}

const isEmpty = (data: unknown): boolean =>
  data === null || (typeof data === 'object' && Object.keys(data).length === 0);
