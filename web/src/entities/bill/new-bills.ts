import { Observable, useObservable } from '@/shared/lib/store';

/** Bills that arrived while the app was open, until they are looked at: they are highlighted in every list. */
const newBills = new Observable<ReadonlySet<string>>(new Set());

export function noteNewBill(id: string): void {
  newBills.set(new Set([...newBills.get(), id]));
}

export function noteSeenBill(id: string): void {
  const ids = newBills.get();
  if (!ids.has(id)) return;
  newBills.set(new Set([...ids].filter((other) => other !== id)));
}

export function useIsNewBill(id: string): boolean {
  return useObservable(newBills).has(id);
}
