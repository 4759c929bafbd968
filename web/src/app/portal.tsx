import { Menu } from '@mantine/core';
import {
  IconCreditCard,
  IconHome2,
  IconInbox,
  IconPlugConnected,
  IconReceipt2,
  IconSettings,
  IconWallet,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { ViewerQuery } from '@/entities/viewer/session';
import { useSignOut } from '@/entities/viewer/sign-out';
import { LiveUpdates } from '@/features/live/live-updates';
import { speak } from '@/shared/i18n';
import { FormatProvider } from '@/shared/i18n/format';
import { type NavItem, Shell } from '@/shared/ui/shell/shell';
import { AddressBanner } from './address-banner';

/** The customer portal: its navigation, the viewer's language and formats, and the live stream under every page. */
export function Portal({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  const viewer = data?.viewer;
  const locale = viewer?.customer?.locale;
  useEffect(() => {
    if (locale) speak(locale);
  }, [locale]);

  const unread = viewer?.unreadNotifications ?? 0;
  const items: NavItem[] = [
    { to: '/', label: t('nav.home'), icon: IconHome2, exact: true },
    { to: '/bills', label: t('nav.bills'), icon: IconReceipt2 },
    { to: '/payments', label: t('nav.payments'), icon: IconCreditCard },
    { to: '/accounts', label: t('nav.accounts'), icon: IconPlugConnected },
    {
      to: '/inbox',
      label: t('nav.inbox'),
      icon: IconInbox,
      count: unread,
      ...(unread > 0 ? { spoken: t('nav.inboxUnread', { count: unread }) } : {}),
    },
    { to: '/wallet', label: t('wallet.title'), icon: IconWallet },
    { to: '/settings', label: t('nav.settings'), icon: IconSettings },
  ];

  return (
    <FormatProvider locale={locale ?? undefined} timeZone={viewer?.customer?.timeZone ?? undefined}>
      <Shell
        items={items}
        banner={<AddressBanner />}
        person={{ name: viewer?.customer?.name ?? viewer?.user?.email ?? '', email: viewer?.user?.email ?? '' }}
        onSignOut={signOut}
        menu={
          <>
            <Menu.Item leftSection={<IconWallet size={18} />} onClick={() => void navigate({ to: '/wallet' })}>
              {t('wallet.title')}
            </Menu.Item>
            <Menu.Item leftSection={<IconSettings size={18} />} onClick={() => void navigate({ to: '/settings' })}>
              {t('nav.settings')}
            </Menu.Item>
          </>
        }
      >
        {children}
      </Shell>
      {viewer?.customer ? <LiveUpdates /> : null}
    </FormatProvider>
  );
}
