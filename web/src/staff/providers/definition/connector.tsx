import { Alert, SimpleGrid, Stack } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Enum } from '@/shared/graphql/graphql';
import { useWords } from '../../words';
import { AuthFields } from './auth-fields';
import { useDefinition } from './context';
import { at } from './draft';
import { ChoiceField, NumberField, ProgramField, TextField } from './fields';
import { HttpSteps } from './http-steps';
import { DefinitionSection } from './section';

const KINDS = ['HTTP', 'GREEN_BUTTON', 'FILE', 'PUSH'] as const satisfies Enum<'ConnectorKind'>[];
const SERVICES = ['ELECTRICITY', 'GAS', 'WATER', 'HEATING', 'WASTE'] as const satisfies Enum<'UtilityType'>[];
const S = 'connector.settings';

export function Connector() {
  const t = useWords();
  const { draft } = useDefinition();
  const kind = at(draft, 'connector.kind');
  return (
    <DefinitionSection prefixes={['connector']}>
      <ChoiceField
        path="connector.kind"
        label={t('definition.kind')}
        choices={KINDS.map((value) => ({ value, label: t(`enums.connectorKind.${value}`) }))}
      />
      {kind === 'HTTP' ? <Http /> : null}
      {kind === 'GREEN_BUTTON' ? <GreenButton /> : null}
      {kind === 'FILE' ? <File /> : null}
      {kind === 'PUSH' ? (
        <ProgramField path={`${S}.map`} label={t('definition.map')} hint={t('definition.mapPushHint')} />
      ) : null}
    </DefinitionSection>
  );
}

function Http() {
  const t = useWords();
  return (
    <Stack>
      <TextField
        path={`${S}.base_url`}
        label={t('definition.baseUrl')}
        hint={t('definition.baseUrlHint')}
        placeholder="https://api.provider.example/v1"
        required
        mono
      />
      <AuthFields />
      <Alert color="gray" icon={<IconInfoCircle size={20} />}>
        {t('definition.context', { interpolation: { skipOnVariables: true, prefix: '<<', suffix: '>>' } })}
      </Alert>
      <HttpSteps />
      <ProgramField path={`${S}.outcome`} label={t('definition.outcome')} hint={t('definition.outcomeHint')} required />
    </Stack>
  );
}

function GreenButton() {
  const t = useWords();
  const { t: common } = useTranslation();
  return (
    <Stack>
      <TextField path={`${S}.url`} label={t('definition.url')} hint={t('definition.urlHint')} required mono />
      <AuthFields />
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <NumberField
          path={`${S}.money_scale`}
          label={t('definition.moneyScale')}
          hint={t('definition.moneyScaleHint')}
          placeholder="5"
          max={9}
        />
        <NumberField
          path={`${S}.due_days`}
          label={t('definition.dueDays')}
          hint={t('definition.dueDaysHint')}
          placeholder="14"
          max={365}
        />
        <TextField path={`${S}.currency`} label={t('definition.feedCurrency')} placeholder="USD" />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextField
          path={`${S}.usage_point`}
          label={t('definition.usagePoint')}
          hint={t('definition.usagePointHint')}
          placeholder="{param.usage_point}"
          mono
        />
        <ChoiceField
          path={`${S}.service`}
          label={t('definition.service')}
          hint={t('definition.serviceHint')}
          choices={[
            { value: '', label: t('definition.serviceOwn') },
            { value: 'ANY', label: t('definition.serviceAny') },
            ...SERVICES.map((value) => ({ value, label: common(`enums.utilityType.${value}`) })),
          ]}
        />
        <ChoiceField
          path={`${S}.amount_from`}
          label={t('definition.amountFrom')}
          choices={[
            { value: '', label: t('definition.amountFromBill') },
            { value: 'TOTAL_LINE', label: t('definition.amountFromTotal') },
            { value: 'LINES', label: t('definition.amountFromLines') },
          ]}
        />
        <ChoiceField
          path={`${S}.dates_from`}
          label={t('definition.datesFrom')}
          choices={[
            { value: '', label: t('definition.datesFromPeriod') },
            { value: 'STATUS', label: t('definition.datesFromStatus') },
          ]}
        />
        <NumberField
          path={`${S}.max_period_days`}
          label={t('definition.maxPeriodDays')}
          hint={t('definition.maxPeriodDaysHint')}
          placeholder="380"
          min={1}
          max={800}
        />
        <TextField path={`${S}.encoding`} label={t('definition.encoding')} hint={t('definition.encodingHint')} mono />
      </SimpleGrid>
    </Stack>
  );
}

function File() {
  const t = useWords();
  const { draft } = useDefinition();
  const address = at(draft, `${S}.url`) !== undefined;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextField path={`${S}.location`} label={t('definition.location')} hint={t('definition.locationHint')} mono />
        <TextField path={`${S}.url`} label={t('definition.fileUrl')} hint={t('definition.urlHint')} mono />
      </SimpleGrid>
      {address ? <AuthFields /> : null}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextField path={`${S}.account_column`} label={t('definition.accountColumn')} required mono />
        <TextField
          path={`${S}.delimiter`}
          label={t('definition.delimiter')}
          hint={t('definition.delimiterHint')}
          mono
        />
        <TextField path={`${S}.encoding`} label={t('definition.encoding')} hint={t('definition.encodingHint')} mono />
        <NumberField
          path={`${S}.account_digits`}
          label={t('definition.accountDigits')}
          hint={t('definition.accountDigitsHint')}
          min={1}
          max={60}
        />
      </SimpleGrid>
      <ProgramField path={`${S}.map`} label={t('definition.map')} hint={t('definition.mapFileHint')} required />
    </Stack>
  );
}
