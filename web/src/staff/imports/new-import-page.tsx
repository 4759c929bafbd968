import { Badge, Button, Card, FileButton, Group, Stack, Table, Text, Title } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconDownload,
  IconEyeOff,
  IconFileSpreadsheet,
  IconTestPipe,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useFormat } from '@/shared/i18n/format';
import { download } from '@/shared/lib/csv';
import { Page } from '@/shared/ui/page';
import { Problems } from '../ui/problems';
import { type StaffWords, useWords } from '../words';
import { type ColumnState, type CsvPreview, type CsvProblem, checkCsv, isSendable, template } from './csv-check';
import { type CsvFile, useStartImport } from './start-import';

export function NewImportPage() {
  const t = useWords();
  const format = useFormat();
  const [file, setFile] = useState<CsvFile & { readonly preview: CsvPreview }>();
  const [refusals, setRefusals] = useState<string[]>([]);
  const [send, busy] = useStartImport();

  const choose = async (chosen: File | null) => {
    if (!chosen) return;
    const text = await chosen.text();
    setRefusals([]);
    setFile({ name: chosen.name, text, preview: checkCsv(text) });
  };

  return (
    <Page up="/staff/imports" title={t('imports.newTitle')} width={1000}>
      <Stack gap="lg">
        <Card>
          <Stack>
            <Title order={2}>{t('imports.step1')}</Title>
            <Text size="sm" c="dimmed">
              {t('imports.step1Body')}
            </Text>
            <Group>
              <FileButton accept=".csv,text/csv,text/plain" onChange={(chosen) => void choose(chosen)}>
                {(props) => (
                  <Button
                    {...props}
                    size="sm"
                    variant={file ? 'default' : 'filled'}
                    leftSection={<IconFileSpreadsheet size={18} />}
                  >
                    {file ? t('imports.chooseOther') : t('imports.choose')}
                  </Button>
                )}
              </FileButton>
              <Button
                size="sm"
                variant="default"
                leftSection={<IconDownload size={18} />}
                onClick={() => download(t('imports.templateFile'), template())}
              >
                {t('imports.template')}
              </Button>
              {file ? (
                <Text size="sm" fw={600}>
                  {file.name}
                  <Text span c="dimmed" fw={400}>
                    {' · '}
                    {t('imports.counts', { count: file.preview.total })}
                  </Text>
                </Text>
              ) : null}
            </Group>
            <Problems problems={refusals} />
          </Stack>
        </Card>
        {file ? <Preview preview={file.preview} /> : null}
        {file && isSendable(file.preview) ? (
          <Card>
            <Group justify="space-between">
              <Stack gap={2}>
                <Title order={2}>{t('imports.step3')}</Title>
                <Text size="sm" c="dimmed">
                  {t('imports.step3Body')}
                </Text>
              </Stack>
              <Button
                size="sm"
                leftSection={<IconTestPipe size={18} />}
                loading={busy}
                onClick={() => void send(file, true).then(setRefusals)}
              >
                {t('imports.runDry')} ({format.number(file.preview.total)})
              </Button>
            </Group>
          </Card>
        ) : null}
      </Stack>
    </Page>
  );
}

function words(t: StaffWords, problem: CsvProblem): string {
  switch (problem.kind) {
    case 'missing':
    case 'unknown':
    case 'double':
      return t(`imports.problems.${problem.kind}`, { name: problem.name });
    case 'cells':
      return t('imports.problems.cells', { row: problem.row, found: problem.found, expected: problem.expected });
    default:
      return t(`imports.problems.${problem.kind}`);
  }
}

const columnLooks = {
  ok: { color: 'teal', icon: IconCheck, word: 'imports.columnOk' },
  ignored: { color: 'gray', icon: IconEyeOff, word: 'imports.columnIgnored' },
  unknown: { color: 'coral', icon: IconAlertTriangle, word: 'imports.columnUnknown' },
  double: { color: 'coral', icon: IconAlertTriangle, word: 'imports.columnDouble' },
  missing: { color: 'coral', icon: IconAlertTriangle, word: 'imports.columnMissing' },
} as const satisfies Record<ColumnState, unknown>;

function Preview({ preview }: { readonly preview: CsvPreview }) {
  const t = useWords();
  const present = preview.columns.filter(({ state }) => state !== 'missing');
  return (
    <Card>
      <Stack>
        <Title order={2}>{t('imports.step2')}</Title>
        <Problems problems={preview.problems.map((problem) => words(t, problem))} />
        <Group gap={6} role="list" aria-label={t('imports.columns')}>
          {preview.columns.map(({ name, state }, place) => {
            const { color, icon: Icon, word } = columnLooks[state];
            return (
              <Badge
                // biome-ignore lint/suspicious/noArrayIndexKey: a column can be there twice; its place is its identity
                key={place}
                role="listitem"
                variant="light"
                color={color}
                tt="none"
                size="lg"
                leftSection={<Icon size={13} aria-hidden="true" />}
              >
                {name || '–'}
                <span className="bw-sr">: {t(word)}</span>
              </Badge>
            );
          })}
        </Group>
        {preview.rows.length > 0 ? (
          <Stack gap={4}>
            <Text size="xs" c="dimmed">
              {t('imports.firstRows')}
            </Text>
            <Table.ScrollContainer minWidth={present.length * 120}>
              <Table fz="xs" withTableBorder striped>
                <Table.Thead>
                  <Table.Tr>
                    {present.map(({ name }, place) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: as above
                      <Table.Th key={place}>{name}</Table.Th>
                    ))}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {preview.rows.map((row, number) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file are known by their number
                    <Table.Tr key={number}>
                      {row.map((cell, place) => (
                        // biome-ignore lint/suspicious/noArrayIndexKey: as above
                        <Table.Td key={place}>{cell}</Table.Td>
                      ))}
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </Stack>
        ) : null}
      </Stack>
    </Card>
  );
}
