import { graphql, type ResultOf } from '@/shared/graphql/graphql';

/** What may be paid of a bill, and why. */
export const QuoteFragment = graphql(`
  fragment Quote on PayableQuote {
    payable
    reasonCode
    rule
    partlyPaid
    suggested { amountMinor currency }
    min { amountMinor currency }
    max { amountMinor currency }
    multiple { amountMinor currency }
    livePayment { id status }
  }
`);

export type PayQuote = ResultOf<typeof QuoteFragment>;
