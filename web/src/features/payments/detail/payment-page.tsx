import { Alert, Button, Card, Grid, Group, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconAlertTriangle, IconExternalLink, IconHelpCircle, IconShieldCheck } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { PaidBillsFragment } from '@/entities/payment/paid-bills';
import { PaymentCardFragment, usePaymentTitle } from '@/entities/payment/payment-card';
import { PaymentStatus } from '@/entities/payment/payment-status';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { paymentQueries } from '@/shared/graphql/live-sets';
import { memberOf } from '@/shared/graphql/query-set';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { CardsSkeleton, QueryState } from '@/shared/ui/states';
import { PaymentProgress } from '../payment-progress';
import { progressOf } from '../progress';
import { rememberLeaving } from '../return/return';
import { PaymentDocuments } from './payment-documents';
import { PaymentLegs } from './payment-legs';
import { PaymentRefunds } from './payment-refunds';
import { PaymentTimeline } from './payment-timeline';
import { openRetry } from './retry-payment';
import { TimelineFragment } from './timeline-words';

const PaymentDetailQuery = memberOf(
  [paymentQueries],
  graphql(
    `
    query PaymentDetail($id: ID!) {
      payment(id: $id) {
        id
        kind
        status
        declineKind
        createdAt
        settledAt
        actionUrl
        canRetry
        canCancel
        amount { amountMinor currency }
        fromWallet { amountMinor currency }
        fromGateway { amountMinor currency }
        refunded { amountMinor currency }
        method { id kind brand last4 }
        allocations {
          id
          utilityType
          amount { amountMinor currency }
          refunded { amountMinor currency }
          provider { id name }
          bill { id number }
          recharge { id name validityDays utilityAccount { id } }
          remittance { id status providerReference message voucher settledAt }
        }
        refunds { id amount { amountMinor currency } target cause reason status statusReason createdAt settledAt }
        documents { id kind number status url createdAt }
        timeline { at kind amount { amountMinor currency } ...TimelineFacts }
        ...PaymentCard
      }
    }
  `,
    [PaymentCardFragment, TimelineFragment],
  ),
);

export type PaymentDetail = NonNullable<ResultOf<typeof PaymentDetailQuery>['payment']>;

const CancelPayment = graphql(
  `
  mutation CancelPayment($input: CancelPaymentInput!) {
    cancelPayment(input: $input) {
      payment { ...PaymentCard ...PaidBills id status canCancel canRetry actionUrl }
      userErrors { code message path }
    }
  }
`,
  [PaymentCardFragment, PaidBillsFragment],
);

const route = getRouteApi('/signed-in/portal/payments/$paymentId');

export function PaymentPage() {
  const { paymentId } = route.useParams();
  const { t } = useTranslation();
  const title = usePaymentTitle();
  const [result, execute] = useQuery({ query: PaymentDetailQuery, variables: { id: paymentId } });
  const payment = result.data?.payment;
  const refresh = () => execute({ requestPolicy: 'network-only' });
  return (
    <Page up="/payments" title={payment ? title(payment) : t('payments.payment')} width={1000}>
      <QueryState result={result} data={payment} onRetry={refresh} skeleton={<CardsSkeleton heights={[210, 160]} />}>
        {(loaded) => <Detail payment={loaded} onChanged={refresh} />}
      </QueryState>
    </Page>
  );
}

interface Props {
  readonly payment: PaymentDetail;
  readonly onChanged: () => void;
}

function Detail({ payment, onChanged }: Props) {
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack>
          <BillState payment={payment} onChanged={onChanged} />
          <PaymentLegs payment={payment} />
          <PaymentRefunds refunds={payment.refunds} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack>
          <PaymentDocuments paymentId={payment.id} documents={payment.documents} />
          <PaymentTimeline entries={payment.timeline} />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function BillState({ payment, onChanged }: Props) {
  const format = useFormat();
  const steps = progressOf({
    kind: payment.kind,
    status: payment.status,
    remittances: payment.allocations.map(({ remittance }) => remittance?.status ?? null),
  });
  return (
    <Card padding="lg">
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
        <Stack gap={4}>
          <Text size="sm" c="dimmed">
            {format.instant(payment.createdAt)}
          </Text>
          <Amount money={payment.amount} fz={34} fw={700} lh={1.1} style={{ letterSpacing: '-0.02em' }} />
        </Stack>
        <PaymentStatus {...payment} />
      </Group>
      <Stack mt="lg" gap="md" role="status">
        <PaymentProgress steps={steps} cancelled={payment.status === 'CANCELLED'} />
        <Words payment={payment} />
      </Stack>
      <Actions payment={payment} onChanged={onChanged} />
    </Card>
  );
}

/** What the state means for whoever paid. */
function Words({ payment }: { readonly payment: PaymentDetail }) {
  const { t } = useTranslation();
  switch (payment.status) {
    case 'REQUIRES_ACTION':
      return (
        <Alert color="orange" icon={<IconShieldCheck />} title={t('payments.actionTitle')}>
          {t('payments.action')}
        </Alert>
      );
    case 'UNKNOWN':
      return (
        <Alert color="orange" icon={<IconHelpCircle />} title={t('payments.unknownTitle')}>
          {t('payments.unknown')}
        </Alert>
      );
    case 'FAILED':
      return (
        <Alert color="coral" icon={<IconAlertTriangle />} title={t('payments.failedTitle')}>
          {t(`enums.declineKind.${payment.declineKind ?? 'OTHER'}`)} {t('payments.failed')}
        </Alert>
      );
    default:
      return null;
  }
}

function Actions({ payment, onChanged }: Props) {
  const { t } = useTranslation();
  const [cancel, cancelling] = useAction(CancelPayment);
  const { status, actionUrl, canRetry, canCancel } = payment;
  const asks = status === 'REQUIRES_ACTION' && actionUrl;
  if (!asks && !canRetry && !canCancel) return null;
  const askCancel = () =>
    modals.openConfirmModal({
      title: t('payments.cancelTitle'),
      children: <Text size="sm">{t('payments.cancelBody')}</Text>,
      labels: { confirm: t('payments.cancel'), cancel: t('common.back') },
      confirmProps: { color: 'coral' },
      onConfirm: async () => {
        const { userErrors } = await cancel({ input: { paymentId: payment.id } });
        toastErrors(userErrors, t('errors.title'));
        onChanged();
      },
    });
  return (
    <Stack mt="md" gap="xs">
      {asks && actionUrl ? (
        <Button
          component="a"
          href={actionUrl}
          onClick={() => rememberLeaving(payment.id)}
          leftSection={<IconExternalLink size={18} />}
        >
          {t('payments.confirmAtBank')}
        </Button>
      ) : null}
      {canRetry ? (
        <Button onClick={() => openRetry(t('payments.otherMethod'), payment, onChanged)}>
          {t('payments.otherMethod')}
        </Button>
      ) : null}
      {canCancel ? (
        <Button variant="default" loading={cancelling} onClick={askCancel}>
          {t('payments.cancel')}
        </Button>
      ) : null}
    </Stack>
  );
}
