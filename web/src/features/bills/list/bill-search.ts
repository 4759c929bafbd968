import type { Enum } from '@/shared/graphql/graphql';
import { type UtilityType, utilityTypes } from '@/shared/ui/utility';

export type Standing = Enum<'BillPeriod'>;

export const standings: readonly Standing[] = ['ALL', 'OPEN', 'OVERDUE', 'BEING_PAID', 'PAID'];

/** The filter of the bills page, kept in the address so that it survives going back and can be shared. */
export interface BillSearch {
  readonly standing?: Standing;
  readonly home?: string;
  readonly type?: UtilityType;
  readonly provider?: string;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export function readBillSearch(search: Record<string, unknown>): BillSearch {
  const standing = standings.find((known) => known === search.standing);
  const type = utilityTypes.find((known) => known === search.type);
  const home = text(search.home);
  const provider = text(search.provider);
  return {
    ...(standing && standing !== 'ALL' ? { standing } : {}),
    ...(home ? { home } : {}),
    ...(type ? { type } : {}),
    ...(provider ? { provider } : {}),
  };
}

export function billFilter({ standing, home, type, provider }: BillSearch) {
  return {
    standing: standing ?? 'ALL',
    propertyId: home ?? null,
    utilityType: type ?? null,
    providerId: provider ?? null,
  } as const;
}

/** Open bills are read by urgency, all others by age. */
export const billOrder = ({ standing }: BillSearch): Enum<'BillOrder'> =>
  standing === 'OPEN' || standing === 'OVERDUE' || standing === 'BEING_PAID' ? 'DUE_DATE' : 'NEWEST';
