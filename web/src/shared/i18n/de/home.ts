import type * as en from '../en/home';
import type { Words } from '../words';

export const home: Words<typeof en.home> = {
  hello: 'Hallo, {{name}}',
  due: 'Jetzt und bald fällig',
  nothingDue: 'Nichts ist fällig',
  openCount_one: '{{count}} offene Rechnung',
  openCount_other: '{{count}} offene Rechnungen',
  overdueCount_one: '{{count}} überfällig',
  overdueCount_other: '{{count}} überfällig',
  nextDue: 'nächste {{when}}',
  next: 'nächste am {{day}}',
  payAll: 'Alles bezahlen',
  payAllIn: 'Alle {{amount}} bezahlen',
  openBills: 'Offene Rechnungen',
  allBills: 'Alle Rechnungen',
  nothingOpen: 'Keine offenen Rechnungen. Wir melden uns, sobald die nächste da ist.',
  moreOpen_one: '{{count}} weitere offene Rechnung zeigen',
  moreOpen_other: '{{count}} weitere offene Rechnungen zeigen',
  byHome: 'Nach Wohnung',
  attention: 'Braucht Ihre Hilfe',
  spend: 'Letzte 12 Monate',
  spendAverage: 'im Schnitt {{amount}} im Monat',
  currency: 'Währung',
  month: 'Monat',
  welcomeTitle: 'Fügen Sie den ersten Anbieter hinzu',
  welcome:
    'Wählen Sie, wer Strom, Gas, Wasser oder Telefon liefert, und geben Sie die Nummer von der letzten Rechnung ein. Den Rest holen wir.',
};
