import type { Api } from './people';
import { unique } from './people';

export type AmountRule = 'EXACT' | 'EXACT_OR_BELOW' | 'ANY';

export interface ByHand {
  readonly name: string;
  readonly providerId: string;
}

/** Registers a provider without an interface: its bills are recorded by staff, and what it gets is transferred by hand. */
export async function providerByHand(admin: Api, rule: AmountRule): Promise<ByHand> {
  const code = `hand-${unique()}`;
  const name = `Handwerk ${code}`;
  const definition = {
    code,
    name,
    utility_type: 'WATER',
    country: 'DE',
    currency: 'EUR',
    time_zone: 'Europe/Berlin',
    connector: { kind: 'PUSH', settings: { map: '[]' } },
    params: [{ name: 'contract', label: 'Contract', pattern: '[0-9]{4}', example: '1234' }],
    amount_rule: { kind: rule },
    schedule: { every: { kind: 'MONTH', day: 15 }, hour: 6, spread_minutes: 0, look_again_hours: 24, grace_days: 5 },
  };
  type Registered = { provider: { id: string } };
  const made = await admin.act<Registered>(
    'registerProvider',
    'RegisterProviderInput',
    { definition, credentials: {} },
    'provider { id }',
  );
  return { name, providerId: made.provider.id };
}

/** Gives a customer an account at such a provider and bills of these amounts; answers the bills' ids. */
export async function billsByHand(customer: Api, staff: Api, { providerId }: ByHand, ...amounts: number[]) {
  const contract = String(1000 + Math.floor(Math.random() * 9000));
  type Added = { utilityAccount: { id: string } };
  const { utilityAccount } = await customer.act<Added>(
    'addUtilityAccount',
    'AddUtilityAccountInput',
    { providerId, propertyId: null, label: 'Water', params: [{ name: 'contract', value: contract }] },
    'utilityAccount { id }',
  );
  const ids: string[] = [];
  for (const amount of amounts) {
    type Recorded = { bill: { id: string } };
    const input = {
      utilityAccountId: utilityAccount.id,
      number: `H-${unique()}`,
      amountMinor: String(amount),
      issuedOn: new Date().toISOString().slice(0, 10),
      reason: 'It came by letter.',
    };
    ids.push((await staff.act<Recorded>('recordBill', 'RecordBillInput', input, 'bill { id }')).bill.id);
  }
  return ids;
}
