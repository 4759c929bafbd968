import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery } from 'urql';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { AnchorLink } from '@/shared/ui/links';
import { useAction } from '@/shared/ui/mutation';
import { EmptyState } from '@/shared/ui/states';
import { AdminList } from '../ui/admin-list';
import { ask } from '../ui/ask';
import { useIsAdmin } from '../ui/role';
import { type Column, Rows } from '../ui/rows';
import { showOnce } from '../ui/secret-once';
import { When } from '../ui/when';
import { useWords } from '../words';
import { ClientForm } from './client-form';

const ClientFragment = graphql(`
  fragment StaffApiClient on ApiClient {
    id
    name
    keyHint
    scopes
    provider { id name }
    createdAt
    lastUsedAt
    revokedAt
  }
`);

const ClientsQuery = graphql(
  `
    query StaffApiClients {
      apiClients { id ...StaffApiClient }
    }
  `,
  [ClientFragment],
);

const RevokeClient = graphql(`
  mutation StaffRevokeApiClient($input: RevokeApiClientInput!) {
    revokeApiClient(input: $input) {
      apiClient { id revokedAt }
      userErrors { code message path }
    }
  }
`);

type Client = ResultOf<typeof ClientFragment>;

export function ClientsPage() {
  const t = useWords();
  const admin = useIsAdmin();
  const [result, execute] = useQuery({ query: ClientsQuery, pause: !admin });
  const refresh = () => execute({ requestPolicy: 'network-only' });
  return (
    <AdminList
      title={t('clients.title')}
      lead={t('clients.lead')}
      width={1240}
      result={result}
      data={result.data}
      onRetry={refresh}
      add={{
        label: t('clients.add'),
        icon: <IconPlus size={18} />,
        form: (close) => (
          <ClientForm
            onClose={close}
            onCreated={({ name, key }) => {
              close();
              refresh();
              showOnce(t('clients.keyTitle', { name }), {
                label: t('clients.key'),
                hint: t('clients.keyHint'),
                value: key,
              });
            }}
          />
        ),
      }}
    >
      {({ apiClients }) =>
        apiClients.length === 0 ? (
          <EmptyState icon={<IconKey size={32} />} title={t('clients.empty')}>
            {t('clients.emptyBody')}
          </EmptyState>
        ) : (
          <ClientRows clients={readFragment(ClientFragment, apiClients)} />
        )
      }
    </AdminList>
  );
}

function ClientRows({ clients }: { readonly clients: readonly Client[] }) {
  const t = useWords();
  const format = useFormat();
  const [revoke] = useAction(RevokeClient);
  const columns: Column<Client>[] = [
    {
      key: 'name',
      label: t('clients.name'),
      cell: ({ name, keyHint }) => (
        <Stack gap={2} align="flex-start">
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Code>{keyHint}</Code>
        </Stack>
      ),
    },
    {
      key: 'scopes',
      label: t('clients.scopes'),
      cell: ({ scopes, provider }) => (
        <Group gap={4}>
          {scopes.map((scope) => (
            <Badge key={scope} variant="light" tt="none">
              {t(`enums.scope.${scope}`)}
            </Badge>
          ))}
          {provider ? (
            <AnchorLink to="/staff/providers/$providerId" params={{ providerId: provider.id }} size="sm">
              {provider.name}
            </AnchorLink>
          ) : null}
        </Group>
      ),
    },
    { key: 'used', label: t('clients.used'), cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
    {
      key: 'created',
      label: t('clients.created'),
      cell: ({ createdAt }) => format.instant(createdAt, { dateStyle: 'medium' }),
    },
    {
      key: 'revoke',
      label: t('clients.revoke'),
      right: true,
      cell: ({ id, name, revokedAt }) =>
        revokedAt ? (
          <Text size="sm" c="dimmed" span>
            {t('clients.revokedWhen', { when: format.relative(revokedAt) })}
          </Text>
        ) : (
          <Button
            size="xs"
            variant="light"
            color="coral"
            onClick={() =>
              ask({
                title: t('clients.revokeTitle', { name }),
                body: t('clients.revokeBody'),
                confirm: t('clients.revoke'),
                danger: true,
                done: t('clients.revoked'),
                run: () => revoke({ input: { apiClientId: id } }),
              })
            }
          >
            {t('clients.revoke')}
          </Button>
        ),
    },
  ];
  return <Rows columns={columns} rows={clients} rowKey={({ id }) => id} label={t('clients.title')} />;
}
