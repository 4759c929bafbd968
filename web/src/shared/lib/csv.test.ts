import { describe, expect, it } from 'vitest';
import { toCsv } from './csv';

describe('toCsv', () => {
  it('quotes what would break a row apart', () => {
    expect(toCsv(['number', 'provider'], [['B-1', 'Light, Power & "Sons"']])).toBe(
      'number,provider\r\nB-1,"Light, Power & ""Sons"""\r\n',
    );
    expect(toCsv(['a'], [['two\nlines']])).toBe('a\r\n"two\nlines"\r\n');
  });

  it('does not let a provider smuggle a formula into a spreadsheet', () => {
    expect(toCsv(['n'], [['=HYPERLINK("http://x")']])).toBe('n\r\n"\'=HYPERLINK(""http://x"")"\r\n');
    expect(toCsv(['n'], [['+49 1'], ['@a']])).toBe("n\r\n'+49 1\r\n'@a\r\n");
    expect(toCsv(['n'], [['-1+1'], ['  =1'], ['＝1']])).toBe("n\r\n'-1+1\r\n'  =1\r\n'＝1\r\n");
  });

  it('leaves negative amounts as numbers and missing values empty', () => {
    expect(
      toCsv(
        ['a', 'b'],
        [
          ['-12.50', null],
          [undefined, 3],
        ],
      ),
    ).toBe('a,b\r\n-12.50,\r\n,3\r\n');
  });
});
