import { Card, NavLink } from '@mantine/core';
import { IconApi, IconSettings } from '@tabler/icons-react';
import { useQuery } from 'urql';
import { ViewerQuery } from '@/entities/viewer/session';
import { NavigationLink } from '@/shared/ui/links';
import { Page } from '@/shared/ui/page';
import { navigation } from './console';
import { useWords } from './words';

/** Where a phone's bottom bar has no room for. */
export function MorePage() {
  const t = useWords();
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  const items = navigation(t, { admin: data?.viewer?.role === 'ADMIN', unread: 0, deadLetters: 0 }).slice(4);
  return (
    <Page title={t('nav.moreTitle')} width={640}>
      <Card p="xs">
        {items.map(({ to, label, icon: Icon }) => (
          <NavigationLink key={to} to={to} label={label} leftSection={<Icon size={20} stroke={1.8} />} py="sm" />
        ))}
        <NavigationLink
          to="/staff/settings"
          label={t('nav.settings')}
          leftSection={<IconSettings size={20} stroke={1.8} />}
          py="sm"
        />
        <NavLink href="/graphiql/" label={t('nav.api')} leftSection={<IconApi size={20} stroke={1.8} />} py="sm" />
      </Card>
    </Page>
  );
}
