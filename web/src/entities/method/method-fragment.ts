import { graphql, type ResultOf } from '@/shared/graphql/graphql';

/** A saved card or direct debit, as it is shown wherever one is chosen. */
export const MethodFragment = graphql(`
  fragment Method on PaymentMethod {
    id
    kind
    status
    failure
    brand
    last4
    expMonth
    expYear
    expiresSoon
    label
    isDefault
    actionUrl
  }
`);

export type Method = ResultOf<typeof MethodFragment>;

export const PaymentMethodsQuery = graphql(
  `
    query PaymentMethods {
      paymentMethods { id ...Method }
    }
  `,
  [MethodFragment],
);
