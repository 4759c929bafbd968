import { describe, expect, it } from 'vitest';
import { joined } from './tail';

const event = (position: number) => ({ id: `evt_${position}`, cursor: String(position) });

describe('joined', () => {
  it('shows an event once that came live and was also read', () => {
    expect(joined([event(4), event(3)], [event(3), event(2)])).toEqual([event(4), event(3), event(2)]);
  });

  it('orders by position as a number, whatever order events arrived in', () => {
    expect(joined([event(9), event(10)], [event(8)]).map(({ cursor }) => cursor)).toEqual(['10', '9', '8']);
  });
});
