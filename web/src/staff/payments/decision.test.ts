import { expect, it } from 'vitest';
import { readDecision } from './decision';

it('reads who was chosen and who was passed over, and why', () => {
  const decision = {
    chosen: 'gw_1',
    candidates: [
      { gateway: 'gw_2', code: 'main', verdict: 'circuit_open', reason: 'five faults in a row' },
      { gateway: 'gw_1', code: 'spare', verdict: 'chosen', reason: null },
      { nothing: true },
    ],
  };
  expect(readDecision(decision)).toEqual([
    { code: 'main', verdict: 'circuit_open', reason: 'five faults in a row' },
    { code: 'spare', verdict: 'chosen', reason: undefined },
  ]);
  for (const nonsense of [null, 'x', {}, { candidates: 'none' }]) expect(readDecision(nonsense)).toEqual([]);
});
