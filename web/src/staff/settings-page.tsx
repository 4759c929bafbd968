import { useTranslation } from 'react-i18next';
import { AccountSettings } from '@/features/settings/settings-page';
import { Page } from '@/shared/ui/page';

export function StaffSettingsPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('nav.settings')} width={720}>
      <AccountSettings />
    </Page>
  );
}
