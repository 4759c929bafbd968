import { Box, Group, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconHome2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { CardLink } from '@/shared/ui/links';

export const HomeSumsFragment = graphql(`
  fragment HomeSums on Property {
    id
    name
    city
    summary { openCount overdueCount nextDueOn due { amountMinor currency } beingPaid { amountMinor currency } }
    members { displayName role }
  }
`);

export function HomeSumsCard({ home: masked }: { readonly home: FragmentOf<typeof HomeSumsFragment> }) {
  const home = readFragment(HomeSumsFragment, masked);
  const { t } = useTranslation();
  const format = useFormat();
  const { summary } = home;
  return (
    <CardLink to="/homes/$homeId" params={{ homeId: home.id }} padding="sm" className="bw-link-card">
      <Group wrap="nowrap" gap="sm">
        <ThemeIcon variant="light" color="tide" size={42} radius={13} aria-hidden="true">
          <IconHome2 size={23} stroke={1.7} />
        </ThemeIcon>
        <Box style={{ flex: 1, minWidth: 0 }}>
          <Text fw={600} truncate>
            {home.name}
          </Text>
          <Text size="sm" c="dimmed" truncate>
            {[
              t('home.openCount', { count: summary.openCount }),
              summary.beingPaid.length > 0
                ? t('home.onItsWay', { amount: summary.beingPaid.map((money) => format.money(money)).join(', ') })
                : undefined,
              summary.nextDueOn
                ? t('home.next', { day: format.day(summary.nextDueOn, { day: 'numeric', month: 'short' }) })
                : home.city,
            ]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        </Box>
        <Stack gap={0} align="flex-end" style={{ flexShrink: 0 }}>
          {summary.due.map((money) => (
            <Amount key={money.currency} money={money} fw={650} />
          ))}
        </Stack>
      </Group>
    </CardLink>
  );
}
