/** What is to be paid, kept in the address: chosen bills, or everything that is open in one currency. */
export interface PaySearch {
  readonly bills?: string;
  readonly all?: string;
}

const BILL = /^bill_[0-9a-z]{26}$/;
const CURRENCY = /^[A-Z]{3}$/;
/** So many bills are paid at once at most. */
export const MOST_BILLS = 50;

export function readPaySearch(search: Record<string, unknown>): PaySearch {
  const bills = typeof search.bills === 'string' ? billIds(search.bills) : [];
  if (bills.length > 0) return { bills: bills.join('.') };
  return typeof search.all === 'string' && CURRENCY.test(search.all) ? { all: search.all } : {};
}

/** The bills an address names, each once. */
export function billIds(text: string | undefined): string[] {
  const ids = (text ?? '').split('.').filter((id) => BILL.test(id));
  return [...new Set(ids)].slice(0, MOST_BILLS);
}

export const payBillsSearch = (ids: readonly string[]): PaySearch => ({ bills: ids.join('.') });
