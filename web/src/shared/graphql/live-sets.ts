import { QuerySet } from './query-set';

/*
 * What the portal asks for again when live news comes. The cache puts what is told into lists, but it cannot add up for
 * the server, and it does not know what else changed with it.
 */

/** When a bill came or changed. */
export const billQueries = new QuerySet();
/** When a payment changed: it changes what is to be paid, too. */
export const paymentQueries = new QuerySet();
/** When an account changed. */
export const accountQueries = new QuerySet();
/** When there is more or less in a wallet. */
export const walletQueries = new QuerySet();
