import { describe, expect, it } from 'vitest';
import { checkCsv, isSendable, template } from './csv-check';

const states = (text: string) => checkCsv(text).columns.map(({ name, state }) => `${name}: ${state}`);

describe('checkCsv', () => {
  it('takes its own template', () => {
    const preview = checkCsv(template());
    expect(preview.problems).toEqual([]);
    expect(preview.total).toBe(1);
  });

  it('reads headings as people write them, and reads over what a reject file adds', () => {
    expect(states('Name;Time Zone;locale;errors\r\nAnna;Europe/Berlin;de-DE;gone\r\n')).toEqual([
      'Name: ok',
      'Time Zone: ok',
      'locale: ok',
      'errors: ignored',
    ]);
  });

  it('names what is missing, doubled and unknown', () => {
    const { problems } = checkCsv('name,name,colour\nAnna,Anna,red\n');
    expect(problems).toEqual([
      { kind: 'double', name: 'name' },
      { kind: 'unknown', name: 'colour' },
      { kind: 'missing', name: 'locale' },
      { kind: 'missing', name: 'time_zone' },
    ]);
    expect(isSendable(checkCsv('name,name,colour\nAnna,Anna,red\n'))).toBe(false);
  });

  it('tells a row with another number of cells, which the dry run tells again', () => {
    const preview = checkCsv('name,locale,time_zone\nAnna,de-DE,Europe/Berlin\nBen,de-DE\n');
    expect(preview.problems).toEqual([{ kind: 'cells', row: 2, found: 2, expected: 3 }]);
    expect(isSendable(preview)).toBe(true);
  });

  it('refuses a heading without rows and bytes that are not UTF-8', () => {
    expect(checkCsv('name,locale,time_zone\n').problems).toEqual([{ kind: 'empty' }]);
    expect(checkCsv('name,locale,time_zone\nJ\uFFFDrg,de-DE,Europe/Berlin\n').problems).toEqual([{ kind: 'encoding' }]);
  });

  it('keeps a line break inside quotes in its cell', () => {
    expect(checkCsv('name,locale,time_zone\n"Anna\nMuster",de-DE,Europe/Berlin\n').rows).toEqual([
      ['Anna\nMuster', 'de-DE', 'Europe/Berlin'],
    ]);
  });
});
