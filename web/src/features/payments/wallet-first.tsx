import { Card, Group, Switch, Text } from '@mantine/core';
import { IconWallet } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { isPositive, type MoneyValue } from '@/shared/lib/money';
import classes from './wallet-first.module.css';

interface Props {
  readonly available: MoneyValue | undefined;
  readonly use: boolean;
  readonly onUse: (use: boolean) => void;
  readonly disabled: boolean;
  /** On a page it is a card of its own; in a dialog, one line among others. */
  readonly framed?: boolean;
}

/** Whether the wallet gives first. Not asked where there is nothing in it. */
export function WalletFirst({ available, use, onUse, disabled, framed = false }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!available || !isPositive(available)) return null;
  const choice = (
    <Switch
      labelPosition="left"
      checked={use}
      disabled={disabled}
      onChange={(event) => onUse(event.currentTarget.checked)}
      classNames={{ body: classes.apart ?? '' }}
      label={
        <Group gap="sm" wrap="nowrap">
          <IconWallet size={framed ? 22 : 20} aria-hidden="true" />
          <Text fw={600}>{t('pay.walletFirst')}</Text>
        </Group>
      }
      description={t('pay.walletHas', { amount: format.money(available) })}
    />
  );
  return framed ? <Card padding="sm">{choice}</Card> : choice;
}
