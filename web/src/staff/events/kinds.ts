/** The kinds of events there are, to filter by. */
export const eventKinds = [
  'bill.received',
  'bill.updated',
  'account.updated',
  'property.updated',
  'customer.updated',
  'customer.invited',
  'fetch_run.progress',
  'import.progress',
  'provider.updated',
  'notification.created',
  'session.created',
  'session.revoked',
  'user.password_changed',
  'client.revoked',
  'dead_letter.added',
];
