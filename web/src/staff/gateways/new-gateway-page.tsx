import { Card } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useQuery } from 'urql';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { CardsSkeleton, QueryState } from '@/shared/ui/states';
import { AdminsOnly } from '../ui/admins-only';
import { useWords } from '../words';
import { GatewayForm, gatewayInput } from './gateway-form';
import { GatewayFragment } from './gateway-fragment';

const CreateGateway = graphql(
  `
    mutation StaffCreateGateway($input: CreateGatewayInput!) {
      createGateway(input: $input) {
        gateway { id ...StaffGateway }
        userErrors { code message path }
      }
    }
  `,
  [GatewayFragment],
);

const AdaptersQuery = graphql(`
  query StaffGatewayAdapters {
    gatewayAdapters
  }
`);

export function NewGatewayPage() {
  const t = useWords();
  const [result, execute] = useQuery({ query: AdaptersQuery });
  const navigate = useNavigate();
  const [create, busy] = useAction(CreateGateway);
  return (
    <Page up="/staff/gateways" title={t('gateways.add')} width={880}>
      <AdminsOnly>
        <QueryState
          result={result}
          data={result.data?.gatewayAdapters}
          skeleton={<CardsSkeleton heights={[520]} />}
          onRetry={() => execute({ requestPolicy: 'network-only' })}
        >
          {(adapters) => (
            <Card padding="lg">
              <GatewayForm
                adapters={adapters}
                busy={busy}
                onSubmit={async (values) => {
                  const { payload, userErrors } = await create({
                    input: { code: values.code, adapter: values.adapter, ...gatewayInput(values) },
                  });
                  if (payload?.gateway) {
                    void navigate({ to: '/staff/gateways/$gatewayId', params: { gatewayId: payload.gateway.id } });
                  }
                  return payload ? userErrors : undefined;
                }}
              />
            </Card>
          )}
        </QueryState>
      </AdminsOnly>
    </Page>
  );
}
