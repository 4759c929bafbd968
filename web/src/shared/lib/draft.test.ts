import { expect, test } from 'vitest';
import { rebased } from './draft';

const base = { hour: 9, days: [1, 3], quiet: { from: 22, to: 7 } };

test('fields that nobody touched follow what is stored', () => {
  const stored = { hour: 18, days: [1], quiet: { from: 21, to: 6 } };
  expect(rebased(base, base, stored)).toEqual(stored);
});

test('what a person changed stays on top of what is stored', () => {
  const draft = { ...base, days: [1, 3, 7] };
  expect(rebased(draft, base, { ...base, hour: 18, days: [1] })).toEqual({ ...base, hour: 18, days: [1, 3, 7] });
});

test('a field that was set back to what it was is not a change', () => {
  const draft = { ...base, quiet: { from: 22, to: 7 } };
  const stored = { ...base, quiet: { from: 20, to: 5 } };
  expect(rebased(draft, base, stored)).toEqual(stored);
});
