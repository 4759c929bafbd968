import { Alert, Box, Button, Card, Center, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { IconAlertTriangle, IconLinkOff, IconLock } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { QuoteFragment } from '@/entities/payment/quote-fragment';
import { useSend } from '@/entities/payment/send';
import { choosable, readAmount } from '@/features/payments/amount-rule';
import { leaveFor, returnUrl } from '@/features/payments/pay-flow';
import { AmountField } from '@/features/payments/pay-lines';
import { PaymentProgress } from '@/features/payments/payment-progress';
import { progressOf, underWay } from '@/features/payments/progress';
import { useQuoteWords } from '@/features/payments/quote-words';
import { SendProblems } from '@/features/payments/send-problems';
import { useAskAgain } from '@/shared/graphql/ask-again';
import type { UserError } from '@/shared/graphql/errors';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { Brand } from '@/shared/ui/brand';
import { AnchorLink } from '@/shared/ui/links';
import { EmptyState, QueryState } from '@/shared/ui/states';
import { UtilityIcon } from '@/shared/ui/utility';

const PayLinkQuery = graphql(
  `
    query PayLink($token: String!) {
      payLink(token: $token) {
        expiresAt
        bill {
          id
          number
          status
          dueOn
          utilityType
          amount { amountMinor currency }
          provider { id name }
        }
        quote { ...Quote }
        payment {
          id
          kind
          status
          declineKind
          actionUrl
          amount { amountMinor currency }
          allocations { id remittance { id status } }
        }
      }
    }
  `,
  [QuoteFragment],
);

const PayByLink = graphql(`
  mutation PayByLink($input: PayByLinkInput!) {
    payByLink(input: $input) {
      payment { id status actionUrl }
      url
      userErrors { code message path }
    }
  }
`);

type Link = NonNullable<ResultOf<typeof PayLinkQuery>['payLink']>;

/** A guest has no live stream; a payment under way is asked for. */
const ASK_AGAIN_MS = 3_000;

/** Paying one bill by the link in a reminder, without signing in. */
export function GuestPayPage({ token }: { readonly token: string }) {
  const { t } = useTranslation();
  const [result, execute] = useQuery({
    query: PayLinkQuery,
    variables: { token },
    requestPolicy: 'cache-and-network',
  });
  const link = result.data?.payLink;
  const waits = link?.payment ? underWay(link.payment.status) || unconfirmed(link.payment) : false;
  useEffect(() => {
    document.title = `${t('guest.title')} · Billow`;
  }, [t]);
  useAskAgain(execute, ASK_AGAIN_MS, waits);
  return (
    <Center component="main" mih="100dvh" p="md" style={{ alignItems: 'flex-start' }}>
      <Stack gap="lg" w="100%" maw={460} pt="md">
        <Brand />
        <QueryState
          result={result}
          data={link}
          onRetry={() => execute({ requestPolicy: 'network-only' })}
          skeleton={<Skeleton height={320} radius="lg" aria-busy="true" />}
          missing={
            <EmptyState
              icon={<IconLinkOff size={32} />}
              title={t('guest.goneTitle')}
              action={<AnchorLink to="/sign-in">{t('auth.signIn')}</AnchorLink>}
            >
              {t('guest.gone')}
            </EmptyState>
          }
        >
          {(loaded) => <GuestBill link={loaded} token={token} />}
        </QueryState>
        <Text size="sm" ta="center" c="dimmed">
          {t('guest.haveAccount')}{' '}
          <AnchorLink to="/sign-in" underline="always">
            {t('auth.signIn')}
          </AnchorLink>
        </Text>
      </Stack>
    </Center>
  );
}

const unconfirmed = ({ status, allocations }: NonNullable<Link['payment']>): boolean =>
  status === 'SUCCEEDED' && allocations.some(({ remittance }) => remittance && remittance.status !== 'CONFIRMED');

function GuestBill({ link, token }: { readonly link: Link; readonly token: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { bill, payment } = link;
  const failed = payment?.status === 'FAILED' || payment?.status === 'CANCELLED';
  return (
    <Card padding="lg">
      <Stack gap="md">
        <Group wrap="nowrap" justify="space-between" align="flex-start">
          <Box style={{ minWidth: 0 }}>
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {t('bills.detail.title', { provider: bill.provider.name })}
            </Title>
            <Text size="sm" c="dimmed">
              {[bill.number, bill.dueOn ? t('bills.due', { when: format.day(bill.dueOn) }) : undefined]
                .filter(Boolean)
                .join(' · ')}
            </Text>
          </Box>
          <UtilityIcon type={bill.utilityType} size={46} />
        </Group>
        <Amount money={bill.amount} fz={34} fw={700} lh={1.1} style={{ letterSpacing: '-0.02em' }} />
        {payment ? (
          <Stack gap="sm" role="status">
            <PaymentProgress
              steps={progressOf({
                kind: payment.kind,
                status: payment.status,
                remittances: payment.allocations.map(({ remittance }) => remittance?.status ?? null),
              })}
              cancelled={payment.status === 'CANCELLED'}
            />
            {payment.status === 'FAILED' ? (
              <Alert color="coral" icon={<IconAlertTriangle />} title={t('payments.failedTitle')}>
                {t(`enums.declineKind.${payment.declineKind ?? 'OTHER'}`)} {t('payments.failed')}
              </Alert>
            ) : null}
            {payment.actionUrl && payment.status === 'REQUIRES_ACTION' ? (
              <Button component="a" href={payment.actionUrl}>
                {t('guest.goOn')}
              </Button>
            ) : null}
          </Stack>
        ) : null}
        {!payment || failed ? <GuestPay link={link} token={token} /> : null}
      </Stack>
    </Card>
  );
}

function GuestPay({ link, token }: { readonly link: Link; readonly token: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { online } = useNetwork();
  const quote = readFragment(QuoteFragment, link.quote);
  const words = useQuoteWords();
  const [text, setText] = useState<string>();
  const [refusals, setRefusals] = useState<readonly UserError[]>([]);
  const { send, busy, unsure } = useSend(PayByLink, `link:${link.bill.id}`);
  const read = text === undefined ? undefined : readAmount(text, quote);
  const amountMinor = read && 'amountMinor' in read ? read.amountMinor : quote.suggested.amountMinor;
  if (!quote.payable) {
    return (
      <Alert color="gray" role="status">
        {words(quote)}
      </Alert>
    );
  }
  const pay = async () => {
    const made = await send((idempotencyKey) => ({
      input: {
        token,
        amount: read ? { amountMinor } : null,
        returnUrl: returnUrl(location.pathname),
        idempotencyKey,
      },
    }));
    if (!made) return;
    setRefusals(made.userErrors);
    const url = 'url' in made && typeof made.url === 'string' ? made.url : made.payment?.actionUrl;
    if (url && made.userErrors.length === 0) leaveFor(url);
  };
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {words(quote)}
      </Text>
      {choosable(quote) ? (
        <AmountField label={t('guest.amount')} quote={quote} text={text} onType={setText} disabled={busy || unsure} />
      ) : null}
      <SendProblems refusals={refusals} unsure={unsure} />
      <Group justify="space-between">
        <Text size="sm">{t('pay.fee')}</Text>
        <Text size="sm">{t('pay.noFee')}</Text>
      </Group>
      <Button
        size="lg"
        leftSection={<IconLock size={18} aria-hidden="true" />}
        loading={busy}
        disabled={!online || (read !== undefined && 'problem' in read)}
        onClick={() => void pay()}
      >
        {unsure
          ? t('common.retry')
          : t('pay.button', { amount: format.money({ amountMinor, currency: quote.suggested.currency }) })}
      </Button>
      <Text size="xs" c="dimmed" ta="center">
        {t('guest.hosted')}
      </Text>
    </Stack>
  );
}
