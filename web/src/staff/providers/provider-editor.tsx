import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { Problems } from '../ui/problems';
import { useWords } from '../words';
import { errorsByPath } from './definition/context';
import { noSecrets, secretsInput } from './definition/credentials';
import type { JsonObject } from './definition/draft';
import { DefinitionEditor } from './definition/editor';
import { homeless } from './new-provider-page';

const UpdateProvider = graphql(`
  mutation StaffUpdateProvider($input: UpdateProviderInput!) {
    updateProvider(input: $input) {
      provider { id version definition credentialNames }
      userErrors { code message path }
    }
  }
`);

interface Props {
  readonly provider: {
    readonly id: string;
    readonly version: number;
    readonly definition: JsonObject;
    readonly credentialNames: readonly string[];
  };
  readonly onSaved: () => void;
}

/**
 * Edits the newest version until something is changed; from then on another person's version is not overwritten but
 * told, and only taken when somebody asks for it.
 */
export function ProviderEditor({ provider, onSaved }: Props) {
  const t = useWords();
  const [base, setBase] = useState(provider);
  const [draft, setDraft] = useState(provider.definition);
  const [secrets, setSecrets] = useState(noSecrets);
  const [note, setNote] = useState('');
  const [errors, setErrors] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const [update, busy] = useAction(UpdateProvider);
  const changed = draft !== base.definition || secrets !== noSecrets;
  const overtaken = provider.version !== base.version;

  const load = () => {
    setBase(provider);
    setDraft(provider.definition);
    setSecrets(noSecrets);
    setErrors(new Map());
  };
  // A page first shows what the cache holds; nothing was changed of it, so nothing of it is kept.
  if (provider.version > base.version && !changed) load();

  const submit = async () => {
    const { payload, userErrors } = await update({
      input: {
        providerId: base.id,
        expectedVersion: base.version,
        definition: draft,
        credentials: secretsInput(secrets),
        removeCredentials: [...secrets.removed],
        note: note.trim() || null,
      },
    });
    setErrors(errorsByPath(userErrors));
    if (userErrors.some(({ path }) => path.at(-1) === 'expectedVersion')) onSaved();
    if (!payload?.provider || userErrors.length > 0) return;
    const { version, definition, credentialNames } = payload.provider;
    const stored = {
      id: base.id,
      version: version ?? base.version + 1,
      definition: (definition ?? draft) as JsonObject,
      credentialNames: credentialNames ?? base.credentialNames,
    };
    setBase(stored);
    setDraft(stored.definition);
    setSecrets(noSecrets);
    setNote('');
    notifications.show({ color: 'teal', message: t('providers.saved', { version: stored.version }) });
    onSaved();
  };

  return (
    <Stack>
      {overtaken && changed ? (
        <Alert color="orange" radius="lg" icon={<IconAlertTriangle />}>
          <Group justify="space-between">
            <Text size="sm">{t('providers.changedMeanwhile')}</Text>
            <Button size="xs" variant="default" onClick={load}>
              {t('providers.loadNewest')}
            </Button>
          </Group>
        </Alert>
      ) : null}
      <Problems problems={homeless(errors)} />
      <DefinitionEditor
        draft={draft}
        onChange={setDraft}
        secrets={secrets}
        onSecrets={setSecrets}
        stored={base.credentialNames}
        errors={errors}
        providerId={base.id}
      />
      <Group justify="space-between" align="flex-end">
        <TextInput
          size="sm"
          label={t('providers.note')}
          description={t('providers.noteHint')}
          maxLength={500}
          style={{ flex: '1 1 280px' }}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group gap="sm" justify="flex-end" style={{ flex: '1 1 auto', minWidth: 0 }}>
          <Text size="sm" c={errors.size > 0 ? 'coral' : 'dimmed'} role="status">
            {errors.size > 0 ? t('providers.problems', { count: errors.size }) : changed ? t('providers.unsaved') : ''}
          </Text>
          {changed ? (
            <Button size="sm" variant="default" onClick={load}>
              {t('providers.discard')}
            </Button>
          ) : null}
          <Button size="sm" loading={busy} disabled={!changed} onClick={() => void submit()}>
            {t('providers.save', { version: base.version + 1 })}
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
