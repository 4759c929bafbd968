import { Alert, Badge, Button, Card, Group, List, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBellRinging, IconDeviceMobile, IconShare2 } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { describeDevice } from '@/shared/lib/device';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { currentEndpoint, pushSupport, subscribePush, unsubscribePush } from './push';

export const DevicesFragment = graphql(`
  fragment Devices on Viewer {
    pushPublicKey
    pushSubscriptions { id label createdAt lastOkAt disabledReason }
  }
`);

const RegisterPush = graphql(`
  mutation RegisterPushSubscription($input: RegisterPushSubscriptionInput!) {
    registerPushSubscription(input: $input) {
      pushSubscription { id label createdAt lastOkAt disabledReason }
      userErrors { code message path }
    }
  }
`);

const RemovePush = graphql(`
  mutation RemovePushSubscription($input: RemovePushSubscriptionInput!) {
    removePushSubscription(input: $input) { ok userErrors { code message path } }
  }
`);

const SendTest = graphql(`
  mutation SendTestNotification {
    sendTestNotification { ok userErrors { code message path } }
  }
`);

/** Which of the listed devices is this one: the server lists no addresses, so this browser remembers the id. */
const THIS_DEVICE = 'billow.pushSubscriptionId';

interface Props {
  readonly viewer: FragmentOf<typeof DevicesFragment>;
  readonly onChanged: () => void;
}

export function DevicesCard({ viewer: masked, onChanged }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { pushPublicKey, pushSubscriptions } = readFragment(DevicesFragment, masked);
  const [register, registering] = useAction(RegisterPush);
  const [remove, removing] = useAction(RemovePush);
  const [sendTest, testing] = useAction(SendTest);
  const [subscribed, setSubscribed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [support, setSupport] = useState(pushSupport);
  const thisId = localStorage.getItem(THIS_DEVICE);
  const active = subscribed && pushSubscriptions.some(({ id }) => id === thisId);

  useEffect(() => {
    void currentEndpoint().then((endpoint) => setSubscribed(endpoint !== undefined));
  }, []);

  const turnOn = async (publicKey: string) => {
    setBusy(true);
    try {
      const subscription = await subscribePush(publicKey);
      if (subscription === 'denied') {
        setSupport(pushSupport());
        return;
      }
      const label = describeDevice(navigator.userAgent).name ?? t('settings.sessions.unknownDevice');
      const { payload, userErrors } = await register({ input: { ...subscription, label } });
      toastErrors(userErrors, t('errors.title'));
      if (payload?.pushSubscription) {
        localStorage.setItem(THIS_DEVICE, payload.pushSubscription.id);
        setSubscribed(true);
        onChanged();
      }
    } catch {
      notifications.show({ color: 'coral', title: t('errors.title'), message: t('settings.push.failed') });
    } finally {
      setBusy(false);
    }
  };

  const removeDevice = async (id: string) => {
    const { userErrors } = await remove({ input: { pushSubscriptionId: id } });
    toastErrors(userErrors, t('errors.title'));
    if (id === thisId) {
      localStorage.removeItem(THIS_DEVICE);
      await unsubscribePush();
      setSubscribed(false);
    }
    onChanged();
  };

  const test = async () => {
    const { payload, userErrors } = await sendTest({});
    toastErrors(userErrors, t('errors.title'));
    if (payload?.ok) notifications.show({ message: t('settings.push.testSent'), color: 'teal' });
  };

  return (
    <Card>
      <Stack>
        <Stack gap={0}>
          <Title order={2}>{t('settings.push.title')}</Title>
          <Text size="sm" c="dimmed">
            {t('settings.push.lead')}
          </Text>
        </Stack>
        {support === 'needsHomeScreen' ? <HomeScreenHint /> : null}
        {support === 'denied' ? <Alert color="orange">{t('settings.push.denied')}</Alert> : null}
        {support === 'unsupported' ? <Alert color="gray">{t('settings.push.unsupported')}</Alert> : null}
        {support === 'supported' && !active ? (
          pushPublicKey ? (
            <Button
              leftSection={<IconBellRinging size={18} />}
              loading={busy || registering}
              onClick={() => void turnOn(pushPublicKey)}
            >
              {t('settings.push.turnOn')}
            </Button>
          ) : (
            <Alert color="gray">{t('settings.push.notConfigured')}</Alert>
          )
        ) : null}
        {pushSubscriptions.map((device) => (
          <Group key={device.id} wrap="nowrap" gap="sm">
            <ThemeIcon
              variant="light"
              color={device.disabledReason ? 'gray' : 'tide'}
              size={38}
              radius="xl"
              aria-hidden="true"
            >
              <IconDeviceMobile size={20} />
            </ThemeIcon>
            <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
              <Group gap={6}>
                <Text fw={500} truncate>
                  {device.label}
                </Text>
                {device.id === thisId ? (
                  <Badge size="sm" variant="light" tt="none">
                    {t('settings.push.thisDevice')}
                  </Badge>
                ) : null}
              </Group>
              <Text size="xs" c={device.disabledReason ? 'var(--mantine-color-orange-light-color)' : 'dimmed'}>
                {device.disabledReason ??
                  (device.lastOkAt
                    ? t('settings.push.lastOk', { when: format.relative(device.lastOkAt) })
                    : t('settings.push.added', { when: format.day(device.createdAt.slice(0, 10)) }))}
              </Text>
            </Stack>
            <Button
              size="compact-sm"
              variant="subtle"
              color="coral"
              disabled={removing}
              onClick={() => void removeDevice(device.id)}
            >
              {t('common.remove')}
            </Button>
          </Group>
        ))}
        <Group>
          <Button variant="default" size="sm" loading={testing} onClick={() => void test()}>
            {t('settings.push.test')}
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

/** On an iPhone a web page may only notify once it lives on the Home Screen; this says how to put it there. */
function HomeScreenHint() {
  const { t } = useTranslation();
  return (
    <Alert color="tide" icon={<IconShare2 />} title={t('settings.push.ios.title')}>
      <List type="ordered" size="sm" spacing={4}>
        <List.Item>{t('settings.push.ios.share')}</List.Item>
        <List.Item>{t('settings.push.ios.add')}</List.Item>
        <List.Item>{t('settings.push.ios.open')}</List.Item>
      </List>
    </Alert>
  );
}
