const LEFT = 'billow.leftForPayment';

/** Which payment a person left for, to confirm it with a bank: the way back leads to it. */
export function rememberLeaving(paymentId: string): void {
  try {
    sessionStorage.setItem(LEFT, paymentId);
  } catch {
    // Without storage the way back leads to the list of payments.
  }
}

/** The payment a person comes back to. */
export function cameBackTo(): string | undefined {
  try {
    return sessionStorage.getItem(LEFT) ?? undefined;
  } catch {
    return undefined;
  }
}
