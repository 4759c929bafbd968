import { useTranslation } from 'react-i18next';
import { i18n } from '@/shared/i18n';
import type { Words } from '@/shared/i18n/words';
import { en } from './en';

declare module '@/shared/i18n' {
  interface Dictionaries {
    staff: Words<typeof en>;
  }
}

// The console's words come with the console, so that customers do not download them.
i18n.addResourceBundle('en', 'staff', en);

/** The console's dictionary; what it shares with the portal is in the portal's. */
export function useWords() {
  return useTranslation('staff').t;
}

export type StaffWords = ReturnType<typeof useWords>;
