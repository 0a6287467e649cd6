import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { pool } from '../db/database.ts';
import { type Patience, remote } from '../gateway/remote.ts';
import { type SubgraphName, subgraphNames } from '../schema/subgraphs.ts';
import { head } from '../subgraphs/head.ts';
import { keptLog } from '../subgraphs/read-log.ts';
import { serve } from '../subgraphs/serve.ts';
import { subgraph } from '../subgraphs/subgraph.ts';
import { viewers } from '../subgraphs/viewer.ts';
import { insz, kbo, number } from './cast.ts';
import { freshDatabase } from './database.ts';
import { questionOf, roots } from './graph-questions.ts';
import { readStream } from './stream-reader.ts';
import { changed } from './streams.ts';
import { house, testEnv, tokenFor } from './world.ts';

type Example = {
  name: string;
  principal: string;
  purpose: string | null;
  reference: string | null;
  query: string;
  variables: Record<string, unknown>;
};
const examples: Example[] = JSON.parse(readFileSync(new URL('../gateway/examples.json', import.meta.url), 'utf8'));

const secret = 'what gateway and subgraphs share in this test';
const patience: Patience = { connect: 500, silence: 500, whole: 1000, health: 500 };
type House = Awaited<ReturnType<typeof house>>;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let env: Awaited<ReturnType<typeof testEnv>>;
let together: House;
let apart: House;
const servers = new Map<SubgraphName, { app: FastifyInstance; pool: pg.Pool; url: string }>();

/** Both houses take each other's tokens: they and the subgraphs share one folder, and so one demo issuer. */
const inOneFolder = () => ({ DATA_DIR: env.env.DATA_DIR });
const urls = (changed: Partial<Record<SubgraphName, string>> = {}): Record<SubgraphName, string> => {
  const of = (name: SubgraphName) => changed[name] ?? servers.get(name)?.url ?? '';
  return {
    dossiers: of('dossiers'),
    employers: of('employers'),
    workers: of('workers'),
    decisions: of('decisions'),
    cadastre: of('cadastre'),
  };
};

beforeAll(async () => {
  database = await freshDatabase();
  env = await testEnv();
  const identify = await viewers(env.env);
  for (const name of subgraphNames) {
    const connected = pool(database.urlOf(name), { name, max: 4 });
    const readLog = name === 'cadastre' ? keptLog(database.urlOf(name), { secret }) : undefined;
    const ending = name === 'dossiers' ? () => head(connected) : undefined;
    const app = serve(subgraph(name, connected, { secret }), { identify, secret, readLog, head: ending });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    servers.set(name, { app, pool: connected, url });
  }
  together = await house(database, { variables: inOneFolder() });
  apart = await house(database, { parts: remote(urls(), { secret }), variables: inOneFolder() });
});
afterAll(async () => {
  await apart?.stop();
  await together?.stop();
  for (const { app, pool: connected } of servers.values()) {
    await app.close();
    await connected.end();
  }
  await env?.drop();
  await database?.drop();
});

type Asked = Pick<Example, 'query'> & Partial<Example>;

type Fault = { message: string; path?: (string | number)[]; extensions: { code: string } };
type Shown<Data> = { data: Data; errors: Fault[] };
type Mixed = { employer: unknown; codeLists: string[] };

/** A whole answer over HTTP. A test that reads into the data names their shape. */
const read = async <Data>(response: Response): Promise<{ status: number; answer: Shown<Data> }> => ({
  status: response.status,
  answer: JSON.parse(await response.text()),
});

const ask = async <Data = unknown>(
  { url }: House,
  { principal = 'VLA-DEM', purpose, reference, query, variables }: Asked,
) => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await tokenFor(env.env, principal)}`,
      ...(purpose && reference ? { 'x-purpose': purpose, 'x-reference': reference } : {}),
    },
    body: JSON.stringify({ query, variables }),
  });
  return read<Data>(response);
};

const inTreatment = `{ dossiers(first: 3) { totalCount edges { node { number employer { kbo name } worker { id lastName } } } } }`;

test.each(examples)('together and apart answer the same, and without error: $name', async (example) => {
  const asOne = await ask(together, example);
  expect(asOne).toMatchObject({ status: 200, answer: { data: expect.any(Object) } });
  expect(asOne.answer.errors).toBeUndefined();
  expect(await ask(apart, example)).toEqual(asOne);
});

test.each<[string, Asked]>([
  ['closed fields', { principal: 'EMPLOYER:0123456749', query: '{ permits { totalCount } codeLists }' }],
  [
    'a purpose that is missing',
    { principal: 'INS-RSZ', query: `{ cadastre(employer: "${kbo.brewery}") { permits { id } } }` },
  ],
  [
    'closed fields in a list',
    { query: '{ dossiers(first: 3) { edges { node { worker { insz residence { status } } } } } }' },
  ],
  ['check digits that are wrong', { query: '{ employer(kbo: "0123456748") { name } }' }],
  [
    'check digits that are wrong in a variable',
    { query: 'query($k: KboNumber!) { employer(kbo: $k) { name } }', variables: { k: '1' } },
  ],
  ['a page that is too long', { query: '{ dossiers(first: 1000) { totalCount } }' }],
  ['a cursor that is none', { query: '{ dossiers(after: "x") { totalCount } }' }],
])('together and apart refuse alike: %s', async (_, asked) => {
  const asOne = await ask(together, asked);
  expect(asOne.answer.errors.length).toBeGreaterThan(0);
  expect(await ask(apart, asked)).toEqual(asOne);
});

test.each([
  ['VLA-DEM', 'TREAT_DOSSIER'],
  ['FED-DVZ', 'RESIDENCE_CHECK'],
  ['FED-RSZ', undefined],
  ['INS-VSI', 'INSPECTION_COMPLAINT'],
  ['MUN-23100', undefined],
  ['HELPDESK', undefined],
  [`EMPLOYER:${kbo.brewery}`, undefined],
  [`WORKER:${insz.rahul}`, undefined],
])('every field of a dossier comes to the same for %s, together and apart', async (principal, purpose) => {
  const [ofDossier = []] = roots;
  const asked = {
    principal,
    query: questionOf(ofDossier, 'plain').text,
    variables: { dossier: number.rahul },
    ...(purpose ? { purpose, reference: 'r' } : {}),
  };
  // Subgraphs answer in any order, and so do their refusals come.
  const told = async (one: House) => {
    const { status, answer } = await ask<{ dossier: unknown }>(one, asked);
    return { status, data: answer.data, errors: (answer.errors ?? []).map((error) => JSON.stringify(error)).sort() };
  };
  const asOne = await told(together);
  expect(asOne.data.dossier).not.toBeNull();
  expect(await told(apart)).toEqual(asOne);
});

/** The house with one subgraph elsewhere. */
const withOther = async (name: SubgraphName, url: string, check: (one: House) => Promise<void>): Promise<void> => {
  const parts = remote(urls({ [name]: url }), { secret, patience });
  const one = await house(database, { parts, variables: inOneFolder() });
  try {
    await check(one);
  } finally {
    await one.stop();
  }
};

const listening = async (answer: RequestListener): Promise<{ server: Server; url: string }> => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // listen(0) on TCP answers an address with a port
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

type Page = {
  dossiers: { totalCount: number; edges: { node: { number: string; employer: unknown; worker: unknown } }[] };
};

/** What is left of an answer whose employers cannot be had: all the rest, and the register's name at each gap. */
const expectGap = async (one: House): Promise<void> => {
  const whole = await ask<Page>(together, { query: inTreatment });
  const { dossiers } = whole.answer.data;
  const { status, answer } = await ask(one, { query: inTreatment });
  expect([status, answer.data]).toEqual([
    200,
    {
      dossiers: {
        ...dossiers,
        edges: dossiers.edges.map(({ node }) => ({
          node: { ...node, employer: { ...Object(node.employer), name: null } },
        })),
      },
    },
  ]);
  expect(answer.errors).toEqual(
    dossiers.edges.map((_, index) => ({
      message: 'The register of employers does not answer now',
      path: ['dossiers', 'edges', index, 'node', 'employer'],
      extensions: { code: 'DEPENDENCY_UNAVAILABLE', register: 'employers' },
    })),
  );
};

test('when a subgraph is down the rest of the answer stands', async () => {
  await withOther('employers', 'http://127.0.0.1:1', async (one) => {
    await expectGap(one);
    const { answer } = await ask<Mixed>(one, { query: `{ employer(kbo: "${kbo.brewery}") { name } codeLists }` });
    expect([answer.data.employer, answer.errors]).toEqual([
      null,
      [
        {
          message: 'The register of employers does not answer now',
          path: ['employer'],
          extensions: { code: 'DEPENDENCY_UNAVAILABLE', register: 'employers' },
        },
      ],
    ]);
    expect(answer.data.codeLists.length).toBeGreaterThan(5);
    const ready = await fetch(`${one.url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'not ready' }]);
  });
});

const json =
  (text: string): RequestListener =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(text);
const entities = (list: unknown) => json(JSON.stringify({ data: { _entities: list } }));

test.each<[string, RequestListener]>([
  ['says nothing', () => undefined],
  [
    'never ends',
    (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":'),
  ],
  ['hangs up', (request) => void request.socket.destroy()],
  [
    'sends a page',
    (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>secret.host</h1>'),
  ],
  ['sends us elsewhere', (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end()],
  ['fails', (_, response) => void response.writeHead(500, { 'content-type': 'application/json' }).end('{"errors":[]}')],
  ['sends no JSON', json('<secret.host>')],
  ['sends a list', json('[]')],
  ['sends no data', json('{}')],
  ['sends data that are none', json('{"data":"secret.host"}')],
  ['sends too few entities', entities([{ name: 'A' }])],
  ['sends entities that are none', entities([1, 'x', true])],
  [
    'sends errors of its own making',
    json('{"data":null,"errors":[{"message":"at secret.host","extensions":{"code":"ECONNREFUSED"}}]}'),
  ],
])('a subgraph that %s is an outage of its register, and nothing of it shows', async (_, answer) => {
  const { server, url } = await listening(answer);
  try {
    await withOther('employers', url, async (one) => {
      await expectGap(one);
      const { answer: shown } = await ask(one, { query: inTreatment });
      expect(JSON.stringify(shown)).not.toMatch(/secret|127\.0\.0\.1|ECONN|localhost/);
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('a query is asked again when the connection breaks before the answer, once', async () => {
  let asked = 0;
  const { url: employers = '' } = servers.get('employers') ?? {};
  const { server, url } = await listening((request, response) => {
    asked += 1;
    if (asked === 1) return void request.socket.resetAndDestroy();
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', async () => {
      const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      for (const name of ['connection', 'content-length', 'host', 'transfer-encoding', 'keep-alive'])
        headers.delete(name);
      const real = await fetch(`${employers}/graphql`, { method: 'POST', headers, body: Buffer.concat(parts) });
      response.writeHead(real.status, { 'content-type': 'application/json' }).end(await real.text());
    });
  });
  try {
    await withOther('employers', url, async (one) => {
      expect(await ask(one, { query: inTreatment })).toEqual(await ask(together, { query: inTreatment }));
      expect(asked).toBe(2);
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('J9: a subgraph gets the words of the caller that it needs, and no others', async () => {
  let received: Record<string, unknown> = {};
  const { server, url } = await listening((request, response) => {
    received = request.headers;
    json('{"data":{"employer":null}}')(request, response);
  });
  try {
    await withOther('employers', url, async ({ url: address }) => {
      const authorization = `Bearer ${await tokenFor(env.env, 'VLA-DEM')}`;
      await fetch(`${address}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization,
          'x-purpose': 'TREAT_DOSSIER',
          'x-reference': 'REF-1',
          'x-role': 'admin',
          x_role: 'admin',
          'x-user-id': '1',
          'x-organisation': 'FED-RSZ',
          'x-forwarded-user': 'admin',
          'x-gateway-signature': 'mine',
          'apollo-federation-include-trace': 'ftv1',
          cookie: 'a=b',
        },
        body: JSON.stringify({ query: `{ employer(kbo: "${kbo.brewery}") { name } }` }),
      });
      const { host: _, 'x-gateway-signature': signature, 'content-length': __, connection: ___, ...rest } = received;
      expect(rest).toEqual({
        'content-type': 'application/json; charset=utf-8',
        accept: 'application/json',
        authorization,
        'x-purpose': 'TREAT_DOSSIER',
        'x-reference': 'REF-1',
      });
      expect(signature).toMatch(/^\d{13}\.[\w-]{43}$/);
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('an event is streamed when apart as well: the gateway learns from the dossiers where the outbox ends, and nobody else does', async () => {
  const reader = await readStream(apart.url, {
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${await tokenFor(env.env, 'VLA-DEM')}`,
    },
    body: { query: changed('number status') },
  });
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query(
    `insert into steps.outbox (position, at, event, dossier_number) values (nextval('steps.position'), now(), 'COMPLETED', $1)`,
    [number.ayse],
  );
  await owner.end();
  expect((await reader.next())?.data).toEqual({
    data: { dossierChanged: { number: number.ayse, status: 'IN_TREATMENT' } },
  });
  reader.close();
  const parts = remote(urls(), { secret });
  expect(await parts.head()).toBe(1);
  await parts.stop();
  const direct = await fetch(`${servers.get('dossiers')?.url}/outbox/head`);
  expect([direct.status, await read<unknown>(direct)]).toEqual([
    401,
    { status: 401, answer: { errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }] } },
  ]);
});
