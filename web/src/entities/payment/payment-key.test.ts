import { describe, expect, it } from 'vitest';
import { PaymentKeys } from './payment-key';

function keys() {
  const kept = new Map<string, string>();
  let made = 0;
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
  return { storage, keys: new PaymentKeys(storage, () => `key-${++made}`) };
}

describe('the key of a payment', () => {
  it('stays the same until the answer is known, also after a reload', () => {
    const { storage, keys: first } = keys();
    expect(first.of('bill_a')).toBe('key-1');
    expect(first.of('bill_a')).toBe('key-1');
    expect(new PaymentKeys(storage, () => 'other').of('bill_a')).toBe('key-1');
    first.forget('bill_a');
    expect(first.of('bill_a')).toBe('key-2');
  });

  it('is another one for another sheet', () => {
    const { keys: all } = keys();
    expect(all.of('bill_a')).not.toBe(all.of('bill_b'));
  });

  it('does without storage', () => {
    const broken = () => {
      throw new Error('forbidden');
    };
    const all = new PaymentKeys({ getItem: broken, setItem: broken, removeItem: broken }, () => 'k');
    expect(all.of('bill_a')).toBe('k');
    expect(() => all.forget('bill_a')).not.toThrow();
  });
});
