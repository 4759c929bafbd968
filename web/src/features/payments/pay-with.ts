import { MethodFragment } from '@/entities/method/method-fragment';
import { graphql } from '@/shared/graphql/graphql';

/** What somebody may pay with: saved methods, and what is in the wallet. */
export const PayWithQuery = graphql(
  `
    query PayWith {
      paymentMethods { id ...Method }
      wallets { currency available { amountMinor currency } }
    }
  `,
  [MethodFragment],
);
