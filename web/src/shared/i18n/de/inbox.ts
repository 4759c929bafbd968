import type * as en from '../en/inbox';
import type { Words } from '../words';

export const inbox: Words<typeof en.inbox> = {
  title: 'Postfach',
  unread: 'ungelesen',
  unreadOnly: 'Ungelesen',
  everything: 'Alle',
  markAll: 'Alle als gelesen markieren',
  emptyTitle: 'Nichts zu lesen',
  empty: 'Wenn eine Rechnung kommt oder bald fällig ist, steht es hier.',
  emptyUnreadTitle: 'Alles gelesen',
  settings: 'Benachrichtigungen einstellen',
};
