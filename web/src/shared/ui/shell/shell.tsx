import { Avatar, Badge, Box, Group, Indicator, Menu, Stack, Text, UnstyledButton } from '@mantine/core';
import { type Icon, IconLogout, IconSelector } from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand } from '../brand';
import { OfflineBanner } from './offline-banner';
import classes from './shell.module.css';

export interface NavItem {
  readonly to: NonNullable<LinkProps['to']>;
  readonly label: string;
  /** What is read out instead of the label, when a count belongs to it. */
  readonly spoken?: string;
  readonly icon: Icon;
  readonly exact?: boolean;
  readonly count?: number;
}

interface Props {
  readonly items: readonly NavItem[];
  /** What fits a phone's bottom bar; the rest is reached from the pages. Defaults to the first five items. */
  readonly tabs?: readonly NavItem[];
  readonly person: { readonly name: string; readonly email: string };
  readonly menu?: ReactNode;
  readonly onSignOut: () => void;
  /** What is said above every page. */
  readonly banner?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every signed-in page: a bar at the bottom of a phone, a side bar on anything wider. */
export function Shell({ items, tabs = items.slice(0, 5), person, menu, onSignOut, banner, children }: Props) {
  const { t } = useTranslation();
  return (
    <div className={classes.frame}>
      <a className="bw-skip" href="#main">
        {t('common.skipToContent')}
      </a>
      <aside className={classes.side}>
        <Box px="xs">
          <Brand />
        </Box>
        <Stack component="nav" gap={4} aria-label={t('nav.main')}>
          {items.map((item) => (
            <SideItem key={item.to} item={item} />
          ))}
        </Stack>
        <Box mt="auto">
          <PersonMenu person={person} menu={menu} onSignOut={onSignOut} wide />
        </Box>
      </aside>
      <header className={classes.top}>
        <Brand />
        <PersonMenu person={person} menu={menu} onSignOut={onSignOut} />
      </header>
      <div className={classes.banner}>
        <OfflineBanner />
        {banner}
      </div>
      <main id="main" className={classes.main} tabIndex={-1}>
        {children}
      </main>
      <nav className={classes.bottom} aria-label={t('nav.main')}>
        {tabs.map((item) => (
          <Tab key={item.to} item={item} />
        ))}
      </nav>
    </div>
  );
}

function SideItem({ item }: { readonly item: NavItem }) {
  const Glyph = item.icon;
  return (
    <Link
      to={item.to}
      className={classes.item}
      activeOptions={{ exact: item.exact ?? false, includeSearch: false }}
      {...(item.spoken ? { 'aria-label': item.spoken } : {})}
    >
      <Glyph size={20} stroke={1.8} aria-hidden="true" />
      {item.label}
      {item.count ? (
        <Badge className={classes.count} size="sm" circle={item.count < 10} color="coral">
          {item.count > 99 ? '99+' : item.count}
        </Badge>
      ) : null}
    </Link>
  );
}

function Tab({ item }: { readonly item: NavItem }) {
  const Glyph = item.icon;
  return (
    <Link
      to={item.to}
      className={classes.tab}
      activeOptions={{ exact: item.exact ?? false, includeSearch: false }}
      {...(item.spoken ? { 'aria-label': item.spoken } : {})}
    >
      <div className={classes.glyph}>
        <Indicator
          color="coral"
          size={16}
          offset={2}
          disabled={!item.count}
          label={item.count && item.count > 9 ? '9+' : item.count}
        >
          <Glyph size={22} stroke={1.8} aria-hidden="true" />
        </Indicator>
      </div>
      <span>{item.label}</span>
    </Link>
  );
}

interface PersonMenuProps {
  readonly person: Props['person'];
  readonly menu: ReactNode;
  readonly onSignOut: () => void;
  readonly wide?: boolean;
}

function PersonMenu({ person, menu, onSignOut, wide = false }: PersonMenuProps) {
  const { t } = useTranslation();
  return (
    <Menu position={wide ? 'top-start' : 'bottom-end'} width={wide ? 216 : 240} radius="md" shadow="md">
      <Menu.Target>
        <UnstyledButton
          className={wide ? classes.item : undefined}
          w={wide ? '100%' : undefined}
          aria-label={person.name}
        >
          <Avatar name={person.name} color="tide" size={36} radius="xl" />
          {wide ? (
            <Group gap={4} wrap="nowrap" style={{ flex: 1, minWidth: 0 }}>
              <Box style={{ flex: 1, minWidth: 0 }}>
                <Text size="sm" fw={600} truncate>
                  {person.name}
                </Text>
                <Text size="xs" c="dimmed" truncate>
                  {person.email}
                </Text>
              </Box>
              <IconSelector size={16} aria-hidden="true" />
            </Group>
          ) : null}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {wide ? null : (
          <>
            <Menu.Label>
              <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
                {person.name}
              </Text>
              {person.email}
            </Menu.Label>
            <Menu.Divider />
          </>
        )}
        {menu}
        <Menu.Item leftSection={<IconLogout size={18} />} onClick={onSignOut}>
          {t('nav.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
