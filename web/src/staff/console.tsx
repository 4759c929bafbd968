import { Menu } from '@mantine/core';
import {
  IconActivity,
  IconApi,
  IconBuildingBank,
  IconBuildingFactory2,
  IconCreditCard,
  IconDots,
  IconFileImport,
  IconHistory,
  IconInbox,
  IconKey,
  IconLayoutDashboard,
  IconMailX,
  IconRefresh,
  IconSettings,
  IconShieldCog,
  IconUsers,
} from '@tabler/icons-react';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { useQuery } from 'urql';
import { ViewerQuery } from '@/entities/viewer/session';
import { useSignOut } from '@/entities/viewer/sign-out';
import { graphql } from '@/shared/graphql/graphql';
import { memberOf } from '@/shared/graphql/query-set';
import { FormatProvider } from '@/shared/i18n/format';
import { type NavItem, Shell } from '@/shared/ui/shell/shell';
import { pulseQueries } from './pulse';
import { useLive } from './ui/live';
import { type StaffWords, useWords } from './words';

const PulseQuery = memberOf(
  [pulseQueries],
  graphql(`
    query StaffPulse {
      dashboard { openDeadLetters }
    }
  `),
);

/** What needs an eye wherever one is; the rest of the log is listened to by the pages that show it. */
const PULSE_KINDS = ['dead_letter.added', 'provider.updated'];

/** The frame of the operators' and administrators' screens. */
export function StaffConsole() {
  const t = useWords();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  const [pulse] = useQuery({ query: PulseQuery });
  useLive(PULSE_KINDS, [pulseQueries, ViewerQuery]);
  const viewer = data?.viewer;
  const email = viewer?.user?.email ?? '';
  const all = navigation(t, {
    admin: viewer?.role === 'ADMIN',
    unread: viewer?.unreadNotifications ?? 0,
    deadLetters: pulse.data?.dashboard.openDeadLetters ?? 0,
  });
  const more: NavItem = { to: '/staff/more', label: t('nav.more'), icon: IconDots };
  return (
    <FormatProvider>
      <Shell
        items={all}
        tabs={[...all.slice(0, 4), more]}
        person={{ name: email, email: viewer?.role ? t(`enums.role.${viewer.role}`) : '' }}
        onSignOut={signOut}
        menu={
          <>
            <Menu.Item
              leftSection={<IconSettings size={18} />}
              onClick={() => void navigate({ to: '/staff/settings' })}
            >
              {t('nav.settings')}
            </Menu.Item>
            <Menu.Item component="a" href="/graphiql/" leftSection={<IconApi size={18} />}>
              {t('nav.api')}
            </Menu.Item>
          </>
        }
      >
        <Outlet />
      </Shell>
    </FormatProvider>
  );
}

interface Facts {
  readonly admin: boolean;
  readonly unread: number;
  readonly deadLetters: number;
}

/** Everything there is to go to, the daily things first. */
export function navigation(t: StaffWords, { admin, unread, deadLetters }: Facts): NavItem[] {
  return [
    { to: '/staff', label: t('nav.dashboard'), icon: IconLayoutDashboard, exact: true },
    { to: '/staff/customers', label: t('nav.customers'), icon: IconUsers },
    { to: '/staff/payments', label: t('nav.payments'), icon: IconCreditCard },
    { to: '/staff/providers', label: t('nav.providers'), icon: IconBuildingFactory2 },
    { to: '/staff/runs', label: t('nav.runs'), icon: IconRefresh },
    { to: '/staff/gateways', label: t('nav.gateways'), icon: IconBuildingBank },
    { to: '/staff/imports', label: t('nav.imports'), icon: IconFileImport },
    { to: '/staff/events', label: t('nav.events'), icon: IconActivity },
    { to: '/staff/dead-letters', label: t('nav.deadLetters'), icon: IconMailX, count: deadLetters },
    { to: '/staff/inbox', label: t('nav.inbox'), icon: IconInbox, count: unread },
    ...(admin
      ? ([
          { to: '/staff/audit', label: t('nav.audit'), icon: IconHistory },
          { to: '/staff/clients', label: t('nav.clients'), icon: IconKey },
          { to: '/staff/people', label: t('nav.people'), icon: IconShieldCog },
        ] as const)
      : []),
  ];
}
