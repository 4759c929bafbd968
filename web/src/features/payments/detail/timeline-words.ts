import type { TFunction } from 'i18next';
import type { ResultOf } from '@/shared/graphql/graphql';
import { graphql } from '@/shared/graphql/graphql';

/** Something that happened to a payment, in parts that words of any language are made of. */
export const TimelineFragment = graphql(`
  fragment TimelineFacts on TimelineEntry {
    kind
    title
    attemptNumber
    attemptStatus
    waitedSeconds
    askedAgain
    declineKind
    refundCause
    documentKind
    reference
    note
  }
`);

export type TimelineFacts = ResultOf<typeof TimelineFragment>;

/** What happened, in a few words. What this app does not know yet is told as the server says it. */
export function happened(entry: TimelineFacts, t: TFunction): string {
  const document = [entry.documentKind && t(`enums.documentKind.${entry.documentKind}`), entry.reference]
    .filter(Boolean)
    .join(' ');
  switch (entry.kind) {
    case 'payment.created':
      return t('payments.happened.asked');
    case 'attempt.created':
      return t('payments.happened.try', { number: entry.attemptNumber });
    case 'attempt.unanswered':
      return entry.waitedSeconds
        ? t('payments.happened.noAnswerAfter', { seconds: entry.waitedSeconds })
        : t('payments.happened.noAnswer');
    case 'attempt.answered': {
      if (!entry.attemptStatus) return entry.title;
      const answer = t(`payments.answered.${entry.attemptStatus}`);
      return entry.askedAgain ? t('payments.happened.askedAgain', { answer }) : answer;
    }
    case 'remittance.created':
      return t('payments.happened.remittance.created');
    case 'remittance.sent':
      return t('payments.happened.remittance.sent');
    case 'remittance.confirmed':
      return t('payments.happened.remittance.confirmed');
    case 'remittance.rejected':
      return t('payments.happened.remittance.rejected');
    case 'refund.created':
      return t('payments.happened.refund.created');
    case 'refund.succeeded':
      return t('payments.happened.refund.succeeded');
    case 'refund.failed':
      return t('payments.happened.refund.failed');
    case 'document.ready':
      return document;
    case 'document.failed':
      return t('payments.happened.notMade', { document });
    default:
      return entry.title;
  }
}

/** More about it: what a person wrote stands as it was written. */
export function particulars(entry: TimelineFacts, t: TFunction): string | null {
  if (entry.note) return entry.note;
  if (entry.declineKind) return t(`enums.declineKind.${entry.declineKind}`);
  if (entry.refundCause) return t(`enums.refundCause.${entry.refundCause}`);
  if (entry.reference && !entry.documentKind) return t('payments.reference', { reference: entry.reference });
  return null;
}
