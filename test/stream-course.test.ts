import { setTimeout as sleep } from 'node:timers/promises';
import { admit } from '../gateway/door.ts';
import { embedded } from '../gateway/embedded.ts';
import { failedFetch } from '../gateway/fetch.ts';
import { gateway, type Reach } from '../gateway/gateway.ts';
import { limits } from '../gateway/limits.ts';
import { type Out, stream } from '../gateway/stream.ts';
import { watcher } from '../gateway/watch.ts';
import { unavailable } from '../subgraphs/errors.ts';
import { viewers } from '../subgraphs/viewer.ts';
import { kbo, number } from './cast.ts';
import { added, changed, ending, openStreams, several, told } from './streams.ts';
import { noDocuments, tokenFor } from './world.ts';

let world: Awaited<ReturnType<typeof openStreams>>;
/** What is out of reach, while a test has it so. */
let down: 'nothing' | 'outbox' | 'dossier' | 'read log' = 'nothing';
let failed = 0;

const around = (parts: Reach): Reach => ({
  ...parts,
  reach: (name) => ({
    process: async (asked) => {
      const isAsked = asked.request.query?.includes(`${down}(`);
      if (name !== 'dossiers' || !isAsked) return parts.reach(name).process(asked);
      failed += 1;
      return failedFetch(unavailable(name), name, asked.request);
    },
  }),
  record: (context, asked) => {
    if (down === 'read log') throw new Error('the log is full');
    return parts.record(context, asked);
  },
});

beforeAll(async () => {
  world = await openStreams(around);
});
afterEach(() => {
  down = 'nothing';
  world.closeAll();
});
afterAll(() => world?.stop());

const change = { data: { dossierChanged: { number: number.ayse } } };
const fragment = 'fragment F on Subscription { dossierChanged { number } }';
const deep = `${'requests { dossier { '.repeat(8)} number ${'} }'.repeat(8)}`;
const one = 'A subscription names its one field itself, and once';

test.each<[string, string, string, string, object]>([
  [
    'a question',
    '{ __typename }',
    'BAD_USER_INPUT',
    'A stream takes one subscription: the graph is asked with POST /graphql',
    {},
  ],
  ['nothing of a kind', 'subscription {', 'BAD_USER_INPUT', 'Syntax Error: Expected Name, found <EOF>.', {}],
  ['an unknown field', 'subscription { x }', 'BAD_USER_INPUT', 'Cannot query field "x" on type "Subscription".', {}],
  ['a field spread out', `subscription { ...F } ${fragment}`, 'BAD_USER_INPUT', one, {}],
  [
    'the field twice',
    'subscription { dossierChanged { number } dossierChanged { status } }',
    'BAD_USER_INPUT',
    one,
    {},
  ],
  [
    'a long document',
    changed('number '.repeat(2000)),
    'LIMIT_EXCEEDED',
    'The document is too long',
    { limit: 'tokens' },
  ],
  [
    'a deep one',
    changed(deep),
    'LIMIT_EXCEEDED',
    'Fields are nested too deep',
    { limit: 'depth', allowed: limits.depth },
  ],
  [
    'an answer that could be too large',
    changed(`${'worker { dossiers { '.repeat(5)} number ${'} }'.repeat(5)}`),
    'LIMIT_EXCEEDED',
    'The answer could be too large: ask for fewer at once, with first or last',
    { limit: 'cost', allowed: limits.cost },
  ],
  [
    'a number that is none',
    changed('number', '(number: "SP-1")'),
    'BAD_USER_INPUT',
    'DossierNumber has a fault: LENGTH',
    { fault: 'LENGTH' },
  ],
])('what cannot be followed is told on the stream, as the graph would tell it: %s', async (_, query, code, message, details) => {
  expect(await several(await world.open('VLA-DEM', query), 3)).toEqual(ending(code, message, details));
});

test('who is given no feed hears so', async () => {
  for (const who of ['HELPDESK', 'AUDITOR', 'EU-COM']) {
    expect(await several(await world.open(who, changed()), 3)).toEqual(
      ending('FORBIDDEN', 'Query.outbox is not open to you'),
    );
  }
});

test('a stream is opened with POST, and as a stream; elsewhere no subscription is taken', async () => {
  const { url } = world.gateway;
  const authorization = `Bearer ${await tokenFor(world.gateway.env, 'VLA-DEM')}`;
  const headers = { authorization, 'content-type': 'application/json', accept: 'text/event-stream' };
  const body = JSON.stringify({ query: changed() });
  const answer = async (path: string, init: RequestInit) => {
    const response = await fetch(`${url}${path}`, { headers, ...init });
    const { errors } = JSON.parse(await response.text());
    return [response.status, errors[0].extensions.code, errors[0].message];
  };
  expect(await answer('/graphql/stream', { method: 'GET' })).toEqual([
    405,
    'BAD_USER_INPUT',
    'The graph is asked with POST',
  ]);
  expect(
    await answer('/graphql/stream', { method: 'POST', body, headers: { ...headers, accept: 'application/json' } }),
  ).toEqual([400, 'BAD_USER_INPUT', 'A stream is answered as text/event-stream, and that has to be accepted']);
  expect(await answer('/graphql/stream', { method: 'POST', body: '{}' })).toEqual([
    400,
    'BAD_USER_INPUT',
    'The request has no query',
  ]);
  expect(
    await answer('/graphql', { method: 'POST', body, headers: { ...headers, accept: 'application/json' } }),
  ).toEqual([400, 'BAD_USER_INPUT', 'This graph takes no subscription here']);
});

test('a stream on which nothing happens is kept open', async () => {
  const reader = await world.open('VLA-DEM', changed());
  while (reader.text().length < ':\n\n'.repeat(3).length) await sleep(10);
  expect(reader.text().replaceAll(':\n\n', '')).toBe('');
});

test('each event is on record as a question of the subscriber', async () => {
  const reader = await world.open('INS-VSI', changed('number status', `(number: "${number.ayse}")`));
  await world.happens(number.ayse);
  expect(await told(reader)).toEqual({
    data: { dossierChanged: { number: number.ayse, status: 'IN_TREATMENT' } },
  });
  const entries = await world.rows<{ operation: string; subject: string; read: string[] }>(
    `select split_part(operation, ' ', 1) as operation, subject, read from read_log.entry where party = 'INS-VSI' order by seq`,
  );
  expect(entries).toEqual([
    { operation: 'outbox', subject: 'W-0000001', read: ['ENVELOPE'] },
    { operation: 'dossier', subject: 'W-0000001', read: ['ENVELOPE'] },
  ]);
});

test('what cannot be put on record is not told, and ends the stream', async () => {
  const reader = await world.open('VLA-DEM', changed());
  down = 'read log';
  await world.happens(number.ayse);
  expect(await several(reader, 3)).toEqual(
    ending('DEPENDENCY_UNAVAILABLE', 'The register of read log does not answer now', { register: 'read log' }),
  );
});

test('while the register of dossiers does not answer a stream waits, and then tells what it missed', async () => {
  const reader = await world.open('VLA-DEM', changed());
  down = 'outbox';
  failed = 0;
  await world.happens(number.ayse);
  while (failed < 2) await sleep(10);
  down = 'nothing';
  expect(await told(reader)).toEqual(change);
  // Also where it stops answering between the event and the question that it stands for.
  down = 'dossier';
  failed = 0;
  await world.happens(number.ayse);
  while (failed < 2) await sleep(10);
  down = 'nothing';
  expect(await told(reader)).toEqual(change);
});

/** A stream of our own, whose reader takes as long as it likes. */
const slowly = async (query: string, reads: () => Promise<boolean>) => {
  const parts = embedded(world.urlOf, { secret: 'of this test', connections: 2, folder: noDocuments });
  const server = await gateway(parts);
  const admitted = admit(await viewers(world.gateway.env), parts.record);
  const authorization = `Bearer ${await tokenFor(world.gateway.env, 'VLA-DEM')}`;
  const texts: string[] = [];
  let isEnded = false;
  let begun = (): void => undefined;
  const begins = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const out: Out = {
    write: async (text) => {
      begun();
      if (text === ':\n\n') return true;
      texts.push(text);
      return reads();
    },
    end: () => {
      isEnded = true;
    },
  };
  const asking = { query, variables: {}, operationName: null };
  const ground = { server, admitted: () => admitted({ authorization }), watch: watcher(parts.head, 20) };
  let stop = (): void => undefined;
  const running = stream(ground, { asking, after: null, until: Date.now() + 60_000 }, out, (end) => {
    stop = end;
  });
  await begins;
  return {
    texts,
    isEnded: () => isEnded,
    stop: async () => {
      stop();
      await running;
      await server.stop();
      await parts.stop();
    },
  };
};

test('changes that come faster than they are read are told as one, messages never; a reader who has gone is let go', async () => {
  let read = (_: boolean): void => undefined;
  const reads = () =>
    new Promise<boolean>((resolve) => {
      read = resolve;
    });
  const changes = await slowly(changed(), reads);
  await world.happens(number.ayse);
  while (changes.texts.length < 1) await sleep(10);
  // Until the first is read nothing more is asked: what happens meanwhile waits where it stands.
  for (const one of [number.ayse, number.rahul, number.ayse, number.ayse]) await world.happens(one);
  read(true);
  while (changes.texts.length < 2) await sleep(10);
  read(true);
  while (changes.texts.length < 3) await sleep(10);
  const numbers = changes.texts.map((text) => /SP-\d{4}-\d{7}-\d\d/.exec(text)?.[0]);
  expect(numbers).toEqual([number.ayse, number.rahul, number.ayse]);
  read(false);
  while (!changes.isEnded()) await sleep(10);
  await changes.stop();

  const messages = await slowly(added(), async () => true);
  const sent = [await world.writes(number.ayse), await world.writes(number.ayse), await world.writes(number.ayse)];
  while (messages.texts.length < 3) await sleep(10);
  expect(messages.texts.map((text) => /MSG-\d+/.exec(text)?.[0])).toEqual(sent);
  await messages.stop();
});

test('a gateway that stops cuts its streams off, so that their readers go on elsewhere', async () => {
  const other = await openStreams();
  const reader = await other.open(`EMPLOYER:${kbo.brewery}`, changed());
  await other.happens(number.ayse);
  expect(await told(reader)).toEqual(change);
  await other.stop();
  expect(await reader.next()).toBeNull();
});
