import { NativeSelect, SimpleGrid } from '@mantine/core';
import { useWords } from '../../words';
import { useField } from './context';
import { at } from './draft';
import { TextField } from './fields';

const AUTH = 'connector.settings.auth';
const KINDS = ['none', 'bearer', 'header', 'basic', 'query'] as const;

export function AuthFields() {
  const t = useWords();
  const { value, set, error } = useField(AUTH);
  const kind = KINDS.find((known) => known === at(value, 'type')) ?? 'none';
  const hint = t('definition.credentialHint');
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <NativeSelect
        size="sm"
        label={t('definition.auth')}
        error={error}
        value={kind}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          set(chosen === 'none' ? undefined : { type: chosen });
        }}
        data={KINDS.map((known) => ({ value: known, label: t(`definition.authKinds.${known}`) }))}
      />
      {kind === 'header' || kind === 'query' ? (
        <TextField path={`${AUTH}.name`} label={t('definition.authName')} required mono />
      ) : null}
      {kind === 'bearer' || kind === 'header' || kind === 'query' ? (
        <TextField
          path={`${AUTH}.credential`}
          label={t('definition.credential')}
          hint={hint}
          placeholder="api_key"
          required
          mono
        />
      ) : null}
      {kind === 'basic' ? (
        <>
          <TextField
            path={`${AUTH}.username_credential`}
            label={t('definition.username')}
            placeholder="user"
            required
            mono
          />
          <TextField
            path={`${AUTH}.password_credential`}
            label={t('definition.password')}
            placeholder="password"
            required
            mono
          />
        </>
      ) : null}
    </SimpleGrid>
  );
}
