import { Select, SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { timeZoneChoices } from '@/shared/i18n/choices';
import { utilityTypes } from '@/shared/ui/utility';
import { useWords } from '../../words';
import { useField } from './context';
import { ChoiceField, SwitchField, TextField } from './fields';
import { DefinitionSection } from './section';

export const BASICS = ['code', 'name', 'utility_type', 'country', 'currency', 'time_zone', 'prepaid', 'history'];

export function Basics() {
  const t = useWords();
  const { t: common } = useTranslation();
  return (
    <DefinitionSection prefixes={BASICS}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextField path="name" label={t('definition.name')} required />
        <TextField path="code" label={t('definition.code')} hint={t('definition.codeHint')} required mono />
        <ChoiceField
          path="utility_type"
          label={t('definition.utilityType')}
          choices={utilityTypes.map((value) => ({ value, label: common(`enums.utilityType.${value}`) }))}
        />
        <TextField path="country" label={t('definition.country')} placeholder="DE" />
        <TextField
          path="currency"
          label={t('definition.currency')}
          hint={t('definition.currencyHint')}
          placeholder="EUR"
          required
        />
        <TimeZone />
      </SimpleGrid>
      <SwitchField path="prepaid" label={t('definition.prepaid')} />
      <ChoiceField
        path="history"
        label={t('definition.history')}
        hint={t('definition.historyHint')}
        choices={[
          { value: '', label: t('definition.historyRule.DEFAULT') },
          { value: 'AS_HISTORY', label: t('definition.historyRule.AS_HISTORY') },
          { value: 'AS_BILLS', label: t('definition.historyRule.AS_BILLS') },
        ]}
      />
    </DefinitionSection>
  );
}

function TimeZone() {
  const t = useWords();
  const { value, set, error } = useField('time_zone');
  const zone = typeof value === 'string' ? value : '';
  return (
    <Select
      size="sm"
      label={t('definition.timeZone')}
      searchable
      withAsterisk
      limit={200}
      error={error}
      data={timeZoneChoices(zone || 'UTC')}
      value={zone || null}
      onChange={(next) => set(next ?? undefined)}
    />
  );
}
