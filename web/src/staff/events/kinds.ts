/** The kinds of events that have no type: how people sign in, what they are told, and progress. */
export const inwardKinds = [
  'client.revoked',
  'customer.email_changed',
  'customer.email_confirmation_requested',
  'fetch_run.progress',
  'notification.created',
  'property.invitation_updated',
  'session.created',
  'session.revoked',
  'user.password_changed',
  'user.password_reset_requested',
  'user.second_factor_changed',
];
