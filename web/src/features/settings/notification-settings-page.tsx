import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql } from '@/shared/graphql/graphql';
import { Page } from '@/shared/ui/page';
import { CardsSkeleton, QueryState } from '@/shared/ui/states';
import { DevicesCard, DevicesFragment } from './devices-card';
import { PreferencesForm, PreferencesFragment } from './preferences-form';

const NotificationSettingsQuery = graphql(
  `
    query NotificationSettings {
      viewer {
        ...Devices
        notificationPreferences { ...Preferences }
      }
    }
  `,
  [DevicesFragment, PreferencesFragment],
);

export function NotificationSettingsPage() {
  const { t } = useTranslation();
  const [result, execute] = useQuery({ query: NotificationSettingsQuery });
  const refresh = () => execute({ requestPolicy: 'network-only' });
  return (
    <Page up="/settings" title={t('settings.notifications.title')} width={720}>
      <QueryState
        result={result}
        data={result.data?.viewer}
        onRetry={refresh}
        skeleton={<CardsSkeleton heights={[140, 380]} />}
      >
        {(viewer) => (
          <Stack gap="lg">
            <DevicesCard viewer={viewer} onChanged={refresh} />
            {viewer.notificationPreferences ? (
              <PreferencesForm preferences={viewer.notificationPreferences} onSaved={refresh} />
            ) : null}
          </Stack>
        )}
      </QueryState>
    </Page>
  );
}
