import { ActionIcon, Alert, Button, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { PasswordInput } from '@/shared/ui/password-input';
import { Problems } from '../../ui/problems';
import { useWords } from '../../words';
import { useDefinition } from './context';
import { at, credentialsNamed } from './draft';

export interface Secrets {
  /** New ones, and ones that replace what is stored. */
  readonly rows: readonly { readonly name: string; readonly secret: string }[];
  /** Stored ones that go. */
  readonly removed: readonly string[];
}

export const noSecrets: Secrets = { rows: [], removed: [] };

/** What is sent: an object of names and secrets, or nothing where nothing was written. */
export function secretsInput({ rows }: Secrets): Record<string, string> | null {
  const given = rows.filter(({ name, secret }) => name.trim() !== '' && secret !== '');
  return given.length === 0 ? null : Object.fromEntries(given.map(({ name, secret }) => [name.trim(), secret]));
}

interface Props {
  readonly stored: readonly string[];
  readonly secrets: Secrets;
  readonly onChange: (secrets: Secrets) => void;
}

/** Secrets are written here and never read back: what is stored shows as its name. */
export function Credentials({ stored, secrets, onChange }: Props) {
  const t = useWords();
  const { draft, errors } = useDefinition();
  const { rows, removed } = secrets;
  const here = new Set([...stored.filter((name) => !removed.includes(name)), ...rows.map(({ name }) => name)]);
  const missing = credentialsNamed(at(draft, 'connector.settings')).filter((name) => !here.has(name));
  const add = (name: string) => onChange({ rows: [...rows, { name, secret: '' }], removed });
  const change = (place: number, row: Partial<Secrets['rows'][number]>) =>
    onChange({ removed, rows: rows.map((old, index) => (index === place ? { ...old, ...row } : old)) });
  const refused = [...errors].filter(
    ([path]) => path.startsWith(':credentials') || path.startsWith(':removeCredentials'),
  );
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('definition.credentialsHint')}
      </Text>
      <Problems problems={refused.flatMap(([, messages]) => messages)} />
      {missing.map((name) => (
        <Alert key={name} color="orange" icon={<IconKey size={18} />} py="xs">
          <Group justify="space-between">
            <Text size="sm">{t('definition.missing', { name })}</Text>
            <Button size="xs" variant="light" onClick={() => add(name)}>
              {t('definition.addMissing', { name })}
            </Button>
          </Group>
        </Alert>
      ))}
      {stored.map((name) => {
        const goes = removed.includes(name);
        const replaced = rows.some((row) => row.name === name);
        return (
          <Group key={name} justify="space-between">
            <Group gap="sm">
              <Code fz="sm">{name}</Code>
              <Text size="sm" c={goes ? 'coral' : 'dimmed'}>
                {goes ? t('definition.removed') : t('definition.stored')}
              </Text>
            </Group>
            <Group gap="xs">
              {goes || replaced ? null : (
                <Button size="xs" variant="default" onClick={() => add(name)}>
                  {t('definition.replace')}
                </Button>
              )}
              <Button
                size="xs"
                variant="default"
                onClick={() =>
                  onChange({
                    rows: rows.filter((row) => row.name !== name),
                    removed: goes ? removed.filter((other) => other !== name) : [...removed, name],
                  })
                }
              >
                {goes ? t('definition.keep') : t('definition.remove')}
              </Button>
            </Group>
          </Group>
        );
      })}
      {rows.map((row, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row has no identity until its name is written
        <Group key={place} gap="xs" wrap="nowrap" align="flex-end">
          <TextInput
            size="sm"
            label={t('definition.credentialName')}
            placeholder="api_key"
            autoComplete="off"
            spellCheck={false}
            style={{ flex: 1 }}
            value={row.name}
            onChange={(event) => change(place, { name: event.currentTarget.value })}
          />
          <PasswordInput
            size="sm"
            label={t('definition.secretValue')}
            autoComplete="new-password"
            style={{ flex: 2 }}
            value={row.secret}
            onChange={(event) => change(place, { secret: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('definition.remove')}
            onClick={() => onChange({ removed, rows: rows.filter((_row, index) => index !== place) })}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button size="xs" variant="default" leftSection={<IconPlus size={15} />} onClick={() => add('')}>
          {t('definition.addCredential')}
        </Button>
      </Group>
    </Stack>
  );
}
