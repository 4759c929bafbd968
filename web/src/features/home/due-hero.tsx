import { Box, Group, Stack, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCalendarDue,
  IconCreditCard,
  IconProgressCheck,
  IconReceipt,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { daysBetween } from '@/shared/lib/dates';
import hero from '@/shared/ui/hero.module.css';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import classes from './due-hero.module.css';

export const DueHeroFragment = graphql(`
  fragment DueHero on BillSummary {
    due { amountMinor currency }
    beingPaid { amountMinor currency }
    beingPaidCount
    overdueCount
    openCount
    nextDueOn
  }
`);

/** The one answer people open the app for: how much is due, and when is the next of it. */
export function DueHero({ summary: masked }: { readonly summary: FragmentOf<typeof DueHeroFragment> }) {
  const { due, beingPaid, beingPaidCount, overdueCount, openCount, nextDueOn } = readFragment(DueHeroFragment, masked);
  const { t } = useTranslation();
  const format = useFormat();
  const days = nextDueOn ? daysBetween(format.today(), nextDueOn) : undefined;
  return (
    <section className={hero.hero} aria-label={t('home.due')}>
      <Text size="sm" className={hero.soft}>
        {t('home.due')}
      </Text>
      {openCount === 0 ? (
        <Text fz={30} fw={700} lh={1.2} mt={4}>
          {beingPaidCount > 0 ? t('home.nothingElseDue') : t('home.nothingDue')}
        </Text>
      ) : (
        <Stack gap={0} mt={2}>
          {due.map((money, position) => (
            <Text
              key={money.currency}
              className={`bw-amount ${classes.sum}`}
              fz={position === 0 ? 40 : 24}
              fw={700}
              lh={1.2}
            >
              {format.money(money)}
            </Text>
          ))}
        </Stack>
      )}
      {openCount > 0 ? (
        <Group gap="sm" mt="sm">
          {due.map((money, position) => (
            <ButtonLink
              key={money.currency}
              to="/pay"
              search={{ all: money.currency }}
              variant={position === 0 ? 'white' : 'outline'}
              color={position === 0 ? 'tide' : 'white'}
              leftSection={<IconCreditCard size={19} aria-hidden="true" />}
            >
              {due.length === 1
                ? t('home.payAll', { count: openCount })
                : t('home.payAllIn', { amount: format.money(money) })}
            </ButtonLink>
          ))}
        </Group>
      ) : null}
      <Group gap="lg" mt="md" className={classes.facts}>
        {openCount > 0 || beingPaidCount === 0 ? (
          <Fact icon={<IconReceipt size={18} aria-hidden="true" />}>{t('home.openCount', { count: openCount })}</Fact>
        ) : null}
        {days !== undefined && days >= 0 && openCount > 0 ? (
          <Fact icon={<IconCalendarDue size={18} aria-hidden="true" />}>
            {t('home.nextDue', { when: format.daysAway(days) })}
          </Fact>
        ) : null}
        {beingPaidCount > 0 ? (
          <AnchorLink to="/bills" search={{ state: 'BEING_PAID' }} className={classes.onItsWay} underline="always">
            <IconProgressCheck size={18} aria-hidden="true" />
            {t('home.onItsWay', { amount: beingPaid.map((money) => format.money(money)).join(', ') })}
          </AnchorLink>
        ) : null}
        {overdueCount > 0 ? (
          <AnchorLink to="/bills" search={{ state: 'OVERDUE' }} className={classes.overdue} underline="never">
            <IconAlertTriangle size={16} aria-hidden="true" />
            {t('home.overdueCount', { count: overdueCount })}
          </AnchorLink>
        ) : null}
      </Group>
    </section>
  );
}

function Fact({ icon, children }: { readonly icon: React.ReactNode; readonly children: string }) {
  return (
    <Group gap={6} wrap="nowrap">
      {icon}
      <Box component="span" fz="sm" fw={500}>
        {children}
      </Box>
    </Group>
  );
}
