/** The demo's outside world, through its control interface: what a utility company, a mail server and a push service do. */
export type SandboxProvider = 'voltara' | 'ringo' | 'gasline' | 'aquaria' | 'chirp' | 'greenwatt';

export interface SandboxBill {
  readonly number: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly status: 'OPEN' | 'PAID' | 'CANCELLED';
  readonly due_on: string;
}

export interface SandboxPush {
  readonly subscription: string;
  readonly payload: string;
}

export interface CardPayment {
  readonly id: string;
  readonly amount_minor: number;
  readonly status: string;
}

export interface SandboxMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string | null;
}

export interface BrowserSubscription {
  readonly id: string;
  readonly endpoint: string;
  readonly expirationTime: null;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export class Sandbox {
  constructor(readonly url: string) {}

  /** Issues a bill today, which the demo's provider announces at once. */
  issueBill(provider: SandboxProvider, account: string, amountMinor: number): Promise<SandboxBill> {
    return this.post('/control/bills', { provider, account, amount_minor: amountMinor });
  }

  correctBill(provider: SandboxProvider, account: string, number: string, amountMinor: number): Promise<SandboxBill> {
    return this.post('/control/bills/correct', { provider, account, number, amount_minor: amountMinor });
  }

  /** Makes an account with a bill for each of the last months. */
  seedHistory(provider: SandboxProvider, account: string, months: number): Promise<SandboxBill[]> {
    return this.post('/control/history', { provider, account, months });
  }

  /** Makes an account with nothing to pay. */
  addAccount(provider: SandboxProvider, account: string): Promise<void> {
    return this.post('/control/accounts', { provider, account });
  }

  async bills(provider: SandboxProvider, account: string): Promise<SandboxBill[]> {
    const query = new URLSearchParams({ provider, account });
    return (await this.get<{ bills: SandboxBill[] }>(`/control/account?${query}`)).bills;
  }

  /** What a browser gets when its person says yes to notifications. */
  subscribe(): Promise<BrowserSubscription> {
    return this.post('/push/subscriptions', {});
  }

  /** The subjects of mails to an address, newest first. */
  async mailsTo(address: string): Promise<string[]> {
    const { mails } = await this.get<{ mails: SandboxMail[] }>('/control/outbox?limit=500');
    return mails.filter(({ to }) => to.includes(address)).map(({ subject }) => subject);
  }

  /** The token of the newest link to a page in the mails to an address; waits until there is one. */
  async mailedToken(address: string, page: string): Promise<string> {
    for (let tries = 0; tries < 100; tries += 1) {
      const { mails } = await this.get<{ mails: SandboxMail[] }>('/control/outbox?limit=500');
      const texts = mails.filter(({ to }) => to.includes(address)).map(({ text }) => text ?? '');
      const token = texts.map((text) => text.match(new RegExp(`/${page}\\?token=([\\w-]+)`))?.[1]).find(Boolean);
      if (token) return token;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no link to ${page} was mailed to ${address}`);
  }

  /** Pushes to one subscription, decrypted with its own keys, newest first. */
  async pushes(subscription: string): Promise<SandboxPush[]> {
    const { pushes } = await this.get<{ pushes: SandboxPush[] }>('/control/outbox');
    return pushes.filter((push) => push.subscription === subscription);
  }

  /** Makes every answer of the pretend providers take this long, so that progress can be watched. */
  latency(ms: number): Promise<void> {
    return this.post('/control/latency', { ms });
  }

  /** Makes the card network take this long to answer; null for as fast as it can. */
  cardLatency(ms: number | null): Promise<void> {
    return this.post('/control/cards/latency', { ms });
  }

  /** Where the card network sends its webhooks from now on. */
  sendWebhooksTo(url: string): Promise<void> {
    return this.post('/control/cards/webhooks/target', { url });
  }

  /** The bank says no to money that was to go back; answers once the refund of this amount has come to the network. */
  async failRefund(amountMinor: number): Promise<boolean> {
    type Entry = { readonly kind: string; readonly id: string; readonly amount_minor: number };
    const log = await this.get<Entry[]>('/control/cards/log');
    const refund = log.find(({ kind, amount_minor }) => kind === 'REFUNDED' && amount_minor === amountMinor);
    if (!refund) return false;
    await this.post('/control/cards/settle', { id: refund.id, outcome: { kind: 'FAILED' } });
    return true;
  }

  /** What the card network has charged, in its own books. */
  async cardPayments(): Promise<readonly CardPayment[]> {
    return (await this.get<{ payments: CardPayment[] }>('/control/cards')).payments;
  }

  private async get<T>(path: string): Promise<T> {
    return read<T>(await fetch(this.url + path));
  }

  private async post<T>(path: string, body: unknown): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return read<T>(await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) }));
  }
}

async function read<T>(answer: Response): Promise<T> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}: ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}
