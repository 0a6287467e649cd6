import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileNameOf, typeOf, uploadTypes } from '../schema/uploads.ts';
import { proved } from '../subgraphs/content.ts';
import { type Contents, folderContents } from '../subgraphs/dossiers/contents.ts';
import { content } from './counter.ts';

let folder: string;
let contents: Contents;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permits-contents-'));
  contents = folderContents(join(folder, 'documents'));
});
afterEach(() => rm(folder, { recursive: true }));

async function* parts(...list: Uint8Array[]) {
  yield* list;
}
const listed = async (moment: Date): Promise<string[]> => {
  const ids: string[] = [];
  for await (const id of contents.keptBefore(moment)) ids.push(id);
  return ids.sort();
};
const files = async (): Promise<string[]> => {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all.filter((one) => one.isFile()).map(({ name }) => name);
};
const tomorrow = (): Date => new Date(Date.now() + 86_400_000);

test('what is put can be had, until it is dropped; dropped twice is dropped', async () => {
  const bytes = content('pdf', 200_000);
  const { id, sizeBytes } = await contents.put(parts(bytes.subarray(0, 70_000), bytes.subarray(70_000)));
  expect(sizeBytes).toBe(200_000);
  const kept = await contents.get(id);
  expect(kept && (await buffer(kept)).equals(bytes)).toBe(true);
  await contents.drop(id);
  await contents.drop(id);
  expect([await contents.get(id), await files()]).toEqual([null, []]);
});

test('content that breaks off is not kept, nor any part of it', async () => {
  const broken = async function* () {
    yield content('pdf', 100_000);
    throw new Error('broken off');
  };
  await expect(contents.put(broken())).rejects.toThrow('broken off');
  expect(await files()).toEqual([]);
});

test('all that is kept since before a moment is found, what a killed process left half of as well', async () => {
  expect(await listed(tomorrow())).toEqual([]);
  const { id } = await contents.put(parts(content('pdf')));
  const half = '01234567-89ab-cdef-0123-456789abcdef';
  await writeFile(join(folder, 'documents', 'incoming', half), 'half');
  await writeFile(join(folder, 'documents', 'incoming', 'notes.txt'), 'not ours');
  expect(await listed(tomorrow())).toEqual([half, id].sort());
  expect(await listed(new Date(Date.now() - 1000))).toEqual([]);
  const old = new Date(Date.now() - 10_000);
  await utimes(join(folder, 'documents', 'incoming', half), old, old);
  expect(await listed(new Date(Date.now() - 5000))).toEqual([half]);
  await contents.drop(half);
  expect((await files()).sort()).toEqual([id, 'notes.txt'].sort());
});

test.each([
  '..',
  '../secret',
  '..%2fsecret',
  '/etc/passwd',
  'aa/bb/../../../secret',
  '',
  '.',
  '01234567-89ab-cdef-0123-456789abcdef/../../secret',
  '01234567-89AB-CDEF-0123-456789ABCDEF',
  '01234567-89ab-cdef-0123-456789abcde\0',
])('an id that is none leads nowhere: %j', async (id) => {
  await writeFile(join(folder, 'secret'), 'secret');
  expect(await contents.get(id)).toBeNull();
  await contents.drop(id);
  expect(await files()).toEqual(['secret']);
});

test('content that is not what was uploaded never comes out whole', async () => {
  const bytes = content('pdf', 100_000);
  const { sha256, sizeBytes } = await contents.put(parts(bytes));
  const out = async (given: Buffer): Promise<number> => {
    let count = 0;
    const half = given.length / 2;
    for await (const part of proved(parts(given.subarray(0, half), given.subarray(half)), { sha256, sizeBytes })) {
      count += part.length;
    }
    return count;
  };
  expect(await out(bytes)).toBe(100_000);
  const changed = Buffer.from(bytes);
  changed[99_999] = ~(changed[99_999] ?? 0) & 0xff;
  await expect(out(changed)).rejects.toThrow('not what was uploaded');
  await expect(out(bytes.subarray(0, 99_998))).rejects.toThrow('not what was uploaded');
});

test('a type is told by how its content begins', () => {
  const types = (['pdf', 'png', 'jpeg'] as const).map((type) => typeOf(content(type)));
  expect(types).toEqual(uploadTypes);
  for (const other of ['MZ\x90\x00\x03\x00\x00\x00', 'PK\x03\x04    ', '<html>  ', '\x89PNG\r\n\x1a', '%pdf-1.7', '']) {
    expect(typeOf(Buffer.from(other, 'latin1'))).toBeNull();
  }
});

test.each([
  ['contract.pdf', 'application/pdf', 'contract.pdf'],
  ['Contract.PDF', 'application/pdf', 'Contract.pdf'],
  ['invoice.exe', 'application/pdf', 'invoice.exe.pdf'],
  ['photo.jpeg', 'image/jpeg', 'photo.jpeg'],
  ['photo', 'image/jpeg', 'photo.jpg'],
  ['../../etc/passwd', 'application/pdf', 'passwd.pdf'],
  ['C:\\Users\\me\\diploma.pdf', 'application/pdf', 'diploma.pdf'],
  ['.htaccess', 'application/pdf', 'htaccess.pdf'],
  ['a\r\nset-cookie: x=1.pdf', 'application/pdf', 'aset-cookie x=1.pdf'],
  ['gpj.\u202efdp.exe', 'application/pdf', 'gpj.fdp.exe.pdf'],
  ['Ayşe Yılmaz – contrat.pdf', 'application/pdf', 'Ayşe Yılmaz – contrat.pdf'],
  ['e\u0301tude.pdf', 'application/pdf', '\u00e9tude.pdf'],
  ['half \ud800 of it.pdf', 'application/pdf', 'half of it.pdf'],
  [`${'😀'.repeat(200)}.pdf`, 'application/pdf', `${'😀'.repeat(100)}.pdf`],
  ['notes.txt', 'text/plain', 'notes.txt'],
  ['', 'application/pdf', null],
  ['..', 'application/pdf', null],
  ['.pdf', 'application/pdf', 'pdf.pdf'],
  ['a/', 'application/pdf', null],
])('a file name is no more than a name: %j', (given, mime, name) => {
  expect(fileNameOf(given, mime)).toBe(name);
});
