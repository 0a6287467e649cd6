import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { remote } from '../gateway/remote.ts';
import { headOf, sign } from '../subgraphs/signature.ts';
import { kbo, number } from './cast.ts';
import { type Counter, content, exchange, faultOf, type Got, openCounter } from './counter.ts';
import { house, unlimited } from './world.ts';

const employer = `EMPLOYER:${kbo.brewery}`;
let counter: Counter;

beforeAll(async () => {
  counter = await openCounter('apart');
});
afterAll(() => counter.stop());

const dossiers = (): string => counter.urls?.dossiers ?? '';

/** Asks the subgraph itself, with a signature of the gateway's on these words. */
const direct = async (
  who: string,
  method: 'GET' | 'POST',
  path: string,
  signed: string,
  { mime = 'application/pdf', body = content('pdf'), secret = counter.secret } = {},
): Promise<Got> => {
  const headers = await counter.bearer(who);
  const { authorization } = headers;
  const of = { subgraph: 'dossiers', body: signed, authorization, purpose: undefined, reference: undefined };
  return exchange(dossiers(), method, {
    path,
    headers: {
      ...headers,
      'x-gateway-signature': sign(secret, of),
      ...(method === 'POST' ? { 'content-type': mime } : {}),
    },
    ...(method === 'POST' ? { body } : {}),
  });
};

const unheard = { status: 401, code: 'UNAUTHENTICATED', message: 'Only the gateway may ask here' };

test('J10: the subgraph that keeps the contents hears the gateway alone, and what it signed', async () => {
  const { id } = await counter.put({ dossier: number.rahul, code: 'WRK_CONTRACT', by: 'EMPLOYER' });
  const path = `/contents/${id}`;
  const [posted, got] = [headOf('POST', '/contents', 'application/pdf'), headOf('GET', path)];
  expect((await direct(employer, 'POST', '/contents', posted)).status).toBe(201);
  expect((await direct(employer, 'GET', path, got)).status).toBe(200);
  const bare = {
    path: '/contents',
    headers: { ...(await counter.bearer(employer)), 'content-type': 'application/pdf' },
  };
  const refused: Record<string, Got> = {
    'no signature': await exchange(dossiers(), 'POST', { ...bare, body: content('pdf') }),
    'no signature on a look': await exchange(dossiers(), 'GET', { path, headers: await counter.bearer(employer) }),
    'another type': await direct(employer, 'POST', '/contents', posted, { mime: 'image/png', body: content('png') }),
    'another document': await direct(employer, 'GET', '/contents/01234567-89ab-cdef-0123-456789abcdef', got),
    'a look for an upload': await direct(employer, 'POST', '/contents', got),
    'an upload for a look': await direct(employer, 'GET', path, posted),
    'a question': await direct(employer, 'GET', path, '{"query":"{ codeLists }"}'),
    "another's secret": await direct(employer, 'GET', path, got, { secret: `${counter.secret}.` }),
  };
  expect(Object.entries(refused).map(([name, one]) => [name, faultOf(one)])).toEqual(
    Object.keys(refused).map((name) => [name, unheard]),
  );
});

test('the subgraph decides for itself who reads and who sends, whatever the gateway has asked', async () => {
  const { id } = await counter.put({ dossier: number.rahul, code: 'RES_MEDICAL', by: 'EMPLOYER' });
  const path = `/contents/${id}`;
  const none = { status: 404, code: 'NOT_FOUND', message: 'There is no such content' };
  for (const who of [employer, 'VLA-DEM', 'DG-MIN', 'HELPDESK']) {
    expect([who, faultOf(await direct(who, 'GET', path, headOf('GET', path)))]).toEqual([who, none]);
  }
  expect((await direct('FED-DVZ', 'GET', path, headOf('GET', path))).status).toBe(200);
  const sent = (who: string, mime: string, body: Buffer) =>
    direct(who, 'POST', '/contents', headOf('POST', '/contents', mime), { mime, body });
  expect(faultOf(await sent('VLA-DEM', 'application/pdf', content('pdf'))).status).toBe(403);
  expect(faultOf(await sent(employer, 'text/html', content('pdf'))).status).toBe(415);
  expect(faultOf(await sent(employer, 'application/pdf', content('png'))).status).toBe(415);
  expect(faultOf(await sent(employer, 'application/pdf', content('pdf', 10_000_001))).status).toBe(413);
});

/** The house with something else in the place of the dossiers' contents; its graph is the real one. */
const withContents = async (answer: RequestListener, check: (url: string) => Promise<void>): Promise<void> => {
  const server = createServer((request, response) => {
    if (request.url !== '/graphql') return answer(request, response);
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', async () => {
      const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      for (const name of ['connection', 'content-length', 'host', 'transfer-encoding', 'keep-alive'])
        headers.delete(name);
      const real = await fetch(`${dossiers()}/graphql`, { method: 'POST', headers, body: Buffer.concat(parts) });
      response.writeHead(real.status, { 'content-type': 'application/json' }).end(await real.text());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // listen(0) on TCP answers an address with a port
  const other = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const patience = { connect: 500, silence: 500, whole: 1000, health: 500 };
  const urls = counter.urls;
  if (!urls) throw new Error('the subgraphs are apart');
  const parts = unlimited(remote({ ...urls, dossiers: other }, { secret: counter.secret, patience }));
  const one = await house(counter.database, { parts, variables: { DATA_DIR: counter.env.DATA_DIR } });
  try {
    await check(one.url);
  } finally {
    server.closeAllConnections();
    await one.stop();
    server.close();
  }
};

const send = async (url: string): Promise<Got> =>
  exchange(url, 'POST', {
    path: '/documents',
    headers: { ...(await counter.bearer(employer)), 'content-type': 'application/pdf' },
    body: content('pdf', 500_000),
  });

const outage = {
  status: 503,
  code: 'DEPENDENCY_UNAVAILABLE',
  message: 'The register of dossiers does not answer now',
  register: 'dossiers',
};

const saying =
  (status: number, text: string, type = 'application/json'): RequestListener =>
  (request, response) => {
    request.resume().on('end', () => response.writeHead(status, { 'content-type': type }).end(text));
  };
const kept = { id: 'x', mime: 'application/pdf', sizeBytes: 500_000, sha256: '0'.repeat(64) };

test.each<[string, RequestListener, object]>([
  ['says nothing', (request) => void request.resume(), outage],
  ['hangs up', (request) => void request.socket.destroy(), outage],
  ['takes nothing in', () => undefined, outage],
  ['sends a page', saying(201, '<h1>secret.host</h1>', 'text/html'), outage],
  ['sends no upload', saying(201, '{"id":1}'), outage],
  ['sends without end', saying(201, `"${'x'.repeat(100_000)}"`), outage],
  ['fails', saying(500, '{"errors":[]}'), outage],
  [
    'refuses in words of its own',
    saying(400, '{"errors":[{"message":"at secret.host","extensions":{"code":"EACCES"}}]}'),
    outage,
  ],
  [
    'does not know the gateway',
    saying(401, '{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}'),
    outage,
  ],
  ['keeps something else', saying(201, JSON.stringify(kept)), { status: 500, code: 'INTERNAL' }],
])('an upload to a subgraph that %s is not taken for one, and nothing of it shows', async (_, answer, fault) => {
  await withContents(answer, async (url) => {
    const got = await send(url);
    expect(faultOf(got)).toMatchObject(fault);
    expect(got.bytes.toString()).not.toMatch(/secret|127\.0\.0\.1|ECONN|localhost/);
  });
});

test('a refusal of the subgraph before all has come is heard', async () => {
  const full = '{"errors":[{"message":"Too many","extensions":{"code":"LIMIT_EXCEEDED","limit":"waiting"}}]}';
  const early: RequestListener = (_request, response) =>
    void response.writeHead(429, { 'content-type': 'application/json' }).end(full);
  await withContents(early, async (url) => {
    expect(faultOf(await send(url))).toEqual({
      status: 429,
      code: 'LIMIT_EXCEEDED',
      message: 'Too many',
      limit: 'waiting',
    });
  });
});

const part: RequestListener = (_request, response) => void response.writeHead(200).write(content('pdf', 1000));

test.each<[string, RequestListener, object | null]>([
  ['is not there', (request) => void request.socket.destroy(), outage],
  ['is refused', saying(403, '{"errors":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}'), { status: 403 }],
  ['is gone', saying(404, '{"errors":[{"message":"no","extensions":{"code":"NOT_FOUND"}}]}'), { status: 404 }],
  ['is other content', (_request, response) => void response.end(content('pdf')), { status: 500, code: 'INTERNAL' }],
  ['stops half way', part, null],
])('content that %s is not delivered as if it were whole', async (_, answer, fault) => {
  const { id } = await counter.put(
    { dossier: number.rahul, code: 'WRK_CONTRACT', by: 'EMPLOYER' },
    content('pdf', 400_000),
  );
  await withContents(answer, async (url) => {
    const got = exchange(url, 'GET', { path: `/documents/${id}`, headers: await counter.bearer('VLA-DEM') });
    // What broke before its first part left is an answer; after it, an end that comes too soon.
    if (fault === null) expect(await got.then(faultOf, ({ message }: Error) => message)).toEqual(expect.anything());
    else expect(faultOf(await got)).toMatchObject(fault);
  });
});
