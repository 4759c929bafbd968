import type { MoneyValue } from '@/shared/lib/money';
import { type UtilityType, utilityTypes } from '@/shared/ui/utility';

export interface SpendPoint {
  readonly month: string;
  readonly utilityType: UtilityType;
  readonly total: MoneyValue;
}

export interface SpendRow {
  readonly month: string;
  readonly total: string;
  readonly byType: Partial<Record<UtilityType, string>>;
}

export interface SpendTable {
  readonly types: UtilityType[];
  readonly rows: SpendRow[];
  /** Per month, over the months that had a bill. */
  readonly average: string;
}

/** The spend of one currency, with a row for every month, also those without a bill. */
export function spendTable(points: readonly SpendPoint[], months: readonly string[], currency: string): SpendTable {
  const rows = months.map((month) => {
    const byType: Partial<Record<UtilityType, string>> = {};
    let total = 0n;
    for (const point of points) {
      if (point.month.slice(0, 7) !== month.slice(0, 7) || point.total.currency !== currency) continue;
      const amount = BigInt(point.total.amountMinor);
      byType[point.utilityType] = String(BigInt(byType[point.utilityType] ?? '0') + amount);
      total += amount;
    }
    return { month, total: String(total), byType };
  });
  const seen = new Set(rows.flatMap(({ byType }) => Object.keys(byType)));
  const billed = rows.filter(({ byType }) => Object.keys(byType).length > 0);
  const sum = billed.reduce((all, { total }) => all + BigInt(total), 0n);
  return {
    types: utilityTypes.filter((type) => seen.has(type)),
    rows,
    average: billed.length === 0 ? '0' : String(sum / BigInt(billed.length)),
  };
}
