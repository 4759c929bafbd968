import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { de } from './de';
import { userErrors } from './de/user-errors';
import { en } from './en';
import { worded } from './user-errors';

type Tree = { readonly [key: string]: string | Tree };

/** Every text with the way to it: `pay.title`. */
const texts = (tree: Tree, path: readonly string[] = []): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[[...path, key].join('.'), value]] : texts(value, [...path, key]),
  );

const holes = (text: string): string[] => (text.match(/\{\{\w+\}\}/g) ?? []).sort();

/** What is written alike in both languages, and rightly so. */
const ALIKE = new Set([
  ...['Billow', 'Gas', 'Link', 'Name', 'Prepaid', 'Push', 'SMS', 'Status', 'System', 'Token'],
  ...['{{provider}}: {{amount}}', '{{value}} s'],
]);

const english = new Map(texts(en));
const german = new Map(texts(de));

test('German has the words English has, no more and no less', () => {
  expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
});

test('the same things are filled into both', () => {
  for (const [key, text] of english) expect(holes(german.get(key) ?? ''), key).toEqual(holes(text));
});

test('no English stands among the German words', () => {
  const left = [...english]
    .filter(([key, text]) => german.get(key) === text && !ALIKE.has(text))
    .map(([, text]) => text);
  expect(left).toEqual([]);
});

test('the German words for what can be mended are for codes that there are', () => {
  const documented = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const unknown = Object.keys(userErrors).filter((code) => !documented.includes(`\`${code}\``));
  expect(unknown).toEqual([]);
});

test('what can be mended is said by its code in German, and as the server says it elsewhere', () => {
  const errors = [
    { code: 'NOT_PAYABLE', message: 'This bill has been paid.', path: [] },
    { code: 'NEW_ONE', message: 'Something new.', path: [] },
  ];
  expect(worded(errors, 'de').map(({ message }) => message)).toEqual([userErrors.NOT_PAYABLE, 'Something new.']);
  expect(worded(errors, 'en')).toBe(errors);
});
