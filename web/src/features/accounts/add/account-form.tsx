import { Box, Button, Card, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { ParamFields, ParamsFragment, paramErrors } from '@/entities/account/param-fields';
import { useHomeEditor } from '@/entities/home/home-editor';
import { fieldErrors } from '@/shared/graphql/errors';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { noParams, paramInputs, paramPaths } from '@/shared/lib/params';
import { useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';
import { UtilityIcon } from '@/shared/ui/utility';

export const AccountFormFragment = graphql(
  `
    fragment AccountForm on Provider {
      id
      name
      utilityType
      schedule { description }
      ...Params
    }
  `,
  [ParamsFragment],
);

const HomesQuery = graphql(`
  query HomeChoices {
    properties(first: 100) { nodes { id name } }
  }
`);

const AddUtilityAccount = graphql(`
  mutation AddUtilityAccount($input: AddUtilityAccountInput!) {
    addUtilityAccount(input: $input) {
      utilityAccount { id label status }
      fetchRun { id status }
      userErrors { code message path }
    }
  }
`);

const MendUtilityAccount = graphql(`
  mutation MendUtilityAccount($input: UpdateUtilityAccountInput!) {
    updateUtilityAccount(input: $input) {
      utilityAccount { id label status }
      fetchRun { id status }
      userErrors { code message path }
    }
  }
`);

const NEW_HOME = 'new';

interface Props {
  readonly provider: FragmentOf<typeof AccountFormFragment>;
  /** Given when the details of an account that was already added are corrected. */
  readonly accountId?: string | undefined;
  readonly homeId?: string | undefined;
  readonly onBack?: (() => void) | undefined;
  readonly onAdded: (added: { accountId: string; runId: string | undefined }) => void;
}

export function AccountForm({ provider: masked, accountId, homeId, onBack, onAdded }: Props) {
  const provider = readFragment(AccountFormFragment, masked);
  const { params } = readFragment(ParamsFragment, provider);
  const { t } = useTranslation();
  const [{ data }, refreshHomes] = useQuery({ query: HomesQuery });
  const [add, adding] = useAction(AddUtilityAccount);
  const [mend, mendingBusy] = useAction(MendUtilityAccount);
  const [problems, setProblems] = useState<string[]>([]);
  const form = useForm({
    initialValues: {
      params: noParams(params),
      label: '',
      home: homeId ?? '',
    },
    validate: (values) => paramErrors(t, params, values.params),
    validateInputOnBlur: true,
  });
  const editHome = useHomeEditor((home) => {
    refreshHomes({ requestPolicy: 'network-only' });
    form.setFieldValue('home', home.id);
  });

  const submit = form.onSubmit(async (values) => {
    const inputs = paramInputs(params, values.params);
    const { payload, userErrors } = accountId
      ? await mend({ input: { utilityAccountId: accountId, params: inputs } })
      : await add({
          input: {
            providerId: provider.id,
            propertyId: values.home || null,
            label: values.label.trim() || null,
            params: inputs,
          },
        });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, [...paramPaths(params), 'label']);
    form.setErrors(fields);
    setProblems(rest);
    if (userErrors.length === 0 && payload.utilityAccount)
      onAdded({ accountId: payload.utilityAccount.id, runId: payload.fetchRun?.id });
  });

  return (
    <Card padding="lg">
      <form onSubmit={submit} noValidate>
        <Stack>
          <Group wrap="nowrap" gap="sm">
            <UtilityIcon type={provider.utilityType} size={48} />
            <Box style={{ minWidth: 0 }}>
              <Title order={2}>{t('accounts.wizard.detailsTitle', { provider: provider.name })}</Title>
              <Text size="sm" c="dimmed">
                {t('accounts.wizard.detailsLead', { provider: provider.name })}
              </Text>
            </Box>
          </Group>
          <Problems problems={problems} />
          <ParamFields provider={provider} form={form as unknown as Parameters<typeof ParamFields>[0]['form']} />
          {accountId ? null : (
            <>
              <NativeSelect
                label={t('accounts.wizard.home')}
                value={form.values.home}
                onChange={(event) => {
                  const { value } = event.currentTarget;
                  if (value === NEW_HOME) editHome();
                  else form.setFieldValue('home', value);
                }}
                data={[
                  { value: '', label: t('accounts.wizard.noHome') },
                  ...(data?.properties.nodes ?? []).map(({ id, name }) => ({ value: id, label: name })),
                  { value: NEW_HOME, label: t('accounts.wizard.newHome') },
                ]}
              />
              <TextInput
                label={`${t('accounts.wizard.label')} (${t('common.optional')})`}
                description={t('accounts.wizard.labelHint')}
                placeholder={provider.name}
                {...form.getInputProps('label')}
              />
            </>
          )}
          <Button type="submit" loading={adding || mendingBusy} mt="xs">
            {t('accounts.wizard.submit')}
          </Button>
          {onBack ? (
            <Button variant="subtle" onClick={onBack}>
              {t('accounts.wizard.change')}
            </Button>
          ) : null}
          <Text size="xs" c="dimmed" ta="center">
            {t('accounts.wizard.schedule', { schedule: provider.schedule.description })}
          </Text>
        </Stack>
      </form>
    </Card>
  );
}
