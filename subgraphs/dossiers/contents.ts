/** Where the contents of documents are kept: a folder, behind an interface that another kind of store can have as well. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Measure, measure, type Parts } from '../content.ts';
import { keep } from '../keep.ts';

/** A store of contents, which never change. */
export type Contents = {
  /** Keeps content whole and safe from a power cut, or keeps nothing of it. */
  put(content: Parts): Promise<Measure & { id: string }>;
  /** The content; null where none is kept under that id. */
  get(id: string): Promise<Readable | null>;
  drop(id: string): Promise<void>;
  /** Whether what is kept belongs to that database: it is the first one's that asked. */
  belongsTo(database: string): Promise<boolean>;
  /** The ids of all that is kept, whole or half, since before a moment. */
  keptBefore(moment: Date): AsyncIterable<string>;
};

const isAbsent = (error: unknown): null => {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // Node's own errors carry a code
  throw error;
};

// Nothing else than an id of our own making becomes a part of a path.
const form = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Makes sure that what a folder holds outlives a power cut. */
const settle = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
};

async function* filesIn(folder: string): AsyncGenerator<string> {
  const entries = await opendir(folder).catch(isAbsent);
  if (entries === null) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (form.test(entry.name)) yield path;
  }
}

/** Contents in a folder, two levels deep: each a file that only its owner may read. */
export const folderContents = (folder: string): Contents => {
  const incoming = join(folder, 'incoming');
  const pathOf = (id: string): string => join(folder, id.slice(0, 2), id.slice(2, 4), id);

  return {
    put: async (content) => {
      const id = randomUUID();
      const [draft, path] = [join(incoming, id), pathOf(id)];
      const { parts, measured } = measure(content);
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      const writer = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
      try {
        await pipeline(parts, writer);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await rename(draft, path);
        for (const each of [dirname(path), dirname(dirname(path)), folder]) await settle(each);
      } catch (error) {
        // A file that was still being opened when its content failed would be made after it was removed.
        if (!writer.closed) await once(writer, 'close').catch(() => undefined);
        await Promise.all([draft, path].map((one) => rm(one, { force: true })));
        throw error;
      }
      return { id, ...measured() };
    },
    get: async (id) => {
      if (!form.test(id)) return null;
      const file = await open(pathOf(id), 'r').catch(isAbsent);
      return file === null ? null : file.createReadStream();
    },
    drop: async (id) => {
      if (!form.test(id)) return;
      await Promise.all([join(incoming, id), pathOf(id)].map((path) => rm(path, { force: true })));
    },
    belongsTo: async (database) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return (await keep(join(folder, 'database'), async () => database)) === database;
    },
    keptBefore: async function* (moment) {
      for await (const path of filesIn(folder)) {
        const found = await stat(path).catch(isAbsent);
        if (found !== null && found.mtime < moment) yield path.slice(-36);
      }
    },
  };
};
