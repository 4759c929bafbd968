import { Alert, Text } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { IconCloudOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { lastSync, reachable } from '@/shared/graphql/connection';
import { useFormat } from '@/shared/i18n/format';
import { useObservable } from '@/shared/lib/store';

/** Says that what is shown may be old, and how old: a sum from last night must not pass for the sum of now. */
export function OfflineBanner() {
  const { t } = useTranslation();
  const format = useFormat();
  const { online } = useNetwork();
  const reached = useObservable(reachable);
  const synced = useObservable(lastSync);
  if (online && reached) return null;
  return (
    <Alert color="yellow" variant="light" radius={0} py="xs" icon={<IconCloudOff size={18} />} role="status">
      <Text size="sm">
        {online ? t('offline.unreachable') : t('offline.banner')}{' '}
        {synced === null ? null : t('offline.asOf', { when: format.instant(synced) })}
      </Text>
    </Alert>
  );
}
