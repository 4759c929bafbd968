import { randomBytes } from 'node:crypto';
import type { BrowserContext } from '@playwright/test';
import type { Sandbox } from './sandbox';

/** Everybody's password in the demo. */
export const PASSWORD = 'billow-demo-2026';

export const ANNA = 'anna@example.com';
export const CLARA = 'clara@example.com';
export const OPERATOR = 'operator@example.com';
export const ADMIN = 'admin@example.com';

/** The secret key of the sandbox's card network. */
export const CARDS_KEY = 'sk_test_sandbox_6b0f2d';

/** Something nobody else has, for addresses and names. */
export const unique = (): string => randomBytes(4).toString('hex');

/** A consumer number at Voltara that no other test uses. */
export const voltaraNumber = (): string => `VT${20_000_000 + (randomBytes(4).readUInt32BE() % 70_000_000)}`;

/** A prepaid number at Chirp that no other test uses. */
export const chirpNumber = (): string => `+4917${10_000_000 + (randomBytes(4).readUInt32BE() % 80_000_000)}`;

/** A Green Button subscription at Greenwatt that no other test uses. */
export const greenwattNumber = (): string => `6${100_000 + (randomBytes(4).readUInt32BE() % 800_000)}`;

interface Payload {
  readonly userErrors: readonly { readonly message: string }[];
}

/** The API as the web app uses it: with the browser's own cookie. For what a test needs but is not about. */
export class Api {
  constructor(
    private readonly context: BrowserContext,
    private readonly url: string,
    private readonly sandbox: Sandbox,
  ) {}

  async run<T>(query: string, variables: object = {}): Promise<T> {
    const answer = await this.context.request.post(`${this.url}/graphql`, {
      headers: { origin: this.url },
      data: { query, variables },
    });
    const { data, errors } = (await answer.json()) as { data?: T; errors?: unknown };
    if (errors || !data) throw new Error(`the API answered ${answer.status()}: ${JSON.stringify(errors)}`);
    return data;
  }

  /** Runs a mutation and answers its payload; what a person would have to mend is an error here. */
  async act<T>(field: string, inputType: string, input: object, selection: string): Promise<T> {
    const query = `mutation ($input: ${inputType}!) { ${field}(input: $input) { ${selection} userErrors { message } } }`;
    const data = await this.run<Record<string, T & Payload>>(query, { input });
    const payload = data[field];
    if (!payload || payload.userErrors.length > 0) throw new Error(`${field}: ${JSON.stringify(payload?.userErrors)}`);
    return payload;
  }

  async signIn(email: string): Promise<void> {
    await this.act('signIn', 'SignInInput', { email, password: PASSWORD, deviceKind: 'COOKIE' }, 'viewer { role }');
  }

  /** A new customer who has just signed up and confirmed the address by the mailed link. */
  async signUp(name: string): Promise<string> {
    const email = await this.signUpUnconfirmed(name);
    const token = await this.sandbox.mailedToken(email, 'confirm-email');
    await this.act('confirmEmail', 'ConfirmEmailInput', { token }, 'email');
    return email;
  }

  /** A new customer who has just signed up. */
  async signUpUnconfirmed(name: string): Promise<string> {
    const email = `${unique()}@example.com`;
    const input = { email, name, password: PASSWORD, locale: 'en-GB', timeZone: 'Europe/Berlin', deviceKind: 'COOKIE' };
    await this.act('signUp', 'SignUpInput', input, 'viewer { role }');
    return email;
  }

  async addHome(name: string): Promise<string> {
    const input = { name, timeZone: 'Europe/Berlin' };
    type Added = { property: { id: string } };
    return (await this.act<Added>('addProperty', 'AddPropertyInput', input, 'property { id }')).property.id;
  }

  /** Connects an account at Voltara. */
  addVoltara(number: string, label: string, propertyId?: string): Promise<string> {
    return this.addAccount('Voltara', { name: 'consumer_number', value: number }, label, propertyId);
  }

  /** Connects a prepaid line at Chirp. */
  addChirp(number: string, label: string): Promise<string> {
    return this.addAccount('Chirp', { name: 'mobile_number', value: number }, label);
  }

  /** Connects a Green Button subscription at Greenwatt. */
  addGreenwatt(number: string, label: string): Promise<string> {
    return this.addAccount('Greenwatt', { name: 'subscription', value: number }, label);
  }

  private async addAccount(
    provider: string,
    param: { readonly name: string; readonly value: string },
    label: string,
    propertyId?: string,
  ): Promise<string> {
    type Providers = { providers: { nodes: { id: string }[] } };
    const query = 'query ($search: String!) { providers(search: $search, first: 1) { nodes { id } } }';
    const { providers } = await this.run<Providers>(query, { search: provider });
    const input = { providerId: providers.nodes[0]?.id, propertyId: propertyId ?? null, label, params: [param] };
    type Added = { utilityAccount: { id: string } };
    const added = await this.act<Added>('addUtilityAccount', 'AddUtilityAccountInput', input, 'utilityAccount { id }');
    return added.utilityAccount.id;
  }

  /** Saves a test card by its token, as an app would. */
  saveCard(token: string, makeDefault = true): Promise<string> {
    return this.saveMethod('CARD', token, makeDefault);
  }

  /** Saves a method by its token. */
  async saveMethod(kind: 'CARD' | 'DIRECT_DEBIT', token: string, makeDefault = true): Promise<string> {
    type Saved = { paymentMethod: { id: string } };
    const input = { kind, currency: 'EUR', token, makeDefault };
    const selection = 'paymentMethod { id status }';
    const saved = await this.act<Saved>('startPaymentMethodSetup', 'StartPaymentMethodSetupInput', input, selection);
    return saved.paymentMethod.id;
  }

  /** Puts money into the wallet by a saved method. */
  async topUp(amountMinor: number, paymentMethodId: string): Promise<void> {
    const input = {
      amount: { amountMinor: String(amountMinor) },
      currency: 'EUR',
      paymentMethodId,
      idempotencyKey: `top-up-${unique()}`,
    };
    await this.act('topUpWallet', 'TopUpWalletInput', input, 'payment { status }');
  }

  /** The bill of one's own with this amount. */
  async billOf(amountMinor: number): Promise<string> {
    type Bills = { bills: { nodes: { id: string; amount: { amountMinor: string } }[] } };
    const { bills } = await this.run<Bills>('{ bills(first: 50) { nodes { id amount { amountMinor } } } }');
    const found = bills.nodes.find(({ amount }) => amount.amountMinor === String(amountMinor));
    if (!found) throw new Error(`no bill of ${amountMinor}`);
    return found.id;
  }

  /** How many messages of one's own have not been read. */
  async unread(): Promise<number> {
    type Unread = { viewer: { unreadNotifications: number } };
    return (await this.run<Unread>('{ viewer { unreadNotifications } }')).viewer.unreadNotifications;
  }

  /** Pays a bill in full by a saved method; answers the payment's id. */
  async pay(billId: string, paymentMethodId: string): Promise<string> {
    const input = { bills: [{ billId }], paymentMethodId, idempotencyKey: `pay-${unique()}` };
    type Paid = { payment: { id: string } };
    return (await this.act<Paid>('payBills', 'PayBillsInput', input, 'payment { id status }')).payment.id;
  }
}
