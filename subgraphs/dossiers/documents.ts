/** The contents of documents, for who may send and who may read them. */
import type { Readable } from 'node:stream';
import type pg from 'pg';
import { statement } from '../../db/statement.ts';
import { mostWaiting } from '../../schema/uploads.ts';
import { callerKey } from '../caller-key.ts';
import { mustBeTaken, mustUpload, type Parts, taken } from '../content.ts';
import { refuseWith } from '../errors.ts';
import type { Subgraph } from '../subgraph.ts';
import type { Viewer } from '../viewer.ts';
import type { Contents } from './contents.ts';
import type { Upload } from './uploads.ts';

/** What the gateway asks of whoever keeps the contents; both for a viewer. */
export type Documents = {
  /** Keeps content that belongs to no dossier yet. */
  receive(viewer: Viewer, content: Parts, mime: string): Promise<Upload>;
  /** The content of a document that the viewer may read; null where there is none. */
  content(viewer: Viewer, id: string): Promise<Readable | null>;
};

const waiting = statement<{ count: number }>('select count(*)::integer as count from steps.upload where owner = $1');
const stage = statement(`
  insert into steps.upload (id, owner, mime, size_bytes, sha256, at) values ($1, $2, $3, $4, $5, now())`);
const keptAs = statement<{ id: string }>(
  'select coalesce(copy_of, id) as id from dossiers.document where id = $1 and erased_at is null',
);

const asked = 'query ($id: ID!) { document(id: $id) { fileName mime sizeBytes sha256 } }';

/**
 * Over the folder, and the connections of the role permit_steps. Whether a viewer may read a document the graph decides, here
 * as in the gateway: what comes from the network is not taken at its word.
 */
export const documents = ({
  pool,
  contents,
  execute,
}: {
  pool: pg.Pool;
  contents: Contents;
  execute: Subgraph['execute'];
}): Documents => ({
  receive: async (viewer, content, mime) => {
    mustUpload(viewer.kind);
    mustBeTaken(mime);
    const owner = callerKey(viewer);
    const [row] = await waiting(pool, [owner]);
    if ((row?.count ?? 0) >= mostWaiting) {
      const told = { limit: 'waiting', allowed: mostWaiting };
      throw refuseWith(429, 'LIMIT_EXCEEDED', 'Too many of your uploads wait for a dossier', told);
    }
    const { id, sizeBytes, sha256 } = await contents.put(taken(content, mime));
    // The content is there before anything says so: what can be left behind is content without a row, which is swept up.
    await stage(pool, [id, owner, mime, sizeBytes, sha256]).catch(async (error: unknown) => {
      await contents.drop(id);
      throw error;
    });
    return { id, mime, sizeBytes, sha256 };
  },
  content: async (viewer, id) => {
    const { data, errors } = await execute({ query: asked, variables: { id } }, viewer, {});
    if (errors || !data?.document) return null;
    const [kept] = await keptAs(pool, [id]);
    return kept ? contents.get(kept.id) : null;
  },
});
