import type { UserError } from '@/shared/graphql/errors';
import { userErrors as de } from './de/user-errors';

/** The server's own sentences are English; in other languages what a person can mend is said by its code. */
const words: Readonly<Record<string, Readonly<Record<string, string>>>> = { de };

export function worded<E extends UserError>(errors: readonly E[], language: string): readonly E[] {
  const known = words[language];
  return known ? errors.map((error) => ({ ...error, message: known[error.code] ?? error.message })) : errors;
}
