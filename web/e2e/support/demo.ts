import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Database, freshPostgres } from './database';

const READY_MS = 120_000;
const STOP_MS = 15_000;
/** How often a process that starts is asked whether it is ready. */
const ASK_MS = 50;

export interface Demo {
  readonly url: string;
  readonly sandboxUrl: string;
  stop(): Promise<void>;
}

export interface DemoOptions {
  /** The host of its address; passkeys need a name. */
  readonly host?: string;
  /** Settings that differ, as `path=value`. */
  readonly settings?: readonly string[];
}

/** The `billow` under test. */
export function binary(): string {
  const target = process.env.CARGO_TARGET_DIR ?? resolve(import.meta.dirname, '../../../target');
  const path = process.env.BILLOW_BIN ?? join(target, 'debug/billow');
  if (!existsSync(path)) throw new Error(`${path} is not there: cargo build -p billow-cli, or set BILLOW_BIN`);
  return path;
}

/** The environment without what configures the tests, or the shell they run in: it must not configure Billow. */
export function withoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BILLOW_')));
}

/** Starts `billow demo` on free ports and waits until it is ready: the real binary, its own sandbox, its own data. */
export async function startDemo(
  kind: Database,
  { host = '127.0.0.1', settings = [] }: DemoOptions = {},
): Promise<Demo> {
  const database = kind === 'postgres' ? await freshPostgres() : undefined;
  const [port, sandboxPort] = await freePorts(2);
  const url = `http://${host}:${port}`;
  const said: string[] = [];
  const env = withoutSettings();
  const child = spawn(
    binary(),
    [
      'demo',
      ...['--listen', `127.0.0.1:${port}`, '--base-url', url, '--sandbox-listen', `127.0.0.1:${sandboxPort}`],
      ...(database ? ['--database-url', database.url] : []),
      // All the people of the journeys come from one address.
      ...['sign_ups_per_hour=100000', ...settings].flatMap((setting) => ['--set', setting]),
    ],
    { env, cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => said.push(text.toString()));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  const stop = async () => {
    await ended(child);
    process.off('exit', kill);
    await database?.drop();
  };
  try {
    await ready(`${url}/readyz`, child);
  } catch (problem) {
    await stop();
    throw new Error(`the demo did not become ready: ${problem}\n${said.join('')}`);
  }
  return { url, sandboxUrl: `http://127.0.0.1:${sandboxPort}`, stop };
}

/** Waits until an address answers well. */
export async function ready(address: string, child: ChildProcess): Promise<void> {
  for (let waited = 0; waited < READY_MS; waited += ASK_MS) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const answer = await fetch(address, { redirect: 'manual' }).catch(() => undefined);
    if (answer && answer.status < 400) return;
    await pause(ASK_MS);
  }
  throw new Error(`it took longer than ${READY_MS} ms`);
}

/** Asks the process to end as a terminal would, and makes it end if it does not. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await over;
  clearTimeout(deadline);
}

/** Ports nobody listens on; all are held until all are known, so that none is given twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a server has no port');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
