import { Badge, Button, Card, Group, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { expectSignOut, startAfresh } from '@/shared/graphql/client';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { describeDevice } from '@/shared/lib/device';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { QueryState } from '@/shared/ui/states';

const SessionsQuery = graphql(`
  query Sessions {
    viewer {
      sessions { id kind userAgent createdAt lastSeenAt current address signedInWith }
    }
  }
`);

const RevokeSession = graphql(`
  mutation RevokeSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) { ok userErrors { code message path } }
  }
`);

const RevokeOtherSessions = graphql(`
  mutation RevokeOtherSessions {
    revokeOtherSessions { userErrors { code message path } }
  }
`);

const SignOutEverywhere = graphql(`
  mutation SignOutEverywhere {
    signOutEverywhere { ended userErrors { code message path } }
  }
`);

/** Where one is signed in; a session that is ended here ends at once, on open sockets too. */
export function SessionsCard() {
  const { t } = useTranslation();
  const format = useFormat();
  const [result, execute] = useQuery({ query: SessionsQuery });
  const refresh = () => execute({ requestPolicy: 'network-only' });
  const [revoke, revoking] = useAction(RevokeSession);
  const end = async (sessionId: string) => {
    const { userErrors } = await revoke({ input: { sessionId } });
    toastErrors(userErrors, t('errors.title'));
    refresh();
  };
  const [revokeOthers, revokingOthers] = useAction(RevokeOtherSessions);
  const endOthers = async () => {
    const { payload, userErrors } = await revokeOthers({});
    toastErrors(userErrors, t('errors.title'));
    if (payload && userErrors.length === 0) {
      notifications.show({ color: 'teal', message: t('settings.sessions.othersEnded') });
    }
    refresh();
  };
  const [endAll] = useAction(SignOutEverywhere);
  const everywhere = () =>
    modals.openConfirmModal({
      title: t('settings.sessions.everywhereTitle'),
      children: <Text size="sm">{t('settings.sessions.everywhereBody')}</Text>,
      labels: { confirm: t('settings.sessions.everywhere'), cancel: t('common.cancel') },
      confirmProps: { color: 'coral' },
      onConfirm: () => {
        expectSignOut();
        void endAll({}).then(({ payload }) => (payload ? startAfresh('/sign-in') : undefined));
      },
    });
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('settings.sessions.title')}
      </Title>
      <QueryState
        result={result}
        data={result.data?.viewer?.sessions}
        skeleton={<Skeleton height={90} />}
        onRetry={refresh}
      >
        {(sessions) => (
          <Stack gap="md">
            {[...sessions]
              .sort((a, b) => Number(b.current) - Number(a.current))
              .map((session) => {
                const device = describeDevice(session.userAgent);
                const Icon = device.mobile ? IconDeviceMobile : IconDeviceDesktop;
                return (
                  <Group key={session.id} wrap="nowrap" gap="sm">
                    <ThemeIcon variant="light" color="gray" size={38} radius="xl" aria-hidden="true">
                      <Icon size={20} />
                    </ThemeIcon>
                    <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
                      <Group gap={6}>
                        <Text fw={500} truncate>
                          {device.name ?? t('settings.sessions.unknownDevice')}
                        </Text>
                        {session.current ? (
                          <Badge size="sm" variant="light" tt="none">
                            {t('settings.sessions.current')}
                          </Badge>
                        ) : null}
                      </Group>
                      <Text size="xs" c="dimmed">
                        {[
                          t(`settings.sessions.with.${session.signedInWith}`),
                          session.address ? t('settings.sessions.from', { address: session.address }) : undefined,
                        ]
                          .filter(Boolean)
                          .join(' · ')}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {t('settings.sessions.seen', {
                          first: format.instant(session.createdAt, { dateStyle: 'medium' }),
                          last: format.relative(session.lastSeenAt),
                        })}
                      </Text>
                    </Stack>
                    {session.current ? null : (
                      <Button
                        size="compact-sm"
                        variant="subtle"
                        color="coral"
                        disabled={revoking}
                        onClick={() => void end(session.id)}
                      >
                        {t('settings.sessions.end')}
                      </Button>
                    )}
                  </Group>
                );
              })}
            <Text size="xs" c="dimmed">
              {t('settings.sessions.placeHint')}
            </Text>
            <Group gap="xs">
              {sessions.length > 1 ? (
                <Button size="sm" variant="default" loading={revokingOthers} onClick={() => void endOthers()}>
                  {t('settings.sessions.others')}
                </Button>
              ) : null}
              <Button size="sm" variant="light" color="coral" onClick={everywhere}>
                {t('settings.sessions.everywhere')}
              </Button>
            </Group>
          </Stack>
        )}
      </QueryState>
    </Card>
  );
}
