export interface DiffLine {
  readonly kind: 'same' | 'added' | 'gone';
  readonly text: string;
}

/** A value as lines to compare: JSON, with the line breaks inside texts (programs) as line breaks. */
export function readableLines(value: unknown): string[] {
  const lines = (JSON.stringify(value, null, 2) ?? 'null').split('\n');
  return lines.flatMap((line) => {
    const indent = /^ */.exec(line)?.[0] ?? '';
    // An escaped backslash before an n is a backslash and an n.
    const parts = line.split(/(?<=(?:^|[^\\])(?:\\\\)*)\\n/);
    return parts.map((part, place) => (place === 0 ? part : `${indent}    ${part}`));
  });
}

/** The longest list of lines that both have stays; what is left over was added or is gone. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  // common[i][j] is how many lines before[i…] and after[j…] have in common.
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  const count = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const row = common[i];
    if (!row) continue;
    for (let j = after.length - 1; j >= 0; j -= 1) {
      row[j] = before[i] === after[j] ? count(i + 1, j + 1) + 1 : Math.max(count(i + 1, j), count(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ kind: 'same', text: before[i] ?? '' });
      i += 1;
      j += 1;
    } else if (i < before.length && (j >= after.length || count(i + 1, j) >= count(i, j + 1))) {
      lines.push({ kind: 'gone', text: before[i] ?? '' });
      i += 1;
    } else {
      lines.push({ kind: 'added', text: after[j] ?? '' });
      j += 1;
    }
  }
  return lines;
}

const AROUND = 3;

/** The changes with a few lines around each; what lies between two groups is left out. */
export function hunks(lines: readonly DiffLine[]): DiffLine[][] {
  const shown = lines.map((_line, place) =>
    lines.slice(Math.max(0, place - AROUND), place + AROUND + 1).some(({ kind }) => kind !== 'same'),
  );
  const groups: DiffLine[][] = [];
  lines.forEach((line, place) => {
    if (!shown[place]) return;
    if (place === 0 || !shown[place - 1]) groups.push([]);
    groups.at(-1)?.push(line);
  });
  return groups;
}
