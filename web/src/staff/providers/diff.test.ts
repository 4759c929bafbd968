import { describe, expect, it } from 'vitest';
import { diffLines, hunks, readableLines } from './diff';

const marks = (before: string[], after: string[]) =>
  diffLines(before, after).map(({ kind, text }) => `${kind === 'same' ? ' ' : kind === 'added' ? '+' : '-'}${text}`);

describe('diffLines', () => {
  it('keeps what is in both and puts what went before what came', () => {
    expect(marks(['a', 'b', 'c'], ['a', 'x', 'c'])).toEqual([' a', '-b', '+x', ' c']);
  });

  it('finds lines that were added at either end', () => {
    expect(marks(['b'], ['a', 'b', 'c'])).toEqual(['+a', ' b', '+c']);
  });

  it('has everything of both sides', () => {
    expect(marks([], ['a'])).toEqual(['+a']);
    expect(marks(['a'], [])).toEqual(['-a']);
  });
});

describe('readableLines', () => {
  it('breaks the lines of a program, and not at an escaped backslash', () => {
    expect(readableLines({ map: 'def x: 1;\n.a', pattern: '\\n' })).toEqual([
      '{',
      '  "map": "def x: 1;',
      '      .a",',
      '  "pattern": "\\\\n"',
      '}',
    ]);
  });
});

describe('hunks', () => {
  it('leaves out what lies far from any change', () => {
    const before = Array.from({ length: 30 }, (_, number) => String(number));
    const after = before.map((line) => (line === '2' ? 'two' : line === '27' ? 'last' : line));
    const groups = hunks(diffLines(before, after));
    expect(groups).toHaveLength(2);
    expect(groups.flat().some(({ text }) => text === '15')).toBe(false);
  });

  it('is empty where nothing changed', () => {
    expect(hunks(diffLines(['a'], ['a']))).toEqual([]);
  });
});
