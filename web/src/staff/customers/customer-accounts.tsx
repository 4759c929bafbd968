import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { graphql, readFragment } from '@/shared/graphql/graphql';
import { ButtonLink } from '@/shared/ui/links';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState } from '@/shared/ui/states';
import { AccountRowFragment, useAccountColumns } from '../accounts/account-rows';
import { PagedRows } from '../ui/paged-rows';
import { Section } from '../ui/section';
import { useWords } from '../words';

export const CustomerAccountsQuery = graphql(
  `
    query StaffCustomerAccounts($customerId: ID!, $first: Int!, $after: String) {
      utilityAccounts(customerId: $customerId, first: $first, after: $after) {
        nodes { id ...StaffAccountRow }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [AccountRowFragment],
);

export function CustomerAccounts({ customerId }: { readonly customerId: string }) {
  const t = useWords();
  const columns = useAccountColumns({ withCustomer: false });
  const list = usePagedQuery(
    CustomerAccountsQuery,
    { customerId, first: PAGE_SIZE },
    (data) => data.utilityAccounts.pageInfo,
  );
  const nodes = list.result.data?.utilityAccounts.nodes;
  const add = (
    <ButtonLink
      to="/staff/customers/$customerId/accounts/new"
      params={{ customerId }}
      size="xs"
      variant="default"
      leftSection={<IconPlus size={16} />}
    >
      {t('customers.addAccount')}
    </ButtonLink>
  );
  return (
    <Section bare title={t('customers.accounts')} actions={add}>
      <PagedRows
        list={list}
        rows={nodes ? readFragment(AccountRowFragment, nodes) : undefined}
        columns={columns}
        rowKey={({ id }) => id}
        label={t('customers.accounts')}
        empty={
          <EmptyState icon={<IconPlugConnected size={32} />} title={t('customers.noAccounts')}>
            {t('customers.noAccountsBody')}
          </EmptyState>
        }
      />
    </Section>
  );
}
