/** Content that was sent before it belongs to a dossier. */
import type pg from 'pg';
import { statement } from '../../db/statement.ts';
import { callerKey } from '../caller-key.ts';
import type { Viewer } from '../viewer.ts';

/** What is known of content that was sent. */
export type Upload = { id: string; mime: string; sizeBytes: number; sha256: string };

const take = statement<Upload>(`
  delete from steps.upload where id = $1 and owner = $2 returning id, mime, size_bytes as "sizeBytes", sha256`);

/** Takes an upload of the caller's own for a document, in the transaction of the step; null where there is none. */
export const takeUpload = async (client: pg.PoolClient, viewer: Viewer, id: string): Promise<Upload | null> => {
  const [upload] = await take(client, [id, callerKey(viewer)]);
  return upload ?? null;
};
