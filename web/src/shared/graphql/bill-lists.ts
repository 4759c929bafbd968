/**
 * Decides where a bill that arrived live belongs among the lists that are already on screen.
 *
 * The server decides what a list holds; this repeats its rules for the one bill just received, so that the bill appears
 * without asking for the list again. Kept apart from the cache so that the rules can be tested alone.
 */
export interface ListedBill {
  readonly id: string;
  readonly status: string;
  readonly issuedOn: string;
  readonly dueOn: string | null;
  readonly overdue: boolean;
  /** Minor units that are left to pay, and those of them that a payment under way covers. */
  readonly remaining: bigint;
  readonly beingPaid: bigint;
  readonly utilityType: string;
  readonly providerId?: string | undefined;
  readonly propertyId?: string | undefined;
  readonly utilityAccountId?: string | undefined;
  readonly customerId?: string | undefined;
}

export interface ListFilter {
  readonly propertyId?: string | null;
  readonly utilityAccountId?: string | null;
  readonly providerId?: string | null;
  readonly customerId?: string | null;
  readonly utilityType?: string | null;
  readonly state?: string | null;
  readonly issuedFrom?: string | null;
  readonly issuedTo?: string | null;
}

const given = (value: string | null | undefined): value is string => value !== null && value !== undefined;

/** Whether the list filtered by `filter` holds `bill`. */
export function matchesFilter(bill: ListedBill, filter: ListFilter | null | undefined): boolean {
  if (!filter) return true;
  if (given(filter.propertyId) && filter.propertyId !== bill.propertyId) return false;
  if (given(filter.utilityAccountId) && filter.utilityAccountId !== bill.utilityAccountId) return false;
  if (given(filter.providerId) && filter.providerId !== bill.providerId) return false;
  if (given(filter.customerId) && filter.customerId !== bill.customerId) return false;
  if (given(filter.utilityType) && filter.utilityType !== bill.utilityType) return false;
  if (given(filter.issuedFrom) && bill.issuedOn < filter.issuedFrom) return false;
  if (given(filter.issuedTo) && bill.issuedOn > filter.issuedTo) return false;
  return matchesState(bill, filter.state);
}

function matchesState(bill: ListedBill, state: string | null | undefined): boolean {
  switch (state) {
    case 'OPEN':
      return bill.status === 'OPEN' && bill.remaining > bill.beingPaid;
    case 'OVERDUE':
      return bill.status === 'OPEN' && bill.overdue;
    case 'BEING_PAID':
      return bill.status === 'OPEN' && bill.beingPaid > 0n;
    case 'PAID':
      return bill.status === 'PAID' || bill.status === 'PAID_ELSEWHERE';
    default:
      return true;
  }
}

/** The index at which `bill` belongs in `listed`, which is already in the order `orderBy`. */
export function placeOf(
  bill: Pick<ListedBill, 'issuedOn' | 'dueOn'>,
  listed: readonly Pick<ListedBill, 'issuedOn' | 'dueOn'>[],
  orderBy: string | null | undefined,
): number {
  const before = orderBy === 'DUE_DATE' ? dueSooner : issuedLater;
  const index = listed.findIndex((other) => before(bill, other));
  return index === -1 ? listed.length : index;
}

const issuedLater = (a: Pick<ListedBill, 'issuedOn'>, b: Pick<ListedBill, 'issuedOn'>) => a.issuedOn >= b.issuedOn;

const dueSooner = (a: Pick<ListedBill, 'dueOn'>, b: Pick<ListedBill, 'dueOn'>) => {
  if (a.dueOn === null) return false;
  return b.dueOn === null || a.dueOn < b.dueOn;
};
