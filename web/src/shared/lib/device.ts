export interface Device {
  /** "Firefox on Windows"; undefined when the browser says nothing we know. */
  readonly name: string | undefined;
  readonly mobile: boolean;
}

const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

const SYSTEMS: readonly [RegExp, string][] = [
  [/iPhone|iPod/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Macintosh|Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

/** What a person would call the device behind a user agent: enough to recognise one's own in a list. */
export function describeDevice(userAgent: string | null | undefined): Device {
  if (!userAgent) return { name: undefined, mobile: false };
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  return {
    name: [browser, system].filter(Boolean).join(' · ') || undefined,
    mobile: /Mobi|Android|iPhone|iPad/.test(userAgent),
  };
}
