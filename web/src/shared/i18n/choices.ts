const LOCALES = [
  'en-GB',
  'en-US',
  'en-IE',
  'en-IN',
  'en-AU',
  'en-CA',
  'de-DE',
  'de-AT',
  'de-CH',
  'fr-FR',
  'es-ES',
  'it-IT',
  'nl-NL',
  'pt-BR',
  'pl-PL',
  'sv-SE',
  'hi-IN',
  'ja-JP',
];

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Locales to choose from, each named in its own language; the given one is among them. */
export function localeChoices(current: string): Choice[] {
  const all = LOCALES.includes(current) ? LOCALES : [current, ...LOCALES];
  return all.map((value) => ({ value, label: nameOf(value) }));
}

function nameOf(locale: string): string {
  try {
    const name = new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale;
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  } catch {
    return locale;
  }
}

/** Every time zone this browser knows; the given one is among them. */
export function timeZoneChoices(current: string): Choice[] {
  const known = Intl.supportedValuesOf('timeZone');
  const all = known.includes(current) ? known : [current, ...known];
  return all.map((value) => ({ value, label: value.replaceAll('_', ' ') }));
}
