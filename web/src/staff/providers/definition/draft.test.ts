import { describe, expect, it } from 'vitest';
import { at, credentialsNamed, put, without } from './draft';

describe('put', () => {
  it('makes what is not there on the way and leaves the rest as it was', () => {
    const before = { code: 'voltara', connector: { kind: 'HTTP' } };
    const after = put(before, 'connector.settings.base_url', 'https://example.com');
    expect(after).toEqual({
      code: 'voltara',
      connector: { kind: 'HTTP', settings: { base_url: 'https://example.com' } },
    });
    expect(before).toEqual({ code: 'voltara', connector: { kind: 'HTTP' } });
  });

  it('changes an item of a list by its place', () => {
    expect(put({ params: [{ name: 'a' }, { name: 'b' }] }, 'params.1.name', 'c')).toEqual({
      params: [{ name: 'a' }, { name: 'c' }],
    });
  });

  it('leaves a field out that is undefined, and keeps one that is empty', () => {
    expect(put({ country: 'DE', name: 'x' }, 'country', undefined)).toEqual({ name: 'x' });
    expect(put({ name: 'x' }, 'name', '')).toEqual({ name: '' });
  });
});

describe('at', () => {
  it('finds nothing beyond a text', () => {
    expect(at({ name: 'x' }, 'name.length')).toBeUndefined();
  });
});

describe('without', () => {
  it('takes one item out of a list', () => {
    expect(without({ plans: [1, 2, 3] }, 'plans', 1)).toEqual({ plans: [1, 3] });
  });
});

describe('credentialsNamed', () => {
  it('finds fields and placeholders, each name once', () => {
    const settings = {
      auth: { type: 'basic', username_credential: 'user', password_credential: 'password' },
      steps: [{ request: '{headers: {"X-Key": "{{credential:api_key}}", "X-User": "{{credential:user}}"}}' }],
    };
    expect(credentialsNamed(settings)).toEqual(['api_key', 'password', 'user']);
  });

  it('passes over names that a program puts together', () => {
    expect(credentialsNamed({ request: '"{{credential:\\(.name)}}"' })).toEqual([]);
  });
});
