import { graphql, type ResultOf } from '@/shared/graphql/graphql';

export const GatewayFragment = graphql(`
  fragment StaffGateway on Gateway {
    id
    code
    name
    adapter
    status
    rank
    currencies
    kinds
    baseUrl
    timeoutMs
    searches
    credentialNames
    mode
    lastTest { result passed message accountId accountName testedAt }
    circuit { state reason failures openedAt probeAt }
    lastSuccessAt
    webhookUrl
    createdAt
    updatedAt
  }
`);

export type Gateway = ResultOf<typeof GatewayFragment>;
