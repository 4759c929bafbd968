import { Button } from '@mantine/core';
import { IconCreditCard, IconLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { BillPaymentsFragment } from '@/entities/bill/bill-payments';
import { QuoteFragment } from '@/entities/payment/quote-fragment';
import { payBillsSearch } from '@/features/payments/pay/pay-search';
import { QuoteWords } from '@/features/payments/pay-lines';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { ButtonLink } from '@/shared/ui/links';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { showShareLink } from './share-link';

const CreatePayLink = graphql(`
  mutation CreatePayLink($input: CreatePayLinkInput!) {
    createPayLink(input: $input) { url expiresAt userErrors { code message path } }
  }
`);

/** The button that pays a bill, why just that amount or why none, and a link by which somebody else pays it. */
export function PayBill({ bill: masked }: { readonly bill: FragmentOf<typeof BillPaymentsFragment> }) {
  const bill = readFragment(BillPaymentsFragment, masked);
  const quote = readFragment(QuoteFragment, bill.quote);
  const { t } = useTranslation();
  const format = useFormat();
  const [createLink, linking] = useAction(CreatePayLink);
  if (!quote) return null;
  const share = async () => {
    const { payload, userErrors } = await createLink({ input: { billId: bill.id } });
    toastErrors(userErrors, t('errors.title'));
    if (payload?.url) showShareLink(t('bills.pay.linkTitle'), payload.url, payload.expiresAt ?? undefined);
  };
  return (
    <>
      {quote.payable ? (
        <ButtonLink
          to="/pay"
          search={payBillsSearch([bill.id])}
          size="lg"
          leftSection={<IconCreditCard size={20} aria-hidden="true" />}
        >
          {t('pay.button', { amount: format.money(quote.suggested) })}
        </ButtonLink>
      ) : null}
      <QuoteWords quote={quote} />
      {quote.payable ? (
        <Button
          variant="subtle"
          size="compact-md"
          leftSection={<IconLink size={16} />}
          loading={linking}
          style={{ alignSelf: 'flex-start' }}
          ml={-8}
          onClick={() => void share()}
        >
          {t('bills.pay.link')}
        </Button>
      ) : null}
    </>
  );
}
