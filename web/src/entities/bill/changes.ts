import type { Format } from '@/shared/i18n/format';

/** A field of a bill as two versions had it, in the plain form in which versions are stored. */
export interface StoredChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface ShownChange {
  readonly field: string;
  /** The line item it is about, where the lines differ. */
  readonly line?: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

interface StoredLine {
  readonly label?: unknown;
  readonly amount_minor?: unknown;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const WHOLE = /^-?\d+$/;

/** What changed, in the words of the viewer: amounts and dates formatted, line items compared one by one. */
export function shownChanges(changes: readonly StoredChange[], currency: string, format: Format): ShownChange[] {
  return changes.flatMap((change) => {
    const before = parsed(change.before);
    const after = parsed(change.after);
    if (change.field === 'lines' && Array.isArray(before ?? []) && Array.isArray(after ?? [])) {
      return lineChanges((before ?? []) as StoredLine[], (after ?? []) as StoredLine[], currency, format);
    }
    return {
      field: change.field,
      before: shown(change.field, before, currency, format),
      after: shown(change.field, after, currency, format),
    };
  });
}

/** Structured values are stored as JSON; everything else is the text itself. */
function parsed(text: string | null): unknown {
  if (text === null || text === '' || text === 'null') return undefined;
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function shown(field: string, value: unknown, currency: string, format: Format): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') {
    if (DAY.test(value)) return format.day(value);
    if (/amount/i.test(field) && WHOLE.test(value)) return format.money({ amountMinor: value, currency });
    return value;
  }
  const { value: quantity, unit } = value as { value?: unknown; unit?: unknown };
  if (typeof quantity === 'string' && typeof unit === 'string') return `${format.number(quantity, 3)} ${unit}`;
  return JSON.stringify(value);
}

function lineChanges(
  before: readonly StoredLine[],
  after: readonly StoredLine[],
  currency: string,
  format: Format,
): ShownChange[] {
  const labels = [...new Set([...before, ...after].map(({ label }) => String(label ?? '')))];
  return labels.flatMap((label) => {
    const was = lineAmounts(before, label, currency, format);
    const is = lineAmounts(after, label, currency, format);
    return was === is ? [] : [{ field: 'lines', line: label, before: was, after: is }];
  });
}

/** The amounts of all lines of one name: some bills list the same item twice. */
function lineAmounts(
  lines: readonly StoredLine[],
  label: string,
  currency: string,
  format: Format,
): string | undefined {
  const amounts = lines
    .filter((line) => String(line.label ?? '') === label)
    .map((line) =>
      typeof line.amount_minor === 'number' ? format.money({ amountMinor: String(line.amount_minor), currency }) : '–',
    );
  return amounts.length > 0 ? amounts.join(', ') : undefined;
}
