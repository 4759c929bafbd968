import { useNavigate } from '@tanstack/react-router';
import type { Made } from '@/entities/payment/send';
import { HOSTED } from '@/features/methods/choice';

/** An address of this app, to come back to from a page of the gateway's or a bank's. */
export const returnUrl = (path: string): string => `${location.origin}${path}`;

/** Leaves for a page of the gateway's. */
export function leaveFor(url: string): void {
  location.assign(url);
}

/** How the money comes, as the API takes it: by the method chosen, or by none where the wallet covers it all. */
export function meansOf(method: string | undefined) {
  const hostedPage = method === HOSTED;
  return {
    paymentMethodId: hostedPage ? null : (method ?? null),
    hostedPage,
    // From a payment page the way back leads to the payment by itself; a bank that asks needs to be told.
    returnUrl: hostedPage ? null : returnUrl('/payments/return'),
  };
}

interface Onward {
  /** Whether a card's number is still to be typed, on the gateway's page. */
  readonly hostedPage: boolean;
  /** Whether the way back leaves out the page that paid. */
  readonly replace?: boolean;
}

/** Where a payment leads that was just made: to the gateway's page, else to its own. */
export function useGoOn() {
  const navigate = useNavigate();
  return ({ id, actionUrl }: NonNullable<Made['payment']>, { hostedPage, replace = false }: Onward): void => {
    if (hostedPage && actionUrl) leaveFor(actionUrl);
    else void navigate({ to: '/payments/$paymentId', params: { paymentId: id }, replace });
  };
}
