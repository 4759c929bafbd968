import type * as en from '../en/accounts';
import type { Words } from '../words';

export const accounts: Words<typeof en.accounts> = {
  checked: 'geprüft {{when}}',
};
