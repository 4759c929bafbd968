import { describe, expect, it } from 'vitest';
import { decodeKey, sameKey } from './push';

describe('VAPID keys', () => {
  it('are read from URL-safe base64 without padding', () => {
    expect([...decodeKey('-_8B')]).toEqual([0xfb, 0xff, 0x01]);
    expect([...decodeKey('AQ')]).toEqual([1]);
  });

  it('are compared byte by byte, so that a changed key leads to a new subscription', () => {
    const key = decodeKey('AQID');
    expect(sameKey(key.buffer, decodeKey('AQID'))).toBe(true);
    expect(sameKey(key.buffer, decodeKey('AQIE'))).toBe(false);
    expect(sameKey(null, key)).toBe(false);
  });
});
