import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { de } from './de';
import { en } from './en';
import type { Words } from './words';

export const languages = { en: 'English', de: 'Deutsch' } as const;

/** The dictionaries by namespace. One that is loaded later, such as the console's, declares itself here from its module. */
export interface Dictionaries {
  translation: Words<typeof en>;
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: Dictionaries;
  }
}

export const i18n = i18next;

void i18next.use(initReactI18next).init({
  showSupportNotice: false,
  resources: { en: { translation: en }, de: { translation: de } },
  lng: languageOf(navigator.language),
  fallbackLng: 'en',
  supportedLngs: Object.keys(languages),
  interpolation: { escapeValue: false },
  returnNull: false,
});

/** The dictionary that serves a locale: `de-AT` is German, and what we do not speak is English. */
function languageOf(locale: string): keyof typeof languages {
  const [language = ''] = locale.toLowerCase().split('-');
  return language === 'de' ? 'de' : 'en';
}

export function speak(locale: string): void {
  const language = languageOf(locale);
  document.documentElement.lang = language;
  if (i18next.language !== language) void i18next.changeLanguage(language);
}
