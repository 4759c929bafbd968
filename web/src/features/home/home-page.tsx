import { Card, Grid, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { AccountCard, AccountCardFragment } from '@/entities/account/account-card';
import { BillCard, BillCardFragment } from '@/entities/bill/bill-card';
import { PrepaidCard, PrepaidFragment } from '@/features/accounts/prepaid-card';
import { HomeSumsCard, HomeSumsFragment } from '@/features/homes/home-sums-card';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { billQueries, paymentQueries } from '@/shared/graphql/live-sets';
import { memberOf } from '@/shared/graphql/query-set';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { ACCOUNTS_PAGE_SIZE, PAGE_SIZE } from '@/shared/ui/paged';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { DueHero, DueHeroFragment } from './due-hero';
import { SpendCard } from './spend-card';

const HomeQuery = memberOf(
  [billQueries, paymentQueries],
  graphql(
    `
    query Home($first: Int!, $accounts: Int!) {
      viewer {
        customer {
          id
          name
          summary { ...DueHero }
          properties { id ...HomeSums }
        }
      }
      bills(filter: { state: OPEN }, orderBy: DUE_DATE, first: $first) {
        nodes { id ...BillCard }
      }
      beingPaid: bills(filter: { state: BEING_PAID }, orderBy: DUE_DATE, first: $first) {
        nodes { id ...BillCard }
      }
      utilityAccounts(first: $accounts) {
        nodes { id status plan { expiresOn } ...AccountCard ...Prepaid }
      }
    }
  `,
    [BillCardFragment, AccountCardFragment, PrepaidFragment, HomeSumsFragment, DueHeroFragment],
  ),
);

const SHOWN_BILLS = 5;

type Loaded = ResultOf<typeof HomeQuery>;

export function HomePage() {
  const { t } = useTranslation();
  const [result, execute] = useQuery({
    query: HomeQuery,
    variables: { first: PAGE_SIZE, accounts: ACCOUNTS_PAGE_SIZE },
  });
  const customer = result.data?.viewer?.customer;
  const firstName = customer?.name.split(' ')[0];
  return (
    <Page title={firstName ? t('home.hello', { name: firstName }) : t('nav.home')} width={1080}>
      <QueryState
        result={result}
        data={customer && result.data ? result.data : undefined}
        skeleton={
          <Stack aria-busy="true">
            <Skeleton height={168} radius="lg" />
            <RowsSkeleton rows={3} />
          </Stack>
        }
        onRetry={() => execute({ requestPolicy: 'network-only' })}
      >
        {(data) => (data.utilityAccounts.nodes.length === 0 ? <Welcome /> : <Overview data={data} />)}
      </QueryState>
    </Page>
  );
}

function Welcome() {
  const { t } = useTranslation();
  return (
    <Card padding="xl">
      <EmptyState
        icon={<IconPlus size={32} />}
        title={t('home.welcomeTitle')}
        action={
          <ButtonLink to="/accounts/new" leftSection={<IconPlus size={18} />}>
            {t('accounts.add')}
          </ButtonLink>
        }
      >
        {t('home.welcome')}
      </EmptyState>
    </Card>
  );
}

function Overview({ data }: { readonly data: Loaded }) {
  const { t } = useTranslation();
  const bills = data.bills.nodes;
  const open = new Set(bills.map(({ id }) => id));
  // A bill that is paid in part is among the open ones already.
  const beingPaid = data.beingPaid.nodes.filter(({ id }) => !open.has(id));
  const accounts = data.utilityAccounts.nodes;
  const troubled = accounts.filter(({ status }) => status === 'NEEDS_ATTENTION');
  const prepaid = accounts.filter(({ plan, status }) => plan !== null && status !== 'CLOSED');
  const homes = data.viewer?.customer?.properties ?? [];
  const summary = data.viewer?.customer?.summary;
  const more = summary ? readFragment(DueHeroFragment, summary).openCount - SHOWN_BILLS : 0;
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack gap="lg">
          {summary ? <DueHero summary={summary} /> : null}
          {troubled.length > 0 ? (
            <Section title={t('home.attention')}>
              {troubled.map((account) => (
                <AccountCard key={account.id} account={account} />
              ))}
            </Section>
          ) : null}
          <Section
            title={t('home.openBills')}
            more={
              <AnchorLink to="/bills" size="sm" fw={600}>
                {t('home.allBills')}
              </AnchorLink>
            }
          >
            {bills.length === 0 ? (
              <Card>
                <Group gap="sm" wrap="nowrap">
                  <IconCircleCheck color="var(--mantine-color-teal-6)" aria-hidden="true" />
                  <Text size="sm">{t('home.nothingOpen')}</Text>
                </Group>
              </Card>
            ) : (
              bills.slice(0, SHOWN_BILLS).map((bill) => <BillCard key={bill.id} bill={bill} />)
            )}
            {more > 0 ? (
              <AnchorLink to="/bills" search={{ state: 'OPEN' }} size="sm" ta="center">
                {t('home.moreOpen', { count: more })}
              </AnchorLink>
            ) : null}
          </Section>
          {beingPaid.length > 0 ? (
            <Section title={t('home.beingPaid')}>
              {beingPaid.slice(0, SHOWN_BILLS).map((bill) => (
                <BillCard key={bill.id} bill={bill} />
              ))}
              {beingPaid.length > SHOWN_BILLS ? (
                <AnchorLink to="/bills" search={{ state: 'BEING_PAID' }} size="sm" ta="center">
                  {t('home.allBeingPaid')}
                </AnchorLink>
              ) : null}
            </Section>
          ) : null}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack gap="lg">
          {prepaid.map((account) => (
            <PrepaidCard key={account.id} account={account} />
          ))}
          <SpendCard />
          {homes.length > 0 ? (
            <Section title={t('home.byHome')}>
              <SimpleGrid cols={1} spacing="sm">
                {homes.map((home) => (
                  <HomeSumsCard key={home.id} home={home} />
                ))}
              </SimpleGrid>
            </Section>
          ) : null}
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function Section(props: {
  readonly title: string;
  readonly more?: React.ReactNode;
  readonly children: React.ReactNode;
}) {
  return (
    <Stack gap="sm" component="section">
      <Group justify="space-between" align="baseline">
        <Title order={2}>{props.title}</Title>
        {props.more}
      </Group>
      {props.children}
    </Stack>
  );
}
