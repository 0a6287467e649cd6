import { createHash, randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { callTo, errorsOf } from './caller.ts';
import { insz, kbo, number } from './cast.ts';
import { type Counter, content, exchange, faultOf, openCounter, type Way, ways } from './counter.ts';

const employer = `EMPLOYER:${kbo.brewery}`;
const counters = new Map<Way, Counter>();

beforeAll(async () => {
  for (const way of ways) counters.set(way, await openCounter(way));
});
afterAll(async () => {
  for (const one of counters.values()) await one.stop();
});

const at = (way: Way): Counter => {
  const counter = counters.get(way);
  if (!counter) throw new Error(`no counter ${way}`);
  return counter;
};

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const uuid: unknown = expect.stringMatching(/^[\da-f-]{36}$/);
const parsed = (bytes: Buffer) => JSON.parse(bytes.toString());

/** How many rows and files there are: what is refused, or breaks off, leaves both as they were. */
const left = async (counter: Counter) => {
  const [row] = await counter.rows<{ count: number }>('select count(*)::integer as count from steps.upload');
  return { rows: row?.count, files: (await counter.files()).length };
};

/** That nothing more is left than before, once what broke off has been cleared away. */
const nothingLeft = async (counter: Counter, before: Awaited<ReturnType<typeof left>>): Promise<void> => {
  for (let tries = 0; tries < 100 && (await left(counter)).files !== before.files; tries++) await sleep(20);
  expect(await left(counter)).toEqual(before);
};

describe.each(ways)('%s', (way) => {
  test.each([
    ['application/pdf', content('pdf')],
    ['image/png', content('png', 100_000)],
    ['image/jpeg', content('jpeg', 9_999_999)],
    ['application/pdf', content('pdf', 10_000_000)],
    ['Application/PDF; name=x', content('pdf', 20)],
  ])('content goes in and comes out byte for byte: %s', async (type, bytes) => {
    const counter = at(way);
    const sent = await counter.send(employer, bytes, { 'content-type': type });
    const mime = type.toLowerCase().replace(/;.*/, '');
    expect([sent.status, parsed(sent.bytes)]).toEqual([
      201,
      { id: uuid, mime, sizeBytes: bytes.length, sha256: sha256(bytes) },
    ]);
    const { id } = parsed(sent.bytes);
    await counter.rows(
      `insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at)
       select id, $2, 'WRK_CONTRACT', 'contract', mime, size_bytes, sha256, 'EMPLOYER', 'x', at from steps.upload where id = $1`,
      [id, number.rahul],
    );
    const got = await counter.get('VLA-DEM', id);
    expect([got.status, got.bytes.equals(bytes)]).toEqual([200, true]);
    const extension = { 'application/pdf': 'pdf', 'image/png': 'png', 'image/jpeg': 'jpg' }[mime];
    expect(got.headers).toMatchObject({
      'content-type': mime,
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="contract.${extension}"; filename*=UTF-8''contract.${extension}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'repr-digest': `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`,
    });
  });

  test('content in many small parts, without a length, is taken as well', async () => {
    const bytes = content('png', 5000);
    const parts = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    const sent = await at(way).send(employer, parts, { 'content-type': 'image/png' });
    expect([sent.status, parsed(sent.bytes).sha256]).toEqual([201, sha256(bytes)]);
  });

  test('the same content twice is two uploads', async () => {
    const bytes = content('pdf');
    const [one, other] = await Promise.all([at(way).send(employer, bytes), at(way).send(employer, bytes)]);
    expect(parsed(one.bytes).id).not.toBe(parsed(other.bytes).id);
    expect(parsed(one.bytes).sha256).toBe(parsed(other.bytes).sha256);
  });

  test.each<[string, { type?: string; body: Buffer | readonly Buffer[]; headers?: Record<string, string> }, object]>([
    [
      'too large, and says so',
      { body: content('pdf', 10_000_001), headers: { 'content-length': '10000001' } },
      {
        status: 413,
        code: 'LIMIT_EXCEEDED',
        message: 'The document is too large',
        limit: 'upload',
        allowed: 10_000_000,
      },
    ],
    [
      'too large, and says nothing',
      { body: [content('pdf', 9_000_000), content('pdf', 3_000_000)] },
      {
        status: 413,
        code: 'LIMIT_EXCEEDED',
        message: 'The document is too large',
        limit: 'upload',
        allowed: 10_000_000,
      },
    ],
    [
      'a program by the name of a document',
      { body: Buffer.concat([Buffer.from('MZ\x90\x00', 'latin1'), content('pdf')]) },
      { status: 415, code: 'BAD_USER_INPUT', message: 'The content is not of the type that it is said to be' },
    ],
    [
      'a picture by the name of a document',
      { body: content('png') },
      { status: 415, code: 'BAD_USER_INPUT', message: 'The content is not of the type that it is said to be' },
    ],
    [
      'the beginning of a document',
      { body: Buffer.from('%PD') },
      { status: 415, code: 'BAD_USER_INPUT', message: 'The content is not of the type that it is said to be' },
    ],
    [
      'nothing',
      { body: Buffer.alloc(0) },
      { status: 415, code: 'BAD_USER_INPUT', message: 'The content is not of the type that it is said to be' },
    ],
    ...[
      'text/html',
      'image/svg+xml',
      'application/x-msdownload',
      'application/json',
      'multipart/form-data; boundary=a',
      '',
    ].map((type): [string, { type: string; body: Buffer }, object] => [
      `the type ${type}`,
      { type, body: content('pdf') },
      {
        status: 415,
        code: 'BAD_USER_INPUT',
        message: 'A document is one of application/pdf, image/png, image/jpeg',
        taken: ['application/pdf', 'image/png', 'image/jpeg'],
      },
    ]),
  ])('what is no document is refused, and leaves nothing: %s', async (_, { type, body, headers = {} }, fault) => {
    const counter = at(way);
    const before = await left(counter);
    const sent = await counter.send(employer, body, {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...headers,
    });
    expect(faultOf(sent)).toEqual(fault);
    await nothingLeft(counter, before);
  });

  test('packed content is refused', async () => {
    const sent = await at(way).send(employer, content('pdf'), { 'content-encoding': 'gzip' });
    expect(faultOf(sent)).toMatchObject({ status: 415, code: 'BAD_USER_INPUT' });
  });

  test('an upload that breaks off leaves nothing', async () => {
    const counter = at(way);
    const before = await left(counter);
    const { hostname, port } = new URL(counter.url);
    const { authorization } = await counter.bearer(employer);
    const socket = connect(Number(port), hostname);
    const head = `POST /documents HTTP/1.1\r\nhost: a\r\nauthorization: ${authorization}\r\ncontent-type: application/pdf\r\ncontent-length: 5000000\r\n\r\n`;
    socket.write(head);
    socket.write(content('pdf', 1_000_000));
    while ((await counter.files()).length === before.files) await sleep(20);
    socket.destroy();
    await nothingLeft(counter, before);
  });

  test('so many uploads of one caller may wait for a dossier, and no more; of another they are not counted', async () => {
    const counter = at(way);
    const { id } = parsed((await counter.send(`EMPLOYER:${kbo.eupen}`, content('pdf'))).bytes);
    await counter.rows(
      `insert into steps.upload select 'many-' || n, owner, mime, size_bytes, sha256, at from steps.upload, generate_series(1, 99) n where id = $1`,
      [id],
    );
    const before = await left(counter);
    const sent = await counter.send(`EMPLOYER:${kbo.eupen}`, content('pdf', 5_000_000));
    expect(faultOf(sent)).toEqual({
      status: 429,
      code: 'LIMIT_EXCEEDED',
      message: 'Too many of your uploads wait for a dossier',
      limit: 'waiting',
      allowed: 100,
    });
    await nothingLeft(counter, before);
    expect((await counter.send(employer, content('pdf'))).status).toBe(201);
  });

  test.each([
    employer,
    `MANDATARY:${kbo.mandatary}`,
    `WORKER:${insz.fatima}`,
    `SELF_EMPLOYED:${insz.grace}`,
    `ENTERPRISE_COUNTER:${kbo.counter}`,
  ])('who applies may upload: %s', async (who) => {
    expect((await at(way).send(who, content('pdf'))).status).toBe(201);
  });

  test.each([
    'VLA-DEM',
    'FED-DVZ',
    'FED-RSZ',
    'INS-RSZ',
    'POST-IN-1',
    'MUN-23100',
    'HELPDESK',
    'AUDITOR',
    'EU-COM',
  ])('who only handles dossiers may not: %s', async (who) => {
    expect(faultOf(await at(way).send(who, content('pdf')))).toEqual({
      status: 403,
      code: 'FORBIDDEN',
      message: 'Documents are uploaded by who applies, or files for an applicant',
    });
  });

  test('nobody uploads or reads without a token', async () => {
    const { url } = at(way);
    const sent = await exchange(url, 'POST', {
      path: '/documents',
      headers: { 'content-type': 'application/pdf' },
      body: content('pdf'),
    });
    const got = await exchange(url, 'GET', { path: '/documents/1' });
    const refused = { status: 401, code: 'UNAUTHENTICATED', message: 'A valid token is needed' };
    expect([faultOf(sent), faultOf(got)]).toEqual([refused, refused]);
  });

  test('an upload is for who sent it, and once', async () => {
    const counter = at(way);
    const sent = parsed((await counter.send(employer, content('pdf'))).bytes);
    for (const other of [`EMPLOYER:${kbo.ukkel}`, `MANDATARY:${kbo.mandatary}`, `WORKER:${insz.ayse}`]) {
      expect([other, await counter.take(other, sent.id)]).toEqual([other, null]);
    }
    expect(await counter.take(employer, sent.id)).toEqual(sent);
    expect(await counter.take(employer, sent.id)).toBeNull();
  });

  test('an upload is no document yet: nobody reads it, not even who sent it', async () => {
    const { id } = parsed((await at(way).send(employer, content('pdf'))).bytes);
    expect(faultOf(await at(way).get(employer, id))).toEqual({
      status: 404,
      code: 'NOT_FOUND',
      message: 'There is no such document',
    });
  });

  test('an upload becomes a document of a dossier, which its reader has byte for byte', async () => {
    const counter = at(way);
    const bytes = content('pdf', 50_000);
    const ask = async (who: string, query: string, input: Record<string, unknown>) => {
      const body = JSON.stringify({ query, variables: { input: { idempotencyKey: randomUUID(), ...input } } });
      const headers = { ...(await counter.bearer(who)), 'content-type': 'application/json' };
      const got = await exchange(counter.url, 'POST', { path: '/graphql', headers, body: Buffer.from(body) });
      return parsed(got.bytes).data;
    };
    const create =
      'mutation($input: CreateDraftInput!) { createDraft(input: $input) { dossier { number } problems { message } } }';
    const { createDraft } = await ask(employer, create, { kind: 'SP_LIM', language: 'NL', facts: {} });
    const { id } = parsed((await counter.send(employer, bytes)).bytes);
    const add =
      'mutation($input: AddDocumentInput!) { addDocument(input: $input) { dossier { documents { id fileName sizeBytes sha256 erasedAt } } problems { code } } }';
    const input = { number: createDraft.dossier.number, code: 'WRK_DIPLOMA', fileName: 'diploma Ayşe.pdf', upload: id };
    expect(await ask(employer, add, input)).toEqual({
      addDocument: {
        dossier: {
          documents: [{ id, fileName: 'diploma Ayşe.pdf', sizeBytes: 50_000, sha256: sha256(bytes), erasedAt: null }],
        },
        problems: [],
      },
    });
    const got = await counter.get(employer, id);
    expect([got.status, got.bytes.equals(bytes)]).toEqual([200, true]);
    expect((await counter.get('VLA-DEM', id)).status).toBe(404); // a draft is nobody else's
    const again = await ask(employer, add, input);
    expect(again.addDocument.problems).toEqual([{ code: 'BAD_USER_INPUT' }]);
  });

  test('content stands in a file that only its owner may read', async () => {
    const counter = at(way);
    const { id } = parsed((await counter.send(employer, content('pdf'))).bytes);
    const path = (await counter.files()).find((one) => one.endsWith(id)) ?? '';
    expect(path).toBe(`${counter.folder}/${id.slice(0, 2)}/${id.slice(2, 4)}/${id}`);
    expect([
      ((await stat(path)).mode & 0o777).toString(8),
      ((await stat(counter.folder)).mode & 0o777).toString(8),
    ]).toEqual(['600', '700']);
  });
});

test('a document may take longer to arrive than a question, as long as it keeps coming', async () => {
  const counter = at('together');
  const { authorization } = await counter.bearer(employer);
  const bytes = content('pdf', 1400);
  const { hostname, port } = new URL(counter.url);
  /** Sends a request and then its body a part a second, as far as it goes; answers what came back. */
  const slowly = (path: string, type: string, parts: readonly Buffer[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let text = '';
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: ${authorization}\r\ncontent-type: ${type}\r\ncontent-length: 1400\r\n\r\n`,
      );
      const timer = setInterval(() => {
        const part = parts[Math.min(sent, parts.length)];
        if (part && socket.writable) socket.write(part);
        sent += 1;
      }, 900);
      let sent = 0;
      socket.on('data', (part) => {
        text += part;
      });
      socket.on('error', reject).on('close', () => {
        clearInterval(timer);
        resolve(text);
      });
    });
  const parts = Array.from({ length: 14 }, (_, nth) => bytes.subarray(nth * 100, (nth + 1) * 100));
  const [whole, silent, question] = await Promise.all([
    slowly('/documents', 'application/pdf', parts),
    slowly('/documents', 'application/pdf', parts.slice(0, 1)),
    slowly('/graphql', 'application/json', parts),
  ]);
  expect(whole).toMatch(/^HTTP\/1\.1 201 Created/);
  for (const late of [silent, question]) {
    expect(late).toMatch(/^HTTP\/1\.1 408 Request Timeout/);
    expect(late).toContain('"BAD_USER_INPUT"');
  }
});

test.each(['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('a document is not asked for with %s', async (method) => {
  const { url } = at('together');
  for (const path of ['/documents', '/documents/1']) {
    expect((await callTo(url, { method, path })).status).toBe(404);
  }
});

test('the graph still takes JSON alone', async () => {
  const { url, bearer } = at('together');
  const reply = await callTo(url, {
    headers: { ...(await bearer(employer)), 'content-type': 'application/pdf' },
    body: content('pdf'),
  });
  expect([reply.status, errorsOf(reply)[0]?.message]).toEqual([415, 'Only application/json in UTF-8 is taken']);
});
