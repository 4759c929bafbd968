import { NativeSelect, SimpleGrid } from '@mantine/core';
import type { Enum } from '@/shared/graphql/graphql';
import { useWords } from '../../words';
import { useDefinition, useField } from './context';
import { at } from './draft';
import { NumberField, SwitchField, TextField } from './fields';
import { DefinitionSection } from './section';

const RULES = ['EXACT', 'EXACT_OR_ABOVE', 'EXACT_OR_BELOW', 'ANY', 'RANGE'] as const satisfies Enum<'AmountRuleKind'>[];

/** Which amounts the provider takes. */
export function Amounts() {
  const t = useWords();
  const { draft, set } = useDefinition();
  const { value, error } = useField('amount_rule.kind');
  const kind = RULES.find((rule) => rule === value) ?? 'EXACT';
  const ranged = kind === 'RANGE';
  return (
    <DefinitionSection prefixes={['amount_rule']}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NativeSelect
          size="sm"
          label={t('definition.rule')}
          error={error}
          value={kind}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            const multiple = at(draft, 'amount_rule.multiple_minor');
            // The bounds belong to a range alone, and are refused with any other rule.
            set('amount_rule', {
              ...(chosen === 'RANGE' ? (at(draft, 'amount_rule') as object) : {}),
              kind: chosen,
              ...(multiple === undefined ? {} : { multiple_minor: multiple }),
            });
          }}
          data={RULES.map((rule) => ({ value: rule, label: t(`enums.amountRule.${rule}`) }))}
        />
        <NumberField path="amount_rule.multiple_minor" label={t('definition.multiple')} placeholder="1" min={1} />
        {ranged ? (
          <>
            <NumberField path="amount_rule.min_minor" label={t('definition.minMinor')} required />
            <NumberField path="amount_rule.max_minor" label={t('definition.maxMinor')} required />
          </>
        ) : null}
      </SimpleGrid>
    </DefinitionSection>
  );
}

const EVERY = ['MONTH', 'WEEK', 'DAYS', 'CRON'] as const;
const STARTS = {
  MONTH: { kind: 'MONTH', day: 1 },
  WEEK: { kind: 'WEEK', weekday: 1 },
  DAYS: { kind: 'DAYS', days: 1 },
  CRON: { kind: 'CRON', expression: '0 6 1 * *' },
} as const;
/** In the order in which they are counted, from 1. */
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** When bills are looked for. */
export function ScheduleFields() {
  const t = useWords();
  const { value, set, error } = useField('schedule.every.kind');
  const { set: setDraft } = useDefinition();
  const kind = EVERY.find((known) => known === value) ?? 'MONTH';
  return (
    <DefinitionSection prefixes={['schedule']}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NativeSelect
          size="sm"
          label={t('definition.every')}
          error={error}
          value={kind}
          onChange={(event) => {
            const chosen = EVERY.find((known) => known === event.currentTarget.value);
            if (chosen) setDraft('schedule.every', STARTS[chosen]);
            else set(undefined);
          }}
          data={EVERY.map((known) => ({ value: known, label: t(`definition.everyKinds.${known}`) }))}
        />
        {kind === 'MONTH' ? (
          <NumberField
            path="schedule.every.day"
            label={t('definition.day')}
            hint={t('definition.dayHint')}
            min={1}
            max={31}
            required
          />
        ) : null}
        {kind === 'WEEK' ? <Weekday /> : null}
        {kind === 'DAYS' ? (
          <NumberField path="schedule.every.days" label={t('definition.days')} min={1} max={366} required />
        ) : null}
        {kind === 'CRON' ? (
          <TextField
            path="schedule.every.expression"
            label={t('definition.expression')}
            hint={t('definition.expressionHint')}
            required
            mono
          />
        ) : null}
        {kind === 'CRON' ? null : (
          <NumberField path="schedule.hour" label={t('definition.hour')} placeholder="6" max={23} />
        )}
        <NumberField
          path="schedule.spread_minutes"
          label={t('definition.spread')}
          hint={t('definition.spreadHint')}
          placeholder="0"
          max={1440}
        />
        <NumberField
          path="schedule.look_again_hours"
          label={t('definition.lookAgain')}
          hint={t('definition.lookAgainHint')}
          placeholder="24"
          min={1}
          max={168}
        />
        <NumberField path="schedule.grace_days" label={t('definition.grace')} placeholder="5" max={28} />
      </SimpleGrid>
    </DefinitionSection>
  );
}

function Weekday() {
  const t = useWords();
  const { value, set, error } = useField('schedule.every.weekday');
  return (
    <NativeSelect
      size="sm"
      label={t('definition.weekday')}
      error={error}
      value={String(value ?? 1)}
      onChange={(event) => set(Number(event.currentTarget.value))}
      data={WEEKDAYS.map((day, place) => ({ value: String(place + 1), label: t(`definition.weekdays.${day}`) }))}
    />
  );
}

/** How gently the provider must be treated. */
export function Limits() {
  const t = useWords();
  return (
    <DefinitionSection prefixes={['limits']} hint={t('definition.limitsHint')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NumberField path="limits.concurrency" label={t('definition.concurrency')} placeholder="8" min={1} />
        <NumberField
          path="limits.per_second"
          label={t('definition.perSecond')}
          placeholder={t('definition.unlimited')}
          min={1}
        />
        <NumberField path="limits.timeout_ms" label={t('definition.timeoutMs')} placeholder="15000" min={100} />
        <NumberField path="limits.max_bytes" label={t('definition.maxBytes')} placeholder="1048576" min={1024} />
        <NumberField path="limits.circuit_failures" label={t('definition.circuitFailures')} placeholder="5" min={1} />
        <NumberField path="limits.max_amount_minor" label={t('definition.maxAmount')} placeholder="100000000" min={1} />
        <SwitchField
          path="limits.accept_jumps"
          label={t('definition.acceptJumps')}
          hint={t('definition.acceptJumpsHint')}
        />
      </SimpleGrid>
    </DefinitionSection>
  );
}
