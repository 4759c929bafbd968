/** Decides in which of the lists on screen a payment belongs, as the server would: see `bill-lists`. */
export interface ListedPayment {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly createdAt: string;
  readonly customerId?: string | undefined;
  readonly allocations: readonly {
    readonly utilityType?: string | undefined;
    readonly providerId?: string | undefined;
    readonly billId?: string | undefined;
    readonly propertyId?: string | undefined;
  }[];
}

export interface PaymentListFilter {
  readonly customerId?: string | null;
  readonly status?: string | null;
  readonly kind?: string | null;
  readonly utilityType?: string | null;
  readonly providerId?: string | null;
  readonly billId?: string | null;
  readonly propertyId?: string | null;
  readonly from?: string | null;
  readonly to?: string | null;
}

const differs = (wanted: string | null | undefined, value: string | undefined): boolean =>
  wanted !== null && wanted !== undefined && wanted !== value;

/** Whether the list filtered by `filter` holds `payment`. */
export function matchesPaymentFilter(payment: ListedPayment, filter: PaymentListFilter | null | undefined): boolean {
  if (!filter) return true;
  if (differs(filter.customerId, payment.customerId)) return false;
  if (differs(filter.status, payment.status) || differs(filter.kind, payment.kind)) return false;
  const day = payment.createdAt.slice(0, 10);
  if (filter.from && day < filter.from) return false;
  if (filter.to && day > filter.to) return false;
  const { utilityType, providerId, billId, propertyId } = filter;
  if (!utilityType && !providerId && !billId && !propertyId) return true;
  return payment.allocations.some(
    (part) =>
      !differs(utilityType, part.utilityType) &&
      !differs(providerId, part.providerId) &&
      !differs(billId, part.billId) &&
      !differs(propertyId, part.propertyId),
  );
}

/** The index at which `payment` belongs in `listed`, the newest first. */
export function placeOfPayment(
  payment: Pick<ListedPayment, 'createdAt'>,
  listed: readonly Pick<ListedPayment, 'createdAt'>[],
): number {
  const at = Date.parse(payment.createdAt);
  const index = listed.findIndex((other) => at >= Date.parse(other.createdAt));
  return index === -1 ? listed.length : index;
}
