import { createClient } from 'graphql-sse';
import { limits } from '../gateway/limits.ts';
import { insz, kbo, number } from './cast.ts';
import { treating } from './opened-world.ts';
import { added, changed, ending, openStreams, several, told } from './streams.ts';
import { tokenFor } from './world.ts';

let world: Awaited<ReturnType<typeof openStreams>>;

beforeAll(async () => {
  world = await openStreams();
});
afterEach(() => world.closeAll());
afterAll(() => world?.stop());

const brewery = `EMPLOYER:${kbo.brewery}`;
const ukkel = `EMPLOYER:${kbo.ukkel}`;
const change = (of: string) => ({ data: { dossierChanged: { number: of } } });
const message = (id: string, of: string) => ({ data: { messageAdded: { id, dossier: { number: of } } } });

test('a change is told as the answer to what was subscribed to, to each as it may see it', async () => {
  const selection = 'number status grossMonthly worker { lastName insz }';
  const region = await world.open('VLA-DEM', changed(selection));
  const stating = await world.open('VLA-DEM', changed('worker { insz }'), treating);
  const employer = await world.open(brewery, changed(selection));
  await world.happens(number.ayse);
  const dossier = { number: number.ayse, status: 'IN_TREATMENT', grossMonthly: '4800.00' };
  const needed = {
    message: 'Worker.insz needs a purpose and a reference',
    path: ['dossierChanged', 'worker', 'insz'],
    extensions: { code: 'PURPOSE_REQUIRED' },
  };
  expect(await region.next()).toEqual({
    event: 'next',
    id: expect.stringMatching(/^[\w-]{40,}$/),
    data: { errors: [needed], data: { dossierChanged: { ...dossier, worker: { lastName: 'Demir', insz: null } } } },
  });
  expect(await told(stating)).toEqual({ data: { dossierChanged: { worker: { insz: insz.ayse } } } });
  expect(await told(employer)).toEqual({
    data: { dossierChanged: { ...dossier, worker: { lastName: 'Demir', insz: '91.45.17-***.**' } } },
  });
});

test('a step that is taken through the graph is told to those it concerns, and a message that is sent', async () => {
  const changes = await world.open(brewery, changed('number status'));
  const messages = await world.open(brewery, `subscription { messageAdded { text dossier { status } } }`);
  const step = async (name: string, type: string, input: object) => {
    const response = await fetch(`${world.gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await tokenFor(world.gateway.env, 'VLA-DEM')}`,
      },
      body: JSON.stringify({
        query: `mutation($input: ${type}!) { ${name}(input: $input) { problems { message } } }`,
        variables: { input: { number: number.john, idempotencyKey: `stream-${name}`, ...input } },
      }),
    });
    expect(await response.json()).toEqual({ data: { [name]: { problems: [] } } });
  };
  const [john] = await world.rows<{ version: number }>('select version from dossiers.dossier where number = $1', [
    number.john,
  ]);
  await step('requestInformation', 'RequestInformationInput', {
    expectedVersion: john?.version,
    items: ['WRK_DIPLOMA'],
  });
  expect(await told(changes)).toEqual({ data: { dossierChanged: { number: number.john, status: 'INFO_REQUESTED' } } });
  await step('sendMessage', 'SendMessageInput', { text: 'Waar blijft het?' });
  expect(await told(messages)).toEqual({
    data: { messageAdded: { text: 'Waar blijft het?', dossier: { status: 'INFO_REQUESTED' } } },
  });
});

test('names, fragments, variables and directives of the subscriber are its own; the event fills in the record', async () => {
  const query = `query Other($x: Int) { dossiers(first: $x) { totalCount } }
    subscription S($of: DossierNumber, $lang: Lang!, $yes: Boolean!, $key: Boolean!) {
      mine: dossierChanged(number: $of) { ...F ... on Dossier @include(if: $yes) { n: number } status @skip(if: $key) }
    }
    fragment F on Dossier { statusLabel(lang: $lang) }`;
  const variables = { of: number.ayse, lang: 'NL', yes: true, key: true, more: 1 };
  const which = await world.open('VLA-DEM', query, { variables });
  expect(await several(which, 3)).toEqual(
    ending('BAD_USER_INPUT', 'A stream takes one subscription: the graph is asked with POST /graphql'),
  );
  const reader = await world.open('VLA-DEM', query, { variables, operationName: 'S' });
  await world.happens(number.rahul); // another dossier
  await world.happens(number.ayse);
  expect(await told(reader)).toEqual({
    data: { mine: { statusLabel: 'Beslissing over werk en verblijf', n: number.ayse } },
  });
});

test('without a number every dossier is followed in which one is competent authority or a party, and no other', async () => {
  const former = await world.open('WAL-SPW', changed());
  const inspection = await world.open('INS-TSW', changed('number', `(number: "${number.yuki}")`));
  await world.happens(number.yuki); // handed on by Wallonia, which keeps the status
  await world.happens(number.grace); // on which Wallonia decides
  expect(await told(former)).toEqual(change(number.grace));
  expect(await told(inspection)).toEqual(change(number.yuki));
});

test('each message is told, in order, to who may read messages, and a change to who may not', async () => {
  const worker = await world.open(`WORKER:${insz.rahul}`, added());
  const region = await world.open('VLA-DEM', added(`(number: "${number.rahul}")`));
  const post = await world.open('POST-IN-1', changed('number', `(number: "${number.rahul}")`));
  const ids = [
    await world.writes(number.rahul),
    await world.writes(number.rahul),
    await world.writes(number.ayse),
    await world.writes(number.rahul),
  ] as const;
  const own = [ids[0], ids[1], ids[3]].map((id) => message(id, number.rahul));
  for (const reader of [worker, region]) {
    expect([await told(reader), await told(reader), await told(reader)]).toEqual(own);
  }
  await world.happens(number.rahul, 'CARD_ISSUED');
  expect(await told(post)).toEqual(change(number.rahul));
  expect(post.text().match(/event: next/g)).toHaveLength(1); // of the messages it heard nothing
});

test('a stream goes on after the last event that was seen: nothing is left out and nothing comes twice', async () => {
  const first = await world.open(brewery, added());
  const id = await world.writes(number.rahul);
  const seen = await first.next();
  expect(seen?.data).toEqual(message(id, number.rahul));
  first.close();
  const missed = [await world.writes(number.ayse), await world.writes(number.rahul)] as const;
  const again = await world.open(brewery, added(), { lastEventId: seen?.id ?? '' });
  const next = await world.writes(number.rahul);
  expect([await told(again), await told(again), await told(again)]).toEqual([
    message(missed[0], number.ayse),
    message(missed[1], number.rahul),
    message(next, number.rahul),
  ]);
});

const foreign = 'the cursor belongs to another list, filter or viewer';

test('A18: the last event of another’s stream, or of another subscription, is no place to go on from', async () => {
  const reader = await world.open('VLA-DEM', changed());
  await world.happens(number.ayse);
  const lastEventId = (await reader.next())?.id ?? '';
  for (const [who, query] of [
    [brewery, changed()],
    ['BRU-BEW', changed()],
    ['VLA-DEM', changed('number', `(number: "${number.ayse}")`)],
    ['VLA-DEM', added()],
  ] as const) {
    const refused = await world.open(who, query, { lastEventId });
    expect(await several(refused, 3)).toEqual(ending('BAD_USER_INPUT', foreign));
  }
});

test('A18: without a token, or from another site’s page, no stream is opened', async () => {
  const codeOf = async (reader: Awaited<ReturnType<typeof world.open>>) => {
    await reader.next(); // the answer in full: it is no stream
    return [reader.status, reader.headers['content-type'], JSON.parse(reader.text()).errors[0].extensions.code];
  };
  const json = 'application/json; charset=utf-8';
  expect(await codeOf(await world.open(null, changed()))).toEqual([401, json, 'UNAUTHENTICATED']);
  for (const origin of ['https://evil.example', 'null', `${world.gateway.url}0`]) {
    const refused = await world.open('VLA-DEM', changed(), { headers: { origin } });
    expect(await codeOf(refused)).toEqual([403, json, 'FORBIDDEN']);
    expect(JSON.stringify(refused.headers)).not.toMatch(/access-control/);
  }
  const own = await world.open('VLA-DEM', changed(), { headers: { origin: world.gateway.url } });
  expect([own.status, own.headers['content-type'], own.headers['cache-control']]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
    'no-store',
  ]);
});

test('A18: a stream ends with its token, with an event or without', async () => {
  const token = await world.tokenUntil('VLA-DEM', 2);
  const reader = await world.open(null, changed(), { headers: { authorization: `Bearer ${token}` } });
  await world.happens(number.ayse);
  expect(await told(reader)).toEqual(change(number.ayse));
  expect(await several(reader, 3)).toEqual(ending('UNAUTHENTICATED', 'The token has ended'));
  await world.happens(number.ayse);
  expect(reader.text().match(/event: next/g)).toHaveLength(2);
});

test('A18: of another’s dossier nothing is told, as of one that is not there', async () => {
  const theirs = await world.open(ukkel, changed('number', `(number: "${number.rahul}")`));
  const messages = await world.open(ukkel, added(`(number: "${number.rahul}")`));
  const all = await world.open(ukkel, changed());
  await world.writes(number.rahul);
  await world.happens(number.rahul);
  await world.happens(number.samuelRefiled); // at Ukkel
  expect(await told(all)).toEqual(change(number.samuelRefiled));
  expect(`${theirs.text()}${messages.text()}`.replaceAll(':\n\n', '')).toBe('');
});

test('A18: a mandate that ended counts from the next event on', async () => {
  const mandatary = `MANDATARY:${kbo.mandatary}`;
  const reader = await world.open(mandatary, changed());
  await world.happens(number.ayse);
  expect(await told(reader)).toEqual(change(number.ayse));
  const ends = `update access.involvement set valid_to = $2 where party = $1 and capacity = 'MANDATE'`;
  await world.rows(ends, [mandatary, '2026-11-01']);
  await world.rows(`insert into access.involvement values ($1, 'EMPLOYER', $2, 'MANDATE', '2026-01-01')`, [
    mandatary,
    kbo.ukkel,
  ]);
  await world.happens(number.ayse);
  await world.happens(number.samuelRefiled);
  expect(await told(reader)).toEqual(change(number.samuelRefiled));
  await world.rows(ends, [mandatary, null]);
});

test('a caller has ten streams at the most; one that is closed makes room', async () => {
  const who = 'BRU-BEW';
  const open = [];
  for (let at = 0; at < limits.streams; at += 1) open.push(await world.open(who, changed()));
  expect(open.map(({ status }) => status)).toEqual(Array(10).fill(200));
  const refused = await world.open(who, changed());
  await refused.next();
  expect([refused.status, JSON.parse(refused.text())]).toEqual([
    429,
    {
      errors: [
        {
          message: 'You have too many streams open',
          extensions: { code: 'LIMIT_EXCEEDED', limit: 'streams', allowed: 10 },
        },
      ],
    },
  ]);
  expect((await world.open('WAL-SPW', changed())).status).toBe(200);
  open[0]?.close();
  let again = await world.open(who, changed());
  while (again.status === 429) again = await world.open(who, changed());
  expect(again.status).toBe(200);
});

test('the client of graphql-sse reads these streams as its own', async () => {
  const client = createClient({
    url: `${world.gateway.url}/graphql/stream`,
    headers: async () => ({ authorization: `Bearer ${await tokenFor(world.gateway.env, 'VLA-DEM')}` }),
    retryAttempts: 0,
  });
  const seen: unknown[] = [];
  const results = client.iterate({ query: changed() });
  const first = results.next();
  const writing = setInterval(() => void world.happens(number.ayse), 100); // until it listens
  seen.push((await first).value);
  clearInterval(writing);
  await results.return?.();
  expect(seen).toEqual([change(number.ayse)]);
  const refused = client.iterate({ query: 'subscription { nothing }' });
  expect(await refused.next()).toMatchObject({ value: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] } });
  expect(await refused.next()).toMatchObject({ done: true });
  client.dispose();
});
