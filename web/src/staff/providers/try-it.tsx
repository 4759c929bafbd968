import { Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { IconFlask } from '@tabler/icons-react';
import { useState } from 'react';
import { type FragmentOf, graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { Problems } from '../ui/problems';
import { useWords } from '../words';
import { type Secrets, secretsInput } from './definition/credentials';
import { at, type JsonObject, listAt } from './definition/draft';
import { TestReport, TestReportFragment } from './test-report';

const TestProvider = graphql(
  `
    mutation StaffTestProvider($input: TestProviderInput!) {
      testProvider(input: $input) {
        report { ...StaffTestReport }
        userErrors { code message path }
      }
    }
  `,
  [TestReportFragment],
);

interface Props {
  readonly providerId?: string;
  /** What is written in an editor; left out, what is stored is tried. */
  readonly draft?: JsonObject;
  readonly secrets?: Secrets;
  /** The parameters of a stored provider. */
  readonly params?: readonly { readonly name: string; readonly label: string; readonly example: string | null }[];
}

export function TryIt({ providerId, draft, secrets, params }: Props) {
  const t = useWords();
  const [test, busy] = useAction(TestProvider);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const [report, setReport] = useState<FragmentOf<typeof TestReportFragment>>();
  const asked = params ?? paramsOf(draft);
  const sampleOf = (name: string, example: string | null) => typed[name] ?? example ?? '';

  const run = async () => {
    const { payload, userErrors } = await test({
      input: {
        ...(providerId ? { providerId } : {}),
        ...(draft ? { definition: draft } : {}),
        credentials: secrets ? secretsInput(secrets) : null,
        params: asked
          .map(({ name, example }) => ({ name, value: sampleOf(name, example) }))
          .filter(({ value }) => value !== ''),
      },
    });
    setProblems(
      new Map(
        userErrors.map(({ path, message }) => [path.filter((part) => part !== 'input').join('.'), message] as const),
      ),
    );
    setReport(payload?.report ?? undefined);
  };

  const ofParam = (name: string) => problems.get(`params.${name}`);
  const elsewhere = [...problems].filter(([path]) => !asked.some(({ name }) => path === `params.${name}`));
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {draft ? t('tryOut.lead') : t('tryOut.leadStored')}
      </Text>
      <Problems problems={elsewhere.map(([path, message]) => (path ? `${path}: ${message}` : message))} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {asked.map(({ name, label, example }) => (
              <TextInput
                key={name}
                size="sm"
                label={label || name}
                autoComplete="off"
                spellCheck={false}
                error={ofParam(name)}
                value={sampleOf(name, example)}
                onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
              />
            ))}
          </SimpleGrid>
          <Group>
            <Button type="submit" size="sm" leftSection={<IconFlask size={17} />} loading={busy}>
              {report ? t('tryOut.again') : t('tryOut.run')}
            </Button>
          </Group>
        </Stack>
      </form>
      {report ? <TestReport report={report} /> : null}
    </Stack>
  );
}

/** The parameters a definition declares, as far as it is one yet. */
function paramsOf(draft: JsonObject | undefined): NonNullable<Props['params']> {
  return listAt(draft, 'params')
    .map((param) => ({
      name: text(at(param, 'name')),
      label: text(at(param, 'label')),
      example: text(at(param, 'example')) || null,
    }))
    .filter(({ name }) => name !== '');
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
