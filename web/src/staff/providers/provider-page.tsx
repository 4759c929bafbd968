import { Alert, Grid, Skeleton, Stack, Tabs, Text } from '@mantine/core';
import { IconPlayerPause } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { Page } from '@/shared/ui/page';
import { QueryState } from '@/shared/ui/states';
import { useFetchNow } from '../accounts/fetch-live';
import { CodeBlock } from '../ui/code';
import { useLive } from '../ui/live';
import { useIsAdmin } from '../ui/role';
import { useWords } from '../words';
import type { JsonObject } from './definition/draft';
import { readableLines } from './diff';
import { HealthCard, HealthFragment } from './health-card';
import { ProviderActions } from './provider-actions';
import { ProviderEditor } from './provider-editor';
import { PlansCard, ProviderFacts, ProviderFactsFragment } from './provider-facts';
import { ProviderRuns } from './provider-runs';
import { TryIt } from './try-it';
import { Versions, VersionsQuery } from './versions';

const ProviderQuery = graphql(
  `
    query StaffProvider($id: ID!) {
      provider(id: $id) {
        id
        name
        utilityType
        status
        statusReason
        version
        definition
        credentialNames
        params { name label example }
        health { circuit }
        ...StaffProviderFacts
        ...StaffHealth
      }
    }
  `,
  [ProviderFactsFragment, HealthFragment],
);

type Provider = NonNullable<ResultOf<typeof ProviderQuery>['provider']>;

const TABS = ['overview', 'definition', 'try', 'versions', 'runs'] as const;
const route = getRouteApi('/signed-in/staff/providers/$providerId');

export function ProviderPage() {
  const { providerId } = route.useParams();
  const { tab } = route.useSearch();
  const t = useWords();
  const { t: common } = useTranslation();
  const admin = useIsAdmin();
  const navigate = useNavigate({ from: '/staff/providers/$providerId' });
  const [result, execute] = useQuery({ query: ProviderQuery, variables: { id: providerId } });
  const provider = result.data?.provider;
  const refresh = () => execute({ requestPolicy: 'network-only' });
  const { button, progress } = useFetchNow({ providerId }, undefined, refresh);
  useLive(['provider.updated'], [ProviderQuery, VersionsQuery], (event) => event.subject === providerId);
  const tabs = TABS.filter((name) => name !== 'try' || admin);
  const shown = tabs.find((name) => name === tab) ?? 'overview';
  return (
    <Page
      up="/staff/providers"
      width={1240}
      title={provider?.name ?? t('providers.provider')}
      subtitle={provider ? common(`enums.utilityType.${provider.utilityType}`) : undefined}
      actions={
        provider ? (
          <>
            {provider.status === 'ACTIVE' ? button : null}
            {admin ? (
              <ProviderActions provider={provider} circuit={provider.health?.circuit} onChanged={refresh} />
            ) : null}
          </>
        ) : null
      }
    >
      <QueryState
        result={result}
        data={provider}
        onRetry={refresh}
        skeleton={
          <Stack aria-busy="true">
            <Skeleton height={40} />
            <Skeleton height={300} radius="lg" />
          </Stack>
        }
      >
        {(loaded) => (
          <Stack gap="lg">
            {progress}
            {loaded.status === 'PAUSED' ? (
              <Alert color="gray" radius="lg" icon={<IconPlayerPause />} title={t('enums.providerStatus.PAUSED')}>
                {loaded.statusReason}
              </Alert>
            ) : null}
            <Tabs
              value={shown}
              keepMounted={false}
              onChange={(value) =>
                void navigate({ search: value && value !== 'overview' ? { tab: value } : {}, replace: true })
              }
            >
              <Tabs.List mb="lg" style={{ flexWrap: 'nowrap', overflowX: 'auto' }}>
                {tabs.map((name) => (
                  <Tabs.Tab key={name} value={name}>
                    {t(`providers.tabs.${name}`)}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              <Tabs.Panel value="overview">
                <Overview provider={loaded} />
              </Tabs.Panel>
              <Tabs.Panel value="definition">
                <Definition provider={loaded} onSaved={refresh} />
              </Tabs.Panel>
              {admin ? (
                <Tabs.Panel value="try">
                  <TryIt providerId={loaded.id} params={loaded.params} />
                </Tabs.Panel>
              ) : null}
              <Tabs.Panel value="versions">
                <Versions providerId={loaded.id} />
              </Tabs.Panel>
              <Tabs.Panel value="runs">
                <ProviderRuns providerId={loaded.id} />
              </Tabs.Panel>
            </Tabs>
          </Stack>
        )}
      </QueryState>
    </Page>
  );
}

function Overview({ provider }: { readonly provider: Provider }) {
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 6 }}>
        <HealthCard provider={provider} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <ProviderFacts provider={provider} />
      </Grid.Col>
      <Grid.Col span={12}>
        <PlansCard provider={provider} />
      </Grid.Col>
    </Grid>
  );
}

function Definition({ provider, onSaved }: { readonly provider: Provider; readonly onSaved: () => void }) {
  const t = useWords();
  const admin = useIsAdmin();
  const { id, version, definition, credentialNames } = provider;
  if (!admin || version === null) {
    return (
      <Stack>
        <Text size="sm" c="dimmed">
          {t('providers.readOnly')}
        </Text>
        <CodeBlock text={readableLines(definition).join('\n')} maxHeight={720} />
      </Stack>
    );
  }
  return (
    <ProviderEditor
      key={id}
      provider={{ id, version, definition: definition as JsonObject, credentialNames: credentialNames ?? [] }}
      onSaved={onSaved}
    />
  );
}
