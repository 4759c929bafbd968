import { BillCardFragment } from '@/entities/bill/bill-card';
import { graphql } from '@/shared/graphql/graphql';

/** The bills of a payment as lists show them: a payment that starts or ends changes what is to be paid of each. */
export const PaidBillsFragment = graphql(
  `
    fragment PaidBills on Payment {
      allocations { id bill { ...BillCard } }
    }
  `,
  [BillCardFragment],
);
