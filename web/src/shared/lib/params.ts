/**
 * The rules a provider declares for what it needs to know of a customer (a consumer number, a mobile number).
 *
 * The server checks the same rules; checking them here first tells a person of a slip before any provider is asked.
 */
export interface ParamRule {
  readonly name: string;
  readonly label: string;
  readonly pattern: string | null;
  readonly minLength: number | null;
  readonly maxLength: number | null;
  readonly optional: boolean;
  readonly example: string | null;
}

export type ParamProblem =
  | { readonly kind: 'required' }
  | { readonly kind: 'tooShort'; readonly min: number }
  | { readonly kind: 'tooLong'; readonly max: number }
  | { readonly kind: 'pattern'; readonly example: string | null };

/** What is wrong with `value`, or undefined when nothing is. Blanks around it do not count. */
export function paramProblem(rule: ParamRule, value: string): ParamProblem | undefined {
  const text = value.trim();
  if (text === '') return rule.optional ? undefined : { kind: 'required' };
  const length = [...text].length;
  if (rule.minLength !== null && length < rule.minLength) return { kind: 'tooShort', min: rule.minLength };
  if (rule.maxLength !== null && length > rule.maxLength) return { kind: 'tooLong', max: rule.maxLength };
  if (rule.pattern !== null && whole(rule.pattern)?.test(text) === false)
    return { kind: 'pattern', example: rule.example };
  return undefined;
}

/**
 * The pattern must match the whole value. One that this browser cannot read refuses nobody: the server, whose dialect
 * it was written in, still decides.
 */
function whole(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    return undefined;
  }
}

/** A form's values before anything is typed. */
export const noParams = (rules: readonly ParamRule[]): Record<string, string> =>
  Object.fromEntries(rules.map(({ name }) => [name, '']));

/** Where in a form the server's words about them belong. */
export const paramPaths = (rules: readonly ParamRule[]): string[] => rules.map(({ name }) => `params.${name}`);

/** The values to send: trimmed, and without the optional ones that were left empty. */
export function paramInputs(rules: readonly ParamRule[], values: Readonly<Record<string, string>>) {
  return rules.map(({ name }) => ({ name, value: (values[name] ?? '').trim() })).filter(({ value }) => value !== '');
}
