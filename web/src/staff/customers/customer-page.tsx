import { Button, Group, Skeleton, Stack, Tabs } from '@mantine/core';
import { IconKey, IconMail, IconShieldOff } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useQuery } from 'urql';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { QueryState } from '@/shared/ui/states';
import { AuditList } from '../audit/audit-list';
import { BillList, BillsQuery } from '../bills/bill-list';
import { PaymentsQuery } from '../payments/payment-list';
import { ask } from '../ui/ask';
import { useLive } from '../ui/live';
import { useIsAdmin } from '../ui/role';
import { showOnce } from '../ui/secret-once';
import { useWords } from '../words';
import { CustomerAccounts, CustomerAccountsQuery } from './customer-accounts';
import { CustomerHomes, CustomerHomesFragment } from './customer-homes';
import { CustomerMessages, MessagesQuery } from './customer-messages';
import { CustomerPayments, MoneyQuery } from './customer-payments';
import { ProfileCard, ProfileFragment } from './profile-card';

const CustomerQuery = graphql(
  `
    query StaffCustomer($id: ID!) {
      customer(id: $id) {
        id
        name
        email
        hasSignIn
        ...StaffProfile
        ...StaffCustomerHomes
      }
    }
  `,
  [ProfileFragment, CustomerHomesFragment],
);

const ResendInvitation = graphql(`
  mutation StaffResendInvitation($input: ResendInvitationInput!) {
    resendInvitation(input: $input) {
      invitationLink
      userErrors { code message path }
    }
  }
`);

const SendPasswordReset = graphql(`
  mutation StaffSendPasswordReset($input: SendPasswordResetInput!) {
    sendPasswordReset(input: $input) {
      user { id }
      userErrors { code message path }
    }
  }
`);

const ResetSecondFactor = graphql(`
  mutation StaffResetCustomerSecondFactor($input: ResetSecondFactorInput!) {
    resetSecondFactor(input: $input) {
      user { id }
      userErrors { code message path }
    }
  }
`);

const TABS = ['overview', 'bills', 'payments', 'messages', 'audit'] as const;
type Tab = (typeof TABS)[number];

const route = getRouteApi('/signed-in/staff/customers/$customerId');

const LIVE_KINDS = [
  'bill.received',
  'bill.updated',
  'account.updated',
  'customer.updated',
  'property.updated',
  'notification.created',
  'payment.updated',
  'wallet.updated',
];
const LIVE_QUERIES = [CustomerQuery, CustomerAccountsQuery, BillsQuery, MessagesQuery, PaymentsQuery, MoneyQuery];

export function CustomerPage() {
  const { customerId } = route.useParams();
  const { tab } = route.useSearch();
  const t = useWords();
  const admin = useIsAdmin();
  const navigate = useNavigate({ from: '/staff/customers/$customerId' });
  const [result, execute] = useQuery({ query: CustomerQuery, variables: { id: customerId } });
  const [resend] = useAction(ResendInvitation);
  const [sendReset] = useAction(SendPasswordReset);
  const [takeFactor] = useAction(ResetSecondFactor);
  useLive(LIVE_KINDS, LIVE_QUERIES, (event) => event.customerId === customerId);
  const customer = result.data?.customer;
  const refresh = () => execute({ requestPolicy: 'network-only' });
  const tabs = TABS.filter((name) => name !== 'audit' || admin);
  const shown: Tab = tabs.find((name) => name === tab) ?? 'overview';

  const invite = () =>
    ask({
      title: t('customers.resendTitle'),
      body: t('customers.resendBody'),
      confirm: t('customers.resend'),
      done: t('customers.resent'),
      run: async () => {
        const outcome = await resend({ input: { customerId } });
        if (outcome.payload?.invitationLink) {
          showOnce(t('customers.invitation', { name: customer?.name ?? '' }), {
            label: t('customers.invitationLabel'),
            hint: t('customers.invitationHint'),
            value: outcome.payload.invitationLink,
          });
        }
        return outcome;
      },
    });

  const reset = () =>
    ask({
      title: t('customers.resetTitle'),
      body: t('customers.resetBody'),
      confirm: t('customers.resetSend'),
      done: t('customers.resetDone'),
      run: () => sendReset({ input: { customerId } }),
    });

  const resetFactor = () =>
    ask({
      title: t('customers.resetFactorTitle', { name: customer?.name ?? '' }),
      body: t('customers.resetFactorBody'),
      confirm: t('customers.resetFactor'),
      danger: true,
      reason: 'required',
      done: t('customers.resetFactorDone'),
      run: (reason) => takeFactor({ input: { owner: { customerId }, reason } }),
    });

  return (
    <Page
      up="/staff/customers"
      width={1240}
      title={customer?.name ?? t('customers.title')}
      subtitle={customer?.email}
      actions={
        customer && !customer.hasSignIn ? (
          <Button size="sm" variant="default" leftSection={<IconMail size={17} />} onClick={invite}>
            {t('customers.resend')}
          </Button>
        ) : customer ? (
          <Group gap="xs">
            <Button size="sm" variant="default" leftSection={<IconKey size={17} />} onClick={reset}>
              {t('customers.reset')}
            </Button>
            <Button size="sm" variant="default" leftSection={<IconShieldOff size={17} />} onClick={resetFactor}>
              {t('customers.resetFactor')}
            </Button>
          </Group>
        ) : null
      }
    >
      <QueryState
        result={result}
        data={customer}
        onRetry={refresh}
        skeleton={
          <Stack aria-busy="true">
            <Skeleton height={40} />
            <Skeleton height={170} radius="lg" />
            <Skeleton height={220} radius="lg" />
          </Stack>
        }
      >
        {(loaded) => (
          <Tabs
            value={shown}
            keepMounted={false}
            onChange={(value) =>
              void navigate({ search: value && value !== 'overview' ? { tab: value } : {}, replace: true })
            }
          >
            <Tabs.List mb="lg" style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
              {tabs.map((name) => (
                <Tabs.Tab key={name} value={name} style={{ flexShrink: 0 }}>
                  {t(`customers.tabs.${name}`)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <Tabs.Panel value="overview">
              <Stack gap="lg">
                <ProfileCard customer={loaded} />
                <CustomerAccounts customerId={loaded.id} />
                <CustomerHomes customer={loaded} onChanged={refresh} />
              </Stack>
            </Tabs.Panel>
            <Tabs.Panel value="bills">
              <BillList customerId={loaded.id} />
            </Tabs.Panel>
            <Tabs.Panel value="payments">
              <CustomerPayments customerId={loaded.id} />
            </Tabs.Panel>
            <Tabs.Panel value="messages">
              <CustomerMessages customerId={loaded.id} />
            </Tabs.Panel>
            {admin ? (
              <Tabs.Panel value="audit">
                <AuditList subject={loaded.id} />
              </Tabs.Panel>
            ) : null}
          </Tabs>
        )}
      </QueryState>
    </Page>
  );
}
