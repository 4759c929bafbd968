import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { usePaidElsewhere } from '@/entities/bill/paid-elsewhere';
import { payBillsSearch } from '@/features/payments/pay/pay-search';
import { useFormat } from '@/shared/i18n/format';
import { ButtonLink } from '@/shared/ui/links';
import classes from './pick-bar.module.css';
import { leftOf, type Pickable } from './picked';

interface Props {
  readonly picked: readonly Pickable[];
  readonly onCancel: () => void;
  readonly onDone: () => void;
}

/** How many are picked, what they come to, and on to paying them. */
export function PickBar({ picked, onCancel, onDone }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const sum = leftOf(picked);
  const elsewhere = usePaidElsewhere();
  const ids = picked.map(({ id }) => id);
  const mark = async () => {
    if (await elsewhere.mark(ids)) onDone();
  };
  return (
    <Paper withBorder shadow="md" p="sm" className={classes.bar} data-bottom-bar>
      <Group justify="space-between" gap="sm">
        <Stack gap={0} role="status">
          <Text size="sm" c="dimmed">
            {t('bills.picked', { count: picked.length })}
          </Text>
          {sum ? (
            <Text fw={700} className="bw-amount">
              {format.money(sum)}
            </Text>
          ) : null}
        </Stack>
        <Group gap="xs" wrap="nowrap">
          <Button variant="default" size="sm" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
          {picked.length > 0 ? (
            <Button variant="light" size="sm" loading={elsewhere.busy} onClick={() => void mark()}>
              {t('bills.elsewhere.markPicked')}
            </Button>
          ) : null}
          {picked.length > 0 ? (
            <ButtonLink to="/pay" search={payBillsSearch(ids)} size="sm">
              {t('bills.payPicked')}
            </ButtonLink>
          ) : (
            <Button size="sm" disabled>
              {t('bills.payPicked')}
            </Button>
          )}
        </Group>
      </Group>
    </Paper>
  );
}
