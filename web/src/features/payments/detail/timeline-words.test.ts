import { createInstance, type TFunction } from 'i18next';
import { beforeAll, expect, test } from 'vitest';
import { methodTitle } from '@/entities/method/method-title';
import { de } from '@/shared/i18n/de';
import { quoteWords } from '../quote-words';
import { happened, particulars, type TimelineFacts } from './timeline-words';

let t: TFunction;
beforeAll(async () => {
  t = await createInstance().init({ lng: 'de', resources: { de: { translation: de } }, showSupportNotice: false });
});

const entry = (kind: string, facts: Partial<TimelineFacts> = {}): TimelineFacts => ({
  kind,
  title: 'In English',
  attemptNumber: null,
  attemptStatus: null,
  waitedSeconds: null,
  askedAgain: false,
  declineKind: null,
  refundCause: null,
  documentKind: null,
  reference: null,
  note: null,
  ...facts,
});

test('what happened to a payment is told in German', () => {
  const told = [
    entry('payment.created'),
    entry('attempt.created', { attemptNumber: 2 }),
    entry('attempt.answered', { attemptStatus: 'FAILED', declineKind: 'CARD_EXPIRED' }),
    entry('attempt.unanswered', { attemptStatus: 'UNKNOWN', waitedSeconds: 20 }),
    entry('attempt.unanswered', { attemptStatus: 'UNKNOWN' }),
    entry('attempt.answered', { attemptStatus: 'SUCCEEDED', askedAgain: true }),
    entry('remittance.created'),
    entry('remittance.sent'),
    entry('remittance.confirmed', { reference: 'VT-1' }),
    entry('remittance.rejected', { note: 'Vertrag beendet' }),
    entry('refund.created', { refundCause: 'PROVIDER_REJECTED' }),
    entry('refund.failed'),
    entry('refund.succeeded'),
    entry('document.ready', { documentKind: 'RECEIPT', reference: 'R-7' }),
    entry('document.failed', { documentKind: 'INVOICE' }),
    entry('something.new'),
  ].map((one) => [happened(one, t), particulars(one, t)]);
  expect(told).toEqual([
    ['Beauftragt', null],
    ['Versuch 2', null],
    ['Abgelehnt', de.enums.declineKind.CARD_EXPIRED],
    ['Keine Antwort nach 20 s; wir fragen noch einmal', null],
    ['Keine Antwort; wir fragen noch einmal', null],
    ['Noch einmal gefragt: Bezahlt', null],
    ['Der Anbieter bekommt Bescheid', null],
    ['Der Anbieter hat Bescheid', null],
    ['Der Anbieter hat die Zahlung bestätigt', 'Kennung des Anbieters: VT-1'],
    ['Der Anbieter hat die Zahlung abgelehnt', 'Vertrag beendet'],
    ['Geld geht zurück', de.enums.refundCause.PROVIDER_REJECTED],
    ['Das Geld konnte noch nicht zurückgegeben werden', null],
    ['Das Geld ist zurückgegangen', null],
    [`${de.enums.documentKind.RECEIPT} R-7`, null],
    [`${de.enums.documentKind.INVOICE} konnte nicht erstellt werden`, null],
    ['In English', null],
  ]);
});

test('a quote says why nothing can be paid, or which amounts can', () => {
  const money = () => '5,00 €';
  const quote = { reasonCode: null, rule: 'EXACT_OR_BELOW', partlyPaid: false, multiple: null } as const;
  expect(quoteWords(quote, t, money)).toBe(de.pay.rule.EXACT_OR_BELOW);
  expect(quoteWords({ ...quote, partlyPaid: true }, t, money)).toBe(de.pay.ruleOfRest.EXACT_OR_BELOW);
  const steps = { ...quote, multiple: { amountMinor: '500', currency: 'EUR' } };
  expect(quoteWords(steps, t, money)).toBe(`${de.pay.rule.EXACT_OR_BELOW} Nur Vielfache von 5,00 € werden genommen.`);
  expect(quoteWords({ ...quote, reasonCode: 'UNDER_WAY' }, t, money)).toBe(de.pay.reason.UNDER_WAY);
});

test('a method is called by its brand, or by its kind where the brand says nothing', () => {
  expect(methodTitle({ kind: 'CARD', brand: 'visa', last4: '4242' }, t)).toBe('Visa ···· 4242');
  expect(methodTitle({ kind: 'DIRECT_DEBIT', brand: '19043', last4: '3201' }, t)).toBe('Lastschrift ···· 3201');
  expect(methodTitle({ kind: 'CARD', brand: null, last4: null }, t)).toBe('Karte');
});
