import { Card, Group, SegmentedControl, Stack, Text, Title, useMantineColorScheme } from '@mantine/core';
import { IconBell, IconChevronRight, IconCreditCard, IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FactorsCard } from '@/entities/second-factor/factors-card';
import { SessionsCard } from '@/entities/viewer/sessions-card';
import { CardLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { PasswordCard } from './password-card';
import { ProfileCard } from './profile-card';

export function SettingsPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('nav.settings')} width={720}>
      <Stack gap="lg">
        <CardLink to="/settings/payments" className="bw-link-card">
          <Row icon={<IconCreditCard aria-hidden="true" />} title={t('methods.title')} lead={t('methods.lead')} />
        </CardLink>
        <CardLink to="/settings/notifications" className="bw-link-card">
          <Row
            icon={<IconBell aria-hidden="true" />}
            title={t('settings.notifications.title')}
            lead={t('settings.notifications.lead')}
          />
        </CardLink>
        <ProfileCard />
        <Appearance />
        <PasswordCard />
        <FactorsCard />
        <SessionsCard />
      </Stack>
    </Page>
  );
}

function Row({ icon, title, lead }: { readonly icon: ReactNode; readonly title: string; readonly lead: string }) {
  return (
    <Group wrap="nowrap">
      {icon}
      <Stack gap={0} style={{ flex: 1 }}>
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed">
          {lead}
        </Text>
      </Stack>
      <IconChevronRight size={20} color="var(--mantine-color-dimmed)" aria-hidden="true" />
    </Group>
  );
}

function Appearance() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choices = [
    { value: 'light', icon: IconSun, label: t('settings.appearance.light') },
    { value: 'dark', icon: IconMoon, label: t('settings.appearance.dark') },
    { value: 'auto', icon: IconDeviceDesktop, label: t('settings.appearance.auto') },
  ];
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('settings.appearance.title')}
      </Title>
      <SegmentedControl
        fullWidth
        aria-label={t('settings.appearance.title')}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as typeof colorScheme)}
        data={choices.map(({ value, icon: Icon, label }) => ({
          value,
          label: (
            <Group gap={6} justify="center" wrap="nowrap">
              <Icon size={16} aria-hidden="true" />
              {label}
            </Group>
          ),
        }))}
      />
    </Card>
  );
}
