import { Observable } from '@/shared/lib/store';

const LAST_SYNC = 'billow.lastSync';

/** Whether the last request reached the server, and when one last did: what the offline banner says. */
export const reachable = new Observable<boolean>(typeof navigator === 'undefined' ? true : navigator.onLine);
export const lastSync = new Observable<number | null>(readLastSync());
/** Grows when the server says that live events were lost, or that the session ended. Lists start over on it. */
export const resyncs = new Observable<number>(0);

export function noteReached(now: number): void {
  reachable.set(true);
  lastSync.set(now);
  try {
    localStorage.setItem(LAST_SYNC, String(now));
  } catch {
    // Storage can be forbidden; the banner then lacks a time after a reload, and nothing else.
  }
}

export function noteUnreachable(): void {
  reachable.set(false);
}

export function forgetSync(): void {
  lastSync.set(null);
  try {
    localStorage.removeItem(LAST_SYNC);
  } catch {
    // As above.
  }
}

function readLastSync(): number | null {
  try {
    const stored = Number(localStorage.getItem(LAST_SYNC));
    return Number.isFinite(stored) && stored > 0 ? stored : null;
  } catch {
    return null;
  }
}
