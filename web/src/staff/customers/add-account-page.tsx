import { Button, Card, Group, NativeSelect, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { ParamFields, ParamsFragment, paramErrors } from '@/entities/account/param-fields';
import { fieldErrors } from '@/shared/graphql/errors';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { noParams, paramInputs, paramPaths } from '@/shared/lib/params';
import { useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { QueryState, RowsSkeleton } from '@/shared/ui/states';
import { Problems } from '../ui/problems';
import { useWords } from '../words';

const AddAccountQuery = graphql(`
  query StaffAddAccount($customerId: ID!) {
    customer(id: $customerId) {
      id
      name
      properties {
        id
        name
      }
    }
  }
`);

const ProviderSearchQuery = graphql(`
  query StaffProviderSearch($search: String) {
    providers(search: $search, status: ACTIVE, first: 20) {
      nodes {
        id
        name
      }
    }
  }
`);

const ProviderParamsQuery = graphql(
  `
    query StaffProviderParams($id: ID!) {
      provider(id: $id) {
        id
        name
        ...Params
      }
    }
  `,
  [ParamsFragment],
);

const AddAccount = graphql(`
  mutation StaffAddUtilityAccount($input: AddUtilityAccountInput!) {
    addUtilityAccount(input: $input) {
      utilityAccount { id }
      fetchRun { id }
      userErrors { code message path }
    }
  }
`);

const route = getRouteApi('/signed-in/staff/customers/$customerId/accounts/new');

export function AddAccountPage() {
  const { customerId } = route.useParams();
  const { home } = route.useSearch();
  const t = useWords();
  const [result, execute] = useQuery({ query: AddAccountQuery, variables: { customerId } });
  const customer = result.data?.customer;
  return (
    <Page
      up={`/staff/customers/${customerId}`}
      width={640}
      title={customer ? t('accounts.addTitle', { name: customer.name }) : t('customers.addAccount')}
    >
      <QueryState
        result={result}
        data={customer}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
        skeleton={<RowsSkeleton rows={3} />}
      >
        {(loaded) => <ProviderChoice customer={loaded} homeId={home} />}
      </QueryState>
    </Page>
  );
}

const WAIT_MS = 250;

function ProviderChoice({ customer, homeId }: Pick<FormProps, 'customer' | 'homeId'>) {
  const t = useWords();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), WAIT_MS);
  const [chosen, setChosen] = useState<{ readonly id: string; readonly name: string }>();
  const [found] = useQuery({
    query: ProviderSearchQuery,
    variables: { search: search && search !== chosen?.name ? search : null },
  });
  const [params, again] = useQuery({ query: ProviderParamsQuery, variables: { id: chosen?.id ?? '' }, pause: !chosen });
  const providers = found.data?.providers.nodes ?? [];
  const choices = chosen && !providers.some(({ id }) => id === chosen.id) ? [chosen, ...providers] : providers;
  const provider = chosen ? params.data?.provider : undefined;
  return (
    <Card padding="lg">
      <Stack>
        <Text size="sm" c="dimmed">
          {t('accounts.addLead')}
        </Text>
        <Select
          label={t('accounts.chooseProvider')}
          size="md"
          searchable
          required
          // What was found is the server's; the box must not sift it again.
          filter={({ options }) => options}
          searchValue={typed}
          onSearchChange={setTyped}
          value={chosen?.id ?? null}
          onChange={(id) => setChosen(choices.find((choice) => choice.id === id))}
          data={choices.map(({ id, name }) => ({ value: id, label: name }))}
        />
        {chosen ? (
          <QueryState
            result={params}
            data={provider?.id === chosen.id ? provider : undefined}
            onRetry={() => again({ requestPolicy: 'network-only' })}
            skeleton={<RowsSkeleton rows={2} />}
          >
            {(loaded) => <AccountForm key={loaded.id} provider={loaded} customer={customer} homeId={homeId} />}
          </QueryState>
        ) : null}
      </Stack>
    </Card>
  );
}

interface FormProps {
  readonly provider: FragmentOf<typeof ParamsFragment> & { readonly id: string; readonly name: string };
  readonly customer: {
    readonly id: string;
    readonly properties: readonly { readonly id: string; readonly name: string }[];
  };
  readonly homeId: string | undefined;
}

function AccountForm({ provider, customer, homeId }: FormProps) {
  const t = useWords();
  const { t: common } = useTranslation();
  const navigate = useNavigate();
  const { params } = readFragment(ParamsFragment, provider);
  const [add, busy] = useAction(AddAccount);
  const [problems, setProblems] = useState<string[]>([]);
  const form = useForm({
    initialValues: {
      params: noParams(params),
      label: '',
      home: homeId ?? '',
    },
    validate: (values) => paramErrors(common, params, values.params),
  });
  const submit = form.onSubmit(async (values) => {
    const { payload, userErrors } = await add({
      input: {
        customerId: customer.id,
        providerId: provider.id,
        propertyId: values.home || null,
        label: values.label.trim() || null,
        params: paramInputs(params, values.params),
      },
    });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, [...paramPaths(params), 'label']);
    form.setErrors(fields);
    setProblems(rest);
    if (!payload.utilityAccount || userErrors.length > 0) return;
    notifications.show({ color: 'teal', message: t('accounts.added') });
    void navigate({
      to: '/staff/accounts/$accountId',
      params: { accountId: payload.utilityAccount.id },
      replace: true,
    });
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Problems problems={problems} />
        <ParamFields provider={provider} form={form as unknown as Parameters<typeof ParamFields>[0]['form']} />
        <NativeSelect
          label={t('accounts.home')}
          {...form.getInputProps('home')}
          data={[
            { value: '', label: t('accounts.noHome') },
            ...customer.properties.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        <TextInput
          label={`${t('accounts.label')} (${common('common.optional')})`}
          description={t('accounts.labelHint')}
          placeholder={provider.name}
          {...form.getInputProps('label')}
        />
        <Group justify="flex-end">
          <Button type="submit" size="sm" loading={busy}>
            {t('accounts.addSubmit')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
