import { SimpleGrid, TextInput } from '@mantine/core';
import { decimalOf } from '@/shared/lib/money';
import { useWords } from '../../words';
import { useDefinition, useField } from './context';
import { at } from './draft';
import { Entries } from './entries';
import { ListField, NumberField, TextField } from './fields';

export function Plans() {
  const t = useWords();
  return (
    <Entries
      name="plans"
      optional
      hint={t('definition.plansHint')}
      legend={(number) => t('definition.planNumber', { number })}
      add={{ label: t('definition.addPlan'), blank: { code: '', name: '', price: '', validity_days: 28 } }}
      remove={t('definition.removePlan')}
    >
      {(path) => (
        <>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextField path={`${path}.name`} label={t('definition.planName')} required />
            <TextField path={`${path}.code`} label={t('definition.planCode')} required mono />
            <Price path={`${path}.price`} />
            <NumberField path={`${path}.validity_days`} label={t('definition.validityDays')} min={1} required />
          </SimpleGrid>
          <TextField path={`${path}.description`} label={t('definition.description')} />
          <ListField
            path={`${path}.benefits`}
            label={t('definition.benefits')}
            hint={t('definition.benefitsHint')}
            rows={2}
            join={'\n'}
            parse={(text) =>
              text
                .split('\n')
                .map((line) => line.trim())
                .filter(Boolean)
            }
          />
        </>
      )}
    </Entries>
  );
}

/** A price may be stored as a decimal or as `{minor}`; a person writes a decimal. */
function Price({ path }: { readonly path: string }) {
  const t = useWords();
  const { draft } = useDefinition();
  const { value, set, error } = useField(path);
  const currency = String(at(draft, 'currency') ?? '');
  const minor = at(value, 'minor');
  const shown =
    typeof value === 'string'
      ? value
      : typeof minor === 'number'
        ? decimalOf({ amountMinor: String(minor), currency })
        : '';
  return (
    <TextInput
      size="sm"
      label={`${t('definition.price')} (${currency})`}
      inputMode="decimal"
      withAsterisk
      error={error}
      value={shown}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
