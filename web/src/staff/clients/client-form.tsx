import { Checkbox, NativeSelect, Stack, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { fieldErrors } from '@/shared/graphql/errors';
import { type Enum, graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { ProviderChoicesQuery } from '../runs/runs-page';
import { DialogButtons } from '../ui/dialog-buttons';
import { Problems } from '../ui/problems';
import { useWords } from '../words';

const CreateClient = graphql(`
  mutation StaffCreateApiClient($input: CreateApiClientInput!) {
    createApiClient(input: $input) {
      apiClient { id name }
      key
      userErrors { code message path }
    }
  }
`);

const SCOPES = ['BILLS_PUSH', 'BILLS_READ', 'EVENTS_READ'] as const satisfies Enum<'ApiScope'>[];

interface Props {
  readonly onClose: () => void;
  readonly onCreated: (created: { name: string; key: string }) => void;
}

export function ClientForm({ onClose, onCreated }: Props) {
  const t = useWords();
  const { t: common } = useTranslation();
  const [{ data }] = useQuery({ query: ProviderChoicesQuery });
  const [create, busy] = useAction(CreateClient);
  const [problems, setProblems] = useState<string[]>([]);
  const form = useForm({
    initialValues: { name: '', scopes: [] as string[], providerId: '' },
    validate: {
      name: isNotEmpty(common('errors.required')),
      scopes: (scopes) => (scopes.length === 0 ? t('clients.scopesNeeded') : null),
      providerId: (id, { scopes }) => (scopes.includes('BILLS_PUSH') && !id ? common('errors.required') : null),
    },
  });
  const pushes = form.values.scopes.includes('BILLS_PUSH');
  const submit = form.onSubmit(async ({ name, scopes, providerId }) => {
    const { payload, userErrors } = await create({
      input: { name: name.trim(), scopes: scopes as Enum<'ApiScope'>[], providerId: pushes ? providerId : null },
    });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, ['name', 'scopes', 'providerId']);
    form.setErrors(fields);
    setProblems(rest);
    if (payload.apiClient && payload.key) onCreated({ name: payload.apiClient.name, key: payload.key });
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Problems problems={problems} />
        <TextInput
          label={t('clients.name')}
          placeholder={t('clients.namePlaceholder')}
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Checkbox.Group label={t('clients.scopes')} required {...form.getInputProps('scopes')}>
          <Stack gap="xs" mt={6}>
            {SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope} label={t(`enums.scope.${scope}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        {pushes ? (
          <NativeSelect
            label={t('clients.provider')}
            required
            {...form.getInputProps('providerId')}
            data={[
              { value: '', label: t('clients.chooseProvider') },
              ...(data?.providers.nodes ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        ) : null}
        <DialogButtons onClose={onClose} busy={busy}>
          {t('clients.create')}
        </DialogButtons>
      </Stack>
    </form>
  );
}
