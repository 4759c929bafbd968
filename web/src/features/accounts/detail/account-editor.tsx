import { Button, Divider, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { ParamFields, ParamsFragment, paramErrors } from '@/entities/account/param-fields';
import { fieldErrors } from '@/shared/graphql/errors';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFollow } from '@/shared/lib/draft';
import { noParams, paramInputs, paramPaths } from '@/shared/lib/params';
import { useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';

export const AccountEditorFragment = graphql(
  `
    fragment AccountEditor on UtilityAccount {
      id
      label
      property { id }
      provider { id ...Params }
    }
  `,
  [ParamsFragment],
);

const EditorHomesQuery = graphql(`
  query EditorHomes {
    properties(first: 100) { nodes { id name } }
  }
`);

const UpdateUtilityAccount = graphql(`
  mutation UpdateUtilityAccount($input: UpdateUtilityAccountInput!) {
    updateUtilityAccount(input: $input) {
      utilityAccount { id label status statusReason property { id name } }
      fetchRun { id status }
      userErrors { code message path }
    }
  }
`);

interface Props {
  readonly account: FragmentOf<typeof AccountEditorFragment>;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

export function AccountEditor({ account, opened, onClose, onSaved }: Props) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={t('accounts.detail.edit')} radius="lg">
      <EditorForm account={account} onClose={onClose} onSaved={onSaved} />
    </Modal>
  );
}

function EditorForm({ account: masked, onClose, onSaved }: Omit<Props, 'opened'>) {
  const { t } = useTranslation();
  const account = readFragment(AccountEditorFragment, masked);
  const { params } = readFragment(ParamsFragment, account.provider);
  const [{ data }] = useQuery({ query: EditorHomesQuery });
  const [update, busy] = useAction(UpdateUtilityAccount);
  const [problems, setProblems] = useState<string[]>([]);
  const stored = { label: account.label, home: account.property?.id ?? '', params: noParams(params) };
  const form = useForm({
    initialValues: stored,
    validate: (values) => paramErrors(t, params, values.params, true),
  });
  useFollow(form, stored);
  const submit = form.onSubmit(async (values) => {
    const inputs = paramInputs(params, values.params);
    const { payload, userErrors } = await update({
      input: {
        utilityAccountId: account.id,
        label: values.label.trim() || null,
        propertyId: values.home || null,
        params: inputs.length > 0 ? inputs : null,
      },
    });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, ['label', ...paramPaths(params)]);
    form.setErrors(fields);
    setProblems(rest);
    if (userErrors.length > 0) return;
    notifications.show({ message: t('accounts.detail.updated'), color: 'teal' });
    onSaved();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Problems problems={problems} />
        <TextInput label={t('accounts.wizard.label')} {...form.getInputProps('label')} />
        <NativeSelect
          label={t('accounts.wizard.home')}
          data={[
            ...(account.property ? [] : [{ value: '', label: t('accounts.wizard.noHome') }]),
            ...(data?.properties.nodes ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          {...form.getInputProps('home')}
        />
        <Divider label={t('accounts.detail.editParams')} labelPosition="left" />
        <Text size="sm" c="dimmed">
          {t('accounts.detail.editParamsHint')}
        </Text>
        <ParamFields
          provider={account.provider}
          form={form as unknown as Parameters<typeof ParamFields>[0]['form']}
          keepEmpty
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t('common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
