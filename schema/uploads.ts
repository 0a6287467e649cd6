/** What may be uploaded: how large, of which types, and under which name it is shown. */
import { json } from './data.ts';

type UploadType = { mime: string; extensions: string[]; signature: string };
type Uploads = { largestBytes: number; mostWaiting: number; types: UploadType[] };

const { uploads } = json<{ uploads: Uploads }>('documents.json');

/** Bytes that a document may have. */
export const largestUpload: number = uploads.largestBytes;

/** How many uploads of one caller may wait for a dossier. */
export const mostWaiting: number = uploads.mostWaiting;

/** The media types that are taken. */
export const uploadTypes: readonly string[] = uploads.types.map(({ mime }) => mime);

const signatures = uploads.types.map(({ mime, signature }) => ({ mime, begins: Buffer.from(signature, 'hex') }));

/** How many bytes tell the type of content. */
export const tellingBytes: number = Math.max(...signatures.map(({ begins }) => begins.length));

/** The type of content that begins like this; null where it is none of those that are taken. */
export const typeOf = (begin: Uint8Array): string | null =>
  signatures.find(({ begins }) => begins.equals(begin.subarray(0, begins.length)))?.mime ?? null;

// What steers a terminal, turns the direction of writing, is half a character, or means something to a file system.
const unwanted = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu;
const longest = 100;

/**
 * A file name as it may be kept and shown: no folders, nothing that a screen or a disk takes for a command, and the extension
 * of its type. Null where nothing is left of it.
 */
export const fileNameOf = (given: string, mime: string): string | null => {
  const last = given.normalize('NFC').split(/[\\/]/).at(-1) ?? '';
  const plain = last
    .replace(unwanted, '')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  const extensions = uploads.types.find((type) => type.mime === mime)?.extensions ?? [];
  const [extension] = extensions;
  const own = extensions.find((one) => plain.toLowerCase().endsWith(`.${one}`));
  const stem = [...(own === undefined ? plain : plain.slice(0, -own.length - 1))].slice(0, longest).join('').trimEnd();
  if (stem === '') return null;
  const end = own ?? extension;
  return end === undefined ? stem : `${stem}.${end}`;
};
