import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type Database, type FreshDatabase, freshPostgres } from './database';
import { binary, ended, freePorts, ready, withoutSettings } from './demo';

const run = promisify(execFile);
const TOOLS = process.env.BILLOW_TOOLS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'billow/tools');
/** Where Debian has it, which is not on everybody's path, and where `tests/scripts/setup` unpacks it. */
const NGINX = ['/usr/sbin/nginx', join(TOOLS, 'nginx/usr/sbin/nginx')].find(existsSync) ?? 'nginx';
const DEPLOY = resolve(import.meta.dirname, '../../../deploy');

/** The name that the examples for proxies have. */
export const EXAMPLE_HOST = 'bills.example.com';

export interface Installation {
  /** Where people open it. */
  readonly url: string;
  /** Where its API listens, behind the proxy if there is one. */
  readonly direct: string;
  readonly folder: string;
  /** What `billow admin create` printed. */
  readonly password: string;
  /** Runs a command of `billow` in the folder; answers what it printed. */
  billow(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Installs Billow as docs/tutorial.md says: on SQLite one `billow serve`; on PostgreSQL one API and two workers with a role
 * of their own, behind nginx with TLS and the configuration of deploy/nginx.conf.
 */
export async function install(kind: Database, sandboxUrl: string): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'billow-installed-'));
  const processes: ChildProcess[] = [];
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const process of processes.reverse()) await ended(process);
    for (const step of undo.reverse()) await step();
    await rm(folder, { recursive: true, force: true });
  };
  const env = withoutSettings();
  const billow = async (...args: string[]) => (await run(binary(), args, { cwd: folder, env })).stdout;
  const start = (program: string, args: string[], settings: Record<string, string> = {}) => {
    const child = spawn(program, args, { cwd: folder, env: { ...env, ...settings }, stdio: 'ignore' });
    processes.push(child);
    return child;
  };
  const shared = { folder, billow, stop };
  const sandbox = ['--set', `http.allowed_hosts=${new URL(sandboxUrl).host}`, '--set', 'gateways.sandbox=true'];
  try {
    if (kind === 'sqlite') {
      const [port] = await freePorts(1);
      const url = `http://127.0.0.1:${port}`;
      await billow('init', '--listen', `127.0.0.1:${port}`, '--base-url', url, ...sandbox);
      const password = await makeAdmin(billow);
      await ready(`${url}/readyz`, start(binary(), ['serve']));
      return { ...shared, url, direct: url, password };
    }
    const [api, proxy, plain, first, second] = (await freePorts(5)) as [number, number, number, number, number];
    const url = `https://${EXAMPLE_HOST}:${proxy}`;
    const database = await freshPostgres();
    undo.push(() => database.drop());
    await billow(
      'init',
      ...['--database-url', database.url, '--base-url', url, '--listen', `127.0.0.1:${api}`],
      ...['--set', 'trusted_proxies=127.0.0.1', ...sandbox],
    );
    await billow('migrate');
    const password = await makeAdmin(billow);
    const { role, drop } = await roleFor(database);
    undo.splice(0, 0, drop);
    const app = new URL(database.url);
    app.username = role;
    const settings = { BILLOW_DATABASE__URL: app.href, BILLOW_MIGRATE: 'false' };
    await ready(`http://127.0.0.1:${api}/readyz`, start(binary(), ['api'], settings));
    for (const port of [first, second]) {
      const worker = start(binary(), ['worker', '--listen', `127.0.0.1:${port}`], settings);
      await ready(`http://127.0.0.1:${port}/readyz`, worker);
    }
    const nginx = start(NGINX, ['-p', folder, '-c', await nginxFiles(folder, { api, proxy, plain })]);
    // Without a certificate the plain address answers with a redirect.
    await ready(`http://127.0.0.1:${plain}/`, nginx);
    return { ...shared, url, direct: `http://127.0.0.1:${api}`, password };
  } catch (problem) {
    await stop();
    throw problem;
  }
}

async function makeAdmin(billow: (...args: string[]) => Promise<string>): Promise<string> {
  await billow('config', 'check');
  const said = await billow('admin', 'create', 'admin@example.com');
  const password = said.match(/^password: (\S+)$/m)?.[1];
  if (!password) throw new Error(`no password was printed: ${said}`);
  return password;
}

/** A role that owns nothing, with the rights of deploy/postgres-roles.sql. */
async function roleFor(database: FreshDatabase): Promise<{ role: string; drop: () => Promise<void> }> {
  const role = `app_${new URL(database.url).pathname.slice(1)}`;
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`CREATE ROLE ${role} LOGIN`);
  await client.end();
  await run('psql', [
    '-q',
    '-v',
    'ON_ERROR_STOP=1',
    '-v',
    `role=${role}`,
    '-f',
    join(DEPLOY, 'postgres-roles.sql'),
    database.url,
  ]);
  const drop = async () => {
    const server = new URL(database.url);
    server.pathname = '/postgres';
    const admin = new Client({ connectionString: server.href });
    await admin.connect();
    await admin.query(`DROP ROLE ${role}`);
    await admin.end();
  };
  return { role, drop };
}

/** deploy/nginx.conf with the ports and the certificate of this test, and what nginx needs around it. */
async function nginxFiles(folder: string, ports: { api: number; proxy: number; plain: number }): Promise<string> {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', `/CN=${EXAMPLE_HOST}`, '-keyout', key, '-out', certificate],
  ]);
  const replace = new Map([
    ['server 127.0.0.1:8080;', `server 127.0.0.1:${ports.api};`],
    ['listen 80;', `listen 127.0.0.1:${ports.plain};`],
    ['listen 443 ssl http2;', `listen 127.0.0.1:${ports.proxy} ssl http2;`],
    [`/etc/ssl/${EXAMPLE_HOST}.pem;`, `${certificate};`],
    [`/etc/ssl/${EXAMPLE_HOST}.key;`, `${key};`],
  ]);
  let site = await readFile(join(DEPLOY, 'nginx.conf'), 'utf8');
  for (const [from, to] of replace) {
    if (!site.includes(from)) throw new Error(`deploy/nginx.conf has no '${from}' any more`);
    site = site.replace(from, to);
  }
  await writeFile(join(folder, 'site.conf'), site);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (use) => `${use}_temp_path ${folder}/${use};`,
  );
  const file = join(folder, 'nginx.conf');
  await writeFile(
    file,
    `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
     events {}
     http { access_log off; ${temporary.join(' ')} include ${folder}/site.conf; }`,
  );
  return file;
}
