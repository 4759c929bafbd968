import { parseDay } from '@/shared/lib/dates';

export const periods = ['MONTH', 'QUARTER', 'YEAR', 'LAST_YEAR'] as const;
export type Period = (typeof periods)[number];

const iso = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

/** The days of a period that people look back on, today included. */
export function periodDays(period: Period, today: string): { readonly from: string; readonly to: string } {
  const date = parseDay(today) ?? new Date(0);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (period) {
    case 'MONTH':
      return { from: iso(year, month, 1), to: today };
    case 'QUARTER':
      return { from: iso(year, month - 2, 1), to: today };
    case 'YEAR':
      return { from: iso(year, 0, 1), to: today };
    case 'LAST_YEAR':
      return { from: iso(year - 1, 0, 1), to: iso(year - 1, 11, 31) };
  }
}
