import type * as en from '../en/settings';
import type { Words } from '../words';

export const settings: Words<typeof en.settings> = {
  notifications: { title: 'Benachrichtigungen', lead: 'Was wir Ihnen sagen, wie und wann' },
  appearance: { title: 'Darstellung', light: 'Hell', dark: 'Dunkel', auto: 'System' },
  profile: {
    title: 'Profil',
    emailHint: 'Zum Anmelden, für Rechnungen und für Erinnerungen. Eine neue Adresse gilt, sobald Sie sie bestätigen.',
  },
  password: {
    title: 'Passwort',
    current: 'Jetziges Passwort',
    next: 'Neues Passwort',
    change: 'Passwort ändern',
    changed: 'Passwort geändert',
  },
  sessions: {
    title: 'Wo Sie angemeldet sind',
    current: 'hier',
    lastSeen: 'Zuletzt gesehen {{when}}',
    end: 'Abmelden',
    unknownDevice: 'Unbekanntes Gerät',
  },
  push: {
    title: 'Geräte',
    lead: 'Geräte, die sofort eine Mitteilung zeigen, wenn etwas geschieht.',
    turnOn: 'Auf diesem Gerät einschalten',
    thisDevice: 'dieses Gerät',
    lastOk: 'Zuletzt erreicht {{when}}',
    added: 'Hinzugefügt {{when}}',
    test: 'Probe senden',
    testSent: 'Unterwegs. Sie kommt auf jedem Weg, den Sie eingeschaltet haben.',
    denied:
      'Dieser Browser blockiert Mitteilungen von Billow. Erlauben Sie sie in seinen Einstellungen für diese Seite und laden Sie neu.',
    unsupported: 'Dieser Browser kann keine Mitteilungen zeigen. E-Mail und SMS erreichen Sie weiterhin.',
    notConfigured: 'Push ist auf diesem Server nicht eingerichtet.',
    failed:
      'Der Browser konnte Mitteilungen nicht einschalten. Versuchen Sie es noch einmal oder nehmen Sie einen anderen Browser.',
    ios: {
      title: 'Legen Sie Billow zuerst auf den Home-Bildschirm',
      share: 'Tippen Sie im Browser auf „Teilen“.',
      add: 'Wählen Sie „Zum Home-Bildschirm“.',
      open: 'Öffnen Sie Billow von dort und kommen Sie hierher zurück.',
    },
  },
  matrix: {
    title: 'Was Sie erreicht, und wie',
    lead: 'Alles steht außerdem hier in Ihrem Postfach.',
    what: 'Wann',
    push: 'Push',
    email: 'E-Mail',
    sms: 'SMS',
  },
  reminders: {
    title: 'Erinnerungen',
    bills: 'Vor und nach der Fälligkeit einer Rechnung',
    plans: 'Vor dem Ende eines Prepaid-Tarifs',
    onDay: 'Am Tag selbst',
    before_one: '{{count}} Tag vorher',
    before_other: '{{count}} Tage vorher',
    after_one: '{{count}} Tag danach',
    after_other: '{{count}} Tage danach',
    hour: 'Uhrzeit',
  },
  quiet: {
    title: 'Ruhezeit',
    lead: 'In dieser Zeit macht nichts ein Geräusch; es kommt gleich danach.',
    from: 'Von',
    to: 'Bis',
  },
  smsFallback: {
    title: 'SMS, wenn Push nicht ankommt',
    lead: 'Nur für Rechnungen und Erinnerungen, und nur, wenn keines Ihrer Geräte erreicht wurde.',
  },
};
