import { accounts } from './accounts';
import { auth } from './auth';
import { bills } from './bills';
import { common, enums, errors, nav, offline, update } from './common';
import { inbox } from './inbox';

export const en = { common, nav, errors, offline, update, enums, auth, bills, accounts, inbox } as const;
