import { type MantineSize, Text, type TextProps } from '@mantine/core';
import { AnchorLink } from '@/shared/ui/links';

interface Props {
  readonly bill: { readonly id: string; readonly number: string } | null;
  readonly recharge: {
    readonly name: string;
    readonly number: string;
    readonly utilityAccount: { readonly id: string } | null;
  } | null;
  /** The provider's name, where it is not said beside it. */
  readonly provider?: string;
  readonly size: MantineSize;
  readonly fw?: TextProps['fw'];
}

/** What a part of a payment is for: the bill, or the recharge with its account. */
export function PaidLink({ bill, recharge, provider, ...text }: Props) {
  const words = (what: string) => [provider, what].filter(Boolean).join(' ');
  if (bill) {
    return (
      <AnchorLink to="/staff/bills/$billId" params={{ billId: bill.id }} {...text}>
        {words(bill.number)}
      </AnchorLink>
    );
  }
  if (!recharge) return provider ? <Text {...text}>{provider}</Text> : null;
  const what = words(`${recharge.name} ${recharge.number}`);
  if (!recharge.utilityAccount) return <Text {...text}>{what}</Text>;
  return (
    <AnchorLink to="/staff/accounts/$accountId" params={{ accountId: recharge.utilityAccount.id }} {...text}>
      {what}
    </AnchorLink>
  );
}
