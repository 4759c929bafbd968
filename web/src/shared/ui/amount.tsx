import { Text, type TextProps } from '@mantine/core';
import { useFormat } from '@/shared/i18n/format';
import type { MoneyValue } from '@/shared/lib/money';

interface Props extends TextProps {
  readonly money: MoneyValue;
}

/** An amount as the viewer writes it, in figures of equal width so that sums line up. */
export function Amount({ money, className, ...rest }: Props) {
  const format = useFormat();
  return (
    <Text span className={className ? `bw-amount ${className}` : 'bw-amount'} {...rest}>
      {format.money(money)}
    </Text>
  );
}
