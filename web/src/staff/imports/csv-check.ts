import Papa from 'papaparse';

/** The columns of a file of customers, as the server knows them. */
const COLUMNS = [
  'name',
  'email',
  'mobile',
  'locale',
  'time_zone',
  'external_ref',
  'property',
  'provider',
  'consumer_number',
] as const;
const REQUIRED: readonly string[] = ['name', 'locale', 'time_zone'];
/** The column of a reject file that says why: read over, so that a mended one can be imported as it is. */
const ERRORS = 'errors';

const MAX_BYTES = 10 * 1024 * 1024;
const MAX_ROWS = 50_000;
const PREVIEW_ROWS = 5;
/** Problems that are told; a file with more has another problem than its rows. */
const MAX_PROBLEMS = 10;

export type ColumnState = 'ok' | 'ignored' | 'unknown' | 'double' | 'missing';

export type CsvProblem =
  | { readonly kind: 'empty' | 'tooLarge' | 'tooMany' | 'encoding' }
  | { readonly kind: 'missing' | 'unknown' | 'double'; readonly name: string }
  | { readonly kind: 'cells'; readonly row: number; readonly found: number; readonly expected: number };

export interface CsvPreview {
  readonly columns: readonly { readonly name: string; readonly state: ColumnState }[];
  readonly rows: readonly (readonly string[])[];
  readonly total: number;
  readonly problems: readonly CsvProblem[];
}

/**
 * What can be seen of a file before it is sent: its columns and first rows. The server reads it again and decides; this
 * spares a person the round for a wrong file.
 */
export function checkCsv(text: string): CsvPreview {
  const problems: CsvProblem[] = [];
  if (new Blob([text]).size > MAX_BYTES) problems.push({ kind: 'tooLarge' });
  // What a decoder puts in place of bytes that are not UTF-8, and what no text file holds.
  if (text.includes('\uFFFD') || text.includes('\0')) problems.push({ kind: 'encoding' });
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), {
    skipEmptyLines: 'greedy',
    delimitersToGuess: [',', ';', '\t'],
  });
  const [heading = [], ...rows] = data.map((row) => row.map((cell) => cell.trim()));
  const columns: { name: string; state: ColumnState }[] = [];
  const seen = new Set<string>();
  for (const name of heading) {
    const lower = name.toLowerCase().replace(/[ -]/g, '_');
    const state = stateOf(lower, seen);
    seen.add(lower);
    columns.push({ name, state });
    if (state === 'unknown' || state === 'double') problems.push({ kind: state, name });
  }
  for (const name of REQUIRED) {
    if (seen.has(name)) continue;
    columns.push({ name, state: 'missing' });
    problems.push({ kind: 'missing', name });
  }
  if (rows.length === 0) problems.push({ kind: 'empty' });
  if (rows.length > MAX_ROWS) problems.push({ kind: 'tooMany' });
  rows.forEach((row, place) => {
    if (row.length !== heading.length && problems.length < MAX_PROBLEMS) {
      problems.push({ kind: 'cells', row: place + 1, found: row.length, expected: heading.length });
    }
  });
  return { columns, rows: rows.slice(0, PREVIEW_ROWS), total: rows.length, problems };
}

function stateOf(name: string, seen: ReadonlySet<string>): ColumnState {
  if (name === ERRORS || name === '') return 'ignored';
  if (!COLUMNS.some((column) => column === name)) return 'unknown';
  return seen.has(name) ? 'double' : 'ok';
}

/** Whether a file can be sent as it is: single odd rows are told by the dry run, row by row. */
export const isSendable = ({ problems }: CsvPreview): boolean => problems.every(({ kind }) => kind === 'cells');

/** An empty file with the right heading, and a row to go by. */
export const template = (): string =>
  Papa.unparse({
    fields: [...COLUMNS],
    data: [
      [
        'Anna Muster',
        'anna@example.com',
        '+491512345678',
        'de-DE',
        'Europe/Berlin',
        'C-1001',
        'Flat Berlin',
        'voltara',
        'VT10000001',
      ],
    ],
  }).concat('\r\n');
