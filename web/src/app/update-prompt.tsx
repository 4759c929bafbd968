import { useRegisterSW } from 'virtual:pwa-register/react';
import { Button, Group, Paper, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const HOUR_MS = 3_600_000;

/** Offers a new version instead of reloading by itself: nobody should lose a half-filled form to a deployment. */
export function UpdatePrompt() {
  const { t } = useTranslation();
  const {
    needRefresh: [needRefresh, setNeedRefresh],
    updateServiceWorker,
  } = useRegisterSW({
    onRegisteredSW: (_url, registration) => {
      if (registration) setInterval(() => void registration.update().catch(() => undefined), HOUR_MS);
    },
  });
  if (!needRefresh) return null;
  return (
    <Paper
      shadow="lg"
      withBorder
      p="md"
      role="status"
      pos="fixed"
      bottom={84}
      right={16}
      left={16}
      maw={420}
      ml="auto"
      style={{ zIndex: 300 }}
    >
      <Group justify="space-between">
        <Text fw={600}>{t('update.title')}</Text>
        <Group gap="xs">
          <Button size="sm" variant="subtle" onClick={() => setNeedRefresh(false)}>
            {t('update.later')}
          </Button>
          <Button size="sm" onClick={() => void updateServiceWorker(true)}>
            {t('update.action')}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}
