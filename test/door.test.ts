import { type Call, callTo, errorsOf, type Reply, refusal, speakTo } from './caller.ts';
import { freshDatabase } from './database.ts';
import { house, tokenFor } from './world.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let gateway: Awaited<ReturnType<typeof house>>;
let token: string;

beforeAll(async () => {
  database = await freshDatabase();
  gateway = await house(database);
  token = await tokenFor(gateway.env, 'VLA-DEM');
});
afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
});

const call = (asked: Call): Promise<Reply> => callTo(gateway.url, asked);

const signedIn = () => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });

const ask = (body: unknown, headers: Record<string, string | string[]> = {}): Promise<Reply> =>
  call({ headers: { ...signedIn(), ...headers }, body: JSON.stringify(body) });

test('a token of the demo issuer opens the door, an unknown query field and all', async () => {
  const { status, text } = await ask({ query: '{ __typename }' });
  expect([status, JSON.parse(text)]).toEqual([200, { data: { __typename: 'Query' } }]);
});

test.each<[string, Record<string, string | string[]>, number, string]>([
  ['a purpose alone', { 'x-purpose': 'TREAT_DOSSIER' }, 400, 'BAD_USER_INPUT'],
  ['a reference alone', { 'x-reference': 'a' }, 400, 'BAD_USER_INPUT'],
  ["another kind's purpose", { 'x-purpose': 'INSPECTION_COMPLAINT', 'x-reference': 'a' }, 403, 'FORBIDDEN'],
  ['a long reference', { 'x-purpose': 'TREAT_DOSSIER', 'x-reference': 'a'.repeat(101) }, 400, 'BAD_USER_INPUT'],
  ['a reference of nothing', { 'x-purpose': 'TREAT_DOSSIER', 'x-reference': ' ' }, 400, 'BAD_USER_INPUT'],
  ['two purposes', { 'x-purpose': ['TREAT_DOSSIER', 'TREAT_DOSSIER'], 'x-reference': 'a' }, 400, 'BAD_USER_INPUT'],
])('what is stated must be right: %s', async (_, headers, status, code) => {
  expect(refusal(await ask({ query: '{__typename}' }, headers))).toEqual([status, code]);
});

const query = '{"query":"{__typename}"}';
test.each<[string, Call, number, string]>([
  ['T1: GET', { method: 'GET', path: '/graphql?query={__typename}' }, 405, 'BAD_USER_INPUT'],
  [
    'T2: GET for a change, with the header of a preflight',
    { method: 'GET', path: '/graphql?query=mutation{x}', headers: { 'apollo-require-preflight': '1' } },
    405,
    'BAD_USER_INPUT',
  ],
  [
    'T3: GET in the name of plain text',
    {
      method: 'GET',
      path: '/graphql?query={__typename}',
      headers: { 'content-type': 'text/plain', 'x-apollo-operation-name': 'a' },
    },
    405,
    'BAD_USER_INPUT',
  ],
  ['T2: PUT', { method: 'PUT', body: query }, 405, 'BAD_USER_INPUT'],
  ['T4: text/plain', { headers: { 'content-type': 'text/plain' }, body: query }, 415, 'BAD_USER_INPUT'],
  [
    'T4: a form',
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query=x' },
    415,
    'BAD_USER_INPUT',
  ],
  [
    'T4: a form of parts',
    { headers: { 'content-type': 'multipart/form-data; boundary=a' }, body: '--a--' },
    415,
    'BAD_USER_INPUT',
  ],
  [
    'T6: UTF-16',
    { headers: { 'content-type': 'application/json; charset=utf-16' }, body: query },
    415,
    'BAD_USER_INPUT',
  ],
  ['T6: UTF-7', { headers: { 'content-type': 'application/json; charset=utf-7' }, body: query }, 415, 'BAD_USER_INPUT'],
  [
    'T6: two charsets',
    { headers: { 'content-type': 'application/json; charset=utf-8; charset=utf-16' }, body: query },
    415,
    'BAD_USER_INPUT',
  ],
  ['a packed body', { headers: { 'content-encoding': 'gzip' }, body: query }, 415, 'BAD_USER_INPUT'],
  ['bad JSON', { body: '{"query":' }, 400, 'BAD_USER_INPUT'],
  ['no body', {}, 400, 'BAD_USER_INPUT'],
  ['T6: what is no UTF-8', { body: Buffer.from([0x7b, 0xff, 0x7d]) }, 400, 'BAD_USER_INPUT'],
  ['T6: a byte order mark', { body: `\ufeff${query}` }, 400, 'BAD_USER_INPUT'],
  ['too much', { body: `{"query":"${' '.repeat(100_001)}"}` }, 413, 'LIMIT_EXCEEDED'],
  ['a batch', { body: `[${query}]` }, 400, 'BAD_USER_INPUT'],
  ['nothing in it', { body: '{}' }, 400, 'BAD_USER_INPUT'],
  ['variables as text', { body: '{"query":"{__typename}","variables":"{}"}' }, 400, 'BAD_USER_INPUT'],
  ['T10: a strange host', { headers: { host: 'a b' }, body: query }, 400, 'BAD_USER_INPUT'],
  ['T10: an unknown address', { path: '/graphql/../metrics', method: 'GET' }, 404, 'NOT_FOUND'],
  ['T10: a doubled slash', { path: '//graphql', body: query }, 404, 'NOT_FOUND'],
  ['T10: a slash in another writing', { path: '/%2fgraphql', body: query }, 404, 'NOT_FOUND'],
])('a request that is no question is refused in JSON: %s', async (_, { headers, ...rest }, status, code) => {
  const reply = await call({ headers: { ...signedIn(), ...headers }, ...rest });
  expect(refusal(reply)).toEqual([status, code]);
  expect(reply.headers['access-control-allow-origin']).toBeUndefined();
});

test.each(['https://evil.example', 'null'])('T5: another site is not let in: %s', async (origin) => {
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const preflight = await call({ method: 'OPTIONS', headers: { origin, 'access-control-request-method': method } });
    expect(refusal(preflight)).toEqual([405, 'BAD_USER_INPUT']);
    expect(JSON.stringify(preflight.headers)).not.toMatch(/access-control/);
  }
  const asked = await ask({ query: '{__typename}' }, { origin });
  expect([asked.status, JSON.stringify(asked.headers).includes('access-control')]).toEqual([200, false]);
});

test('T4: a body of no kind is refused', async () => {
  const { authorization } = signedIn();
  expect(refusal(await call({ headers: { authorization }, body: query }))).toEqual([415, 'BAD_USER_INPUT']);
});

test('T10: neither another method, nor a query in the address, nor another host changes where a request goes', async () => {
  const requests: Call[] = [
    { path: '/graphql?query={dossiers{totalCount}}&x' },
    { headers: { 'x-http-method-override': 'GET' } },
    { headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-original-url': '/health/live' } },
  ];
  for (const asked of requests) {
    const { status, text, headers } = await call({
      ...asked,
      headers: { ...signedIn(), ...asked.headers },
      body: query,
    });
    expect([status, JSON.parse(text)]).toEqual([200, { data: { __typename: 'Query' } }]);
    expect(JSON.stringify(headers)).not.toContain('evil');
  }
});

test('an operation that the document does not have is refused, and its name is not repeated', async () => {
  const reply = await ask({ query: 'query A {__typename}', operationName: 'B\r\n{"level":50}' });
  expect(refusal(reply)).toEqual([400, 'BAD_USER_INPUT']);
  expect(reply.text).not.toContain('level');
});

test('T9: a query by its hash is refused', async () => {
  const persistedQuery = { version: 1, sha256Hash: 'a'.repeat(64) };
  expect(errorsOf(await ask({ extensions: { persistedQuery } }))[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

const repeated = (times: number, text: (index: number) => string): string =>
  Array.from({ length: times }, (_, i) => text(i)).join(' ');
const bomb = (selection: (next: string) => string) =>
  `{ dossier(number:"x") { ...F0 } } ${repeated(18, (i) => `fragment F${i} on Dossier { ${i === 17 ? 'number' : selection(`...F${i + 1}`)} }`)}`;
const nested = (depth: number) =>
  `{ dossier(number:"x") ${'{ employer { dossiers { edges { node '.repeat(depth)} { number } ${'} } } }'.repeat(depth)} }`;

test.each<[string, string, string, Record<string, unknown>?]>([
  ['a thousand aliases', `{ ${repeated(1000, (i) => `a${i}: __typename`)} }`, 'tokens'],
  ['a hundred aliases', `{ ${repeated(101, (i) => `a${i}: __typename`)} }`, 'aliases'],
  ['many fields at the top', `{ ${repeated(21, () => '__typename')} }`, 'rootFields'],
  ['a thousand directives', `{ __typename ${'@include(if:true)'.repeat(1000)} }`, 'tokens'],
  ['ten directives', `{ __typename ${'@aa '.repeat(10)} }`, 'directives'],
  ['fragments that double', bomb((next) => `${next} ${next}`), 'fields'],
  ['fragments that double across subgraphs', bomb((next) => `worker { dossiers { ${next} } } ${next}`), 'depth'],
  ['depth', nested(8), 'depth'],
  ['ten thousand fields', `{ dossiers { edges { node { ${'number '.repeat(10_000)} } } } }`, 'tokens'],
  ['lists in lists', `{ dossier(number: ${'['.repeat(900)}${']'.repeat(900)}) { number } }`, 'nesting'],
  ['lists in lists without end', `{ dossier(number: ${'['.repeat(5000)}${']'.repeat(5000)}) { number } }`, 'tokens'],
  [
    'pages of pages',
    '{ employers(first: 100) { edges { node { dossiers(first: 100) { edges { node { deadlines { dueOn metOn } } } } } } } }',
    'cost',
  ],
  [
    'pages of pages by a variable',
    'query($n: Int) { employers(first: $n) { edges { node { dossiers(first: $n) { edges { node { deadlines { dueOn metOn } } } } } } } }',
    'cost',
    { n: 1000 },
  ],
])('a document that asks too much is refused at once: %s', async (_, document, limit, variables = {}) => {
  const began = process.cpuUsage();
  const reply = await ask({ query: document, variables });
  const { user, system } = process.cpuUsage(began);
  expect(refusal(reply)).toEqual([400, 'LIMIT_EXCEEDED']);
  expect(errorsOf(reply)[0]?.extensions.limit).toBe(limit);
  expect((user + system) / 1000).toBeLessThan(250); // milliseconds, of a process that compiles as it goes
});

test('variables that nest without end are refused', async () => {
  const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
  const body = `{"query":"query($n: DossierNumber!) { dossier(number: $n) { number } }","variables":{"n":${deep}}}`;
  expect(refusal(await call({ headers: signedIn(), body }))).toEqual([400, 'LIMIT_EXCEEDED']);
});

test.each<[string, string]>([
  ['syntax', '{'],
  ['an unknown field', '{ dossierz }'],
  ['fragments in a circle', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
  ['introspection without end', '{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}'],
  ['J10: the door of a subgraph', '{ _service { sdl } }'],
  ['J10: its other door', '{ _entities(representations: []) { __typename } }'],
  ['a change, where there is none', 'mutation { x }'],
  ['a subscription', 'subscription { x }'],
])('a document that cannot be answered is refused: %s', async (_, document) => {
  const reply = await ask({ query: document });
  expect(refusal(reply)).toEqual([400, 'BAD_USER_INPUT']);
  expect(reply.text).not.toMatch(/Did you mean/);
});

test('what does not fit is not repeated, as it may be the number of a person', async () => {
  for (const asked of [
    { query: 'query($n: Int) { dossiers(first: $n) { totalCount } }', variables: { n: '85073003328' } },
    { query: '{ dossiers(first: "85073003328") { totalCount } }' },
    { query: '{ worker(insz: "85073003329") { id } }' },
    { query: 'query($i: Insz) { worker(insz: $i) { id } }', variables: { i: '85073003329' } },
    { query: '{ worker(insz "85073003328") { id } }' },
  ]) {
    const reply = await ask(asked);
    expect(errorsOf(reply).map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    expect(reply.text).not.toContain('8507300332');
  }
});

test('a field that is closed is null, with an error that says where', async () => {
  const { text } = await call({
    headers: { ...signedIn(), authorization: `Bearer ${await tokenFor(gateway.env, 'EMPLOYER:0123456749')}` },
    body: JSON.stringify({ query: '{ permits { totalCount } codeLists }' }),
  });
  const answer = JSON.parse(text);
  expect([answer.data.permits, answer.errors]).toEqual([
    null,
    [{ message: expect.any(String), path: ['permits'], extensions: { code: 'FORBIDDEN' } }],
  ]);
  expect(answer.data.codeLists.length).toBeGreaterThan(5);
});

test('a wrong number is refused with its place in the document', async () => {
  const query = '{\n  a: employer(kbo: "0123456749") { name }\n  b: employer(kbo: "0123456748") { name }\n}';
  const { status, text } = await ask({ query });
  const error = {
    message: 'KboNumber has a fault: CHECKSUM',
    locations: [{ line: 3, column: 20 }],
    extensions: { code: 'BAD_USER_INPUT', fault: 'CHECKSUM' },
  };
  expect([status, JSON.parse(text)]).toEqual([400, { errors: [error] }]);
});

const post = 'POST /graphql HTTP/1.1\r\nHost: a\r\n';
test.each<[string, string, number]>([
  ['no HTTP', 'good morning\r\n\r\n', 400],
  ['J8: headers without end', `${post}X: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ['T7: two lengths', `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['T7: two numbers for a length', `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345`, 400],
  ['T7: a blank before the colon', `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400],
  ['T7: an encoding that only looks like one', `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
  ['T7: lines that end too soon', 'POST /graphql HTTP/1.1\nHost: a\nContent-Length: 0\n\n', 400],
  ['T7: a header in two lines', `${post}X: a\r\n b\r\n\r\n`, 400],
  ['a request that never ends', `${post}Content-Length: 9`, 408],
])('what is no request is answered in JSON, and cut off: %s', async (_, bytes, status) => {
  const [head = '', body = ''] = (await speakTo(gateway.url, bytes)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
});

test('T8, T12: every answer says that it is not to be kept, framed or guessed at', async () => {
  const replies = [
    await ask({ query: '{__typename}' }),
    await call({ method: 'GET', path: '/' }),
    await call({ path: '/nowhere' }),
  ];
  for (const { headers } of replies) {
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': expect.stringMatching(/^max-age=\d{8}/),
      'content-security-policy': expect.stringMatching(/default-src 'self'.*frame-ancestors 'none'/),
      'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  }
});

test('it is live, and ready while the database answers', async () => {
  const live = await call({ method: 'GET', path: '/health/live' });
  const ready = await call({ method: 'GET', path: '/health/ready' });
  expect([live.status, live.text, ready.status, ready.text]).toEqual([
    200,
    '{"status":"live"}',
    200,
    '{"status":"ready"}',
  ]);
});

test('T11: the console is served, and nothing beside it', async () => {
  const page = await call({ method: 'GET', path: '/' });
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  for (const path of [
    '/main.ts',
    '/gateway/main.ts',
    '/vendor/',
    '/..%2fpackage.json',
    '/package.json',
    '/console.html',
    '/console.js.map',
    '/vendor/graphiql.js.map',
    '/metrics',
    '/debug',
    '/.well-known/openid-configuration',
    '/.git/config',
    '/graphql/',
  ]) {
    expect(refusal(await call({ method: 'GET', path }))).toEqual([404, 'NOT_FOUND']);
  }
});
