import { CombinedError } from 'urql';
import { describe, expect, it } from 'vitest';
import { faultOf, fieldErrors } from './errors';

const graphQLError = (code: string, requestId?: string) =>
  new CombinedError({ graphQLErrors: [{ message: 'no', extensions: { code, requestId } }] });

describe('faultOf', () => {
  it('reads the code and the request id of the server', () => {
    expect(faultOf(graphQLError('UNAUTHENTICATED', 'req_1'))).toEqual({ kind: 'unauthenticated', requestId: 'req_1' });
    expect(faultOf(graphQLError('UNAVAILABLE', 'req_4'))).toEqual({ kind: 'unavailable', requestId: 'req_4' });
    expect(faultOf(graphQLError('TOO_MANY', 'req_4')).kind).toBe('rateLimited');
    expect(faultOf(graphQLError('INTERNAL', 'req_2'))).toEqual({ kind: 'unknown', requestId: 'req_2' });
  });

  it('takes a failed fetch for being offline, and an answer with a status for a fault', () => {
    expect(faultOf(new CombinedError({ networkError: new TypeError('Failed to fetch') })).kind).toBe('offline');
    const response = new Response(null, { status: 503, headers: { 'x-request-id': 'req_3' } });
    const error = new CombinedError({ networkError: new Error('Service Unavailable'), response });
    expect(faultOf(error)).toEqual({ kind: 'unknown', requestId: 'req_3' });
  });
});

describe('fieldErrors', () => {
  it('puts an error at its field and keeps the rest for the form', () => {
    const errors = [
      { code: 'INVALID', message: 'Too short', path: ['params', 'consumer_number'] },
      { code: 'INVALID', message: 'A second complaint', path: ['input', 'params', 'consumer_number'] },
      { code: 'CONFLICT', message: 'Already added', path: [] },
    ];
    expect(fieldErrors(errors, ['params.consumer_number'])).toEqual({
      fields: { 'params.consumer_number': 'Too short' },
      rest: ['Already added'],
    });
  });
});
