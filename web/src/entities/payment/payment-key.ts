/**
 * The key under which one payment is asked for.
 *
 * An opened sheet has one key: a double tap, a try again after a lost answer and a reload in between all ask for the
 * same payment, which the server makes once. It is forgotten when the answer is known; the next sheet gets a new one.
 */
export class PaymentKeys {
  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    private readonly random: () => string,
  ) {}

  /** The key of the sheet named `sheet`: the one whose answer was never heard, or a new one. */
  of(sheet: string): string {
    const name = this.name(sheet);
    const known = this.read(name);
    if (known) return known;
    const key = this.random();
    this.write(name, key);
    return key;
  }

  /** The answer is known: this sheet is closed. */
  forget(sheet: string): void {
    try {
      this.storage.removeItem(this.name(sheet));
    } catch {
      // Storage can be forbidden; then nothing was kept either.
    }
  }

  private name(sheet: string): string {
    return `billow.payment:${sheet}`;
  }

  private read(name: string): string | null {
    try {
      return this.storage.getItem(name);
    } catch {
      return null;
    }
  }

  private write(name: string, key: string): void {
    try {
      this.storage.setItem(name, key);
    } catch {
      // Storage can be forbidden; the page itself still holds the key.
    }
  }
}
