import { QuerySet } from './query-set';

/*
 * What the portal refetches on live events. The cache adds the object of an event to lists, but it cannot recompute the
 * server's sums, nor know what else changed.
 */

/** When a bill came or changed. */
export const billQueries = new QuerySet();
/** When a payment changed: it changes what is to be paid, too. */
export const paymentQueries = new QuerySet();
/** When an account changed. */
export const accountQueries = new QuerySet();
/** When there is more or less in a wallet. */
export const walletQueries = new QuerySet();
