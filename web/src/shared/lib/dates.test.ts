import { describe, expect, it } from 'vitest';
import { daysBetween, formatDay, formatDaysAway, formatInstant, formatRelative, lastMonths, today } from './dates';

describe('calendar days', () => {
  it('are not moved by any time zone', () => {
    expect(formatDay('2026-01-01', 'en-GB', { dateStyle: 'short' })).toBe('01/01/2026');
    expect(formatDay('2026-03-29', 'de-DE')).toBe('29.03.2026');
  });

  it('are counted across a clock change as whole days', () => {
    expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
    expect(daysBetween('2026-11-21', '2026-11-18')).toBe(-3);
  });

  it('today is the day of the viewer, not of the server', () => {
    const now = new Date('2026-11-21T23:30:00Z');
    expect(today('Asia/Kolkata', now)).toBe('2026-11-22');
    expect(today('America/New_York', now)).toBe('2026-11-21');
  });

  it('are shown as they came if they are no dates', () => {
    expect(formatDay('soon', 'en-GB')).toBe('soon');
  });
});

describe('instants', () => {
  it('are shown in the zone of the viewer', () => {
    const shown = formatInstant('2026-11-21T23:30:00Z', 'en-GB', 'Asia/Kolkata');
    expect(shown).toContain('22 Nov 2026');
    expect(shown).toContain('05:00');
  });

  it('are told relative to now in a fitting unit', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    expect(formatRelative('2026-11-21T11:55:00Z', 'en-GB', now)).toBe('5 minutes ago');
    expect(formatRelative('2026-11-24T12:00:00Z', 'en-GB', now)).toBe('in 3 days');
    expect(formatRelative('2026-11-21T11:59:50Z', 'en-GB', now)).toBe('this minute');
  });
});

describe('months and countdowns', () => {
  it('lists the last twelve months over the turn of the year', () => {
    const months = lastMonths('2026-02-28', 12);
    expect(months).toHaveLength(12);
    expect(months[0]).toBe('2025-03-01');
    expect(months.at(-1)).toBe('2026-02-01');
  });

  it('says tomorrow and yesterday in the language of the viewer', () => {
    expect(formatDaysAway(1, 'de-DE')).toBe('morgen');
    expect(formatDaysAway(-1, 'en-GB')).toBe('yesterday');
    expect(formatDaysAway(5, 'en-GB')).toBe('in 5 days');
  });
});
