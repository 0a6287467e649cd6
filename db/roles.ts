import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const userOf = (url: URL): string => url.searchParams.get('user') ?? decodeURIComponent(url.username);

const passwordOf = (url: URL): string => url.searchParams.get('password') ?? decodeURIComponent(url.password);

/** Reads a connection string; what it says when that fails never repeats the string, which holds a password. */
export const parseUrl = (text: string): URL => {
  try {
    const url = new URL(text);
    if (url.protocol === 'postgres:' || url.protocol === 'postgresql:') return url;
  } catch {
    // Node's own error carries the whole input
  }
  throw new Error('DATABASE_URL is not a connection string of the form postgres://user:password@host:port/database');
};

/** The database role of a part of the system: `permit_dossiers` for `dossiers`. */
export const roleOf = (part: string): string => `permit_${part}`;

/** The part of the system whose own role the connection string logs in as; undefined for an owner. */
export const partOf = (url: URL): string | undefined => /^permit_(\w+)$/.exec(userOf(url))?.[1];

const withLogin = (url: URL, user: string, password: string): string => {
  const own = new URL(url);
  if (own.host === '') {
    // A socket's address has no host part, and so no room for a user before it.
    own.searchParams.set('user', user);
    own.searchParams.set('password', password);
    return own.href;
  }
  for (const name of ['user', 'password']) own.searchParams.delete(name);
  own.username = encodeURIComponent(user);
  own.password = encodeURIComponent(password);
  return own.href;
};

/**
 * The connection string of each part's role in the owner's database. A password that is not given follows from the
 * owner's, so that all replicas know it without being told.
 */
export const loginsOf = (
  ownerUrl: string,
  given: (part: string) => string | undefined = () => undefined,
): ((part: string) => string) => {
  const url = parseUrl(ownerUrl);
  const secret = passwordOf(url);
  return (part) => {
    const role = roleOf(part);
    const password = given(part) ?? (secret && createHmac('sha256', secret).update(role).digest('base64url'));
    if (!password) {
      throw new Error(
        `the owner's connection string has no password to derive that of ${role} from: set it separately`,
      );
    }
    return withLogin(url, role, password);
  };
};

// What PostgreSQL would store itself. Sent in this form, the password never stands in a statement that a server may log.
const verifierOf = (password: string): string => {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, 4096, 32, 'sha256');
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$4096:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`;
};

const logsIn = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined); // a server that goes away is found out by the owner's next statement
  try {
    await client.connect();
    return true;
  } catch {
    return false; // no role, another password, no right: all are answered by setting the role right
  } finally {
    await client.end().catch(() => undefined);
  }
};

const conflicts = ['42710', '23505', '40001', 'XX000']; // exists, exists since a moment, "tuple concurrently updated"

const setRole = async (owner: pg.Client, role: string, password: string): Promise<void> => {
  const { rowCount } = await owner.query('select from pg_roles where rolname = $1', [role]);
  const verb = rowCount ? 'alter' : 'create';
  await owner.query(
    `${verb} role ${pg.escapeIdentifier(role)} login password ${pg.escapeLiteral(verifierOf(password))}`,
  );
};

const ensureRole = async (owner: pg.Client, url: URL): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await setRole(owner, userOf(url), passwordOf(url));
    } catch (error) {
      const { code } = error as { code?: string }; // pg's errors carry the code of PostgreSQL, and its types do not say so
      if (code === '42501') {
        throw new Error(`the owner may not create roles: create ${userOf(url)} with its password first`);
      }
      if (attempt === 10 || !code || !conflicts.includes(code)) throw error;
      await sleep(20 * attempt);
    }
  }
};

/**
 * Makes the roles of the connection strings able to log in, and leaves those alone that are. Roles belong to the whole
 * cluster, so that others may be doing the same.
 */
export const ensureRoles = async (owner: pg.Client, urls: readonly string[]): Promise<void> => {
  const able = await Promise.all(urls.map(logsIn));
  for (const [index, url] of urls.entries()) if (!able[index]) await ensureRole(owner, parseUrl(url));
};
