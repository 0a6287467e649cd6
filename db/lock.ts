import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leaveToHolder } from './account.ts';
import { type Identity, isRunning, self } from './process.ts';

const free = 'free';
const patience = 10 * 60_000;

const generations = async (folder: string): Promise<number[]> =>
  (await readdir(folder))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);

const isHeld = async (path: string): Promise<boolean> => {
  const holder = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (holder === undefined) return true; // a newer generation has just replaced it: look again
  // A lost machine may leave the file empty; no living process does, as the content is there before the name is.
  if (holder === free || holder.trim() === '') return false;
  const identity: Identity = JSON.parse(holder);
  return isRunning(identity);
};

// Node has no flock. A lock file that one removes to take over from a dead holder can be removed by two at once, so here
// nothing is taken over: whoever finds the newest generation free, or its holder dead, makes the next one, which only one can.
const acquire = async (folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  leaveToHolder(folder);
  const claim = join(folder, `claim-${randomUUID()}`);
  await writeFile(claim, JSON.stringify(self), { mode: 0o600 });
  leaveToHolder(claim);
  const deadline = Date.now() + patience;
  try {
    while (Date.now() < deadline) {
      const [newest = 0] = await generations(folder);
      if (newest === 0 || !(await isHeld(join(folder, String(newest))))) {
        const mine = newest + 1;
        const taken = await link(claim, join(folder, String(mine))).then(
          () => true,
          (error: NodeJS.ErrnoException) => {
            if (error.code === 'EEXIST') return false;
            throw error;
          },
        );
        if (taken) {
          const all = await generations(folder);
          // A slow process may link a number that was used and cleared away meanwhile: then a newer one stands.
          const outdated = all[0] === mine ? all.slice(1) : [mine];
          await Promise.all(outdated.map((number) => rm(join(folder, String(number)), { force: true })));
          if (all[0] === mine) return join(folder, String(mine));
        }
      }
      await sleep(20);
    }
  } finally {
    await rm(claim, { force: true });
  }
  throw new Error(`another process has held the lock ${folder} for ${patience / 60_000} minutes`);
};

const release = async (path: string): Promise<void> => {
  // Marked, not removed: the newest number must never go back.
  await writeFile(`${path}.${free}`, free, { mode: 0o600 });
  leaveToHolder(`${path}.${free}`);
  await rename(`${path}.${free}`, path);
};

/** Does the work while no other process on this machine works under the same folder; a holder that died holds nothing. */
export const withLock = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  const held = await acquire(folder);
  try {
    return await work();
  } finally {
    await release(held);
  }
};
