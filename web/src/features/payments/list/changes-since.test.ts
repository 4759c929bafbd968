import { describe, expect, it, vi } from 'vitest';

vi.mock('@/shared/graphql/client', () => ({ client: {} }));
vi.mock('@/entities/payment/payment-card', () => ({ PaymentCardFragment: {} }));
vi.mock('@/shared/graphql/graphql', () => ({ graphql: () => ({}) }));

const { catchUp } = await import('./changes-since');

describe('what changed since', () => {
  it('goes on until nothing more changed, each time from where it stood', async () => {
    const answers = [
      { cursor: 'c2', more: true },
      { cursor: 'c3', more: false },
    ];
    const asked: string[] = [];
    const end = await catchUp('c1', async (since) => {
      asked.push(since);
      return answers.shift();
    });
    expect(end).toBe('c3');
    expect(asked).toEqual(['c1', 'c2']);
  });

  it('reads the list anew when too much changed or the log does not go back that far', async () => {
    let cursor = 0;
    const endless = async () => ({ cursor: `c${++cursor}`, more: true });
    expect(await catchUp('c0', endless)).toBeUndefined();
    expect(cursor).toBe(5);
    expect(await catchUp('c0', async () => undefined)).toBeUndefined();
  });

  it('does not ask for the same again and again', async () => {
    const still = vi.fn(async () => ({ cursor: 'c1', more: true }));
    expect(await catchUp('c1', still)).toBe('c1');
    expect(still).toHaveBeenCalledTimes(1);
  });
});
