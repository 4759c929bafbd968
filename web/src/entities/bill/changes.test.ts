import { describe, expect, it } from 'vitest';
import { makeFormat } from '@/shared/i18n/format';
import { shownChanges } from './changes';

const format = makeFormat('en-GB', 'Europe/Berlin');
const show = (field: string, before: string | null, after: string | null) =>
  shownChanges([{ field, before, after }], 'EUR', format);

describe('shownChanges', () => {
  it('writes amounts and days as the viewer does', () => {
    expect(show('amount_minor', '6433', '4242')).toEqual([
      { field: 'amount_minor', before: '€64.33', after: '€42.42' },
    ]);
    expect(show('due_on', null, '2026-11-26')).toEqual([{ field: 'due_on', before: undefined, after: '26 Nov 2026' }]);
  });

  it('writes usage with its unit', () => {
    expect(show('usage', '{"value":"154.6","unit":"kWh"}', '{"value":"88.7","unit":"kWh"}')).toEqual([
      { field: 'usage', before: '154.6 kWh', after: '88.7 kWh' },
    ]);
  });

  it('compares line items one by one and leaves out those that stayed', () => {
    const before = '[{"label":"Energy","amount_minor":4316},{"label":"Grid","amount_minor":1090}]';
    const after =
      '[{"label":"Energy","amount_minor":2475},{"label":"Grid","amount_minor":1090},{"label":"Bonus","amount_minor":-100}]';
    expect(show('lines', before, after)).toEqual([
      { field: 'lines', line: 'Energy', before: '€43.16', after: '€24.75' },
      { field: 'lines', line: 'Bonus', before: undefined, after: '-€1.00' },
    ]);
  });

  it('shows what it does not understand as it is', () => {
    expect(show('note', 'a', '{broken')).toEqual([{ field: 'note', before: 'a', after: '{broken' }]);
  });
});
