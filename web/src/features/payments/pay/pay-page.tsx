import { Alert, Button, Card, Divider, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue, useNetwork } from '@mantine/hooks';
import { IconCircleCheck, IconCloudOff, IconLock, IconProgressCheck } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { MethodFragment } from '@/entities/method/method-fragment';
import { PaidBillsFragment } from '@/entities/payment/paid-bills';
import { PaymentCardFragment } from '@/entities/payment/payment-card';
import { QuoteFragment } from '@/entities/payment/quote-fragment';
import { useSend } from '@/entities/payment/send';
import { firstChoice, HOSTED, usable } from '@/features/methods/choice';
import { MethodChoice } from '@/features/methods/method-choice';
import { reachable } from '@/shared/graphql/connection';
import type { UserError } from '@/shared/graphql/errors';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { walletQueries } from '@/shared/graphql/live-sets';
import { memberOf } from '@/shared/graphql/query-set';
import { useFormat } from '@/shared/i18n/format';
import { worded } from '@/shared/i18n/user-errors';
import { isPositive, type MoneyValue } from '@/shared/lib/money';
import { useObservable } from '@/shared/lib/store';
import { Amount } from '@/shared/ui/amount';
import { ButtonLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { Problems } from '@/shared/ui/problems';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { readAmount } from '../amount-rule';
import { meansOf, useGoOn } from '../pay-flow';
import { type PayLine, PayLines } from '../pay-lines';
import { PayWithQuery } from '../pay-with';
import { SendProblems } from '../send-problems';
import { WalletFirst } from '../wallet-first';
import classes from './pay-page.module.css';
import { billIds, MOST_BILLS } from './pay-search';

const PreviewQuery = memberOf(
  [walletQueries],
  graphql(
    `
    query PreviewPayment($input: PayBillsPreviewInput!) {
      previewPayment(input: $input) {
        total { amountMinor currency }
        fromWallet { amountMinor currency }
        fromGateway { amountMinor currency }
        lines {
          amount { amountMinor currency }
          quote { ...Quote }
          bill { id number utilityType dueOn provider { id name } property { id name } }
        }
        userErrors { code message path }
      }
    }
  `,
    [QuoteFragment],
  ),
);

/** Everything that is open, to find what of it can be paid now. */
const OpenBillsQuery = graphql(`
  query OpenBillsToPay($first: Int!) {
    bills(filter: { state: OPEN }, orderBy: DUE_DATE, first: $first) {
      nodes { id amount { amountMinor currency } quote { payable } }
    }
    beingPaid: bills(filter: { state: BEING_PAID }, orderBy: DUE_DATE, first: $first) {
      nodes { id beingPaid { amountMinor currency } quote { livePayment { id } } }
    }
  }
`);

const PayBills = graphql(
  `
    mutation PayBills($input: PayBillsInput!) {
      payBills(input: $input) {
        payment { id status actionUrl ...PaymentCard ...PaidBills }
        userErrors { code message path }
      }
    }
  `,
  [PaymentCardFragment, PaidBillsFragment],
);

type Preview = ResultOf<typeof PreviewQuery>['previewPayment'];

interface Sums {
  readonly total: MoneyValue;
  readonly fromWallet: MoneyValue;
  readonly fromGateway: MoneyValue;
}

interface Shown {
  /** What it comes to; stays on screen while a change comes to nothing. */
  readonly sums: Sums | undefined;
  readonly userErrors: readonly UserError[];
}

const sumsOf = ({ total, fromWallet, fromGateway }: Preview): Sums | undefined =>
  total && fromWallet && fromGateway ? { total, fromWallet, fromGateway } : undefined;

const route = getRouteApi('/signed-in/portal/pay');
const SETTLE_MS = 250;

/** Paying bills: what, how much, by what, and what it comes to, before the button. */
export function PayPage() {
  const search = route.useSearch();
  const { t } = useTranslation();
  const ids = billIds(search.bills);
  return (
    <Page title={t('pay.title')} up="/bills" width={720}>
      {ids.length > 0 ? (
        <PaySheet key={search.bills} ids={ids} />
      ) : search.all ? (
        <PayAll currency={search.all} />
      ) : (
        <NothingToPay />
      )}
    </Page>
  );
}

type BeingPaid = ResultOf<typeof OpenBillsQuery>['beingPaid']['nodes'];

/** Why there is nothing to pay, and where to look: money that is on its way has a page of its own. */
function NothingToPay({ beingPaid = [] }: { readonly beingPaid?: BeingPaid }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [only, ...others] = new Set(beingPaid.map(({ quote }) => quote?.livePayment?.id));
  if (beingPaid.length === 0)
    return (
      <EmptyState
        icon={<IconCircleCheck size={32} />}
        title={t('pay.nothingTitle')}
        action={
          <ButtonLink to="/bills" variant="light">
            {t('home.allBills')}
          </ButtonLink>
        }
      >
        {t('pay.nothing')}
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<IconProgressCheck size={32} />}
      title={t('pay.onItsWayTitle', {
        amount: sumsOfEach(beingPaid)
          .map((money) => format.money(money))
          .join(', '),
      })}
      action={
        only && others.length === 0 ? (
          <ButtonLink to="/payments/$paymentId" params={{ paymentId: only }}>
            {t('pay.seePayment')}
          </ButtonLink>
        ) : (
          <ButtonLink to="/bills" search={{ state: 'BEING_PAID' }}>
            {t('pay.seeBeingPaid')}
          </ButtonLink>
        )
      }
    >
      {t('pay.onItsWay', { count: beingPaid.length })}
    </EmptyState>
  );
}

/** What is on its way, in each currency. */
function sumsOfEach(bills: BeingPaid): readonly MoneyValue[] {
  const sums = new Map<string, bigint>();
  for (const { beingPaid } of bills)
    sums.set(beingPaid.currency, (sums.get(beingPaid.currency) ?? 0n) + BigInt(beingPaid.amountMinor));
  return [...sums].map(([currency, minor]) => ({ currency, amountMinor: String(minor) }));
}

function PayAll({ currency }: { readonly currency: string }) {
  const [result, execute] = useQuery({
    query: OpenBillsQuery,
    variables: { first: MOST_BILLS },
    requestPolicy: 'network-only',
  });
  return (
    <QueryState
      result={result}
      data={result.fetching ? undefined : result.data}
      onRetry={() => execute({ requestPolicy: 'network-only' })}
      skeleton={<SheetSkeleton />}
    >
      {({ bills, beingPaid }) => {
        const payable = bills.nodes.filter((bill) => bill.amount.currency === currency && bill.quote?.payable);
        return payable.length === 0 ? (
          <NothingToPay beingPaid={beingPaid.nodes} />
        ) : (
          <PaySheet ids={payable.map(({ id }) => id)} />
        );
      }}
    </QueryState>
  );
}

function SheetSkeleton() {
  return (
    <Stack aria-busy="true">
      <RowsSkeleton rows={2} height={96} />
      <Skeleton height={150} radius="lg" />
    </Stack>
  );
}

/** The amounts as they are asked for: what was typed where it can be read, what is suggested elsewhere. */
function amountsOf(ids: readonly string[], typed: Readonly<Record<string, string>>, lines: readonly PayLine[]) {
  return ids.map((billId) => {
    const text = typed[billId];
    const quote = lines.find(({ bill }) => bill.id === billId)?.quote;
    const read = text !== undefined && quote ? readAmount(text, quote) : undefined;
    return { billId, amount: read && 'amountMinor' in read ? { amountMinor: read.amountMinor } : null };
  });
}

function PaySheet({ ids: given }: { readonly ids: readonly string[] }) {
  const { t, i18n } = useTranslation();
  const [first] = useState(given);
  const [left, setLeft] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [lines, setLines] = useState<readonly PayLine[]>([]);
  const [wallet, setWallet] = useState(true);
  const [chosen, setChosen] = useState<string>();
  const ids = useMemo(() => first.filter((id) => !left.includes(id)), [first, left]);
  const [choices, askChoices] = useQuery({ query: PayWithQuery });
  const methods = readFragment(MethodFragment, choices.data?.paymentMethods ?? []);
  const method = chosen && (chosen === HOSTED || usable(methods).some(({ id }) => id === chosen)) ? chosen : undefined;
  const paymentMethodId = method ?? firstChoice(methods);

  const wanted = JSON.stringify({
    bills: amountsOf(ids, typed, lines),
    useWallet: wallet,
    paymentMethodId: paymentMethodId === HOSTED ? null : paymentMethodId,
  });
  const [asked] = useDebouncedValue(wanted, SETTLE_MS);
  const [result, execute] = useQuery({
    query: PreviewQuery,
    variables: { input: JSON.parse(asked) },
    requestPolicy: 'cache-and-network',
    pause: choices.fetching && !choices.data,
  });
  const preview = result.data?.previewPayment;
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    if (!preview) return;
    // What is on screen stays there while the next is asked for, and when that is refused.
    setLines((known) => merged(known, preview));
    setShown((known) => ({ sums: sumsOf(preview) ?? known?.sums, userErrors: preview.userErrors }));
  }, [preview]);
  const said = (errors: readonly UserError[]) => worded(errors, i18n.language);

  return (
    <QueryState
      result={{ ...result, error: result.error ?? choices.error, fetching: result.fetching || choices.fetching }}
      data={choices.data && lines.length > 0 ? shown : undefined}
      onRetry={() => {
        askChoices({ requestPolicy: 'network-only' });
        execute({ requestPolicy: 'network-only' });
      }}
      skeleton={<SheetSkeleton />}
      missing={preview ? <Problems problems={said(preview.userErrors).map(({ message }) => message)} /> : undefined}
    >
      {(loaded) => {
        const here = lines.filter(({ bill }) => ids.includes(bill.id));
        const currency = loaded.sums?.total.currency;
        const available = choices.data?.wallets.find((one) => one.currency === currency)?.available;
        return (
          <Sheet
            sheet={ids.join('.')}
            lines={here}
            typed={typed}
            onType={(id, text) => setTyped({ ...typed, [id]: text })}
            onRemove={(id) => setLeft([...left, id])}
            sums={loaded.sums}
            userErrors={said(loaded.userErrors)}
            current={asked === wanted && !result.fetching && !result.stale}
            available={available}
            wallet={wallet}
            onWallet={setWallet}
            methodChoice={(locked) => (
              <MethodChoice methods={methods} value={paymentMethodId} onChange={setChosen} disabled={locked} />
            )}
            method={paymentMethodId}
            billsInput={amountsOf(ids, typed, lines)}
            title={t('pay.what', { count: here.length })}
          />
        );
      }}
    </QueryState>
  );
}

function merged(known: readonly PayLine[], { lines }: Preview): readonly PayLine[] {
  const fresh = new Map(
    lines.map((line) => [line.bill.id, { ...line, quote: readFragment(QuoteFragment, line.quote) } satisfies PayLine]),
  );
  const kept = known.map((line) => fresh.get(line.bill.id) ?? line);
  const news = [...fresh.values()].filter(({ bill }) => !known.some((line) => line.bill.id === bill.id));
  return [...kept, ...news];
}

interface SheetProps {
  readonly sheet: string;
  readonly title: string;
  readonly lines: readonly PayLine[];
  readonly typed: Readonly<Record<string, string>>;
  readonly onType: (billId: string, text: string) => void;
  readonly onRemove: (billId: string) => void;
  readonly sums: Sums | undefined;
  readonly userErrors: readonly UserError[];
  /** Whether the sums shown are those of what is asked for now. */
  readonly current: boolean;
  readonly available: MoneyValue | undefined;
  readonly wallet: boolean;
  readonly onWallet: (use: boolean) => void;
  readonly methodChoice: (locked: boolean) => React.ReactNode;
  readonly method: string;
  readonly billsInput: ReturnType<typeof amountsOf>;
}

function Sheet(props: SheetProps) {
  const { sheet, lines, typed, sums, userErrors, available, wallet, method } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const goOn = useGoOn();
  const { online } = useNetwork();
  const reached = useObservable(reachable);
  const { send, busy, unsure } = useSend(PayBills, sheet);
  const [refusals, setRefusals] = useState<readonly UserError[]>([]);
  const locked = busy || unsure;
  const some = available !== undefined && isPositive(available);
  const byGateway = !sums || isPositive(sums.fromGateway);
  const blocked = lines.some(({ quote }) => !quote.payable);
  const mistyped = lines.some(({ bill, quote }) => {
    const text = typed[bill.id];
    return text !== undefined && 'problem' in readAmount(text, quote);
  });
  const offline = !online || !reached;
  const wrong = userErrors.length > 0;

  const pay = async () => {
    setRefusals([]);
    const means = meansOf(byGateway ? method : undefined);
    const made = await send((idempotencyKey) => ({
      input: {
        bills: props.billsInput,
        useWallet: some && wallet,
        ...means,
        idempotencyKey,
      },
    }));
    if (!made) return;
    setRefusals(made.userErrors);
    if (made.payment) goOn(made.payment, { ...means, replace: true });
  };

  return (
    <Stack gap="lg">
      <Stack gap="sm" component="section">
        <Title order={2}>{props.title}</Title>
        <PayLines lines={lines} typed={typed} onType={props.onType} onRemove={props.onRemove} disabled={locked} />
      </Stack>
      <WalletFirst available={available} use={wallet} onUse={props.onWallet} disabled={locked} framed />
      {byGateway ? (
        props.methodChoice(locked)
      ) : (
        <Text size="sm" c="dimmed">
          {t('pay.walletCovers')}
        </Text>
      )}
      {sums ? <Summary sums={sums} /> : null}
      <Stack gap="sm" className={classes.bar} data-bottom-bar>
        <SendProblems refusals={[...userErrors, ...refusals]} unsure={unsure} />
        {offline ? (
          <Alert color="yellow" icon={<IconCloudOff size={18} />} role="status">
            {t('pay.offline')}
          </Alert>
        ) : null}
        <Button
          size="lg"
          fullWidth
          leftSection={<IconLock size={18} aria-hidden="true" />}
          loading={busy}
          disabled={offline || (!unsure && (!props.current || !sums || blocked || mistyped || wrong))}
          onClick={() => void pay()}
        >
          {unsure ? t('common.retry') : sums ? t('pay.button', { amount: format.money(sums.total) }) : t('pay.title')}
        </Button>
      </Stack>
    </Stack>
  );
}

/** What it comes to, and where it comes from. */
function Summary({ sums: { total, fromWallet, fromGateway } }: { readonly sums: Sums }) {
  const { t } = useTranslation();
  return (
    <Card component="section" aria-label={t('pay.summary')}>
      <Stack gap={8} aria-live="polite">
        {isPositive(fromWallet) ? (
          <>
            <SumRow label={t('pay.fromWallet')} money={fromWallet} />
            <SumRow label={t('pay.fromGateway')} money={fromGateway} />
          </>
        ) : null}
        <Group justify="space-between">
          <Text size="sm">{t('pay.fee')}</Text>
          <Text size="sm">{t('pay.noFee')}</Text>
        </Group>
        <Divider />
        <Group justify="space-between" align="baseline">
          <Text fw={650}>{t('pay.total')}</Text>
          <Amount money={total} fw={700} fz={24} />
        </Group>
      </Stack>
    </Card>
  );
}

function SumRow({ label, money }: { readonly label: string; readonly money: MoneyValue }) {
  return (
    <Group justify="space-between">
      <Text size="sm">{label}</Text>
      <Amount money={money} size="sm" fw={600} />
    </Group>
  );
}
