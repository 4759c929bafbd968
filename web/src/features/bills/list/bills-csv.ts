import { toCsv } from '@/shared/lib/csv';
import { decimalOf, type MoneyValue } from '@/shared/lib/money';

export interface CsvBill {
  readonly number: string;
  readonly issuedOn: string;
  readonly dueOn: string | null;
  readonly amount: MoneyValue;
  readonly remaining: MoneyValue;
  readonly beingPaid: MoneyValue;
  readonly provider: { readonly name: string };
  readonly utilityAccount: { readonly label: string } | null;
  readonly property: { readonly name: string } | null;
}

export interface CsvWords<B> {
  readonly columns: Readonly<
    Record<
      | 'number'
      | 'provider'
      | 'type'
      | 'account'
      | 'home'
      | 'issuedOn'
      | 'dueOn'
      | 'amount'
      | 'left'
      | 'beingPaid'
      | 'currency'
      | 'status',
      string
    >
  >;
  status(bill: B): string;
  type(bill: B): string;
}

/** Bills as a table for a spreadsheet: dates and amounts in their plain form, so that they can be sorted and added. */
export function billsCsv<B extends CsvBill>(bills: readonly B[], words: CsvWords<B>): string {
  const { columns } = words;
  return toCsv(
    [
      columns.number,
      columns.provider,
      columns.type,
      columns.account,
      columns.home,
      columns.issuedOn,
      columns.dueOn,
      columns.amount,
      columns.left,
      columns.beingPaid,
      columns.currency,
      columns.status,
    ],
    bills.map((bill) => [
      bill.number,
      bill.provider.name,
      words.type(bill),
      bill.utilityAccount?.label ?? null,
      bill.property?.name,
      bill.issuedOn,
      bill.dueOn,
      decimalOf(bill.amount),
      decimalOf(bill.remaining),
      decimalOf(bill.beingPaid),
      bill.amount.currency,
      words.status(bill),
    ]),
  );
}
