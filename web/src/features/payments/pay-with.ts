import { MethodFragment } from '@/entities/method/method-fragment';
import { graphql } from '@/shared/graphql/graphql';
import { walletQueries } from '@/shared/graphql/live-sets';
import { memberOf } from '@/shared/graphql/query-set';

/** What somebody may pay with: saved methods, and what is in the wallet. */
export const PayWithQuery = memberOf(
  [walletQueries],
  graphql(
    `
    query PayWith {
      paymentMethods { id ...Method }
      wallets { currency available { amountMinor currency } }
    }
  `,
    [MethodFragment],
  ),
);
