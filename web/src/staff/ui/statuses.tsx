import type { MantineColor } from '@mantine/core';
import {
  type Icon,
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconHelpCircle,
  IconLoader2,
  IconPlayerPause,
  IconPlugConnected,
  IconPlugConnectedX,
  IconReceipt,
  IconUserExclamation,
  IconUserQuestion,
} from '@tabler/icons-react';
import { paymentLooks, refundLooks, remittanceLooks } from '@/entities/payment/payment-status';
import type { Enum } from '@/shared/graphql/graphql';
import { Status } from '@/shared/ui/status';
import { useWords } from '../words';

type Looks<Name extends string> = Readonly<Record<Name, { readonly icon: Icon; readonly color: MantineColor }>>;

const good = { icon: IconCircleCheck, color: 'teal' };
const bad = { icon: IconAlertTriangle, color: 'coral' };
const waits = { icon: IconClock, color: 'gray' };
const unknown = { icon: IconHelpCircle, color: 'gray' };

export const accountLooks: Looks<Enum<'AccountStatus'>> = {
  PENDING: waits,
  ACTIVE: good,
  NEEDS_ATTENTION: bad,
  PAUSED: { icon: IconPlayerPause, color: 'gray' },
  CLOSED: { icon: IconCircleX, color: 'gray' },
};

export const outcomeLooks: Looks<Enum<'FetchOutcome'>> = {
  BILLS: { icon: IconReceipt, color: 'teal' },
  NONE_DUE: good,
  NOT_FOUND: { icon: IconUserQuestion, color: 'coral' },
  NEEDS_CUSTOMER: { icon: IconUserExclamation, color: 'coral' },
  PENDING: waits,
  RETRYABLE: { icon: IconPlugConnectedX, color: 'orange' },
  BROKEN: bad,
};

const circuitLooks: Looks<Enum<'CircuitState'>> = {
  CLOSED: { icon: IconPlugConnected, color: 'teal' },
  OPEN: { icon: IconPlugConnectedX, color: 'coral' },
  HALF_OPEN: { icon: IconPlugConnectedX, color: 'orange' },
};

const runLooks: Looks<Enum<'RunStatus'>> = {
  RUNNING: { icon: IconLoader2, color: 'tide' },
  FINISHED: good,
  CANCELLED: { icon: IconBan, color: 'gray' },
};

export const deliveryLooks: Looks<Enum<'DeliveryStatus'>> = {
  QUEUED: waits,
  SENDING: { icon: IconLoader2, color: 'tide' },
  SENT: good,
  FAILED: bad,
  SKIPPED: { icon: IconBan, color: 'gray' },
  UNKNOWN: unknown,
};

const rowLooks: Looks<Enum<'ImportRowStatus'>> = { WAITING: waits, DONE: good, FAILED: bad };

function Shown({ look, children }: { readonly look: Looks<string>[string] | undefined; readonly children: string }) {
  const { icon, color } = look ?? unknown;
  return (
    <Status icon={icon} color={color}>
      {children}
    </Status>
  );
}

export function AccountStatus({ status }: { readonly status: Enum<'AccountStatus'> }) {
  const t = useWords();
  return <Shown look={accountLooks[status]}>{t(`enums.accountStatus.${status}`)}</Shown>;
}

export function Outcome({ outcome }: { readonly outcome: Enum<'FetchOutcome'> }) {
  const t = useWords();
  return <Shown look={outcomeLooks[outcome]}>{t(`enums.outcome.${outcome}`)}</Shown>;
}

export function Circuit({ state }: { readonly state: Enum<'CircuitState'> }) {
  const t = useWords();
  return <Shown look={circuitLooks[state]}>{t(`enums.circuit.${state}`)}</Shown>;
}

export function ProviderStatus({ status }: { readonly status: Enum<'ProviderStatus'> }) {
  const t = useWords();
  const look = status === 'ACTIVE' ? good : accountLooks.PAUSED;
  return <Shown look={look}>{t(`enums.providerStatus.${status}`)}</Shown>;
}

interface RunProps {
  readonly status: Enum<'RunStatus'>;
  readonly failed: number;
}

/** A run that is over although some accounts failed is not simply "finished". */
export function RunState({ status, failed }: RunProps) {
  const t = useWords();
  const look = status === 'FINISHED' && failed > 0 ? { icon: IconAlertTriangle, color: 'orange' } : runLooks[status];
  return <Shown look={look}>{t(`enums.runStatus.${status}`)}</Shown>;
}

export function DeliveryState({ status, label }: { readonly status: Enum<'DeliveryStatus'>; readonly label?: string }) {
  const t = useWords();
  const word = t(`enums.delivery.${status}`);
  return <Shown look={deliveryLooks[status]}>{label ? `${label}: ${word}` : word}</Shown>;
}

export function ImportRowState({ status }: { readonly status: Enum<'ImportRowStatus'> }) {
  const t = useWords();
  return <Shown look={rowLooks[status]}>{t(`enums.importRow.${status}`)}</Shown>;
}

export function ImportState({ status, failed }: { readonly status: Enum<'ImportStatus'>; readonly failed: number }) {
  const t = useWords();
  const over = failed > 0 ? { icon: IconAlertTriangle, color: 'orange' } : good;
  return <Shown look={status === 'RUNNING' ? runLooks.RUNNING : over}>{t(`enums.importStatus.${status}`)}</Shown>;
}

export function PaymentState({ status }: { readonly status: Enum<'PaymentStatus'> }) {
  const t = useWords();
  return <Shown look={paymentLooks[status]}>{t(`enums.paymentStatus.${status}`)}</Shown>;
}

export function RemittanceState({ status }: { readonly status: Enum<'RemittanceStatus'> }) {
  const t = useWords();
  const look = status === 'MANUAL' ? { icon: IconUserExclamation, color: 'orange' } : remittanceLooks[status];
  return <Shown look={look}>{t(`enums.remittanceStatus.${status}`)}</Shown>;
}

export function RefundState({ status }: { readonly status: Enum<'RefundStatus'> }) {
  const t = useWords();
  return <Shown look={refundLooks[status]}>{t(`enums.refundStatus.${status}`)}</Shown>;
}

const attemptLooks: Looks<Enum<'AttemptStatus'>> = {
  CREATED: waits,
  SENT: { icon: IconLoader2, color: 'tide' },
  PROCESSING: paymentLooks.PROCESSING,
  REQUIRES_ACTION: paymentLooks.REQUIRES_ACTION,
  UNKNOWN: paymentLooks.UNKNOWN,
  SUCCEEDED: good,
  FAILED: bad,
  CANCELLED: paymentLooks.CANCELLED,
};

export function AttemptState({ status }: { readonly status: Enum<'AttemptStatus'> }) {
  const t = useWords();
  return <Shown look={attemptLooks[status]}>{t(`enums.attemptStatus.${status}`)}</Shown>;
}

const documentLooks: Looks<Enum<'DocumentStatus'>> = { QUEUED: waits, READY: good, FAILED: bad };

export function DocumentState({ status }: { readonly status: Enum<'DocumentStatus'> }) {
  const t = useWords();
  return <Shown look={documentLooks[status]}>{t(`enums.documentStatus.${status}`)}</Shown>;
}

export function GatewayState({ status }: { readonly status: Enum<'GatewayStatus'> }) {
  const t = useWords();
  return <Shown look={status === 'ACTIVE' ? good : accountLooks.PAUSED}>{t(`enums.gatewayStatus.${status}`)}</Shown>;
}

const noticeLooks: Looks<Enum<'GatewayEventOutcome'>> = {
  RECEIVED: waits,
  PROCESSED: good,
  IGNORED: { icon: IconBan, color: 'gray' },
  FAILED: bad,
};

export function NoticeState({ outcome }: { readonly outcome: Enum<'GatewayEventOutcome'> }) {
  const t = useWords();
  return <Shown look={noticeLooks[outcome]}>{t(`enums.notice.${outcome}`)}</Shown>;
}

interface ReconciliationProps {
  readonly status: Enum<'ReconciliationStatus'>;
  readonly discrepancies: number;
}

/** A comparison that is over is good only when nothing differed. */
export function ReconciliationState({ status, discrepancies }: ReconciliationProps) {
  const t = useWords();
  if (status === 'RUNNING') return <Shown look={runLooks.RUNNING}>{t('enums.reconciliation.RUNNING')}</Shown>;
  if (status === 'FAILED') return <Shown look={bad}>{t('enums.reconciliation.FAILED')}</Shown>;
  return discrepancies > 0 ? (
    <Shown look={bad}>{t('reconciliation.differs', { count: discrepancies })}</Shown>
  ) : (
    <Shown look={good}>{t('enums.reconciliation.FINISHED')}</Shown>
  );
}

const methodLooks: Looks<Enum<'MethodStatus'>> = {
  CHECKING: { icon: IconLoader2, color: 'tide' },
  REQUIRES_ACTION: paymentLooks.REQUIRES_ACTION,
  READY: good,
  FAILED: bad,
  REMOVED: { icon: IconBan, color: 'gray' },
};

export function MethodState({ status }: { readonly status: Enum<'MethodStatus'> }) {
  const t = useWords();
  return <Shown look={methodLooks[status]}>{t(`enums.methodStatus.${status}`)}</Shown>;
}
