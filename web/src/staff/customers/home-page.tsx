import { Card, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { IconHome } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql, readFragment } from '@/shared/graphql/graphql';
import { Fact } from '@/shared/ui/fact';
import { AnchorLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { EmptyState, QueryState } from '@/shared/ui/states';
import { AccountRowFragment, useAccountColumns } from '../accounts/account-rows';
import { Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { useWords } from '../words';

const HomeQuery = graphql(
  `
    query StaffHome($id: ID!) {
      property(id: $id) {
        id
        name
        address
        postalCode
        city
        country
        timeZone
        members { role displayName customer { id } }
        utilityAccounts { id ...StaffAccountRow }
      }
    }
  `,
  [AccountRowFragment],
);

/** A home, its household and its accounts, as staff sees them. */
export function HomePage() {
  const { homeId } = useParams({ from: '/signed-in/staff/homes/$homeId' });
  const t = useWords();
  const { t: common } = useTranslation();
  const columns = useAccountColumns({ withCustomer: true });
  const [result, execute] = useQuery({ query: HomeQuery, variables: { id: homeId } });
  const home = result.data?.property;
  return (
    <Page up="/staff/customers" width={1240} title={home?.name ?? t('accounts.home')}>
      <QueryState
        result={result}
        data={home}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
        skeleton={<Skeleton height={200} radius="lg" aria-busy="true" />}
      >
        {(loaded) => (
          <Stack gap="lg">
            <Card>
              <SimpleGrid component="dl" cols={{ base: 1, sm: 3 }} m={0}>
                <Fact label={common('accounts.home.address')}>
                  {[loaded.address, [loaded.postalCode, loaded.city].filter(Boolean).join(' '), loaded.country]
                    .filter(Boolean)
                    .join(', ') || t('none')}
                </Fact>
                <Fact label={t('customers.timeZone')}>{loaded.timeZone}</Fact>
                <Fact label={t('customers.members')}>
                  {loaded.members.map((member) => (
                    <Group key={member.customer.id} gap={6}>
                      <AnchorLink
                        to="/staff/customers/$customerId"
                        params={{ customerId: member.customer.id }}
                        size="sm"
                      >
                        {member.displayName}
                      </AnchorLink>
                      <Text size="xs" c="dimmed">
                        {common(`enums.propertyRole.${member.role}`)}
                      </Text>
                    </Group>
                  ))}
                </Fact>
              </SimpleGrid>
            </Card>
            <Section bare title={t('customers.homeAccounts')}>
              {loaded.utilityAccounts.length === 0 ? (
                <EmptyState icon={<IconHome size={32} />} title={t('customers.noAccounts')} />
              ) : (
                <Rows
                  columns={columns}
                  rows={readFragment(AccountRowFragment, loaded.utilityAccounts)}
                  rowKey={({ id }) => id}
                  label={t('customers.homeAccounts')}
                />
              )}
            </Section>
          </Stack>
        )}
      </QueryState>
    </Page>
  );
}
