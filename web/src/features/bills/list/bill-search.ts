import type { Enum } from '@/shared/graphql/graphql';
import { type UtilityType, utilityTypes } from '@/shared/ui/utility';

export type BillState = Enum<'BillListState'>;

export const billStates: readonly BillState[] = ['ALL', 'OPEN', 'OVERDUE', 'BEING_PAID', 'PAID'];

/** The filter of the bills page, kept in the address so that it survives going back and can be shared. */
export interface BillSearch {
  readonly state?: BillState;
  readonly home?: string;
  readonly type?: UtilityType;
  readonly provider?: string;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export function readBillSearch(search: Record<string, unknown>): BillSearch {
  const state = billStates.find((known) => known === search.state);
  const type = utilityTypes.find((known) => known === search.type);
  const home = text(search.home);
  const provider = text(search.provider);
  return {
    ...(state && state !== 'ALL' ? { state } : {}),
    ...(home ? { home } : {}),
    ...(type ? { type } : {}),
    ...(provider ? { provider } : {}),
  };
}

export function billFilter({ state, home, type, provider }: BillSearch) {
  return {
    state: state ?? 'ALL',
    propertyId: home ?? null,
    utilityType: type ?? null,
    providerId: provider ?? null,
  } as const;
}

/** Open bills are read by urgency, all others by age. */
export const billOrder = ({ state }: BillSearch): Enum<'BillOrder'> =>
  state === 'OPEN' || state === 'OVERDUE' || state === 'BEING_PAID' ? 'DUE_DATE' : 'NEWEST';
