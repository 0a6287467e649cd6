import { jest } from '@jest/globals';
import { formatInsz } from '../schema/identifiers.ts';
import { demoToken } from '../subgraphs/demo-issuer.ts';
import { readEnv } from '../subgraphs/env.ts';
import { principalOf } from '../subgraphs/principal.ts';
import { insz } from './cast.ts';
import { today } from './cluster.ts';
import { audience, encoded, issuer, now, openProvider } from './provider.ts';

let provider: Awaited<ReturnType<typeof openProvider>>;
const signed: typeof provider.signed = (...given) => provider.signed(...given);
const outcome: typeof provider.outcome = (token) => provider.outcome(token);

beforeAll(async () => {
  provider = await openProvider();
});
beforeEach(() => provider.anew());
afterEach(() => jest.useRealTimers());
afterAll(() => provider.close());

test("a provider's token says who asks, and until when it counts", async () => {
  const token = await signed();
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  expect(await provider.viewerOf(token)).toEqual({
    id: 'j.peeters',
    kind: 'REGION',
    party: 'VLA-DEM',
    authority: 'VLA-DEM',
    kbo: null,
    insz: null,
    territory: 'VLA-DEM',
    roles: ['HANDLER'],
    wrongPurpose: null,
    purpose: null,
    reference: null,
    today,
    until: (exp + 5) * 1000, // clocks may differ by five seconds
  });
});

test("a worker's number stays out of what the worker is called", async () => {
  const viewer = await provider.viewerOf(await signed({ authority: undefined, party: 'WORKER:85073003328' }));
  expect([viewer.kind, viewer.party, viewer.insz]).toEqual(['WORKER', 'WORKER', '85073003328']);
});

test('J6: a provider that sends us elsewhere is an outage: nobody is followed', async () => {
  provider.state.status = 302;
  expect(await outcome(await signed())).toBe('DEPENDENCY_UNAVAILABLE');
  expect(provider.state.elsewhere).toBe(0);
});

test('a token of the demo issuer is refused where a provider is set', async () => {
  const named = principalOf('VLA-DEM', today);
  if ('reason' in named) throw new Error(named.reason);
  expect(await outcome(await demoToken(provider.env.DATA_DIR, named.principal))).toBe('UNAUTHENTICATED');
});

const timers = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
] as const;
const others = ['nextTick', 'queueMicrotask', 'hrtime', 'performance'] as const;

/** Lets the clock run ahead; nobody waits. Only the clock is ours: what waits for the network goes on. */
const later = (seconds: number): void => {
  jest.useFakeTimers({ now: Date.now() + seconds * 1000, doNotFake: [...timers, ...others] });
};

test('a token whose subject is the number of a person is refused, however the number is written', async () => {
  for (const sub of [insz.rahul, formatInsz(insz.rahul)]) {
    expect(await outcome(await signed({ sub, authority: undefined, party: `WORKER:${insz.rahul}` }))).toBe(
      'UNAUTHENTICATED',
    );
  }
});

test('J5: a name of a key is a name: no path, no statement, and not too long', async () => {
  const [, body, signature] = (await signed()).split('.');
  const text = { alg: 'RS256', typ: 'at+jwt' };
  for (const kid of [
    '../../../../dev/null',
    "' UNION SELECT 'k",
    'http://169.254.169.254/',
    '',
    '\u0000',
    '__proto__',
    ['first'],
    { toString: 'first' },
    null,
    7,
    'k'.repeat(1_000_000),
  ]) {
    expect(await outcome(`${encoded({ ...text, kid })}.${body}.${signature}`)).toBe('UNAUTHENTICATED');
  }
  expect(provider.state.asked).toBeLessThanOrEqual(1);
});

test('J5: unknown keys make the gateway ask the provider once in thirty seconds, not each time', async () => {
  const [, body, signature] = (await signed()).split('.');
  const unknown = (kid: number) => outcome(`${encoded({ alg: 'RS256', kid: `unknown-${kid}` })}.${body}.${signature}`);
  const many = (from: number) => Promise.all(Array.from({ length: 500 }, (_, i) => unknown(from + i)));
  await many(0);
  await many(500);
  expect(provider.state.asked).toBe(1);
  later(31);
  await many(1000);
  await many(1500);
  expect(provider.state.asked).toBe(2);
});

test('J5: a provider that fails is not asked again at once', async () => {
  const token = await signed();
  provider.state.status = 500;
  const outcomes = new Set<unknown>();
  for (let i = 0; i < 20; i++) outcomes.add(await outcome(token));
  expect([[...outcomes], provider.state.asked]).toEqual([['DEPENDENCY_UNAVAILABLE'], 1]);
  provider.state.status = 200;
  later(6);
  expect(await outcome(token)).toBe('VLA-DEM');
});

test('a provider that rotates its key is followed', async () => {
  const rotated = await provider.addKey('second', 'ES256');
  expect(await outcome(await signed({}, { by: rotated, header: { alg: 'ES256', kid: 'second' } }))).toBe('VLA-DEM');
  expect(await outcome(await signed())).toBe('VLA-DEM');
});

test('J12: a key that the provider takes back, and one that it adds, are known within a minute', async () => {
  const by = await provider.addKey('compromised');
  const header = { kid: 'compromised' };
  const [met, fresh] = [await signed({}, { by, header }), await signed({ sub: 'another' }, { by, header })];
  expect(await outcome(met)).toBe('VLA-DEM');
  provider.keys.pop();
  const successor = await provider.addKey('successor');
  const next = await signed({}, { by: successor, header: { kid: 'successor' } });
  later(60);
  expect([await outcome(met), await outcome(fresh), await outcome(next)]).toEqual([
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
    'VLA-DEM',
  ]);
});

test.each<[string, number, string | null]>([
  ['fails', 500, null],
  ['shows a page', 200, '<h1>Back soon</h1>'],
  ['has no keys', 200, 'null'],
])('a provider that %s is an outage, not a bad token', async (_, status, body) => {
  Object.assign(provider.state, { status, body });
  expect(await outcome(await signed())).toBe('DEPENDENCY_UNAVAILABLE');
});

test('while a provider does not answer, the keys it gave last serve on, for ten minutes', async () => {
  const exp = now() + 3600;
  expect(await outcome(await signed({ exp }))).toBe('VLA-DEM');
  provider.state.status = 500;
  later(120);
  expect([await outcome(await signed({ exp })), await outcome(await signed({ exp }))]).toEqual(['VLA-DEM', 'VLA-DEM']);
  expect(provider.state.asked).toBe(2);
  later(600);
  expect(await outcome(await signed({ exp }))).toBe('DEPENDENCY_UNAVAILABLE');
});

test('J3: a token that was taken is not taken past its end, and five seconds that clocks may differ', async () => {
  const [token, short] = [await signed(), await signed({ exp: now() + 3 })];
  expect([await outcome(token), await outcome(short)]).toEqual(['VLA-DEM', 'VLA-DEM']);
  later(6);
  expect([await outcome(token), await outcome(short)]).toEqual(['VLA-DEM', 'VLA-DEM']);
  later(3);
  expect([await outcome(token), await outcome(short)]).toEqual(['VLA-DEM', 'UNAUTHENTICATED']);
});

const production = {
  NODE_ENV: 'production',
  GATEWAY_SECRET: 'x'.repeat(32),
  EBOX_URL: 'https://ebox.example',
  SMTP_URL: 'smtps://mail.example',
  MAIL_FROM: 'permits@mail.example',
};
test.each<[string, Record<string, string>, string[]]>([
  ['a provider in part', { OIDC_ISSUER: issuer }, ['OIDC_AUDIENCE', 'OIDC_JWKS_URI']],
  ['no provider in production', production, ['OIDC_ISSUER']],
  [
    'keys over plain HTTP in production',
    { ...production, OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URI: 'http://login.example/jwks' },
    ['OIDC_JWKS_URI'],
  ],
  [
    'no secret in production, and more',
    {
      NODE_ENV: 'production',
      PORT: 'x',
      TODAY: '2026-02-30',
      SEED_PROFILE: 'big',
      DATABASE_URL: 'mysql://a:secret-word@b/c',
    },
    ['PORT', 'TODAY', 'OIDC_ISSUER', 'GATEWAY_SECRET', 'EBOX_URL', 'SMTP_URL', 'DATABASE_URL', 'SEED_PROFILE'],
  ],
  [
    'subgraphs in part',
    { DOSSIERS_URL: 'http://dossiers' },
    ['EMPLOYERS_URL', 'WORKERS_URL', 'DECISIONS_URL', 'CADASTRE_URL', 'GATEWAY_SECRET'],
  ],
  ['a short secret', { GATEWAY_SECRET: 'short-secret-word' }, ['GATEWAY_SECRET']],
])('a wrong environment is refused at the start, with every fault and no value: %s', (_, variables, faults) => {
  let message = '';
  try {
    readEnv({ program: 'gateway' }, variables);
  } catch (error) {
    message = error instanceof Error ? error.message : '';
  }
  const named = message
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(' ')[0]);
  expect(named).toEqual(faults);
  expect(message).not.toContain('secret-word');
});
