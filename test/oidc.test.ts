import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { demoToken } from '../subgraphs/demo-issuer.ts';
import { readEnv } from '../subgraphs/env.ts';
import { log } from '../subgraphs/log.ts';
import { principalOf } from '../subgraphs/principal.ts';
import { type Identify, viewers } from '../subgraphs/viewer.ts';
import { today } from './cluster.ts';
import { testEnv } from './world.ts';

const issuer = 'https://login.example/realms/permits';
const audience = 'permits-api';

type Provider = { url: string; keys: JWK[]; asked: number; status: number; server: Server };
let provider: Provider;
let key: CryptoKey;
let env: Awaited<ReturnType<typeof testEnv>>;
let identify: Identify;

const newKey = async (kid: string, alg = 'RS256'): Promise<CryptoKey> => {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  provider.keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' });
  return privateKey;
};

beforeAll(async () => {
  log.level = 'silent';
  const server = createServer((_, response) => {
    provider.asked += 1;
    response.writeHead(provider.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: provider.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // listen(0) on TCP answers an address with a port
  const { port } = server.address() as AddressInfo;
  provider = { url: `http://127.0.0.1:${port}/jwks`, keys: [], asked: 0, status: 200, server };
  key = await newKey('first');
  env = await testEnv({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URI: provider.url });
});
beforeEach(async () => {
  provider.status = 200;
  provider.asked = 0;
  identify = await viewers(env.env);
});
afterAll(async () => {
  provider.server.close();
  await env.drop();
});

type Options = { by?: CryptoKey; header?: Record<string, unknown> };
const signed = (claims: Record<string, unknown> = {}, { by = key, header = {} }: Options = {}): Promise<string> => {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const all = {
    iss: issuer,
    aud: audience,
    sub: 'j.peeters',
    exp,
    authority: 'VLA-DEM',
    roles: ['HANDLER', 'a role of another program'],
    ...claims,
  };
  return new SignJWT(JSON.parse(JSON.stringify(all)))
    .setProtectedHeader({ alg: 'RS256', kid: 'first', typ: 'at+jwt', ...header })
    .sign(by);
};

const outcome = async (token: string): Promise<unknown> =>
  identify({ authorization: `Bearer ${token}` }).then(
    ({ party }) => party,
    (error) => error.extensions.code,
  );

test("a provider's token says who asks", async () => {
  expect(await identify({ authorization: `Bearer ${await signed()}` })).toEqual({
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
  });
});

test("a worker's number stays out of what the worker is called", async () => {
  const viewer = await identify({
    authorization: `Bearer ${await signed({ authority: undefined, party: 'WORKER:85073003328' })}`,
  });
  expect([viewer.kind, viewer.party, viewer.insz]).toEqual(['WORKER', 'WORKER', '85073003328']);
});

test.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
  ['another issuer', { iss: `${issuer}.evil.example` }],
  ['another audience', { aud: 'account' }],
  ['expired', { exp: Math.floor(Date.now() / 1000) - 10 }],
  ['an ID token, by its claims', { at_hash: 'x' }],
  ['an ID token, by its type', { typ: 'ID' }],
  ['a key that is not there', {}, { kid: 'other' }],
  ['a key by its address', {}, { kid: 'other', jku: 'http://127.0.0.1:1/keys' }],
])('a token is refused: %s', async (_, claims, header = {}) => {
  expect(await outcome(await signed(claims, { header }))).toBe('UNAUTHENTICATED');
});

test("a token of another's key is refused, whatever key it names or brings", async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const header = { jwk: await exportJWK(publicKey) };
  expect(await outcome(await signed({}, { by: privateKey }))).toBe('UNAUTHENTICATED');
  expect(await outcome(await signed({}, { by: privateKey, header }))).toBe('UNAUTHENTICATED');
});

test('a token of the demo issuer is refused where a provider is set', async () => {
  const named = principalOf('VLA-DEM', today);
  if ('reason' in named) throw new Error(named.reason);
  expect(await outcome(await demoToken(env.env.DATA_DIR, named.principal))).toBe('UNAUTHENTICATED');
});

test('unknown keys make the gateway ask the provider once, not each time', async () => {
  for (let i = 0; i < 50; i++) await outcome(await signed({}, { header: { kid: `unknown-${i}` } }));
  expect(provider.asked).toBe(1);
});

test('a provider that rotates its key is followed', async () => {
  const rotated = await newKey('second', 'ES256');
  expect(await outcome(await signed({}, { by: rotated, header: { alg: 'ES256', kid: 'second' } }))).toBe('VLA-DEM');
  expect(await outcome(await signed())).toBe('VLA-DEM');
});

test('a provider that does not answer is an outage, not a bad token', async () => {
  provider.status = 500;
  expect(await outcome(await signed())).toBe('DEPENDENCY_UNAVAILABLE');
});

test('a token that was verified is not verified again, and is not taken past its end', async () => {
  const token = await signed();
  const short = await signed({ exp: Math.floor(Date.now() / 1000) - 4 }); // within the five seconds that clocks may differ
  expect([await outcome(token), await outcome(short)]).toEqual(['VLA-DEM', 'VLA-DEM']);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect([await outcome(token), await outcome(short)]).toEqual(['VLA-DEM', 'UNAUTHENTICATED']);
});

const production = { NODE_ENV: 'production', GATEWAY_SECRET: 'x'.repeat(32) };
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
    ['PORT', 'TODAY', 'OIDC_ISSUER', 'GATEWAY_SECRET', 'DATABASE_URL', 'SEED_PROFILE'],
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
