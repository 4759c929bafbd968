import type { en } from '../en';
import type { Words } from '../words';
import { accounts } from './accounts';
import { auth } from './auth';
import { bills } from './bills';
import { address, common, enums, errors, nav, offline, update } from './common';
import { home } from './home';
import { inbox } from './inbox';
import { guest, methods, pay, payments, wallet } from './payments';
import { security } from './security';
import { settings } from './settings';

export const de: Words<typeof en> = {
  common,
  nav,
  errors,
  offline,
  address,
  update,
  enums,
  auth,
  bills,
  accounts,
  home,
  inbox,
  pay,
  payments,
  methods,
  wallet,
  guest,
  security,
  settings,
};
