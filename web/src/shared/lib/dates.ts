/** Dates without a time (`2026-11-21`) are calendar days: they are never moved by a time zone. */
export function parseDay(day: string): Date | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!match) return undefined;
  return new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])));
}

const DAY_MS = 86_400_000;

/** Today as the viewer's time zone has it. */
export function today(timeZone: string, now: Date): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(now);
}

/** Whole days from one calendar day to another; negative when `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  const a = parseDay(from);
  const b = parseDay(to);
  if (!a || !b) return Number.NaN;
  return Math.round((b.getTime() - a.getTime()) / DAY_MS);
}

export function formatDay(
  day: string,
  locale: string,
  style: Intl.DateTimeFormatOptions = { dateStyle: 'medium' },
): string {
  const date = parseDay(day);
  return date ? new Intl.DateTimeFormat(locale, { ...style, timeZone: 'UTC' }).format(date) : day;
}

export function formatInstant(
  instant: string | number,
  locale: string,
  timeZone: string,
  style: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' },
): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return String(instant);
  return new Intl.DateTimeFormat(locale, { ...style, timeZone }).format(date);
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', DAY_MS],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** "5 minutes ago", "in 3 days": how far an instant is from now, in the largest unit that is at least one. */
export function formatRelative(instant: string | number, locale: string, now: number): string {
  const difference = new Date(instant).getTime() - now;
  if (Number.isNaN(difference)) return String(instant);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  for (const [unit, ms] of STEPS) {
    if (Math.abs(difference) >= ms) return format.format(Math.round(difference / ms), unit);
  }
  return format.format(0, 'minute');
}

/** "today", "tomorrow", "in 5 days", "3 days ago". */
export function formatDaysAway(days: number, locale: string): string {
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day');
}

/** The last `count` months up to and including that of `day`, oldest first, each as its first day. */
export function lastMonths(day: string, count: number): string[] {
  const date = parseDay(day);
  if (!date) return [];
  return Array.from({ length: count }, (_, index) => {
    const month = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - (count - 1 - index), 1));
    return month.toISOString().slice(0, 10);
  });
}
