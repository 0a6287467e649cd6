import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { pool } from '../db/database.ts';
import { demoToken } from '../subgraphs/demo-issuer.ts';
import { log } from '../subgraphs/log.ts';
import { principalOf } from '../subgraphs/principal.ts';
import { serve } from '../subgraphs/serve.ts';
import { sign } from '../subgraphs/signature.ts';
import { subgraph } from '../subgraphs/subgraph.ts';
import { viewers } from '../subgraphs/viewer.ts';
import { today } from './cluster.ts';
import { freshDatabase } from './database.ts';
import { testEnv, tokenFor } from './world.ts';

// A subgraph on a port of its own, asked by somebody who found the port.

const secret = 'what gateway and subgraphs share in this test';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let env: Awaited<ReturnType<typeof testEnv>>;
let connected: pg.Pool;
let app: FastifyInstance;
let url: string;
const recorded: unknown[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  env = await testEnv();
  log.level = 'silent';
  connected = pool(database.urlOf('dossiers'), { name: 'dossiers', max: 2 });
  const readLog = {
    append: async (entry: unknown) => {
      recorded.push(entry);
      return { tooMany: false };
    },
  };
  app = serve(subgraph('dossiers', connected, { secret }), { identify: await viewers(env.env), secret, readLog });
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await app?.close();
  await connected?.end();
  await env?.drop();
  await database?.drop();
});

type Answer = { data?: { codeLists: string[] }; errors?: { extensions: { code: string } }[] };
type Direct = { path?: string; body?: string; headers?: Record<string, string>; signature?: string };
const direct = async ({ path = '/graphql', body = '{"query":"{ codeLists }"}', headers = {}, signature }: Direct) => {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...headers,
      ...(signature ? { 'x-gateway-signature': signature } : {}),
    },
    body,
  });
  // Its shape is what these tests ask for.
  const answer = (await response.json()) as Answer;
  return { status: response.status, answer };
};

test('a subgraph answers the gateway for a caller whose token it has seen itself', async () => {
  const authorization = `Bearer ${await tokenFor(env.env, 'VLA-DEM')}`;
  const body = '{"query":"{ codeLists }"}';
  const signed = { subgraph: 'dossiers', body, authorization, purpose: undefined, reference: undefined };
  const { status, answer } = await direct({ headers: { authorization }, signature: sign(secret, signed) });
  expect([status, answer.errors, (answer.data?.codeLists.length ?? 0) > 5]).toEqual([200, undefined, true]);
});

test('J10: a subgraph refuses everyone else', async () => {
  const authorization = `Bearer ${await tokenFor(env.env, 'VLA-DEM')}`;
  const other = `Bearer ${await tokenFor(env.env, 'FED-DVZ')}`;
  const body = '{"query":"{ codeLists }"}';
  const signed = { subgraph: 'dossiers', body, authorization, purpose: undefined, reference: undefined };
  const good = sign(secret, signed);
  const headers = { authorization };
  const named = principalOf('VLA-DEM', today);
  if ('reason' in named) throw new Error(named.reason);
  const over = `Bearer ${await demoToken(env.env.DATA_DIR, named.principal, { validFor: -10 })}`;
  const attempts: Record<string, Direct> = {
    'no signature': { headers },
    'no token': { signature: sign(secret, { ...signed, authorization: undefined }) },
    'what it says in a header': {
      headers: { 'x-viewer': 'FED-DVZ', 'x-user-id': '1', 'x-role': 'admin' },
      signature: sign(secret, { ...signed, authorization: undefined }),
    },
    'another body': { headers, body: '{"query":"{ __typename }"}', signature: good },
    "another's token": { headers: { authorization: other }, signature: good },
    'a purpose that was not signed': {
      headers: { ...headers, 'x-purpose': 'TREAT_DOSSIER', 'x-reference': 'x' },
      signature: good,
    },
    'a signature for another subgraph': { headers, signature: sign(secret, { ...signed, subgraph: 'workers' }) },
    'a stale signature': { headers, signature: sign(secret, signed, Date.now() - 31_000) },
    'a signature from the future': { headers, signature: sign(secret, signed, Date.now() + 60_000) },
    "another secret's signature": { headers, signature: sign(`${secret}.`, signed) },
    'a signature cut short': { headers, signature: good.slice(0, -1) },
    'words for a signature': { headers, signature: 'let me in' },
    'the contract, unsigned': { headers, body: '{"query":"{ _service { sdl } }"}' },
    'an entity, unsigned': { headers, body: '{"query":"{ _entities(representations: []) { __typename } }"}' },
    'a token that is over': {
      headers: { authorization: over },
      signature: sign(secret, { ...signed, authorization: over }),
    },
    'a token that is none': {
      headers: { authorization: 'Bearer a.b.c' },
      signature: sign(secret, { ...signed, authorization: 'Bearer a.b.c' }),
    },
  };
  for (const [attempt, asked] of Object.entries(attempts)) {
    const { status, answer } = await direct(asked);
    expect([attempt, status, answer.data, answer.errors?.[0]?.extensions.code]).toEqual([
      attempt,
      401,
      undefined,
      'UNAUTHENTICATED',
    ]);
  }
});

test('J10: who overhears a request can repeat it for half a minute, and hears what it heard', async () => {
  // With the token inside, and so no more than the first time; what is put on record would stand there twice. A change will
  // have its idempotency key.
  const authorization = `Bearer ${await tokenFor(env.env, 'VLA-DEM')}`;
  const body = '{"query":"{ codeLists }"}';
  const signed = { subgraph: 'dossiers', body, authorization, purpose: undefined, reference: undefined };
  const at = (age: number) => direct({ headers: { authorization }, signature: sign(secret, signed, Date.now() - age) });
  const first = await at(0);
  expect([first.status, await at(25_000), (await at(30_001)).status]).toEqual([200, first, 401]);
});

test('J10: nobody but the gateway puts anything on record, and a question that it signed is no record, nor the other way', async () => {
  const authorization = `Bearer ${await tokenFor(env.env, 'VLA-DEM')}`;
  const record = '{"operation":"mine","readings":[]}';
  const question = '{"query":"{ codeLists }"}';
  const post = async (path: string, body: string, secretOf: string) => {
    const signed = { subgraph: 'dossiers', body, authorization, purpose: undefined, reference: undefined };
    return (await direct({ path, body, headers: { authorization }, signature: sign(secretOf, signed) })).status;
  };
  expect((await direct({ path: '/read-log', body: record, headers: { authorization } })).status).toBe(401);
  expect(await post('/read-log', record, `${secret}.`)).toBe(401);
  expect(await post('/read-log', question, secret)).toBe(400);
  expect(await post('/graphql', record, secret)).toBe(400);
  expect(recorded).toEqual([]);
  expect([await post('/read-log', record, secret), recorded.length]).toEqual([200, 1]);
});
