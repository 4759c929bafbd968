import { expect, it } from 'vitest';
import { yesterday } from './days';

it('knows the day before, across months and leap days', () => {
  expect(yesterday('2026-11-21')).toBe('2026-11-20');
  expect(yesterday('2026-01-01')).toBe('2025-12-31');
  expect(yesterday('2028-03-01')).toBe('2028-02-29');
});
