import { parseDay } from '@/shared/lib/dates';

const DAY_MS = 86_400_000;

/** The day before: the latest one that is over. */
export function yesterday(today: string): string {
  const date = parseDay(today);
  return date ? new Date(date.getTime() - DAY_MS).toISOString().slice(0, 10) : today;
}
