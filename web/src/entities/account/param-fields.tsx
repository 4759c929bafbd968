import { TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { type ParamRule, paramProblem } from '@/shared/lib/params';
import { PasswordInput } from '@/shared/ui/password-input';

export const ParamsFragment = graphql(`
  fragment Params on Provider {
    id
    name
    params { name label pattern minLength maxLength help example optional secret }
  }
`);

export type ParamValues = Record<string, string>;

interface Props {
  readonly provider: FragmentOf<typeof ParamsFragment>;
  // The form owns more than the parameters, which differs from page to page.
  readonly form: Pick<UseFormReturnType<{ params: ParamValues }>, 'getInputProps' | 'key'>;
  /** When details are corrected, what is left empty stays as it is. */
  readonly keepEmpty?: boolean;
}

const DIGITS_ONLY = /^\^?(\\d|\[0-9\])[^a-zA-Z]*$/;

/** Fields made from what the provider declares: a new provider needs no new screen. */
export function ParamFields({ provider: masked, form, keepEmpty = false }: Props) {
  const { t } = useTranslation();
  const { params } = readFragment(ParamsFragment, masked);
  return params.map((param) => {
    const Field = param.secret ? PasswordInput : TextInput;
    const hints = [param.help, param.example ? t('accounts.wizard.example', { example: param.example }) : undefined];
    const description = hints.filter(Boolean).join(' ');
    return (
      <Field
        key={form.key(`params.${param.name}`)}
        label={param.optional ? `${param.label} (${t('common.optional')})` : param.label}
        description={description || undefined}
        required={!param.optional && !keepEmpty}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        inputMode={param.pattern && DIGITS_ONLY.test(param.pattern) ? 'numeric' : 'text'}
        {...form.getInputProps(`params.${param.name}`)}
      />
    );
  });
}

/** The problems of all parameters, keyed as the form names its fields. */
export function paramErrors(
  t: TFunction,
  rules: readonly ParamRule[],
  values: ParamValues,
  keepEmpty = false,
): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const rule of rules) {
    const problem = paramProblem(keepEmpty ? { ...rule, optional: true } : rule, values[rule.name] ?? '');
    if (problem) errors[`params.${rule.name}`] = problemWords(t, problem);
  }
  return errors;
}

function problemWords(t: TFunction, problem: NonNullable<ReturnType<typeof paramProblem>>): string {
  switch (problem.kind) {
    case 'required':
      return t('errors.required');
    case 'tooShort':
      return t('errors.tooShort', { min: problem.min });
    case 'tooLong':
      return t('errors.tooLong', { max: problem.max });
    case 'pattern':
      return problem.example ? t('errors.patternExample', { example: problem.example }) : t('errors.pattern');
  }
}
