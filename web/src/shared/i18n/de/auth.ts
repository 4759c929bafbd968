import type * as en from '../en/auth';
import type { Words } from '../words';

export const auth: Words<typeof en.auth> = {
  signIn: 'Anmelden',
  signInTitle: 'Willkommen zurück',
  signUp: 'Konto anlegen',
  signUpTitle: 'Ihr Konto anlegen',
  signUpLead: 'Anbieter einmal hinzufügen. Wir holen jede Rechnung und melden uns, sobald sie da ist.',
  email: 'E-Mail',
  password: 'Passwort',
  passwordHint: 'Mindestens {{min}} Zeichen. Ein Satz merkt sich leichter als ein Rätsel.',
  name: 'Name',
  mobile: 'Mobilnummer',
  mobileHint: 'Mit Ländervorwahl, zum Beispiel +49 151 2345678. Nur für SMS, wenn Sie diese einschalten.',
  mobileInvalid: 'Bitte mit + und Ländervorwahl beginnen.',
  locale: 'Sprache und Format',
  timeZone: 'Zeitzone',
  noAccount: 'Neu bei Billow?',
  haveAccount: 'Sie haben schon ein Konto?',
  claimTitle: 'Ihr Konto übernehmen',
  claimLead: 'Ihre Rechnungen warten schon. Legen Sie fest, wie Sie sich anmelden.',
  claimMissing:
    'Dieser Einladungslink ist nicht vollständig. Öffnen Sie den Link aus der Nachricht noch einmal oder bitten Sie um einen neuen.',
  sessionEnded: 'Ihre Sitzung ist beendet. Melden Sie sich an, um weiterzumachen.',
  point1: 'Jede Rechnung pünktlich abgeholt und einmal gespeichert',
  point2: 'Sofort gemeldet, rechtzeitig erinnert',
  point3: 'Ihre Wohnungen und Ihr Haushalt auf einen Blick',
};
