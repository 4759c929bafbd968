import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AnyVariables, type TypedDocumentNode, useMutation } from 'urql';
import { faultOf, type UserError } from '@/shared/graphql/errors';
import { worded } from '@/shared/i18n/user-errors';
import { payloadOf, toastFault } from '@/shared/ui/mutation';
import { PaymentKeys } from './payment-key';

const paymentKeys = new PaymentKeys(sessionStorage, () => crypto.randomUUID());

/** The payload of a mutation that makes a payment. */
export interface Made {
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
