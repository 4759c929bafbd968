import { accounts, bills, customers } from './customers';
import { enums } from './enums';
import { imports } from './imports';
import { audit, clients, deadLetters, events, people, runs } from './operations';
import { documents, gateways, payments, reconciliation, refund } from './payments';
import { definition, providers, tryOut, versions } from './providers';
import { shell } from './shell';

export const en = {
  ...shell,
  enums,
  customers,
  accounts,
  bills,
  imports,
  runs,
  events,
  deadLetters,
  audit,
  clients,
  people,
  providers,
  definition,
  tryOut,
  versions,
  payments,
  documents,
  refund,
  reconciliation,
  gateways,
} as const;
