import type { CombinedError } from 'urql';
import type { ConfirmationMethod } from './confirming';

interface GraphQLErrorExtensions {
  readonly code?: unknown;
  readonly requestId?: unknown;
}

export type ErrorKind =
  | 'offline'
  | 'unauthenticated'
  | 'unconfirmed'
  | 'forbidden'
  | 'rateLimited'
  | 'unavailable'
  | 'unknown';

/** What can be said to a person about an error: its kind, and the id under which our logs know it. */
export interface Fault {
  readonly kind: ErrorKind;
  readonly requestId: string | undefined;
}

export function faultOf(error: CombinedError): Fault {
  const requestId = requestIdOf(error);
  if (codesOf(error).includes('UNAUTHENTICATED') || statusOf(error) === 401)
    return { kind: 'unauthenticated', requestId };
  if (codesOf(error).includes('CONFIRMATION_REQUIRED')) return { kind: 'unconfirmed', requestId: undefined };
  if (codesOf(error).includes('FORBIDDEN') || statusOf(error) === 403) return { kind: 'forbidden', requestId };
  if (codesOf(error).includes('TOO_MANY') || statusOf(error) === 429) return { kind: 'rateLimited', requestId };
  if (codesOf(error).includes('UNAVAILABLE')) return { kind: 'unavailable', requestId };
  if (error.networkError && statusOf(error) === undefined) return { kind: 'offline', requestId };
  return { kind: 'unknown', requestId };
}

export function codesOf(error: CombinedError): string[] {
  return error.graphQLErrors
    .map(({ extensions }) => (extensions as GraphQLErrorExtensions).code)
    .filter((code): code is string => typeof code === 'string');
}

/** How the person can confirm who they are, where the server asked for it. */
export function confirmationMethodsOf(error: CombinedError): readonly ConfirmationMethod[] {
  for (const { extensions } of error.graphQLErrors) {
    const { methods } = extensions as { methods?: unknown };
    if (Array.isArray(methods)) return methods as ConfirmationMethod[];
  }
  return ['PASSWORD'];
}

function statusOf(error: CombinedError): number | undefined {
  return (error.response as Response | undefined)?.status;
}

function requestIdOf(error: CombinedError): string | undefined {
  for (const { extensions } of error.graphQLErrors) {
    const { requestId } = extensions as GraphQLErrorExtensions;
    if (typeof requestId === 'string') return requestId;
  }
  return (error.response as Response | undefined)?.headers?.get?.('x-request-id') ?? undefined;
}

export interface UserError {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[];
  /** For staff: what is in the way. */
  readonly relatedId?: string | null;
}

/** Splits the errors a person can mend into those that belong to a known field and the rest. */
export function fieldErrors(
  errors: readonly UserError[],
  fields: readonly string[],
): { fields: Record<string, string>; rest: string[] } {
  const byField: Record<string, string> = {};
  const rest: string[] = [];
  for (const { path, message } of errors) {
    const inside = path[0] === 'input' ? path.slice(1) : path;
    const field = inside.join('.');
    if (fields.includes(field)) byField[field] ??= message;
    else rest.push(message);
  }
  return { fields: byField, rest };
}
