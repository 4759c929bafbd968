import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { formatDay, formatDaysAway, formatInstant, formatRelative, today } from '@/shared/lib/dates';
import { formatMoney, type MoneyValue } from '@/shared/lib/money';

export interface Format {
  readonly locale: string;
  readonly timeZone: string;
  money(money: MoneyValue, whole?: boolean): string;
  day(day: string, style?: Intl.DateTimeFormatOptions): string;
  instant(instant: string | number, style?: Intl.DateTimeFormatOptions): string;
  relative(instant: string | number): string;
  daysAway(days: number): string;
  number(value: number | string, maximumFractionDigits?: number): string;
  today(): string;
}

const browser = () => ({
  locale: navigator.language,
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
});

/** The dates of a locale we have no words for are written in English, like the words around them. */
const wordsFor = (locale: string): string => (/^(en|de)\b/i.test(locale) ? locale : 'en-GB');

export function makeFormat(locale: string, timeZone: string): Format {
  const words = wordsFor(locale);
  return {
    locale,
    timeZone,
    money: (money, whole) => formatMoney(money, whole === undefined ? { locale } : { locale, whole }),
    day: (day, style) => formatDay(day, words, style),
    instant: (instant, style) => formatInstant(instant, words, timeZone, style),
    relative: (instant) => formatRelative(instant, words, Date.now()),
    daysAway: (days) => formatDaysAway(days, words),
    number: (value, maximumFractionDigits = 2) =>
      new Intl.NumberFormat(locale, { maximumFractionDigits }).format(value as Intl.StringNumericLiteral),
    today: () => today(timeZone, new Date()),
  };
}

const FormatContext = createContext<Format | null>(null);

/** What cannot be used (a locale or zone this browser does not know) falls back to the browser's own. */
function usable(locale: string | undefined, timeZone: string | undefined) {
  const own = browser();
  try {
    return {
      locale: locale ? (Intl.getCanonicalLocales(locale)[0] ?? own.locale) : own.locale,
      timeZone: timeZone ? new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone : own.timeZone,
    };
  } catch {
    return own;
  }
}

interface Props {
  readonly locale?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly children: ReactNode;
}

export function FormatProvider({ locale, timeZone, children }: Props) {
  const format = useMemo(() => {
    const chosen = usable(locale, timeZone);
    return makeFormat(chosen.locale, chosen.timeZone);
  }, [locale, timeZone]);
  return <FormatContext value={format}>{children}</FormatContext>;
}

/** Money, dates and numbers as the viewer writes them. */
export function useFormat(): Format {
  const format = useContext(FormatContext);
  const own = useMemo(() => {
    const { locale, timeZone } = browser();
    return makeFormat(locale, timeZone);
  }, []);
  return format ?? own;
}
