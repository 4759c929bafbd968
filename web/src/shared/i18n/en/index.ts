import { accounts } from './accounts';
import { auth } from './auth';
import { bills } from './bills';
import { common, enums, errors, nav, offline, update } from './common';
import { home } from './home';
import { inbox } from './inbox';
import { settings } from './settings';

export const en = {
  common,
  nav,
  errors,
  offline,
  update,
  enums,
  auth,
  bills,
  accounts,
  home,
  inbox,
  settings,
} as const;
