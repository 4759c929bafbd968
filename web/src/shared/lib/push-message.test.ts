import { describe, expect, it } from 'vitest';
import { readPush, sameOriginPath } from './push-message';

describe('readPush', () => {
  it('understands a declarative message', () => {
    const { title, options } = readPush(
      JSON.stringify({
        web_push: 8030,
        notification: {
          title: 'New bill',
          body: '€42.10 due on 24 November',
          navigate: 'https://bills.example/bills/bill_1',
          tag: 'bill_1',
          data: { kind: 'BILL_RECEIVED' },
        },
      }),
    );
    expect(title).toBe('New bill');
    expect(options).toMatchObject({
      body: '€42.10 due on 24 November',
      tag: 'bill_1',
      renotify: false,
      data: { kind: 'BILL_RECEIVED', navigate: 'https://bills.example/bills/bill_1' },
    });
  });

  it.each([[undefined], ['not json'], ['null'], ['{"notification":"text"}']])(
    'shows a plain notice for %o',
    (payload) => {
      expect(readPush(payload)).toMatchObject({ title: 'Billow', options: { data: { navigate: '/inbox' } } });
    },
  );
});

describe('sameOriginPath', () => {
  it('opens pages of this app, and no others', () => {
    expect(sameOriginPath('https://bills.example/bills/b?x=1#y', 'https://bills.example')).toBe('/bills/b?x=1#y');
    expect(sameOriginPath('/bills/b', 'https://bills.example')).toBe('/bills/b');
    expect(sameOriginPath('https://elsewhere.example/', 'https://bills.example')).toBe('/inbox');
    expect(sameOriginPath(undefined, 'https://bills.example')).toBe('/inbox');
    expect(sameOriginPath('http://[', 'https://bills.example')).toBe('/inbox');
  });
});
