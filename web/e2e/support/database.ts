import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

export type Database = 'sqlite' | 'postgres';

/** A PostgreSQL server on which databases may be made: `tests/scripts/with-postgres` starts one and names it here. */
export const postgresUrl = (): string | undefined => process.env.BILLOW_TEST_POSTGRES || undefined;

export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database of our own, so that runs beside each other do not meet. */
export async function freshPostgres(): Promise<FreshDatabase> {
  const server = postgresUrl();
  if (!server) throw new Error('BILLOW_TEST_POSTGRES names no server');
  const name = `billow_e2e_${randomBytes(6).toString('hex')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
