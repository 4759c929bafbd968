import { Button } from '@mantine/core';
import { IconBan, IconPencil } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { BillDetailQuery, BillDetailView } from '@/entities/bill/bill-detail';
import { graphql } from '@/shared/graphql/graphql';
import { AnchorLink } from '@/shared/ui/links';
import { useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { CardsSkeleton, QueryState } from '@/shared/ui/states';
import { ask } from '../ui/ask';
import { useLive } from '../ui/live';
import { useWords } from '../words';
import { openCorrectBill } from './correct-bill';

const BillOwnerQuery = graphql(`
  query StaffBillOwner($id: ID!) {
    bill(id: $id) { id customer { id name } }
  }
`);

const VoidBill = graphql(`
  mutation StaffVoidBill($input: VoidBillInput!) {
    voidBill(input: $input) {
      bill { id status statusReason }
      userErrors { code message path }
    }
  }
`);

/** A bill as its customer sees it, and what staff can do about it. */
export function BillPage() {
  const { billId } = useParams({ from: '/signed-in/staff/bills/$billId' });
  const t = useWords();
  const { t: common } = useTranslation();
  const [result, execute] = useQuery({ query: BillDetailQuery, variables: { id: billId } });
  const [{ data: owner }] = useQuery({ query: BillOwnerQuery, variables: { id: billId } });
  const [voidBill] = useAction(VoidBill);
  useLive(['bill.updated'], [BillDetailQuery], (event) => event.subject === billId);
  const refresh = () => execute({ requestPolicy: 'network-only' });
  const bill = result.data?.bill;
  const customer = owner?.bill?.customer;
  return (
    <Page
      up={customer ? `/staff/customers/${customer.id}` : '/staff/customers'}
      width={1000}
      title={bill ? common('bills.detail.title', { provider: bill.provider.name }) : t('bills.bill')}
      subtitle={
        customer ? (
          <>
            <AnchorLink to="/staff/customers/$customerId" params={{ customerId: customer.id }} size="sm">
              {customer.name}
            </AnchorLink>
            {bill ? ` · ${bill.number}` : ''}
          </>
        ) : undefined
      }
      actions={
        bill?.status === 'OPEN' ? (
          <>
            <Button
              size="sm"
              variant="default"
              leftSection={<IconPencil size={17} />}
              onClick={() => openCorrectBill(t, bill, refresh)}
            >
              {t('bills.correct')}
            </Button>
            <Button
              size="sm"
              variant="light"
              color="coral"
              leftSection={<IconBan size={17} />}
              onClick={() =>
                ask({
                  title: t('bills.voidTitle'),
                  body: t('bills.voidBody'),
                  confirm: t('bills.void'),
                  danger: true,
                  reason: 'required',
                  done: t('bills.voided'),
                  run: (reason) => voidBill({ input: { billId, reason } }),
                  onDone: refresh,
                })
              }
            >
              {t('bills.void')}
            </Button>
          </>
        ) : null
      }
    >
      <QueryState result={result} data={bill} onRetry={refresh} skeleton={<CardsSkeleton heights={[150, 220]} />}>
        {(loaded) => <BillDetailView bill={loaded} staff />}
      </QueryState>
    </Page>
  );
}
