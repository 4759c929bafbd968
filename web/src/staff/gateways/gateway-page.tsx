import { Alert, Badge, Button, Code, Grid, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnected,
} from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Fact } from '@/shared/ui/fact';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { CardsSkeleton, QueryState } from '@/shared/ui/states';
import { ask } from '../ui/ask';
import { CodeBlock } from '../ui/code';
import { useLive } from '../ui/live';
import { useIsAdmin } from '../ui/role';
import { type Column, Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { Circuit, GatewayState, NoticeState } from '../ui/statuses';
import { When } from '../ui/when';
import { useWords } from '../words';
import { GatewayForm, gatewayInput } from './gateway-form';
import { type Gateway, GatewayFragment } from './gateway-fragment';

const GatewayQuery = graphql(
  `
    query StaffGatewayDetail($id: ID!) {
      gateway(id: $id) {
        id
        ...StaffGateway
        events(first: 20) { nodes { id externalId kind outcome message receivedAt processedAt } }
      }
    }
  `,
  [GatewayFragment],
);

const UpdateGateway = graphql(
  `
    mutation StaffUpdateGateway($input: UpdateGatewayInput!) {
      updateGateway(input: $input) {
        gateway { id ...StaffGateway }
        userErrors { code message path }
      }
    }
  `,
  [GatewayFragment],
);

const TestGateway = graphql(
  `
    mutation StaffTestGateway($input: TestGatewayInput!) {
      testGateway(input: $input) {
        gateway { id ...StaffGateway }
        test { passed }
        userErrors { code message path }
      }
    }
  `,
  [GatewayFragment],
);

const PauseGateway = graphql(`
  mutation StaffPauseGateway($input: PauseGatewayInput!) {
    pauseGateway(input: $input) { gateway { id status } userErrors { code message path } }
  }
`);

const ResumeGateway = graphql(`
  mutation StaffResumeGateway($input: ResumeGatewayInput!) {
    resumeGateway(input: $input) { gateway { id status } userErrors { code message path } }
  }
`);

const ResetCircuit = graphql(`
  mutation StaffResetGatewayCircuit($input: ResetGatewayCircuitInput!) {
    resetGatewayCircuit(input: $input) {
      gateway { id circuit { state reason failures openedAt probeAt } }
      userErrors { code message path }
    }
  }
`);

type Edited = NonNullable<ResultOf<typeof UpdateGateway>['updateGateway']['gateway']>;

const statusOf = (edited: Edited | null) => readFragment(GatewayFragment, edited)?.status;

type Loaded = NonNullable<ResultOf<typeof GatewayQuery>['gateway']>;
type Notice = Loaded['events']['nodes'][number];

const route = getRouteApi('/signed-in/staff/gateways/$gatewayId');

export function GatewayPage() {
  const { gatewayId } = route.useParams();
  const t = useWords();
  const { t: common } = useTranslation();
  const admin = useIsAdmin();
  const [result, execute] = useQuery({ query: GatewayQuery, variables: { id: gatewayId } });
  const refresh = () => execute({ requestPolicy: 'network-only' });
  useLive(['gateway.updated', 'payment.updated'], [GatewayQuery]);
  const [update, busy] = useAction(UpdateGateway);
  const gateway = readFragment(GatewayFragment, result.data?.gateway);
  return (
    <Page
      up="/staff/gateways"
      width={1240}
      title={gateway?.name ?? t('gateways.gateway')}
      subtitle={gateway ? <Code>{gateway.code}</Code> : undefined}
    >
      <QueryState
        result={result}
        data={result.data?.gateway}
        onRetry={refresh}
        skeleton={<CardsSkeleton heights={[150, 260]} />}
      >
        {(loaded) => {
          const shown = readFragment(GatewayFragment, loaded);
          return (
            <Grid gap="lg">
              <Grid.Col span={{ base: 12, md: admin ? 6 : 12 }}>
                <Stack gap="lg">
                  <Health gateway={shown}>{admin ? <Actions gateway={shown} onChanged={refresh} /> : null}</Health>
                  <Notices notices={loaded.events.nodes} />
                </Stack>
              </Grid.Col>
              {admin ? (
                <Grid.Col span={{ base: 12, md: 6 }}>
                  <Section title={t('gateways.settings')}>
                    <GatewayForm
                      gateway={shown}
                      adapters={[shown.adapter]}
                      busy={busy}
                      onSubmit={async (values) => {
                        const { payload, userErrors } = await update({
                          input: { id: shown.id, ...gatewayInput(values) },
                        });
                        if (payload && userErrors.length === 0) {
                          const paused = shown.status === 'ACTIVE' && statusOf(payload.gateway) === 'PAUSED';
                          notifications.show({
                            color: paused ? 'orange' : 'teal',
                            message: paused ? t('gateways.savedAndPaused') : common('common.saved'),
                          });
                        }
                        return payload ? userErrors : undefined;
                      }}
                    />
                  </Section>
                </Grid.Col>
              ) : null}
            </Grid>
          );
        }}
      </QueryState>
    </Page>
  );
}

function Health({ gateway, children }: { readonly gateway: Gateway; readonly children: ReactNode }) {
  const t = useWords();
  const { circuit } = gateway;
  return (
    <Section title={t('gateways.health')}>
      <Group gap="sm">
        <GatewayState status={gateway.status} />
        <Circuit state={circuit.state} />
        <Mode gateway={gateway} />
      </Group>
      <LastTest gateway={gateway} />
      {circuit.reason ? <Text size="sm">{circuit.reason}</Text> : null}
      <Group component="dl" gap="xl" m={0}>
        <Fact label={t('gateways.lastSuccess')}>
          <When at={gateway.lastSuccessAt} />
        </Fact>
        <Fact label={t('gateways.failures')}>{circuit.failures}</Fact>
        {circuit.probeAt ? (
          <Fact label={t('gateways.probe')}>
            <When at={circuit.probeAt} />
          </Fact>
        ) : null}
      </Group>
      <CodeBlock label={t('gateways.webhook')} text={gateway.webhookUrl} />
      {children}
    </Section>
  );
}

function Mode({ gateway: { mode, adapter } }: { readonly gateway: Gateway }) {
  const t = useWords();
  if (adapter === 'SANDBOX') return <Badge variant="light">{t('gateways.noMoney')}</Badge>;
  if (!mode) return null;
  return (
    <Badge variant="light" color={mode === 'LIVE' ? 'teal' : 'orange'}>
      {t(`enums.gatewayMode.${mode}`)}
    </Badge>
  );
}

/** What the last test of its keys found; without one that passed a gateway does not start. */
function LastTest({ gateway }: { readonly gateway: Gateway }) {
  const t = useWords();
  const test = gateway.lastTest;
  const paused = gateway.status === 'PAUSED';
  if (!test) {
    return (
      <Alert color={paused ? 'orange' : 'gray'} icon={<IconPlugConnected size={18} />} title={t('gateways.untested')}>
        {paused ? t('gateways.untestedBody') : t('gateways.untestedActive')}
      </Alert>
    );
  }
  const account = [test.accountName, test.accountId].filter(Boolean).join(' · ');
  return (
    <Alert
      color={test.passed ? 'teal' : 'coral'}
      icon={test.passed ? <IconCircleCheck size={18} /> : <IconAlertTriangle size={18} />}
      title={t(`enums.gatewayTest.${test.result}`)}
    >
      <Stack gap={4}>
        {test.message ? (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {test.message}
          </Text>
        ) : null}
        {account ? (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {t('gateways.account', { account })}
          </Text>
        ) : null}
        {test.passed && paused ? <Text size="sm">{t('gateways.readyBody')}</Text> : null}
        <Text size="xs">
          {t('gateways.testedAt')} <When at={test.testedAt} />
        </Text>
      </Stack>
    </Alert>
  );
}

function Notices({ notices }: { readonly notices: readonly Notice[] }) {
  const t = useWords();
  const format = useFormat();
  const columns: Column<Notice>[] = [
    {
      key: 'kind',
      label: t('gateways.notice'),
      cell: ({ kind, externalId, message }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {kind}
          </Text>
          <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
            {externalId}
          </Text>
          {message ? (
            <Text size="xs" c="dimmed">
              {message}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    { key: 'outcome', label: t('gateways.outcome'), cell: ({ outcome }) => <NoticeState outcome={outcome} /> },
    { key: 'when', label: t('runs.when'), right: true, cell: ({ receivedAt }) => format.instant(receivedAt) },
  ];
  return (
    <Section bare title={t('gateways.notices')} hint={t('gateways.noticesHint')}>
      {notices.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('gateways.noNotices')}
        </Text>
      ) : (
        <Rows columns={columns} rows={notices} rowKey={({ id }) => id} label={t('gateways.notices')} />
      )}
    </Section>
  );
}

function Actions({ gateway, onChanged }: { readonly gateway: Gateway; readonly onChanged: () => void }) {
  const t = useWords();
  const [test, testing] = useAction(TestGateway);
  const [pause] = useAction(PauseGateway);
  const [resume] = useAction(ResumeGateway);
  const [reset] = useAction(ResetCircuit);
  const { id, name } = gateway;
  const ready = gateway.lastTest?.passed === true;
  const tryOut = async () => {
    const { userErrors } = await test({ input: { id } });
    toastErrors(userErrors, t('gateways.test'));
    onChanged();
  };
  return (
    <Group gap="sm">
      <Button
        size="sm"
        variant={ready ? 'default' : 'filled'}
        leftSection={<IconPlugConnected size={17} />}
        loading={testing}
        onClick={() => void tryOut()}
      >
        {t('gateways.test')}
      </Button>
      {gateway.circuit.state === 'CLOSED' ? null : (
        <Button
          size="sm"
          variant="default"
          leftSection={<IconPlugConnected size={17} />}
          onClick={() =>
            ask({
              title: t('gateways.resetTitle', { name }),
              body: t('gateways.resetBody'),
              confirm: t('gateways.reset'),
              reason: 'optional',
              run: (reason) => reset({ input: { id, reason: reason || null } }),
              onDone: onChanged,
            })
          }
        >
          {t('gateways.reset')}
        </Button>
      )}
      {gateway.status === 'ACTIVE' ? (
        <Button
          size="sm"
          variant="default"
          leftSection={<IconPlayerPause size={17} />}
          onClick={() =>
            ask({
              title: t('gateways.pauseTitle', { name }),
              body: t('gateways.pauseBody'),
              confirm: t('gateways.pause'),
              reason: 'required',
              run: (reason) => pause({ input: { id, reason } }),
              onDone: onChanged,
            })
          }
        >
          {t('gateways.pause')}
        </Button>
      ) : (
        <Button
          size="sm"
          variant={ready ? 'filled' : 'default'}
          leftSection={<IconPlayerPlay size={17} />}
          onClick={() =>
            ask({
              title: t('gateways.resumeTitle', { name }),
              confirm: t('gateways.resume'),
              reason: 'optional',
              run: (reason) => resume({ input: { id, reason: reason || null } }),
              onDone: onChanged,
            })
          }
        >
          {t('gateways.resume')}
        </Button>
      )}
    </Group>
  );
}
