import { Badge, Group, Stack, Text } from '@mantine/core';
import { IconFileImport, IconUserPlus, IconUserSearch, IconUsers } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { PagedRows } from '../ui/paged-rows';
import { type Column, opensRow } from '../ui/rows';
import { SearchBox } from '../ui/search-box';
import { useWords } from '../words';

const CustomerRowFragment = graphql(`
  fragment StaffCustomerRow on Customer {
    id
    name
    email
    mobile
    externalRef
    hasSignIn
    createdAt
  }
`);

const CustomersQuery = graphql(
  `
    query StaffCustomers($search: String, $first: Int!, $after: String) {
      customers(search: $search, first: $first, after: $after) {
        nodes { id ...StaffCustomerRow }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [CustomerRowFragment],
);

type Customer = ResultOf<typeof CustomerRowFragment>;

const route = getRouteApi('/signed-in/staff/customers');

export function CustomersPage() {
  const t = useWords();
  const format = useFormat();
  const { q } = route.useSearch();
  const navigate = useNavigate({ from: '/staff/customers' });
  const list = usePagedQuery(
    CustomersQuery,
    { search: q ?? null, first: PAGE_SIZE },
    (data) => data.customers.pageInfo,
  );
  const nodes = list.result.data?.customers.nodes;
  const columns: Column<Customer>[] = [
    {
      key: 'name',
      label: t('customers.name'),
      cell: ({ id, name }) => (
        <AnchorLink to="/staff/customers/$customerId" params={{ customerId: id }} className={opensRow}>
          {name}
        </AnchorLink>
      ),
    },
    {
      key: 'contact',
      label: t('customers.contact'),
      cell: ({ email, mobile }) => (
        <Stack gap={0}>
          <Text size="sm">{email}</Text>
          <Text size="xs" c="dimmed">
            {mobile}
          </Text>
        </Stack>
      ),
    },
    { key: 'reference', label: t('customers.reference'), cell: ({ externalRef }) => externalRef },
    {
      key: 'signIn',
      label: t('customers.signIn'),
      cell: ({ hasSignIn }) => (
        <Badge variant="light" tt="none" color={hasSignIn ? 'teal' : 'gray'}>
          {hasSignIn ? t('customers.canSignIn') : t('customers.cannotSignIn')}
        </Badge>
      ),
    },
    {
      key: 'since',
      label: t('customers.since'),
      right: true,
      cell: ({ createdAt }) => (createdAt ? format.instant(createdAt, { dateStyle: 'medium' }) : null),
    },
  ];
  return (
    <Page
      title={t('customers.title')}
      width={1240}
      actions={
        <ButtonLink to="/staff/customers/new" size="sm" leftSection={<IconUserPlus size={18} />}>
          {t('customers.onboard')}
        </ButtonLink>
      }
    >
      <Stack>
        <Group gap="sm">
          <SearchBox
            value={q ?? ''}
            placeholder={t('customers.search')}
            onChange={(next) => void navigate({ search: next ? { q: next } : {}, replace: true })}
          />
          <ButtonLink to="/staff/imports" size="sm" variant="default" leftSection={<IconFileImport size={18} />}>
            {t('customers.import')}
          </ButtonLink>
        </Group>
        <PagedRows
          list={list}
          rows={nodes ? readFragment(CustomerRowFragment, nodes) : undefined}
          columns={columns}
          rowKey={({ id }) => id}
          label={t('customers.title')}
          empty={
            q ? (
              <EmptyState icon={<IconUserSearch size={32} />} title={t('customers.noMatch')}>
                {t('customers.noMatchBody')}
              </EmptyState>
            ) : (
              <EmptyState
                icon={<IconUsers size={32} />}
                title={t('customers.empty')}
                action={<ButtonLink to="/staff/customers/new">{t('customers.onboard')}</ButtonLink>}
              >
                {t('customers.emptyBody')}
              </EmptyState>
            )
          }
        />
      </Stack>
    </Page>
  );
}
