import { describe, expect, it } from 'vitest';
import { beginFollowingAt, ResumeCursors, takeBeginning } from './cursors';

describe('ResumeCursors', () => {
  it('subscribes from now until an event has been seen, and then after it', () => {
    const cursors = new ResumeCursors();
    cursors.start(1);
    expect(cursors.variables(1, { id: 'run_1' })).toEqual({ id: 'run_1' });
    cursors.remember(1, { billReceived: { cursor: 'c7', resync: false, bill: {} } });
    cursors.remember(1, { billReceived: { cursor: 'c9', resync: false, bill: {} } });
    expect(cursors.variables(1, { id: 'run_1' })).toEqual({ id: 'run_1', after: 'c9' });
  });

  it('keeps the cursors of two streams apart', () => {
    const cursors = new ResumeCursors();
    cursors.remember(1, { billReceived: { cursor: 'a' } });
    cursors.remember(2, { billUpdated: { cursor: 'b' } });
    expect(cursors.variables(1, undefined)).toEqual({ after: 'a' });
    expect(cursors.variables(2, undefined)).toEqual({ after: 'b' });
  });

  it('starts afresh after a stream was ended on purpose', () => {
    const cursors = new ResumeCursors();
    cursors.start(1);
    cursors.remember(1, { billReceived: { cursor: 'a' } });
    cursors.stop(1);
    expect(cursors.variables(1, {})).toEqual({});
  });

  it('knows whether a reconnection can resume every running stream', () => {
    const cursors = new ResumeCursors();
    expect(cursors.anyWithoutCursor).toBe(false);
    cursors.start(1);
    expect(cursors.anyWithoutCursor).toBe(true);
    cursors.remember(1, { billReceived: { cursor: 'a' } });
    expect(cursors.anyWithoutCursor).toBe(false);
  });

  it('is not led astray by results without a cursor', () => {
    const cursors = new ResumeCursors();
    cursors.remember(1, null);
    cursors.remember(1, { billReceived: null });
    cursors.remember(1, { billReceived: { cursor: '' } });
    expect(cursors.variables(1, {})).toEqual({});
  });
});

describe('the beginning', () => {
  it('is given once: later streams belong to later lists', () => {
    beginFollowingAt('c3');
    expect(takeBeginning()).toBe('c3');
    expect(takeBeginning()).toBeUndefined();
  });
});
