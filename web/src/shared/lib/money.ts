/** An amount as the API gives it: whole minor units, as text because they may not fit a number. */
export interface MoneyValue {
  readonly amountMinor: string;
  readonly currency: string;
}

export const isPositive = ({ amountMinor }: MoneyValue): boolean => BigInt(amountMinor) > 0n;

// ISO 4217 currencies whose minor unit is not a hundredth. The browser's own table follows local habit in some cases
// and the standard in others; what the server counts in is always the standard.
const MINOR_DIGITS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};

export const minorDigits = (currency: string): number => MINOR_DIGITS[currency] ?? 2;

/** The amount as a decimal in text, exact however large it is. */
export function decimalOf({ amountMinor, currency }: MoneyValue): string {
  const digits = minorDigits(currency);
  const negative = amountMinor.startsWith('-');
  const whole = (negative ? amountMinor.slice(1) : amountMinor).padStart(digits + 1, '0');
  const cut = whole.length - digits;
  const decimal = digits === 0 ? whole : `${whole.slice(0, cut)}.${whole.slice(cut)}`;
  return negative ? `-${decimal}` : decimal;
}

/** Reads what a person typed (`12.34`, `12,34`) as minor units; undefined if it is no amount of that currency. */
export function parseMinor(text: string, currency: string): string | undefined {
  const digits = minorDigits(currency);
  const match = /^(-?)(\d{1,13})(?:[.,](\d+))?$/.exec(text.trim().replace(/[\s']/g, ''));
  if (!match) return undefined;
  const [, sign = '', whole = '0', part = ''] = match;
  if (part.length > digits) return undefined;
  const minor = BigInt(whole + part.padEnd(digits, '0'));
  return `${sign && minor !== 0n ? '-' : ''}${minor}`;
}

export interface MoneyStyle {
  readonly locale: string;
  /** Leaves out the minor units, for axes and other tight places. */
  readonly whole?: boolean;
}

export function formatMoney(money: MoneyValue, { locale, whole = false }: MoneyStyle): string {
  const digits = whole ? 0 : minorDigits(money.currency);
  const decimal = decimalOf(money) as Intl.StringNumericLiteral;
  try {
    return new Intl.NumberFormat(locale, {
      style: 'currency',
      currency: money.currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(decimal);
  } catch {
    // A currency the browser has never heard of is still an amount.
    return `${decimal} ${money.currency}`;
  }
}

const REGION_CURRENCY: Readonly<Record<string, string>> = {
  GB: 'GBP',
  US: 'USD',
  IN: 'INR',
  AU: 'AUD',
  CA: 'CAD',
  CH: 'CHF',
  BR: 'BRL',
  PL: 'PLN',
  SE: 'SEK',
  JP: 'JPY',
};

/** The currency of a locale's country: a guess, for those of whom no bill and no wallet tells it. */
export function currencyOfLocale(locale: string): string {
  try {
    return REGION_CURRENCY[new Intl.Locale(locale).maximize().region ?? ''] ?? 'EUR';
  } catch {
    return 'EUR';
  }
}
