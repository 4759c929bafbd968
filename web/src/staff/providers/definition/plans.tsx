import { Button, Fieldset, Group, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { decimalOf } from '@/shared/lib/money';
import { useWords } from '../../words';
import { useDefinition, useField } from './context';
import { at, listAt, without } from './draft';
import { ListField, NumberField, TextField } from './fields';
import { DefinitionSection } from './section';

export function Plans() {
  const t = useWords();
  const { draft, set } = useDefinition();
  const plans = listAt(draft, 'plans');
  return (
    <DefinitionSection prefixes={['plans']} hint={t('definition.plansHint')}>
      {plans.map((_plan, place) => {
        const path = `plans.${place}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a plan is addressed by its place, which its errors name too
          <Fieldset key={place} legend={t('definition.planNumber', { number: place + 1 })} radius="md">
            <Stack gap="sm">
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
              <Group justify="flex-end">
                <Button
                  size="xs"
                  variant="subtle"
                  color="gray"
                  leftSection={<IconTrash size={15} />}
                  onClick={() => {
                    const left = listAt(without(draft, 'plans', place), 'plans');
                    set('plans', left.length === 0 ? undefined : left);
                  }}
                >
                  {t('definition.removePlan')}
                </Button>
              </Group>
            </Stack>
          </Fieldset>
        );
      })}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={15} />}
          onClick={() => set('plans', [...plans, { code: '', name: '', price: '', validity_days: 28 }])}
        >
          {t('definition.addPlan')}
        </Button>
      </Group>
    </DefinitionSection>
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
