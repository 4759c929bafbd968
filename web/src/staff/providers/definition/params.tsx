import { Button, Fieldset, Group, SimpleGrid, Stack } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useWords } from '../../words';
import { useDefinition } from './context';
import { listAt, without } from './draft';
import { NumberField, SwitchField, TextField } from './fields';
import { DefinitionSection } from './section';

export function Params() {
  const t = useWords();
  const { draft, set } = useDefinition();
  const params = listAt(draft, 'params');
  return (
    <DefinitionSection prefixes={['params']} hint={t('definition.paramsHint')}>
      {params.map((_param, place) => {
        const path = `params.${place}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a parameter is addressed by its place, which its errors name too
          <Fieldset key={place} legend={t('definition.param', { number: place + 1 })} radius="md">
            <Stack gap="sm">
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                <TextField path={`${path}.label`} label={t('definition.label')} required />
                <TextField path={`${path}.name`} label={t('definition.paramName')} required mono />
                <TextField
                  path={`${path}.pattern`}
                  label={t('definition.pattern')}
                  hint={t('definition.patternHint')}
                  mono
                />
                <SimpleGrid cols={2}>
                  <NumberField path={`${path}.min_length`} label={t('definition.minLength')} />
                  <NumberField path={`${path}.max_length`} label={t('definition.maxLength')} />
                </SimpleGrid>
                <TextField path={`${path}.help`} label={t('definition.help')} />
                <TextField path={`${path}.example`} label={t('definition.example')} />
              </SimpleGrid>
              <Group justify="space-between">
                <Group>
                  {place > 0 ? <SwitchField path={`${path}.optional`} label={t('definition.optional')} /> : null}
                  <SwitchField path={`${path}.secret`} label={t('definition.secret')} />
                </Group>
                {params.length > 1 ? (
                  <Button
                    size="xs"
                    variant="subtle"
                    color="gray"
                    leftSection={<IconTrash size={15} />}
                    onClick={() => set('params', listAt(without(draft, 'params', place), 'params'))}
                  >
                    {t('definition.removeParam')}
                  </Button>
                ) : null}
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
          onClick={() => set('params', [...params, { name: '', label: '' }])}
        >
          {t('definition.addParam')}
        </Button>
      </Group>
    </DefinitionSection>
  );
}
