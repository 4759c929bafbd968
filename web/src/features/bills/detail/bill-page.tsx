import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { BillDetailQuery, BillDetailView } from '@/entities/bill/bill-detail';
import { noteSeenBill } from '@/entities/bill/new-bills';
import { Page } from '@/shared/ui/page';
import { CardsSkeleton, QueryState } from '@/shared/ui/states';
import { PayBill } from './pay-bill';

export function BillPage() {
  const { billId } = useParams({ from: '/signed-in/portal/bills/$billId' });
  const { t } = useTranslation();
  const [result, execute] = useQuery({ query: BillDetailQuery, variables: { id: billId } });
  useEffect(() => noteSeenBill(billId), [billId]);
  const bill = result.data?.bill;
  return (
    <Page
      up="/bills"
      title={bill ? t('bills.detail.title', { provider: bill.provider.name }) : t('bills.title')}
      subtitle={bill ? [bill.utilityAccount?.label, bill.number].filter(Boolean).join(' · ') : undefined}
    >
      <QueryState
        result={result}
        data={bill}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
        skeleton={<CardsSkeleton heights={[150, 220]} />}
      >
        {(loaded) => <BillDetailView bill={loaded} pay={<PayBill bill={loaded} />} />}
      </QueryState>
    </Page>
  );
}
