import { chownSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The user a server runs as, where it may not run as the user who starts it. */
export type Account = { uid: number; gid: number };

const accountNamed = async (name: string): Promise<Account | undefined> => {
  const line = (await readFile('/etc/passwd', 'utf8').catch(() => ''))
    .split('\n')
    .find((row) => row.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
};

/** The user that the server runs as: nobody but ourselves, unless we are root, which PostgreSQL refuses to be. */
export const accountFor = async (data: string): Promise<Account | undefined> => {
  const holder = await stat(data).catch(() => stat(dirname(data)).catch(() => undefined));
  const uid = process.getuid?.();
  if (uid !== 0) {
    if (holder && holder.uid !== uid) {
      throw new Error(`${data} is of user ${holder.uid}: start as that user or as root, or choose another DATA_DIR`);
    }
    return undefined;
  }
  if (holder && holder.uid !== 0) return { uid: holder.uid, gid: holder.gid };
  // initdb looks its user up by name, so that an account has to exist: a free number will not do.
  const account = (await accountNamed('postgres')) ?? (await accountNamed('nobody'));
  if (!account)
    throw new Error('PostgreSQL refuses to run as root, and there is no account postgres or nobody to run it');
  return account;
};

/** Makes the account the holder of the file or folder. */
export const give = (path: string, account: Account | undefined): void => {
  if (account) chownSync(path, account.uid, account.gid);
};

/** Leaves a file that root made in another user's folder to that user, who could not go on without root otherwise. */
export const leaveToHolder = (path: string): void => {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  chownSync(path, uid, gid);
};

/** The name under which a program of the account, started with the folder as its working directory, reaches that folder. */
export const placeOf = (data: string, account: Account | undefined): string =>
  // The account may not pass the folders above (a checkout under a 0700 home), but it may stand in it: the working
  // directory is entered before the user is changed, and this name leads there without a walk down from the root.
  account && process.platform === 'linux' ? '/proc/self/cwd' : data;
