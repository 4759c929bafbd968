import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql } from '@/shared/graphql/graphql';
import { ACCOUNTS_PAGE_SIZE } from '@/shared/ui/paged';
import { type UtilityType, utilityTypes } from '@/shared/ui/utility';

const FilterChoicesQuery = graphql(`
  query BillFilterChoices($accounts: Int!) {
    properties(first: 100) { nodes { id name } }
    utilityAccounts(first: $accounts) { nodes { id provider { id name } } }
  }
`);

interface Choice<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
}

interface FilterProps<Value extends string> {
  readonly value: Value | undefined;
  readonly onChange: (value: Value | undefined) => void;
}

interface ChoiceFilterProps<Value extends string> extends FilterProps<Value> {
  /** What is filtered by; it also stands where nothing is chosen. */
  readonly label: string;
  readonly choices: readonly Choice<Value>[];
}

/** What lists of bills and payments can be filtered by: the homes and providers this person has. */
export function useFilterChoices(): { readonly homes: readonly Choice[]; readonly providers: readonly Choice[] } {
  const [{ data }] = useQuery({ query: FilterChoicesQuery, variables: { accounts: ACCOUNTS_PAGE_SIZE } });
  const homes = data?.properties.nodes ?? [];
  const providers = new Map(data?.utilityAccounts.nodes.map(({ provider }) => [provider.id, provider.name]));
  return {
    homes: homes.map(({ id, name }) => ({ value: id, label: name })),
    providers: [...providers].map(([value, label]) => ({ value, label })),
  };
}

/** A search with some of it changed; what is not chosen any more is not in the address. */
export function changedSearch<Search extends object>(
  search: Search,
  change: { [Key in keyof Search]?: Search[Key] | undefined },
): Search {
  const kept = Object.entries({ ...search, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as Search;
}

export function ChoiceFilter<Value extends string>({ label, value, choices, onChange }: ChoiceFilterProps<Value>) {
  return (
    <NativeSelect
      size="sm"
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange((event.currentTarget.value || undefined) as Value | undefined)}
      data={[{ value: '', label }, ...choices]}
    />
  );
}

export function TypeFilter(props: FilterProps<UtilityType>) {
  const { t } = useTranslation();
  const choices = utilityTypes.map((value) => ({ value, label: t(`enums.utilityType.${value}`) }));
  return <ChoiceFilter label={t('bills.filterType')} choices={choices} {...props} />;
}
