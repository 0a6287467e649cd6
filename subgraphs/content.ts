/** Content on its way in or out: recognised, counted and measured as it passes, and never held as a whole. */
import { createHash } from 'node:crypto';
import { type Kind, offeredTo } from '../schema/policy.ts';
import { largestUpload, tellingBytes, typeOf, uploadTypes } from '../schema/uploads.ts';
import { refuseWith } from './errors.ts';

/** Content, part by part. */
export type Parts = AsyncIterable<Uint8Array>;

/** What content is known by. */
export type Measure = { sha256: string; sizeBytes: number };

/** Refuses who can add a document to no dossier at all: there is nothing to upload one for. */
export const mustUpload = (kind: Kind): void => {
  if (!offeredTo('Mutation.addDocument', kind)) {
    throw refuseWith(403, 'FORBIDDEN', 'Documents are uploaded by who applies, or files for an applicant');
  }
};

/** Refuses a type that is not taken. */
export const mustBeTaken = (mime: string): void => {
  if (!uploadTypes.includes(mime)) {
    throw refuseWith(415, 'BAD_USER_INPUT', `A document is one of ${uploadTypes.join(', ')}`, { taken: uploadTypes });
  }
};

/** Refuses what is larger than a document may be. */
export const mustFit = (bytes: number): void => {
  if (bytes > largestUpload) {
    throw refuseWith(413, 'LIMIT_EXCEEDED', 'The document is too large', { limit: 'upload', allowed: largestUpload });
  }
};

/** Lets content pass as long as it fits, and only if it begins as its type does. */
export async function* taken(content: Parts, mime: string): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let begin: Buffer | null = Buffer.alloc(0);
  const mustBeSo = (telling: Uint8Array): void => {
    if (typeOf(telling) === mime) return;
    throw refuseWith(415, 'BAD_USER_INPUT', 'The content is not of the type that it is said to be');
  };
  for await (const part of content) {
    bytes += part.length;
    mustFit(bytes);
    if (begin === null) {
      yield part;
      continue;
    }
    begin = Buffer.concat([begin, part]);
    if (begin.length < tellingBytes) continue;
    mustBeSo(begin);
    yield begin;
    begin = null;
  }
  if (begin === null) return;
  mustBeSo(begin);
  yield begin;
}

/** Measures content while it passes; `measured` tells the measure once it is through. */
export const measure = (content: Parts): { parts: AsyncGenerator<Uint8Array>; measured(): Measure } => {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const pass = async function* () {
    for await (const part of content) {
      hash.update(part);
      sizeBytes += part.length;
      yield part;
    }
  };
  return { parts: pass(), measured: () => ({ sha256: hash.digest('hex'), sizeBytes }) };
};

/** Lets content pass if it is what was measured before: its last part is held back until that is known. */
export async function* proved(content: Parts, { sha256, sizeBytes }: Measure): AsyncGenerator<Uint8Array> {
  const { parts, measured } = measure(content);
  let held: Uint8Array | null = null;
  for await (const part of parts) {
    if (held !== null) yield held;
    held = part;
  }
  const found = measured();
  if (found.sha256 !== sha256 || found.sizeBytes !== sizeBytes) {
    throw Object.assign(new Error('the content is not what was uploaded'), { code: 'CONTENT_CHANGED' });
  }
  if (held !== null) yield held;
}
