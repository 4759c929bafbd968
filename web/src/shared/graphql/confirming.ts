import type { Exchange, Operation, OperationResult } from 'urql';
import { filter, fromPromise, fromValue, makeSubject, merge, mergeMap, pipe } from 'wonka';
import { Observable } from '@/shared/lib/store';
import { codesOf, confirmationMethodsOf } from './errors';

export type ConfirmationMethod = 'PASSWORD' | 'TOTP' | 'PASSKEY' | 'RECOVERY_CODE';

export interface Confirmation {
  readonly methods: readonly ConfirmationMethod[];
  /** Called once: whether the person confirmed. */
  readonly done: (confirmed: boolean) => void;
}

/** The confirmation that is being asked for; the dialog shows it. */
export const confirmation = new Observable<Confirmation | undefined>(undefined);

let asking: Promise<boolean> | undefined;

/** Asks the person to confirm who they are. Operations that need it at the same time share one question. */
function askToConfirm(methods: readonly ConfirmationMethod[]): Promise<boolean> {
  asking ??= new Promise<boolean>((resolve) => {
    confirmation.set({
      methods,
      done: (confirmed) => {
        confirmation.set(undefined);
        asking = undefined;
        resolve(confirmed);
      },
    });
  });
  return asking;
}

const mustConfirm = ({ error, data, operation }: OperationResult): boolean =>
  operation.kind !== 'subscription' &&
  error !== undefined &&
  codesOf(error).includes('CONFIRMATION_REQUIRED') &&
  // What was done in part is not sent again.
  (data == null || Object.values(data as object).every((value) => value == null));

/**
 * Sends an operation again by itself once the person has confirmed who they are. Someone who does not confirm gets the
 * server's refusal, which says that nothing was changed.
 *
 * Belongs below the cache, which must see only the last answer.
 */
export function confirmingExchange(
  ask: (methods: readonly ConfirmationMethod[]) => Promise<boolean> = askToConfirm,
): Exchange {
  return ({ forward }) =>
    (operations) => {
      const { source: again, next } = makeSubject<Operation>();
      return pipe(
        merge([operations, again]),
        forward,
        mergeMap((result: OperationResult) => {
          if (!mustConfirm(result) || !result.error) return fromValue<OperationResult | undefined>(result);
          const asked = ask(confirmationMethodsOf(result.error)).then((confirmed) => {
            if (!confirmed) return result;
            next(result.operation);
            return undefined;
          });
          return fromPromise(asked);
        }),
        filter((result): result is OperationResult => result !== undefined),
      );
    };
}
