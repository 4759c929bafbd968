import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The browser of the machine, as its package system keeps it up to date: none is downloaded for the tests. */
export function chromiumPath(): string {
  const chosen = process.env.BILLOW_CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (!chosen) throw new Error('Chromium was not found: install it, or set BILLOW_CHROMIUM to its path');
  return chosen;
}
