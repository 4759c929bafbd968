import { Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { pretty } from '../../ui/code';
import { useWords } from '../../words';
import { useDefinition } from './context';
import { isObject, type Json, type JsonObject } from './draft';

/** The definition as one text. While it is not JSON the sections keep what they had. */
export function RawJson({ onChange }: { readonly onChange: (draft: JsonObject) => void }) {
  const t = useWords();
  const { draft } = useDefinition();
  const [edited, setEdited] = useState<{ readonly text: string; readonly of: JsonObject }>();
  const [problem, setProblem] = useState<string>();
  // Once the sections have changed the draft, what was typed here is history.
  const text = edited && (edited.of === draft || problem) ? edited.text : pretty(draft);
  const change = (next: string) => {
    try {
      const parsed = JSON.parse(next) as Json;
      if (!isObject(parsed)) {
        setProblem(t('definition.notObject'));
        setEdited({ text: next, of: draft });
        return;
      }
      setProblem(undefined);
      setEdited({ text: next, of: parsed });
      onChange(parsed);
    } catch (error) {
      setProblem(t('definition.notJson', { problem: error instanceof Error ? error.message : '' }));
      setEdited({ text: next, of: draft });
    }
  };
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('definition.jsonHint')}
      </Text>
      <Textarea
        aria-label={t('definition.sections.json')}
        spellCheck={false}
        autosize
        minRows={16}
        maxRows={36}
        error={problem}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12.5, lineHeight: 1.5 } }}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
      />
    </Stack>
  );
}
