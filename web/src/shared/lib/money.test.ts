import { describe, expect, it } from 'vitest';
import { currencyOfLocale, decimalOf, formatMoney, parseMinor } from './money';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('decimalOf', () => {
  it.each([
    ['4210', 'EUR', '42.10'],
    ['5', 'EUR', '0.05'],
    ['-5', 'EUR', '-0.05'],
    ['0', 'EUR', '0.00'],
    ['1500', 'JPY', '1500'],
    ['1234', 'KWD', '1.234'],
    ['900719925474099312345', 'USD', '9007199254740993123.45'],
  ])('%s minor units of %s are %s', (amountMinor, currency, decimal) => {
    expect(decimalOf({ amountMinor, currency })).toBe(decimal);
  });
});

describe('formatMoney', () => {
  it('follows the locale of the viewer', () => {
    const money = { amountMinor: '123456', currency: 'EUR' };
    expect(plain(formatMoney(money, { locale: 'de-DE' }))).toBe('1.234,56 €');
    expect(plain(formatMoney(money, { locale: 'en-US' }))).toBe('€1,234.56');
  });

  it('keeps every digit of an amount beyond the exact range of a number', () => {
    const money = { amountMinor: '900719925474099312', currency: 'USD' };
    expect(formatMoney(money, { locale: 'en-US' })).toBe('$9,007,199,254,740,993.12');
  });

  it('shows an amount whose currency the browser does not know', () => {
    expect(formatMoney({ amountMinor: '100', currency: 'x' }, { locale: 'en-US' })).toBe('1.00 x');
  });
});

describe('parseMinor', () => {
  it.each([
    ['12.34', 'EUR', '1234'],
    ['12,3', 'EUR', '1230'],
    ['12', 'JPY', '12'],
    ['0.001', 'KWD', '1'],
    ['-0', 'EUR', '0'],
    ['-1.50', 'EUR', '-150'],
  ])('%s in %s is %s', (text, currency, minor) => {
    expect(parseMinor(text, currency)).toBe(minor);
  });

  it.each([
    ['12.345', 'EUR'],
    ['1.5', 'JPY'],
    ['', 'EUR'],
    ['twelve', 'EUR'],
    ['1e3', 'EUR'],
  ])('%s is no amount in %s', (text, currency) => {
    expect(parseMinor(text, currency)).toBeUndefined();
  });
});

describe('currencyOfLocale', () => {
  it('knows the usual currency of a country, and falls back to the euro', () => {
    expect(currencyOfLocale('en-GB')).toBe('GBP');
    expect(currencyOfLocale('ja')).toBe('JPY');
    expect(currencyOfLocale('de-AT')).toBe('EUR');
    expect(currencyOfLocale('not a locale')).toBe('EUR');
  });
});
