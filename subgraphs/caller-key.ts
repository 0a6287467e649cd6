import { createHash } from 'node:crypto';
import type { Viewer } from './viewer.ts';

/**
 * A name for one caller that says nothing of who it is: what somebody keeps under it, an idempotency key or an upload, is
 * nobody else's, not even a colleague's.
 */
export const callerKey = ({ kind, party, insz, id }: Pick<Viewer, 'kind' | 'party' | 'insz' | 'id'>): string =>
  createHash('sha256')
    .update(JSON.stringify([kind, party, insz, id]))
    .digest('base64url');
