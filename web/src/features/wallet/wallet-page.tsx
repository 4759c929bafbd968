import {
  Box,
  Button,
  Card,
  Divider,
  Group,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  ThemeIcon,
  Title,
} from '@mantine/core';
import { IconArrowDownLeft, IconArrowUpRight, IconPlus, IconWallet } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Fragment, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { faultOf } from '@/shared/graphql/errors';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { walletQueries } from '@/shared/graphql/live-sets';
import { memberOf } from '@/shared/graphql/query-set';
import { useFormat } from '@/shared/i18n/format';
import { currencyOfLocale, isPositive } from '@/shared/lib/money';
import { Amount } from '@/shared/ui/amount';
import hero from '@/shared/ui/hero.module.css';
import { AnchorLink } from '@/shared/ui/links';
import { MoreRows } from '@/shared/ui/more-rows';
import { Page } from '@/shared/ui/page';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { openTopUp } from './top-up';

const WalletQuery = memberOf(
  [walletQueries],
  graphql(`
    query Wallet($currency: CurrencyCode, $first: Int!, $after: String) {
      wallet(currency: $currency) {
        currency
        balance { amountMinor currency }
        held { amountMinor currency }
        available { amountMinor currency }
        entries(first: $first, after: $after) {
          nodes { id kind amount { amountMinor currency } memo occurredAt payment { id } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `),
);

/** In which currencies this person has money. */
const WalletsQuery = memberOf(
  [walletQueries],
  graphql(`
    query Wallets {
      wallets { currency balance { amountMinor currency } }
    }
  `),
);

type Wallet = ResultOf<typeof WalletQuery>['wallet'];
type Entry = Wallet['entries']['nodes'][number];

const route = getRouteApi('/signed-in/portal/wallet');

export function WalletPage() {
  const { t } = useTranslation();
  const { currency } = route.useSearch();
  const usual = currencyOfLocale(useFormat().locale);
  const navigate = useNavigate({ from: '/wallet' });
  const [{ data: all }] = useQuery({ query: WalletsQuery });
  const [guessed, setGuessed] = useState<string>();
  const list = usePagedQuery(
    WalletQuery,
    { currency: currency ?? guessed ?? null, first: PAGE_SIZE },
    (data) => data.wallet.entries.pageInfo,
  );
  const wallet = list.result.data?.wallet;
  const { error } = list.result;
  useEffect(() => {
    // Without bills nothing tells the usual currency but where the person is.
    if (error && faultOf(error).kind === 'unknown' && !wallet) setGuessed((known) => known ?? usual);
  }, [error, wallet, usual]);
  const currencies = [
    ...new Set([...(all?.wallets ?? []).map((one) => one.currency), ...(wallet ? [wallet.currency] : [])]),
  ];
  return (
    <Page title={t('wallet.title')} up="/payments" width={720}>
      <QueryState
        result={list.result}
        data={wallet}
        onRetry={list.retry}
        skeleton={
          <Stack aria-busy="true">
            <Skeleton height={170} radius="lg" />
            <RowsSkeleton rows={4} />
          </Stack>
        }
      >
        {(loaded) => (
          <Stack gap="lg">
            {currencies.length > 1 ? (
              <SegmentedControl
                aria-label={t('home.currency')}
                data={currencies}
                value={loaded.currency}
                onChange={(value) => void navigate({ search: { currency: value }, replace: true })}
              />
            ) : null}
            <Balance wallet={loaded} />
            <Stack gap="sm" component="section">
              <Title order={2}>{t('wallet.movements')}</Title>
              {loaded.entries.nodes.length === 0 ? (
                <EmptyState icon={<IconWallet size={32} />} title={t('wallet.emptyTitle')}>
                  {t('wallet.empty')}
                </EmptyState>
              ) : (
                <Card padding={0}>
                  {loaded.entries.nodes.map((entry, position) => (
                    <Fragment key={entry.id}>
                      {position > 0 ? <Divider /> : null}
                      <Movement entry={entry} />
                    </Fragment>
                  ))}
                </Card>
              )}
              <MoreRows list={list} />
            </Stack>
          </Stack>
        )}
      </QueryState>
    </Page>
  );
}

function Balance({ wallet }: { readonly wallet: Wallet }) {
  const { t } = useTranslation();
  const format = useFormat();
  const held = isPositive(wallet.held);
  return (
    <section className={hero.hero} aria-label={t('wallet.balance')}>
      <Text size="sm" className={hero.soft}>
        {t('wallet.balance')}
      </Text>
      <Text className="bw-amount" fz={38} fw={700} lh={1.2} style={{ letterSpacing: '-0.025em' }}>
        {format.money(wallet.balance)}
      </Text>
      {held ? (
        <Text size="sm" className={hero.soft}>
          {t('wallet.held', { held: format.money(wallet.held), available: format.money(wallet.available) })}
        </Text>
      ) : null}
      <Button
        mt="md"
        variant="white"
        color="tide"
        leftSection={<IconPlus size={18} />}
        onClick={() => openTopUp(t('wallet.topUp'), wallet.currency)}
      >
        {t('wallet.topUp')}
      </Button>
    </section>
  );
}

const KINDS = ['wallet.held', 'wallet.released', 'payment.settled', 'refund.settled', 'payment.topup'] as const;

function Movement({ entry }: { readonly entry: Entry }) {
  const { t } = useTranslation();
  const format = useFormat();
  const comes = !entry.amount.amountMinor.startsWith('-');
  const kind = KINDS.find((known) => known === entry.kind);
  const words = kind ? t(`wallet.kinds.${kind.replace('.', '_') as 'wallet_held'}`) : (entry.memo ?? entry.kind);
  return (
    <Group wrap="nowrap" gap="sm" p="md">
      <ThemeIcon variant="light" color={comes ? 'teal' : 'gray'} size={38} radius="xl" aria-hidden="true">
        {comes ? <IconArrowDownLeft size={20} /> : <IconArrowUpRight size={20} />}
      </ThemeIcon>
      <Box style={{ flex: 1, minWidth: 0 }}>
        <Text fw={500} size="sm">
          {words}
        </Text>
        <Text size="xs" c="dimmed">
          {format.instant(entry.occurredAt)}
          {entry.payment ? (
            <>
              {' · '}
              <AnchorLink to="/payments/$paymentId" params={{ paymentId: entry.payment.id }} inherit underline="always">
                {t('wallet.seePayment')}
              </AnchorLink>
            </>
          ) : null}
        </Text>
      </Box>
      <Text
        className="bw-amount"
        fw={650}
        size="sm"
        c={comes ? 'var(--mantine-color-teal-light-color)' : undefined}
        style={{ flexShrink: 0 }}
      >
        {comes ? '+' : ''}
        <Amount money={entry.amount} inherit />
      </Text>
    </Group>
  );
}
