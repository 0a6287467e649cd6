import { appendFile, truncate, writeFile } from 'node:fs/promises';
import type { Reach } from '../gateway/gateway.ts';
import type { Consultation } from '../subgraphs/reading.ts';
import { arrange } from './arranged.ts';
import { insz, kbo, number } from './cast.ts';
import { type Counter, content, faultOf, openCounter } from './counter.ts';
import { factsOf, paperRelation } from './graph-walk.ts';
import { inspecting, treating } from './opened-world.ts';
import { type Outcome, outcomeOf, purposes } from './referee.ts';
import { type Asker, askers, found } from './referee-rows.ts';
import { unlimited } from './world.ts';

let counter: Counter;
let recorded: Parameters<Reach['record']>[1][] = [];
let fails: (() => Promise<{ tooMany: boolean }>) | null = null;

/** Listens to what goes on record, and fails where a test wants that. */
const listening = (parts: Reach): Reach => {
  const { record, ...rest } = unlimited(parts);
  return {
    ...rest,
    record: async (context, asked) => {
      recorded.push(asked);
      return fails ? fails() : record(context, asked);
    },
  };
};

beforeAll(async () => {
  counter = await openCounter('together', listening);
  await arrange(counter.rows);
});
afterAll(() => counter.stop());
beforeEach(() => {
  recorded = [];
  fails = null;
});

const codes = {
  PASSPORT: 'RES_PASSPORT',
  CRIMINAL_MEDICAL: 'RES_MEDICAL',
  MEANS: 'RES_INSURANCE',
  WORK_DOCUMENTS: 'WRK_CONTRACT',
} as const;
const categories = Object.keys(codes) as (keyof typeof codes)[]; // the keys of our own table
const sides = ['EMPLOYER', 'WORKER', 'HOST_FAMILY'];

const open = { code: 'OPEN', status: 200 };
const none = { code: 'NOT_FOUND', status: 404 };
const closed = (outcome: Outcome) => ({ code: outcome as string, status: 403 });

/** What the referee expects of a request for a document, in words of its own. */
const expected = (
  { kind }: Asker,
  relation: Parameters<typeof paperRelation>[1] | undefined,
  { category, side }: { category: string; side: string },
  stated: boolean,
) => {
  const field = { type: 'Document', categories, mask: null };
  const root = outcomeOf(
    kind,
    { ...field, type: 'Query', coordinate: 'Query.document', from: 'STATUS' },
    { relation: null, choice: null, stated },
  );
  if (root !== 'FULL') return closed(root);
  if (relation === undefined) return none;
  const of = { relation: paperRelation(kind, relation, side), choice: category, stated };
  const presence = outcomeOf(kind, { ...field, coordinate: 'Document.id', from: 'STATUS' }, of);
  if (presence !== 'FULL') return none;
  const reading = outcomeOf(kind, { ...field, coordinate: 'Document.fileName', from: 'READ' }, of);
  return reading === 'FULL' ? open : closed(reading);
};

test('content goes to whom the referee lets read it, of every kind, category and relation, and to nobody else', async () => {
  // Of each asker a dossier for each relation that it has to any, and one that is not there for it.
  const cases: { asker: Asker; dossier: string; relation: string | undefined }[] = [];
  const all = await counter.rows<{ number: string }>('select number from dossiers.dossier order by number');
  for (const asker of askers) {
    const seen = await found(counter, asker, 'dossier');
    const byRelation = new Map(seen.map(({ key, relation }) => [relation, key]));
    for (const [relation, dossier] of byRelation) cases.push({ asker, dossier, relation });
    const hidden = all.find((one) => seen.every(({ key }) => key !== one.number));
    if (hidden) cases.push({ asker, dossier: hidden.number, relation: undefined });
  }
  const papers = new Map<string, { id: string; bytes: Buffer }[]>();
  for (const dossier of new Set(cases.map((one) => one.dossier))) {
    const put: { id: string; bytes: Buffer }[] = [];
    for (const category of categories) {
      for (const by of sides) {
        const bytes = content('pdf', 100);
        put.push({ id: (await counter.put({ dossier, code: codes[category], by }, bytes)).id, bytes });
      }
    }
    papers.set(dossier, put);
  }
  const { papers: facts } = await factsOf(counter);
  const wrong: string[] = [];
  const met = new Set<string>();
  for (const { asker, dossier, relation } of cases) {
    for (const stated of purposes[asker.kind].length > 0 ? [false, true] : [false]) {
      const [purpose = ''] = purposes[asker.kind];
      for (const { id, bytes } of papers.get(dossier) ?? []) {
        const paper = facts.get(id) ?? { category: '', side: '' };
        const want = expected(asker, relation as Parameters<typeof expected>[1], paper, stated);
        const got = await counter.get(asker.who, id, stated ? { purpose, reference: 'r' } : {});
        const { code, status } = got.status === 200 ? open : faultOf(got);
        const isWhole = got.status !== 200 || got.bytes.equals(bytes);
        met.add(`${asker.kind} ${relation} ${want.code}`);
        if (code !== want.code || status !== want.status || !isWhole)
          wrong.push(
            `${asker.who} ${relation} ${paper.category} of ${paper.side}${stated ? '+' : ''}: ${code} ${status} and not ${want.code}`,
          );
      }
    }
  }
  expect(wrong).toEqual([]);
  // That much the text itself says; the rest is the referee's.
  expect([...met].filter((one) => one.endsWith('OPEN')).sort()).toEqual([
    'EMPLOYER OWN OPEN',
    'INSPECTION_FED INVOLVED OPEN',
    'INSPECTION_REG INVOLVED OPEN',
    'MANDATARY OWN OPEN',
    'MUNICIPALITY INVOLVED OPEN',
    'POST INVOLVED OPEN',
    'REGION OWN OPEN',
    'RESIDENCE OWN OPEN',
    'SELF_EMPLOYED INVOLVED OPEN',
    'SELF_EMPLOYED OWN OPEN',
    'WORKER INVOLVED OPEN',
    'WORKER OWN OPEN',
  ]);
}, 120_000);

const put = (code: string, by: string, name?: string) =>
  counter.put({ dossier: number.rahul, code, by, ...(name ? { name } : {}) });

const refused = {
  status: 403,
  code: 'FORBIDDEN',
  message: 'The content of this document is not open to you',
};
const absent = { status: 404, code: 'NOT_FOUND', message: 'There is no such document' };

test.each([
  'RES_CRIMINAL_RECORD',
  'RES_MEDICAL',
])('an extract or a certificate is for the Immigration Office and the worker: %s', async (code) => {
  const { id } = await put(code, 'EMPLOYER');
  expect((await counter.get('FED-DVZ', id)).status).toBe(200);
  expect((await counter.get(`WORKER:${insz.rahul}`, id)).status).toBe(200);
  // The region knows that it is there, and the employer that uploaded it not even that.
  expect(faultOf(await counter.get('VLA-DEM', id, treating))).toEqual(refused);
  expect(faultOf(await counter.get(`EMPLOYER:${kbo.brewery}`, id))).toEqual(absent);
  expect(faultOf(await counter.get(`MANDATARY:${kbo.mandatary}`, id))).toEqual(absent);
  expect(faultOf(await counter.get('INS-RSZ', id, inspecting))).toEqual(absent);
});

test('the role of a data protection officer opens no content', async () => {
  const { id } = await put('WRK_CONTRACT', 'EMPLOYER');
  expect((await counter.get('VLA-DEM', id, { roles: ['READER'] })).status).toBe(200);
  expect(faultOf(await counter.get('VLA-DEM', id, { roles: ['DATA_PROTECTION_OFFICER'] })).code).toBe('FORBIDDEN');
});

test('an inspection says what it reads a paper for, and may not claim what is not its task', async () => {
  const { id } = await put('WRK_CONTRACT', 'EMPLOYER');
  expect(faultOf(await counter.get('INS-RSZ', id))).toEqual({
    status: 403,
    code: 'PURPOSE_REQUIRED',
    message: 'The content of this document needs a purpose and a reference',
  });
  expect((await counter.get('INS-RSZ', id, inspecting)).status).toBe(200);
  expect(faultOf(await counter.get('INS-RSZ', id, treating))).toMatchObject({ status: 403, code: 'FORBIDDEN' });
});

test('who has no file on the dossier cannot tell a document that is not there from one that is', async () => {
  const { id } = await put('WRK_CONTRACT', 'EMPLOYER');
  const nowhere = '01234567-89ab-cdef-0123-456789abcdef';
  for (const who of ['DG-MIN', `EMPLOYER:${kbo.eupen}`, `WORKER:${insz.milan}`]) {
    expect([faultOf(await counter.get(who, id)), faultOf(await counter.get(who, nowhere))]).toEqual([absent, absent]);
  }
  for (const who of ['HELPDESK', 'FED-RSZ', 'AUDITOR']) {
    expect([faultOf(await counter.get(who, id)), faultOf(await counter.get(who, nowhere))]).toEqual([refused, refused]);
  }
});

const worker = 'W-0000002';
const entry = (of: Partial<Consultation['readings'][number]>) => ({
  operation: 'GET /documents/{id}',
  readings: [{ subject: worker, read: [], refused: [], outcome: 'READ', counts: expect.any(Boolean), ...of }],
});

test('that a document was read stands in the read log, and that it was refused, or asked for in vain', async () => {
  const contract = await put('WRK_CONTRACT', 'EMPLOYER');
  const certificate = await put('RES_MEDICAL', 'EMPLOYER');
  await counter.get('VLA-DEM', contract.id, treating);
  await counter.get('VLA-DEM', certificate.id, treating);
  await counter.get('DG-MIN', contract.id);
  expect(recorded).toEqual([
    entry({ read: ['WORK_DOCUMENTS'] }),
    // That it is there was answered, and what is in it refused.
    entry({ read: ['CRIMINAL_MEDICAL'], refused: ['CRIMINAL_MEDICAL'] }),
    entry({ subject: null, read: ['WORK_DOCUMENTS', 'PASSPORT', 'CRIMINAL_MEDICAL', 'MEANS'], outcome: 'NOTHING' }),
  ]);
  const kept = await counter.rows(
    `select party, subject, purpose, reference, outcome from read_log.entry where operation = 'GET /documents/{id}' order by seq desc limit 3`,
  );
  expect(kept).toEqual([
    { party: 'DG-MIN', subject: null, purpose: null, reference: null, outcome: 'NOTHING' },
    { party: 'VLA-DEM', subject: worker, purpose: 'TREAT_DOSSIER', reference: 'D-1', outcome: 'READ' },
    { party: 'VLA-DEM', subject: worker, purpose: 'TREAT_DOSSIER', reference: 'D-1', outcome: 'READ' },
  ]);
});

test('what cannot be put on record does not leave', async () => {
  const { id } = await put('WRK_CONTRACT', 'EMPLOYER');
  fails = () => Promise.reject(new Error('the log is full'));
  expect(faultOf(await counter.get('VLA-DEM', id))).toEqual({
    status: 503,
    code: 'DEPENDENCY_UNAVAILABLE',
    message: 'The register of read log does not answer now',
    register: 'read log',
  });
  fails = async () => ({ tooMany: true });
  expect(faultOf(await counter.get('VLA-DEM', id))).toMatchObject({
    status: 429,
    code: 'LIMIT_EXCEEDED',
    limit: 'persons',
  });
});

test('content that was erased is gone, and the document says since when', async () => {
  const { id } = await put('WRK_CONTRACT', 'EMPLOYER');
  await counter.rows(
    `update dossiers.document set erased_at = '2026-10-30T08:00:00Z', file_name = null, sha256 = null where id = $1`,
    [id],
  );
  expect(faultOf(await counter.get('VLA-DEM', id))).toEqual({
    status: 410,
    code: 'NOT_FOUND',
    message: 'The content of this document was erased: its time was over',
    erasedAt: '2026-10-30T08:00:00.000Z',
  });
  expect(faultOf(await counter.get('DG-MIN', id))).toEqual(absent);
});

test('a document of before the counter has no content here', async () => {
  const { id } = await put('WRK_CONTRACT', 'EMPLOYER');
  await counter.contents.drop(id);
  expect(faultOf(await counter.get('VLA-DEM', id))).toEqual({
    status: 404,
    code: 'NOT_FOUND',
    message: 'The content of this document is not kept here',
  });
});

test('the document of a duplicated dossier has the content of the one that it was copied from', async () => {
  const bytes = content('pdf');
  const { id } = await counter.put({ dossier: number.mehmet, code: 'WRK_DIPLOMA', by: 'EMPLOYER' }, bytes);
  await counter.rows(
    `insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at, copy_of)
     select 'COPY', $2, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at, id from dossiers.document where id = $1`,
    [id, number.rahul],
  );
  expect((await counter.get('VLA-DEM', 'COPY')).bytes.equals(bytes)).toBe(true);
});

test.each([
  ['that grew', (path: string) => appendFile(path, 'x')],
  ['that was cut short', (path: string) => truncate(path, 2000)],
])('content %s is not delivered as if it were whole', async (_, change) => {
  const { id } = await put('WRK_CONTRACT', 'EMPLOYER');
  const path = (await counter.files()).find((one) => one.endsWith(id)) ?? '';
  await change(path);
  const got = await counter.get('VLA-DEM', id);
  expect(faultOf(got)).toMatchObject({ status: 500, code: 'INTERNAL' });
  expect(got.headers).not.toHaveProperty('content-disposition');
  expect(got.headers).not.toHaveProperty('repr-digest');
});

test('content that changed breaks off before its end', async () => {
  const bytes = content('pdf', 1_000_000);
  const { id } = await counter.put({ dossier: number.rahul, code: 'WRK_CONTRACT', by: 'EMPLOYER' }, bytes);
  const path = (await counter.files()).find((one) => one.endsWith(id)) ?? '';
  await writeFile(path, Buffer.from(bytes).fill(0, 999_999));
  await expect(counter.get('VLA-DEM', id)).rejects.toThrow('aborted');
});

test.each([
  ['../../../etc/passwd', 'passwd.pdf', 'passwd.pdf'],
  ['a"; filename="b.exe', 'a; filename=b.exe.pdf', 'a%3B%20filename%3Db.exe.pdf'],
  ['Ayşe’s %41.pdf', 'Ay_e_s _41.pdf', 'Ay%C5%9Fe%E2%80%99s%20%2541.pdf'],
  ['\u202e.pdf', 'pdf.pdf', 'pdf.pdf'],
  ['/', 'document', 'document'],
])('a file name is told as a name, and as nothing else: %j', async (name, plain, whole) => {
  const { id } = await put('WRK_CONTRACT', 'EMPLOYER', name);
  const { status, headers } = await counter.get('VLA-DEM', id);
  expect([status, headers['content-disposition']]).toEqual([
    200,
    `attachment; filename="${plain}"; filename*=UTF-8''${whole}`,
  ]);
});

test.each([
  '..%2f..%2fetc%2fpasswd',
  '%2e%2e',
  'a%00b',
  '%',
  'x'.repeat(300),
  "'%20or%201=1--",
  '-',
  '%F0%9F%98%80',
])('an address that names no document leads to none: %s', async (id) => {
  const got = await counter.get('VLA-DEM', id);
  expect([400, 404, 414]).toContain(got.status);
  expect(['NOT_FOUND', 'BAD_USER_INPUT']).toContain(faultOf(got).code);
});
