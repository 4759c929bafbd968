import { notifications } from '@mantine/notifications';
import type { TFunction } from 'i18next';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnyVariables, OperationResult, TypedDocumentNode } from 'urql';
import { useMutation } from 'urql';
import { type Fault, faultOf, type UserError } from '@/shared/graphql/errors';
import { worded } from '@/shared/i18n/user-errors';

type Payload = { readonly userErrors: readonly UserError[] };

export interface Outcome<P> {
  readonly payload: P | undefined;
  readonly userErrors: readonly UserError[];
}

/**
 * Runs a mutation with one payload. Faults (no network, our mistake) are told as a toast; what the person can mend
 * comes back as `userErrors`, for the form to show where it belongs.
 */
export function useAction<Data extends Record<string, Payload | null | undefined>, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
): [run: (variables: Variables) => Promise<Outcome<NonNullable<Data[keyof Data]>>>, busy: boolean] {
  const { t, i18n } = useTranslation();
  const [, execute] = useMutation(document);
  const [busy, setBusy] = useState(false);
  const run = useCallback(
    async (variables: Variables) => {
      setBusy(true);
      const result: OperationResult<Data, Variables> = await execute(variables);
      setBusy(false);
      const payload = payloadOf(result.data);
      if (result.error && !payload) {
        toastFault(faultOf(result.error), t);
        return { payload: undefined, userErrors: [] };
      }
      return {
        payload: payload as NonNullable<Data[keyof Data]> | undefined,
        userErrors: worded(payload?.userErrors ?? [], i18n.language),
      };
    },
    [execute, t, i18n],
  );
  return [run, busy];
}

/** The payload of a mutation that has but one. */
export function payloadOf<Payload>(
  data: Readonly<Record<string, Payload>> | undefined,
): NonNullable<Payload> | undefined {
  return data ? (Object.values(data).find((value) => value != null) ?? undefined) : undefined;
}

/** Tells of a fault, with the reference under which support finds it. */
export function toastFault({ kind, requestId }: Fault, t: TFunction): void {
  const what = t(`errors.${kind}`);
  notifications.show({
    color: 'coral',
    title: t('errors.title'),
    message: requestId ? `${what} ${t('errors.requestId', { id: requestId })}` : what,
  });
}

/** Tells what a person could mend when there is no form to show it in. */
export function toastErrors(userErrors: readonly UserError[], title: string): void {
  for (const { message } of userErrors) notifications.show({ color: 'coral', title, message });
}
