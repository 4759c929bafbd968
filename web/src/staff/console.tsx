import { Menu } from '@mantine/core';
import { IconSettings } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { ViewerQuery } from '@/app/session';
import { type NavItem, Shell } from '@/app/shell';
import { FormatProvider } from '@/shared/i18n/format';

/** The frame of the operators' and administrators' screens. */
export function StaffConsole({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  const email = data?.viewer?.user?.email ?? '';
  const items: NavItem[] = [];
  return (
    <FormatProvider>
      <Shell
        items={items}
        person={{ name: email, email }}
        menu={
          <Menu.Item leftSection={<IconSettings size={18} />} onClick={() => void navigate({ to: '/staff/settings' })}>
            {t('nav.settings')}
          </Menu.Item>
        }
      >
        {children}
      </Shell>
    </FormatProvider>
  );
}
