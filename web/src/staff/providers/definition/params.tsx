import { Group, SimpleGrid } from '@mantine/core';
import { useWords } from '../../words';
import { Entries } from './entries';
import { NumberField, SwitchField, TextField } from './fields';

export function Params() {
  const t = useWords();
  return (
    <Entries
      name="params"
      hint={t('definition.paramsHint')}
      legend={(number) => t('definition.param', { number })}
      add={{ label: t('definition.addParam'), blank: { name: '', label: '' } }}
      remove={t('definition.removeParam')}
      aside={(path, place) => (
        <Group>
          {place > 0 ? <SwitchField path={`${path}.optional`} label={t('definition.optional')} /> : null}
          <SwitchField path={`${path}.secret`} label={t('definition.secret')} />
        </Group>
      )}
    >
      {(path) => (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextField path={`${path}.label`} label={t('definition.label')} required />
          <TextField path={`${path}.name`} label={t('definition.paramName')} required mono />
          <TextField path={`${path}.pattern`} label={t('definition.pattern')} hint={t('definition.patternHint')} mono />
          <SimpleGrid cols={2}>
            <NumberField path={`${path}.min_length`} label={t('definition.minLength')} />
            <NumberField path={`${path}.max_length`} label={t('definition.maxLength')} />
          </SimpleGrid>
          <TextField path={`${path}.help`} label={t('definition.help')} />
          <TextField path={`${path}.example`} label={t('definition.example')} />
        </SimpleGrid>
      )}
    </Entries>
  );
}
