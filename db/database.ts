import { join } from 'node:path';
import pg from 'pg';
import { subgraphNames } from '../schema/subgraphs.ts';
import { startEmbedded } from './embedded.ts';
import { migrate as applyMigrations } from './migrate.ts';
import { loginsOf, parseUrl, partOf, roleOf } from './roles.ts';

/**
 * A database that answers. `ownerUrl` is absent in a process that was given a single subgraph's login and nothing more;
 * `urlOf` answers the connection string of a subgraph, and throws for one whose login this process does not hold.
 */
export type Database = { ownerUrl: string | undefined; urlOf(part: string): string; stop(): Promise<void> };

/** What `openDatabase` reads: `<SUBGRAPH>_DATABASE_PASSWORD` gives a role a password of its own. */
export type DatabaseEnv = { DATABASE_URL?: string | undefined; DATA_DIR: string } & {
  [name: `${string}_DATABASE_PASSWORD`]: string | undefined;
};

const oldest = 15;

const checkServer = async (text: string): Promise<void> => {
  const url = parseUrl(text);
  const place = `${url.host || url.searchParams.get('host') || 'the local socket'}${url.pathname}`;
  const client = new pg.Client({ connectionString: text, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined); // reported by the query below
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version') as version`);
    const version = rows[0]?.version ?? '';
    if (Number.parseInt(version, 10) >= oldest) return;
    throw new Error(`PostgreSQL ${oldest} or later is needed, and DATABASE_URL (${place}) answers as ${version}`);
  } catch (error) {
    if (!isDown(error) && !isRefusal(error)) throw error;
    const reason = failureOf(error).message || codesOf(error).join(', ');
    throw new Error(`DATABASE_URL (${place}) cannot be reached: ${reason}`);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Opens the database that DATABASE_URL names, or else starts the embedded one under DATA_DIR. */
export const openDatabase = async (env: DatabaseEnv): Promise<Database> => {
  const given = (part: string) => env[`${part.toUpperCase()}_DATABASE_PASSWORD`] || undefined;
  const url = env.DATABASE_URL;
  if (!url) {
    const { url: ownerUrl, stop } = await startEmbedded({ dataDir: join(env.DATA_DIR, 'postgres') });
    return { ownerUrl, urlOf: loginsOf(ownerUrl, given), stop };
  }
  await checkServer(url);
  const own = partOf(parseUrl(url));
  if (own === undefined) return { ownerUrl: url, urlOf: loginsOf(url, given), stop: async () => undefined };
  const urlOf = (part: string) => {
    if (part === own) return url;
    // A subgraph that takes steps is given that login beside its own.
    const password = part === 'steps' ? given(part) : undefined;
    if (password !== undefined) return loginsOf(url, () => password)(part);
    throw new Error(`this process holds the login of ${roleOf(own)} only, and cannot connect as ${roleOf(part)}`);
  };
  return { ownerUrl: undefined, urlOf, stop: async () => undefined };
};

/** The parts of the system that log in as a role of their own: each subgraph to read, and the steps, which write. */
const logins: readonly string[] = [...subgraphNames, 'steps'];

/** Makes the roles and applies the migrations that are new; answers their names. */
export const migrate = (ownerUrl: string, urlOf = loginsOf(ownerUrl), folder?: string): Promise<string[]> =>
  applyMigrations(ownerUrl, { urlOf, parts: logins, ...(folder === undefined ? {} : { folder }) });

const text = (value: string): string => value;
const whole = (value: string): number | string => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};
// text[]; pg's types list the scalar types only
const textList: (value: string) => string[] = pg.types.getTypeParser(1009 as 25);

// pg reads a date as midnight here, which is another day elsewhere, and a numeric list as floats.
const parsers = new Map<number, (value: string) => unknown>([
  [20, whole],
  [1016, (value) => textList(value).map((one) => (one === null ? one : whole(one)))],
  [1082, text],
  [1182, textList],
  [1700, text],
  [1231, textList],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format),
};

/**
 * Connections that are made as they are needed, and made again when the database was away. Dates and exact numbers come
 * as text, whole numbers as numbers while they are exact. A statement may take `timeout` milliseconds; 0 is no limit.
 */
export const pool = (
  url: string,
  { max = 10, name, timeout = 5000 }: { max?: number; name: string; timeout?: number },
): pg.Pool => {
  const connections = new pg.Pool({
    connectionString: url,
    max,
    application_name: name,
    types,
    connectionTimeoutMillis: 2000,
    idleTimeoutMillis: 60_000,
    statement_timeout: timeout,
    // The server's own limit is of no use when the network has swallowed the server.
    ...(timeout > 0 ? { query_timeout: timeout + 1000 } : {}),
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    // Scopes name large parties in their text, so a plan for the average value serves, and need not be made each time.
    options: '-c plan_cache_mode=force_generic_plan',
  });
  // Without these a lost server ends the process. Nothing goes unsaid: the next statement reports it to who needs it.
  connections.on('error', () => undefined);
  connections.on('connect', (client) => client.on('error', () => undefined));
  return connections;
};

const downCodes = new Set(['57P01', '57P02', '57P03', '53300', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
for (const code of ['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED']) downCodes.add(code);
const downMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error)/;

// Not `instanceof Error`: jest gives each test file an Error of its own, and Node's errors are of another.
type Failure = { message?: string; code?: unknown; cause?: unknown; errors?: unknown };
const failureOf = (error: unknown): Failure => (typeof error === 'object' && error !== null ? error : {});

const causesOf = (error: unknown): unknown[] => {
  const { cause, errors } = failureOf(error);
  // localhost is tried under each of its addresses, and then fails with all of their errors in one
  const each: unknown[] = Array.isArray(errors) ? errors : [];
  return cause === undefined ? each : [...each, cause];
};

const codesOf = (error: unknown): string[] => {
  const { code } = failureOf(error);
  return [...(typeof code === 'string' ? [code] : []), ...causesOf(error).flatMap(codesOf)];
};

const isRefusal = (error: unknown): boolean => codesOf(error).some((code) => /^(28|3D|ENOENT|42501)/.test(code));

/** Whether the error says that the database cannot be reached now, rather than that the statement was wrong. */
export const isDown = (error: unknown): boolean =>
  codesOf(error).some((code) => downCodes.has(code) || /^08\w{3}$/.test(code)) ||
  downMessages.test(failureOf(error).message ?? '') ||
  causesOf(error).some(isDown);
