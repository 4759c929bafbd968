import { Alert, Button, Card, Grid, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconRefresh } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useQuery } from 'urql';
import { downloadDocument } from '@/entities/payment/download-document';
import { usePaymentTitle } from '@/entities/payment/payment-card';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { isPositive } from '@/shared/lib/money';
import { Amount } from '@/shared/ui/amount';
import { Fact } from '@/shared/ui/fact';
import { AnchorLink } from '@/shared/ui/links';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { CardsSkeleton, QueryState } from '@/shared/ui/states';
import { UtilityIcon } from '@/shared/ui/utility';
import { useLive } from '../ui/live';
import { Section } from '../ui/section';
import { DocumentState, PaymentState, RefundState, RemittanceState } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';
import { Attempts } from './attempts';
import { useRetryDocument } from './failed-documents';
import { PaidLink } from './paid-link';
import { openRefund } from './refund-dialog';
import { useRemittanceActions } from './remittance-actions';
import { PaymentTimeline } from './timeline';

const PaymentQuery = graphql(`
  query StaffPayment($id: ID!) {
    payment(id: $id) {
      id
      kind
      status
      statusReason
      declineKind
      createdAt
      updatedAt
      settledAt
      amount { amountMinor currency }
      fromWallet { amountMinor currency }
      fromGateway { amountMinor currency }
      refunded { amountMinor currency }
      refundable { amountMinor currency }
      customer { id name }
      method { id title status }
      allocations {
        id
        utilityType
        amount { amountMinor currency }
        refunded { amountMinor currency }
        atProvider { amountMinor currency }
        provider { id name }
        bill { id number }
        recharge { id name number utilityAccount { id } }
        remittance { id status canDecide decidableFrom providerReference message voucher tries sentAt settledAt amount { amountMinor currency } provider { id name } }
      }
      attempts {
        id
        number
        status
        amount { amountMinor currency }
        gatewayCode
        externalId
        declineKind
        declineCode
        message
        decision
        fee { amountMinor currency }
        sentAt
        answeredAt
        createdAt
      }
      refunds { id amount { amountMinor currency } target cause reason status statusReason createdAt settledAt }
      documents { id kind number status statusReason canRetry createdAt }
      timeline { at kind title detail amount { amountMinor currency } data }
    }
  }
`);

export type StaffPayment = NonNullable<ResultOf<typeof PaymentQuery>['payment']>;

const CheckPayment = graphql(`
  mutation StaffCheckPayment($input: CheckPaymentInput!) {
    checkPayment(input: $input) {
      payment { id status statusReason updatedAt settledAt }
      userErrors { code message path }
    }
  }
`);

const RetryRefund = graphql(`
  mutation StaffRetryRefund($input: RetryRefundInput!) {
    retryRefund(input: $input) {
      refund { id status statusReason }
      userErrors { code message path }
    }
  }
`);

const route = getRouteApi('/signed-in/staff/payments/$paymentId');
const WAITS = ['PENDING', 'PROCESSING', 'REQUIRES_ACTION', 'UNKNOWN'];

export function PaymentPage() {
  const { paymentId } = route.useParams();
  const t = useWords();
  const title = usePaymentTitle();
  const [result, execute] = useQuery({ query: PaymentQuery, variables: { id: paymentId } });
  const [check, checking] = useAction(CheckPayment);
  useLive(['payment.updated'], [PaymentQuery], (event) => event.subject === paymentId);
  const refresh = () => execute({ requestPolicy: 'network-only' });
  const payment = result.data?.payment;
  const askNow = async () => {
    const { userErrors } = await check({ input: { paymentId } });
    toastErrors(userErrors, t('payments.check'));
    refresh();
  };
  return (
    <Page
      up="/staff/payments"
      width={1240}
      wrapActions
      title={payment ? title(payment) : t('payments.payment')}
      subtitle={
        payment ? (
          <AnchorLink to="/staff/customers/$customerId" params={{ customerId: payment.customer.id }} size="sm">
            {payment.customer.name}
          </AnchorLink>
        ) : undefined
      }
      actions={
        payment ? (
          <>
            {WAITS.includes(payment.status) ? (
              <Button
                size="sm"
                variant="default"
                leftSection={<IconRefresh size={17} />}
                loading={checking}
                onClick={() => void askNow()}
              >
                {t('payments.check')}
              </Button>
            ) : null}
            {isPositive(payment.refundable) ? (
              <Button
                size="sm"
                variant="light"
                color="coral"
                leftSection={<IconArrowBackUp size={17} />}
                onClick={() => openRefund(t('refund.title'), payment, refresh)}
              >
                {t('refund.refund')}
              </Button>
            ) : null}
          </>
        ) : null
      }
    >
      <QueryState result={result} data={payment} onRetry={refresh} skeleton={<CardsSkeleton heights={[150, 260]} />}>
        {(loaded) => (
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, md: 6 }}>
              <Stack gap="lg">
                <Facts payment={loaded} />
                <Parts payment={loaded} onChanged={refresh} />
                <Refunds payment={loaded} onChanged={refresh} />
                <Attempts attempts={loaded.attempts} />
                <Documents payment={loaded} onChanged={refresh} />
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 6 }}>
              <PaymentTimeline entries={loaded.timeline} />
            </Grid.Col>
          </Grid>
        )}
      </QueryState>
    </Page>
  );
}

function Facts({ payment }: { readonly payment: StaffPayment }) {
  const t = useWords();
  const format = useFormat();
  return (
    <Card>
      <Group justify="space-between" align="flex-start" mb="md">
        <Amount money={payment.amount} fz={32} fw={700} lh={1.1} style={{ letterSpacing: '-0.02em' }} />
        <PaymentState status={payment.status} />
      </Group>
      {payment.status === 'UNKNOWN' ? (
        <Alert color="orange" icon={<IconAlertTriangle />} mb="md">
          {t('payments.unknownHint')}
        </Alert>
      ) : null}
      {payment.statusReason ? (
        <Text size="sm" mb="md">
          {payment.statusReason}
        </Text>
      ) : null}
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3 }} m={0}>
        <Fact label={t('payments.method')}>{payment.method?.title ?? t('payments.noMethod')}</Fact>
        <Fact label={t('payments.fromGateway')}>{format.money(payment.fromGateway)}</Fact>
        <Fact label={t('payments.fromWallet')}>{format.money(payment.fromWallet)}</Fact>
        <Fact label={t('payments.made')}>{format.instant(payment.createdAt)}</Fact>
        <Fact label={t('payments.settled')}>{payment.settledAt ? format.instant(payment.settledAt) : '–'}</Fact>
        <Fact label={t('payments.refunded')}>{format.money(payment.refunded)}</Fact>
        {payment.declineKind ? (
          <Fact label={t('payments.declined')}>{t(`enums.decline.${payment.declineKind}`)}</Fact>
        ) : null}
      </SimpleGrid>
    </Card>
  );
}

interface Changeable {
  readonly payment: StaffPayment;
  readonly onChanged: () => void;
}

function Parts({ payment, onChanged }: Changeable) {
  const t = useWords();
  const format = useFormat();
  const { confirm, reject } = useRemittanceActions(onChanged);
  if (payment.allocations.length === 0) return null;
  return (
    <Section title={t('payments.parts')}>
      {payment.allocations.map(({ id, utilityType, provider, bill, recharge, amount, remittance }) => (
        <Group key={id} wrap="nowrap" align="flex-start" gap="sm">
          <UtilityIcon type={utilityType} size={34} />
          <Stack gap={4} style={{ flex: 1, minWidth: 0 }}>
            <Group justify="space-between" gap={6}>
              <PaidLink bill={bill} recharge={recharge} provider={provider.name} size="sm" fw={600} />
              <Amount money={amount} size="sm" fw={600} />
            </Group>
            {remittance ? (
              <>
                <Group gap={6}>
                  <RemittanceState status={remittance.status} />
                  {remittance.tries > 1 ? (
                    <Text size="xs" c="dimmed">
                      {t('payments.tries', { count: remittance.tries })}
                    </Text>
                  ) : null}
                </Group>
                {[remittance.providerReference, remittance.message, remittance.voucher]
                  .filter((text) => text !== null && text !== '')
                  .map((text) => (
                    <Text key={text} size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                      {text}
                    </Text>
                  ))}
                {remittance.canDecide ? (
                  <Group gap="xs">
                    <Button size="xs" variant="light" onClick={() => confirm(remittance)}>
                      {t('payments.confirm')}
                    </Button>
                    <Button size="xs" variant="default" onClick={() => reject(remittance)}>
                      {t('payments.reject')}
                    </Button>
                  </Group>
                ) : remittance.decidableFrom ? (
                  <Text size="xs" c="dimmed">
                    {t('payments.decidableFrom', { when: format.instant(remittance.decidableFrom) })}
                  </Text>
                ) : null}
              </>
            ) : (
              <Text size="xs" c="dimmed">
                {t('payments.notRemitted')}
              </Text>
            )}
          </Stack>
        </Group>
      ))}
    </Section>
  );
}

function Refunds({ payment, onChanged }: Changeable) {
  const t = useWords();
  const [retry, retrying] = useAction(RetryRefund);
  if (payment.refunds.length === 0) return null;
  const again = async (refundId: string, toWallet: boolean) => {
    const { userErrors } = await retry({ input: { refundId, toWallet } });
    toastErrors(userErrors, t(toWallet ? 'refund.againToWallet' : 'refund.again'));
    onChanged();
  };
  return (
    <Section title={t('refund.refunds')}>
      {payment.refunds.map((refund) => (
        <Stack key={refund.id} gap={2}>
          <Group justify="space-between" gap={6}>
            <Amount money={refund.amount} fw={600} />
            <RefundState status={refund.status} />
          </Group>
          <Text size="sm">{refund.reason}</Text>
          <Text size="xs" c="dimmed">
            {t(`enums.refundCause.${refund.cause}`)} · {t(`enums.refundTarget.${refund.target}`)} ·{' '}
            <When at={refund.createdAt} />
          </Text>
          {refund.statusReason ? (
            <Text size="xs" c="dimmed">
              {refund.statusReason}
            </Text>
          ) : null}
          {refund.status === 'FAILED' ? (
            <Group gap="xs">
              {([false, true] as const).map((toWallet) => (
                <Button
                  key={String(toWallet)}
                  size="xs"
                  variant="default"
                  loading={retrying}
                  onClick={() => void again(refund.id, toWallet)}
                >
                  {t(toWallet ? 'refund.againToWallet' : 'refund.again')}
                </Button>
              ))}
            </Group>
          ) : null}
        </Stack>
      ))}
    </Section>
  );
}

function Documents({ payment, onChanged }: Changeable) {
  const t = useWords();
  const { again, busy } = useRetryDocument(onChanged);
  if (payment.documents.length === 0) return null;
  return (
    <Section title={t('payments.documents')}>
      {payment.documents.map((document) => (
        <Stack key={document.id} gap={2}>
          <Group justify="space-between" gap={6}>
            <Text size="sm">
              {t(`enums.document.${document.kind}`)} {document.number}
            </Text>
            <Group gap="xs">
              {document.status === 'READY' ? (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => void downloadDocument(payment.id, document.id, `${document.number}.pdf`)}
                >
                  {t('payments.download')}
                </Button>
              ) : (
                <DocumentState status={document.status} />
              )}
              {document.canRetry ? (
                <Button
                  size="xs"
                  variant="light"
                  loading={busy === document.id}
                  onClick={() => void again(document.id)}
                >
                  {t('documents.again')}
                </Button>
              ) : null}
            </Group>
          </Group>
          {document.canRetry ? (
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {document.status === 'READY' ? `${t('documents.outdated')} ` : ''}
              {document.statusReason}
            </Text>
          ) : null}
        </Stack>
      ))}
    </Section>
  );
}
