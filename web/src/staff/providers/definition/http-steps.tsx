import { Button, Fieldset, Group, SimpleGrid, Stack, Title } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useWords } from '../../words';
import { useDefinition } from './context';
import { at, listAt, without } from './draft';
import { ChoiceField, ListField, NumberField, ProgramField, TextField } from './fields';

const STEPS = 'connector.settings.steps';
const same = (value: string) => ({ value, label: value });

export function HttpSteps() {
  const t = useWords();
  const { draft, set } = useDefinition();
  const steps = listAt(draft, STEPS);
  const remove = (place: number) => set(STEPS, listAt(without(draft, STEPS, place), STEPS));
  return (
    <Stack gap="sm">
      <Title order={3}>{t('definition.steps')}</Title>
      {steps.map((_step, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is addressed by its place, which its errors name too
        <Step key={place} place={place} onRemove={steps.length > 1 ? () => remove(place) : undefined} />
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={15} />}
          onClick={() => set(STEPS, [...steps, { name: `step_${steps.length + 1}`, method: 'GET', path: '/' }])}
        >
          {t('definition.addStep')}
        </Button>
      </Group>
    </Stack>
  );
}

function Step({ place, onRemove }: { readonly place: number; readonly onRemove: (() => void) | undefined }) {
  const t = useWords();
  const { draft } = useDefinition();
  const path = `${STEPS}.${place}`;
  const polls = at(draft, `${path}.poll.until`) !== undefined;
  return (
    <Fieldset legend={t('definition.step', { number: place + 1 })} radius="md">
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, sm: 4 }}>
          <TextField path={`${path}.name`} label={t('definition.stepName')} required mono />
          <ChoiceField
            path={`${path}.method`}
            label={t('definition.method')}
            choices={['GET', 'POST', 'PUT'].map(same)}
          />
          <ChoiceField
            path={`${path}.format`}
            label={t('definition.format')}
            choices={['json', 'xml', 'csv', 'text'].map(same)}
          />
          <ListField
            path={`${path}.accept_status`}
            label={t('definition.acceptStatus')}
            join=", "
            parse={(text) => (text.match(/\d+/g) ?? []).map(Number)}
          />
        </SimpleGrid>
        <TextField path={`${path}.path`} label={t('definition.path')} hint={t('definition.pathHint')} mono />
        <ProgramField path={`${path}.request`} label={t('definition.request')} hint={t('definition.requestHint')} />
        <SimpleGrid cols={{ base: 1, sm: polls ? 2 : 1 }}>
          <ProgramField path={`${path}.poll.until`} label={t('definition.poll')} hint={t('definition.pollHint')} />
          {polls ? (
            <SimpleGrid cols={2}>
              <NumberField path={`${path}.poll.every_ms`} label={t('definition.everyMs')} placeholder="1000" />
              <NumberField path={`${path}.poll.max`} label={t('definition.max')} placeholder="10" />
            </SimpleGrid>
          ) : null}
        </SimpleGrid>
        {onRemove ? (
          <Group justify="flex-end">
            <Button size="xs" variant="subtle" color="gray" leftSection={<IconTrash size={15} />} onClick={onRemove}>
              {t('definition.removeStep')}
            </Button>
          </Group>
        ) : null}
      </Stack>
    </Fieldset>
  );
}
