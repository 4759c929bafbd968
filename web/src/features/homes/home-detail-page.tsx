import { ActionIcon, Button, Card, Grid, Group, Menu, Skeleton, Stack, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots, IconEdit, IconPlus, IconTrash } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { AccountCard, AccountCardFragment } from '@/entities/account/account-card';
import { BillCard, BillCardFragment } from '@/entities/bill/bill-card';
import { EditableHomeFragment, useHomeEditor } from '@/entities/home/home-editor';
import { SpendCard } from '@/features/home/spend-card';
import { graphql } from '@/shared/graphql/graphql';
import { billQueries, paymentQueries } from '@/shared/graphql/live-sets';
import { memberOf } from '@/shared/graphql/query-set';
import { ButtonLink } from '@/shared/ui/links';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE } from '@/shared/ui/paged';
import { QueryState, RowsSkeleton } from '@/shared/ui/states';
import { Household, HouseholdFragment } from './household';

const HomeDetailQuery = memberOf(
  [billQueries, paymentQueries],
  graphql(
    `
    query HomeDetail($id: ID!, $filter: BillFilter!, $first: Int!) {
      property(id: $id) {
        id
        myRole
        ...EditableHome
        ...Household
        utilityAccounts { id ...AccountCard }
      }
      bills(filter: $filter, orderBy: DUE_DATE, first: $first) {
        nodes { id ...BillCard }
      }
    }
  `,
    [EditableHomeFragment, HouseholdFragment, AccountCardFragment, BillCardFragment],
  ),
);

const ArchiveProperty = graphql(`
  mutation ArchiveProperty($input: ArchivePropertyInput!) {
    archiveProperty(input: $input) {
      property { id archivedAt }
      userErrors { code message path }
    }
  }
`);

export function HomeDetailPage() {
  const { homeId } = useParams({ from: '/signed-in/portal/homes/$homeId' });
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [result, execute] = useQuery({
    query: HomeDetailQuery,
    variables: { id: homeId, filter: { propertyId: homeId, state: 'OPEN' }, first: PAGE_SIZE },
  });
  const refresh = () => execute({ requestPolicy: 'network-only' });
  const editHome = useHomeEditor(refresh);
  const [archive] = useAction(ArchiveProperty);
  const home = result.data?.property;
  const owner = home?.myRole === 'OWNER';

  const askArchive = () =>
    modals.openConfirmModal({
      title: t('accounts.home.archiveTitle'),
      children: <Text size="sm">{t('accounts.home.archiveBody')}</Text>,
      labels: { confirm: t('common.remove'), cancel: t('common.cancel') },
      confirmProps: { color: 'coral' },
      onConfirm: async () => {
        const { payload, userErrors } = await archive({ input: { propertyId: homeId } });
        toastErrors(userErrors, t('errors.title'));
        if (payload && userErrors.length === 0) void navigate({ to: '/accounts' });
      },
    });

  return (
    <Page
      up="/accounts"
      width={1000}
      title={home?.name ?? t('accounts.homes')}
      subtitle={[home?.address, [home?.postalCode, home?.city].filter(Boolean).join(' ')].filter(Boolean).join(', ')}
      actions={
        home && owner ? (
          <Menu position="bottom-end" width={200} radius="md" shadow="md">
            <Menu.Target>
              <ActionIcon variant="default" size="lg" aria-label={t('accounts.detail.more')}>
                <IconDots size={20} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconEdit size={18} />} onClick={() => editHome(home)}>
                {t('common.edit')}
              </Menu.Item>
              <Menu.Item color="coral" leftSection={<IconTrash size={18} />} onClick={askArchive}>
                {t('accounts.home.archive')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ) : null
      }
    >
      <QueryState
        result={result}
        data={home}
        onRetry={refresh}
        skeleton={
          <Stack aria-busy="true">
            <Skeleton height={120} radius="lg" />
            <RowsSkeleton rows={4} />
          </Stack>
        }
      >
        {(loaded) => (
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, md: 7 }}>
              <Stack>
                {result.data && result.data.bills.nodes.length > 0 ? (
                  <>
                    <Title order={2}>{t('accounts.home.openBills')}</Title>
                    {result.data.bills.nodes.map((bill) => (
                      <BillCard key={bill.id} bill={bill} />
                    ))}
                  </>
                ) : null}
                <Group justify="space-between">
                  <Title order={2}>{t('accounts.home.accounts')}</Title>
                  <ButtonLink
                    to="/accounts/new"
                    search={{ home: homeId }}
                    size="compact-md"
                    variant="subtle"
                    leftSection={<IconPlus size={16} />}
                  >
                    {t('common.add')}
                  </ButtonLink>
                </Group>
                {loaded.utilityAccounts.length === 0 ? (
                  <Card>
                    <Text size="sm" c="dimmed">
                      {t('accounts.home.noAccounts')}
                    </Text>
                  </Card>
                ) : (
                  loaded.utilityAccounts.map((account) => <AccountCard key={account.id} account={account} />)
                )}
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 5 }}>
              <Stack gap="lg">
                <Household home={loaded} owner={owner} onChanged={refresh} />
                <SpendCard propertyId={homeId} />
                {owner ? (
                  <Button variant="subtle" color="gray" size="sm" hiddenFrom="md" onClick={askArchive}>
                    {t('accounts.home.archive')}
                  </Button>
                ) : null}
              </Stack>
            </Grid.Col>
          </Grid>
        )}
      </QueryState>
    </Page>
  );
}
