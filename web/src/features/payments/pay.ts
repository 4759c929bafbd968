import { useNavigate } from '@tanstack/react-router';
import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AnyVariables, type TypedDocumentNode, useMutation } from 'urql';
import { HOSTED } from '@/features/methods/choice';
import { faultOf, type UserError } from '@/shared/graphql/errors';
import { worded } from '@/shared/i18n/user-errors';
import { payloadOf, toastFault } from '@/shared/ui/mutation';
import { PaymentKeys } from './payment-key';

export const paymentKeys = new PaymentKeys(sessionStorage, () => crypto.randomUUID());

interface Made {
  readonly payment?: { readonly id: string; readonly status: string; readonly actionUrl: string | null } | null;
  readonly userErrors: readonly UserError[];
}

export interface Sending<Variables> {
  /** Asks for the payment; the same key each time until the answer is known. */
  readonly send: (variables: (idempotencyKey: string) => Variables) => Promise<Made | undefined>;
  /** While an answer is awaited. */
  readonly busy: boolean;
  /** The last answer was lost: the payment may have been made. Only the very same may be asked again. */
  readonly unsure: boolean;
}

/**
 * Sends a payment. One tap is one payment: a second one while the first is on its way does nothing, and a try again
 * after a lost answer asks with the same key, so that the server makes it once.
 */
export function useSend<Data extends Record<string, Made | null | undefined>, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  sheet: string,
): Sending<Variables> {
  const { t, i18n } = useTranslation();
  const [, execute] = useMutation(document);
  const [busy, setBusy] = useState(false);
  const [last, setLast] = useState<Variables>();
  const flying = useRef(false);
  const send = useCallback(
    async (variables: (idempotencyKey: string) => Variables) => {
      if (flying.current) return undefined;
      flying.current = true;
      setBusy(true);
      const asked = last ?? variables(paymentKeys.of(sheet));
      const result = await execute(asked);
      flying.current = false;
      setBusy(false);
      const payload = payloadOf(result.data);
      if (payload) {
        setLast(undefined);
        paymentKeys.forget(sheet);
        return { ...payload, userErrors: worded(payload.userErrors, i18n.language) };
      }
      if (result.error) {
        const fault = faultOf(result.error);
        const { kind } = fault;
        // Refused before anybody looked at it: nothing was made. Anything else may have been.
        const refused = kind === 'forbidden' || kind === 'rateLimited' || kind === 'unauthenticated';
        setLast(refused ? undefined : asked);
        // What is unsure is said beside the button; see `unsure`.
        if (refused) toastFault(fault, t);
      }
      return undefined;
    },
    [execute, last, sheet, t, i18n],
  );
  return { send, busy, unsure: last !== undefined };
}

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
