import { useEffect } from 'react';
import type { UseQueryExecute } from 'urql';

/** Asks a query again every `ms` while somebody looks at the page, for what changes without an event that tells it. */
export function useAskAgain(execute: UseQueryExecute, ms: number, wanted = true): void {
  useEffect(() => {
    if (!wanted) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') execute({ requestPolicy: 'network-only' });
    }, ms);
    return () => clearInterval(timer);
  }, [execute, ms, wanted]);
}
