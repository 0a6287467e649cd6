import { jest } from '@jest/globals';
import { type CryptoKey, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import pino from 'pino';
import { onStatement } from '../db/statement.ts';
import { demoAudience, demoIssuer, demoKey } from '../subgraphs/demo-issuer.ts';
import { log } from '../subgraphs/log.ts';
import { type Call, callTo, type Reply, refusal, speakTo } from './caller.ts';
import { insz } from './cast.ts';
import { freshDatabase } from './database.ts';
import { house, tokenFor } from './world.ts';

// Who comes in through the door, and who says that it is somebody. What a token may hold is tested in tokens.test.ts.

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

const unauthenticated = { errors: [{ message: 'A valid token is needed', extensions: { code: 'UNAUTHENTICATED' } }] };

type Claims = Record<string, unknown>;
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

const signed = async (claims: Claims, header: Record<string, unknown> = {}, by?: CryptoKey): Promise<string> => {
  const { privateKey, kid } = await demoKey(gateway.env.DATA_DIR);
  const all = { iss: demoIssuer, aud: demoAudience, sub: 'someone', exp: inAnHour(), authority: 'VLA-DEM', ...claims };
  return new SignJWT(JSON.parse(JSON.stringify(all)))
    .setProtectedHeader({ alg: 'ES256', kid, ...header })
    .sign(by ?? privateKey);
};

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (header: unknown): string =>
  `${encoded(header)}.${encoded({ iss: demoIssuer, aud: demoAudience, sub: 'x', exp: inAnHour(), authority: 'VLA-DEM' })}.`;

test.each<[string, string | string[] | undefined]>([
  ['J8: none', undefined],
  ['J8: an empty one', ''],
  ['J8: a word', 'Bearer'],
  ['J8: another scheme', 'Basic YTpi'],
  ['J8: two spaces', 'Bearer  a.b.c'],
  ['J1: two dots', 'Bearer ..'],
  ['J1: nothing between the dots', `Bearer ${encoded({ alg: 'ES256' })}..x`],
  ['J1: no signature', `Bearer ${unsigned({ alg: 'ES256' })}`],
  ['J1: alg none', `Bearer ${unsigned({ alg: 'none' })}x`],
  ['J1: alg none, and no signature', `Bearer ${unsigned({ alg: 'none' })}`],
  ['J1: alg None', `Bearer ${unsigned({ alg: 'None' })}x`],
  ['J1: no alg', `Bearer ${unsigned({})}x`],
  ['J1: alg nOnE', `Bearer ${unsigned({ alg: 'nOnE' })}x`],
  ['J8: a huge one', `Bearer ${'a'.repeat(9000)}.b.c`],
])('the authorization is refused: %s', async (_, authorization) => {
  const reply = await call({
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    body: '{"query":"{__typename}"}',
  });
  expect([reply.status, JSON.parse(reply.text), reply.headers['www-authenticate']]).toEqual([
    401,
    unauthenticated,
    'Bearer',
  ]);
});

test('J8: two authorization headers are refused, whichever of them is good', async () => {
  for (const authorization of [
    [`Bearer ${token}`, 'Bearer a.b.c'],
    ['Bearer a.b.c', `Bearer ${token}`],
  ]) {
    expect(refusal(await ask({ query: '{__typename}' }, { authorization }))).toEqual([401, 'UNAUTHENTICATED']);
  }
});

const past = Math.floor(Date.now() / 1000) - 60;
test.each<[string, Claims, Record<string, unknown>?]>([
  ['J3: expired', { exp: past }],
  ['J3: without an end', { exp: undefined }],
  ['J3: an end that is text', { exp: '9999999999' }],
  ['J3: an end out of sight', { exp: 1e12 }],
  ['J3: not yet valid', { nbf: inAnHour() }],
  ['J3: issued in the future', { iat: inAnHour() }],
  ['J4: another issuer', { iss: `${demoIssuer}.evil.example` }],
  ['J4: another audience', { aud: 'another' }],
  ['J4: no audience', { aud: undefined }],
  ['nobody', { sub: undefined }],
  ['J4: an ID token', { nonce: 'x' }],
  ['J4: another type', {}, { typ: 'logout+jwt' }],
  ['J6: a critical extension', {}, { crit: ['x'], x: 1 }],
  ['no authority', { authority: undefined }],
  ['an authority that is none', { authority: 'VLA-XXX' }],
  ['an authority without access', { authority: 'POL-FED' }],
  ['a municipality that is none', { authority: 'MUN-99999' }],
  ['J7: an authority that is a list', { authority: ['VLA-DEM'] }],
  ['an authority and a party', { party: 'HELPDESK' }],
  ['an employer with wrong check digits', { authority: undefined, party: 'EMPLOYER:0123456748' }],
  ['a worker with wrong check digits', { authority: undefined, party: 'WORKER:85073003329' }],
  ['a party that is none', { authority: undefined, party: 'SYSTEM' }],
  ['J7: roles that are no list', { roles: 'admin' }],
  ['J7: roles that are no words', { roles: [{ admin: true }] }],
])('a well-signed token is refused: %s', async (_, claims, header = {}) => {
  const critical = header.crit ? { crit: [] as string[] } : {};
  const bad = header.crit
    ? `${encoded({ alg: 'ES256', ...header, ...critical })}.${(await signed(claims)).split('.').slice(1).join('.')}`
    : await signed(claims, header);
  const reply = await ask({ query: '{__typename}' }, { authorization: `Bearer ${bad}` });
  expect([reply.status, JSON.parse(reply.text)]).toEqual([401, unauthenticated]);
});

test('J2: a token signed with the public key as if it were a shared secret is refused', async () => {
  const { publicKey, kid } = await demoKey(gateway.env.DATA_DIR);
  const forged = await new SignJWT({ authority: 'VLA-DEM' })
    .setProtectedHeader({ alg: 'HS256', kid })
    .setIssuer(demoIssuer)
    .setAudience(demoAudience)
    .setSubject('x')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(await exportSPKI(publicKey)));
  expect(refusal(await ask({ query: '{__typename}' }, { authorization: `Bearer ${forged}` }))).toEqual([
    401,
    'UNAUTHENTICATED',
  ]);
});

const question = { query: '{ dossiers(first: 2) { totalCount edges { node { number grossMonthly } } } }' };

test('J8: the scheme is written as it is defined, and a token counts in its own header alone', async () => {
  const { authorization, ...rest } = signedIn();
  const body = JSON.stringify(question);
  for (const asked of [
    { headers: { ...rest, authorization: authorization.replace('Bearer', 'BEARER') } },
    { headers: { ...rest, authorization: `${authorization},${authorization}` } },
    { headers: rest, path: `/graphql?access_token=${token}` },
    { headers: { ...rest, cookie: `authorization=${authorization}; access_token=${token}` } },
    { headers: { ...rest, 'x-authorization': authorization, 'proxy-authorization': authorization } },
  ]) {
    expect(refusal(await call({ ...asked, body }))).toEqual([401, 'UNAUTHENTICATED']);
  }
  const inBody = JSON.stringify({ ...question, access_token: token, authorization });
  expect(refusal(await call({ headers: rest, body: inBody }))).toEqual([401, 'UNAUTHENTICATED']);
});

test('J8: a header of 64 kB is cut off', async () => {
  const head = `POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${'a'.repeat(65_536)}\r\n\r\n`;
  expect(await speakTo(gateway.url, head)).toMatch(/^HTTP\/1\.1 431 /);
});

/** All that is logged while something is done. */
const logged = async (act: () => Promise<unknown>): Promise<string> => {
  const { level } = log;
  const { [pino.symbols.streamSym]: stream } = log as unknown as Record<symbol, { write(line: string): void }>;
  if (!stream) throw new Error('pino writes elsewhere');
  const lines: string[] = [];
  const write = jest.spyOn(stream, 'write').mockImplementation((line) => void lines.push(line));
  log.level = 'trace';
  try {
    await act();
  } finally {
    log.level = level;
    write.mockRestore();
  }
  return lines.join('');
};

test('J8: nothing of a token, a header, a question or a person is logged, whether it is taken or refused', async () => {
  const secrets = ['verysecret', token, token.split('.')[1] ?? '', token.split('.')[2] ?? '', insz.ayse];
  const worker = `{"query":"{ worker(insz: \\"${insz.ayse}\\") { insz lastName } verysecret: __typename }"}`;
  const stated = { 'x-purpose': 'TREAT_DOSSIER', 'x-reference': 'verysecret' };
  const text = await logged(async () => {
    await call({ headers: { ...signedIn(), ...stated, 'user-agent': 'verysecret' }, body: worker });
    await call({ headers: signedIn(), body: '{"query":"{ verysecret }"}' });
    await call({ headers: signedIn(), body: '{"verysecret' });
    await call({ headers: { ...signedIn(), 'x-purpose': 'verysecret', 'x-reference': 'x' }, body: worker });
    await call({ headers: { ...signedIn(), 'x-request-id': 'verysecret', host: 'very secret' }, body: worker });
    await call({ path: `/verysecret?token=${token}`, headers: { cookie: `a=${token}` } });
    for (const bad of [
      `Bearer ${token}x`,
      `Bearer ${token} `,
      `bearer ${token}`,
      `Basic ${token}`,
      `Bearer verysecret.a.b`,
    ]) {
      await call({ headers: { ...signedIn(), authorization: bad }, body: worker });
    }
    for (const claims of [
      { authority: 'verysecret' },
      { roles: 'verysecret' },
      { iss: 'verysecret' },
      { party: `WORKER:${insz.ayse}` },
    ]) {
      await call({ headers: { ...signedIn(), authorization: `Bearer ${await signed(claims)}` }, body: worker });
    }
    await call({
      headers: { ...signedIn(), authorization: `Bearer ${await signed({}, { kid: 'verysecret', typ: 'verysecret' })}` },
      body: worker,
    });
    await speakTo(gateway.url, `POST /verysecret HTTP/1.1\r\nauthorization: ${token}\r\n x\r\n\r\n`);
  });
  expect(text.match(/"msg":"request"/g)?.length).toBeGreaterThan(12);
  expect(text.match(/"msg":"token refused"/g)?.length).toBeGreaterThan(4);
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
});

const forged: Record<string, string | string[]> = {
  'x-user-id': 'admin',
  'x-viewer': '{"kind":"PLATFORM","party":"FED-RSZ"}',
  'x-role': 'admin',
  x_role: 'admin',
  'x-roles': ['admin', 'auditor'],
  'x-organisation': 'FED-RSZ',
  'x-authority': 'FED-RSZ',
  'x-forwarded-user': 'admin',
  'x-forwarded-for': '127.0.0.1',
  'x-remote-user': 'admin',
  'x-gateway-signature': '1.mine',
  'x-insz': insz.ayse,
  'apollo-federation-include-trace': 'ftv1',
  'apollo-query-plan-experimental': '1',
  'x-apollo-tracing': '1',
  cookie: 'role=admin',
  forwarded: 'for=127.0.0.1',
  connection: 'x-role, authorization, x-purpose, x-reference',
};

test('J9: who a caller says it is in headers of its own changes nothing of its answer', async () => {
  for (const principal of ['HELPDESK', 'DG-MIN', 'EMPLOYER:0123456749']) {
    const authorization = `Bearer ${await tokenFor(gateway.env, principal)}`;
    const plain = await ask(question, { authorization });
    const dressed = await ask(question, { authorization, ...forged });
    expect([dressed.status, dressed.text]).toEqual([plain.status, plain.text]);
    expect(plain.text).not.toContain('extensions":{"ftv1');
  }
  const { authorization: _, ...anonymous } = { ...signedIn(), ...forged };
  expect(refusal(await call({ headers: anonymous, body: JSON.stringify(question) }))).toEqual([401, 'UNAUTHENTICATED']);
});

test('J9: a header that ends in another one is two headers, of which ours come once', async () => {
  const body = JSON.stringify(question);
  const lines = (...more: string[]) =>
    [
      'POST /graphql HTTP/1.1',
      'Host: a',
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      ...more,
    ].join('\r\n');
  const smuggled = [`Authorization: Bearer ${token}`, 'X-Note: a', `Authorization: Bearer ${token}`];
  expect(await speakTo(gateway.url, `${lines(...smuggled)}\r\n\r\n${body}`)).toMatch(/^HTTP\/1\.1 401 /);
});

test('J13: a token that is refused is refused before anything is looked up, whoever it is said to be', async () => {
  let statements = 0;
  const stop = onStatement(() => {
    statements += 1;
  });
  const { privateKey: by } = await generateKeyPair('ES256');
  const answers = new Set<string>();
  for (const who of [
    { authority: 'VLA-DEM' },
    { authority: 'NO-BODY' },
    { authority: undefined, party: `WORKER:${insz.ayse}` },
    { authority: undefined, party: `WORKER:${insz.nobody}` },
  ]) {
    const authorization = `Bearer ${await signed(who, {}, by)}`;
    const { status, text } = await ask(question, { authorization });
    answers.add(`${status} ${text}`);
  }
  stop();
  expect([statements, [...answers]]).toEqual([0, [`401 ${JSON.stringify(unauthenticated)}\n`]]);
});
