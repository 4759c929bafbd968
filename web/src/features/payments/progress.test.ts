import { describe, expect, it } from 'vitest';
import { progressOf, underWay } from './progress';

const states = (...args: Parameters<typeof progressOf>) =>
  progressOf(...args).map(({ stage, state }) => `${stage}:${state}`);

describe('the progress of a payment', () => {
  it('goes from sent over paid to confirmed by the provider', () => {
    expect(states({ kind: 'BILLS', status: 'PROCESSING', remittances: [null] })).toEqual([
      'sent:active',
      'paid:waiting',
      'confirmed:waiting',
    ]);
    expect(states({ kind: 'BILLS', status: 'SUCCEEDED', remittances: ['QUEUED'] })).toEqual([
      'sent:done',
      'paid:done',
      'confirmed:active',
    ]);
    expect(states({ kind: 'BILLS', status: 'SUCCEEDED', remittances: ['CONFIRMED', 'CONFIRMED'] })).toEqual([
      'sent:done',
      'paid:done',
      'confirmed:done',
    ]);
  });

  it('is confirmed only when every provider has confirmed, and failed when one refused', () => {
    const last = (remittances: Parameters<typeof progressOf>[0]['remittances']) =>
      states({ kind: 'BILLS', status: 'SUCCEEDED', remittances }).at(-1);
    expect(last(['CONFIRMED', 'SENT'])).toBe('confirmed:active');
    expect(last(['CONFIRMED', 'REJECTED'])).toBe('confirmed:failed');
    expect(last([])).toBe('confirmed:active');
  });

  it('ends where a payment failed, and has no provider for the wallet', () => {
    expect(states({ kind: 'BILLS', status: 'FAILED', remittances: [null] })).toEqual(['sent:done', 'paid:failed']);
    expect(states({ kind: 'TOP_UP', status: 'SUCCEEDED', remittances: [] })).toEqual(['sent:done', 'paid:done']);
  });

  it('knows what is not over yet', () => {
    expect(['PENDING', 'PROCESSING', 'REQUIRES_ACTION', 'UNKNOWN'].every(underWay)).toBe(true);
    expect(['SUCCEEDED', 'FAILED', 'CANCELLED'].some(underWay)).toBe(false);
  });
});
