import { BarChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { decimalOf } from '@/shared/lib/money';
import { utilityLook } from '@/shared/ui/utility';
import type { SpendTable } from './spend';

interface Props {
  readonly table: SpendTable;
  readonly currency: string;
  readonly monthName: (month: string) => string;
}

/** Loaded on its own: the drawing library is larger than the rest of the page. */
export function SpendChart({ table, currency, monthName }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const data = table.rows.map((row) => ({
    month: monthName(row.month),
    ...Object.fromEntries(
      table.types.map((type) => [type, Number(decimalOf({ amountMinor: row.byType[type] ?? '0', currency }))]),
    ),
  }));
  const amount = new Intl.NumberFormat(format.locale, { style: 'currency', currency, maximumFractionDigits: 0 });
  return (
    <BarChart
      h={150}
      data={data}
      dataKey="month"
      type="stacked"
      series={table.types.map((type) => ({
        name: type,
        label: t(`enums.utilityType.${type}`),
        color: `${utilityLook(type).color}.5`,
      }))}
      valueFormatter={(value) => amount.format(value)}
      withYAxis={false}
      gridAxis="none"
      tickLine="none"
      barProps={{ radius: 2 }}
      maxBarWidth={22}
      xAxisProps={{ interval: 'preserveStartEnd', tick: { fontSize: 11, fill: 'var(--mantine-color-dimmed)' } }}
      barChartProps={{ accessibilityLayer: false }}
      aria-hidden="true"
    />
  );
}
