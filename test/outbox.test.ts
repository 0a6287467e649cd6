import pg from 'pg';
import { steps } from '../schema/lifecycle.ts';
import { eventsTelling, listOfEvent } from '../schema/outbox.ts';
import { kinds, rowCategories } from '../schema/policy.ts';
import { codeList } from '../schema/reference.ts';
import { reminders } from '../schema/reminders.ts';
import { insz, kbo, number } from './cast.ts';
import { coordinates } from './composed.ts';
import { forbidden, inspecting, type OpenedWorld, openWorld, treating } from './opened-world.ts';
import type { Ask } from './world.ts';

let world: OpenedWorld;

const everyEvent = [...eventsTelling.values()].flat();

const happens = async (dossier: string, events: readonly string[], message: string | null = null): Promise<void> => {
  await world.rows(
    `insert into steps.outbox (position, at, event, dossier_number, worker_id, message_id)
     select nextval('steps.position'), '2026-11-02T09:00:00Z', e.event, $1, d.worker_id, $3
     from dossiers.dossier d, unnest($2::text[]) with ordinality as e(event, nth) where d.number = $1 order by e.nth`,
    [dossier, events, message],
  );
};

beforeAll(async () => {
  world = await openWorld();
  await world.rows(
    `insert into dossiers.message (id, dossier_number, at, sender_kind, sender, text) values ('MSG-1', $1, '2026-11-02T09:00:00Z', 'EMPLOYER', $2, 'Is alles er?')`,
    [number.rahul, kbo.brewery],
  );
  // INSPECTION_HIT is nobody's to read here.
  for (const one of [number.rahul, number.yuki, number.ayse, number.grace]) {
    await happens(one, [...everyEvent, 'INSPECTION_HIT']);
  }
  await happens(number.olena, ['DRAFT_CREATED']); // a draft
  await happens(number.rahul, ['MESSAGE_ADDED'], 'MSG-1');
});
afterAll(() => world?.stop());

type Page = {
  outbox: {
    edges: { cursor: string; node: { event: { code: string } } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
};

const page = `{ edges { cursor node { event { code } } } pageInfo { hasNextPage endCursor } }`;

/** All pages from a cursor on, some events at a time. */
const pulled = async (ask: Ask, args = '', after: string | null = null, first = 7): Promise<string[]> => {
  const query = `query($after: String) { outbox(first: ${first}, after: $after ${args}) ${page} }`;
  const { data, errors } = await ask<Page>(query, { after });
  expect(errors).toBeUndefined();
  const { edges = [], pageInfo } = data?.outbox ?? {};
  const codes = edges.map(({ node }) => node.event.code);
  return pageInfo?.hasNextPage ? [...codes, ...(await pulled(ask, args, pageInfo.endCursor, first))] : codes;
};

const of = (dossier: string) => `dossier: "${dossier}"`;
const telling = (...categories: string[]): string[] =>
  [...eventsTelling].flatMap(([category, events]) => (categories.includes(category) ? [...events] : []));

test('each event of the timeline and each that a step or the clock announces tells of one category, which contract and policy name', () => {
  type Entry = string | { name: string };
  const announced = steps
    .flatMap(({ ways }) => ways.flatMap(({ events = [], notify = [] }): readonly Entry[] => [...events, ...notify]))
    .map((entry) => (typeof entry === 'string' ? entry : entry.name));
  const clock = reminders.map(({ event }) => event);
  expect([...announced, ...clock].filter((event) => !everyEvent.includes(event))).toEqual([]);
  const known = [...codeList('timelineEvents'), ...codeList('notifications')].map(({ code }) => code);
  expect([...everyEvent].sort()).toEqual([...new Set(known)].sort());
  expect(everyEvent.map(listOfEvent).every((list) => list !== null)).toBe(true);
  const categories = [...eventsTelling.keys()];
  expect(rowCategories.OutboxEvent).toEqual({
    property: 'category',
    of: Object.fromEntries(categories.map((one) => [one, [one]])),
  });
  const fields = coordinates.filter(({ coordinate }) => /^OutboxEvent\.(at|event)$/.test(coordinate));
  expect(fields.map((field) => field.categories)).toEqual([categories, categories]);
});

const residence = { purpose: 'RESIDENCE_CHECK', reference: 'r' };
const always = ['ENVELOPE', 'JOB', 'WORK_DECISION', 'RESIDENCE_DECISION'];

test.each([
  ['VLA-DEM', {}, number.rahul, [...always, 'WORK_DOCUMENTS', 'CRIMINAL_MEDICAL']],
  ['VLA-DEM', treating, number.rahul, [...eventsTelling.keys()]],
  ['WAL-SPW', {}, number.yuki, ['ENVELOPE', 'WORK_DECISION', 'RESIDENCE_DECISION']], // the region that handed it on
  ['WAL-SPW', treating, number.yuki, ['ENVELOPE', 'WORK_DECISION', 'RESIDENCE_DECISION', 'PERMITS']],
  ['FED-DVZ', residence, number.ayse, [...eventsTelling.keys()]],
  ['INS-TSW', {}, number.rahul, always],
  ['INS-TSW', inspecting, number.rahul, [...always, 'WORK_DOCUMENTS', 'PERMITS']],
  ['POST-IN-1', {}, number.rahul, always],
  ['FED-RSZ', {}, number.rahul, always],
  [`EMPLOYER:${kbo.brewery}`, {}, number.rahul, [...always, 'WORK_DOCUMENTS']],
  [`WORKER:${insz.rahul}`, {}, number.rahul, [...eventsTelling.keys()]],
  [`ENTERPRISE_COUNTER:${kbo.counter}`, {}, number.grace, ['ENVELOPE', 'JOB', 'WORK_DECISION']],
  [`EMPLOYER:${kbo.ukkel}`, {}, number.rahul, []],
  ['DG-MIN', treating, number.rahul, []],
  ['VLA-DEM', treating, number.olena, []],
  [`EMPLOYER:${kbo.brewery}`, {}, number.olena, null],
] as const)('%s is told of what it may know, stating %o, of %s', async (who, stated, dossier, categories) => {
  const ask = world.as(who, stated);
  // Of a draft its applicant hears; of a message that was sent beside the others, who may read messages.
  const more = dossier === number.rahul && categories?.includes('WORK_DOCUMENTS' as never) ? ['MESSAGE_ADDED'] : [];
  const expected = categories === null ? ['DRAFT_CREATED'] : [...telling(...categories), ...more];
  expect(await pulled(ask, of(dossier))).toEqual(expected);
  const { data } = await ask<{ outbox: { totalCount: number } }>(`{ outbox(${of(dossier)}) { totalCount } }`);
  expect(data).toEqual({ outbox: { totalCount: expected.length } });
});

test('who sees no dossier, or no list of them, has no feed', async () => {
  for (const who of ['HELPDESK', 'AUDITOR', 'COO-SIOD', 'EU-COM', 'FED-KSZ']) {
    expect(await world.as(who)('{ outbox { totalCount } }')).toEqual({
      data: { outbox: null },
      errors: [forbidden('Query.outbox', ['outbox'])],
    });
  }
  expect(kinds).toContain('HELPDESK');
});

test('a feed can be kept to what is one’s own, and to some events; an event that nobody is shown is refused', async () => {
  const region = world.as('WAL-SPW', treating);
  expect(await pulled(region, 'own: true')).toEqual(everyEvent); // of Grace's card, on which it decides
  const some = `events: ["PERMIT_WITHDRAWN", "MESSAGE_ADDED"]`;
  expect(await pulled(region, `${of(number.yuki)}, own: true`)).toEqual([]); // it was handed on
  expect(await pulled(region, `${of(number.yuki)}, ${some}`)).toEqual(['PERMIT_WITHDRAWN']);
  expect(await pulled(world.as(`WORKER:${insz.rahul}`), 'own: true')).toEqual([...everyEvent, 'MESSAGE_ADDED']);
  for (const events of ['["INSPECTION_HIT"]', '["PERMIT_WITHDRAWN", "x"]']) {
    expect(await region(`{ outbox(events: ${events}) { totalCount } }`)).toEqual({
      data: { outbox: null },
      errors: [{ code: 'BAD_USER_INPUT', path: ['outbox'], message: 'no such event' }],
    });
  }
  // Without the purpose that opens them, asking for some events does not tell that there are any.
  expect(await pulled(world.as('INS-TSW'), 'events: ["MESSAGE_ADDED"]')).toEqual([]);
});

test('an event leads to its dossier and to the message, and the message to the same people by its id', async () => {
  const last =
    '{ outbox(last: 1) { edges { node { at event { code label } dossier { number } message { id text } } } } }';
  const event = { at: '2026-11-02T09:00:00.000Z', event: { code: 'MESSAGE_ADDED', label: 'Message added' } };
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(last)).toEqual({
    data: {
      outbox: {
        edges: [
          { node: { ...event, dossier: { number: number.rahul }, message: { id: 'MSG-1', text: 'Is alles er?' } } },
        ],
      },
    },
  });
  const byId = '{ message(id: "MSG-1") { id text dossier { number } } }';
  const message = { id: 'MSG-1', text: 'Is alles er?', dossier: { number: number.rahul } };
  const none = { data: { message: null } };
  expect(await world.as('VLA-DEM')(byId)).toEqual({ data: { message } });
  expect(await world.as(`WORKER:${insz.rahul}`)(byId)).toEqual({ data: { message } });
  for (const who of ['WAL-SPW', 'DG-MIN', `EMPLOYER:${kbo.ukkel}`, `WORKER:${insz.ayse}`]) {
    expect(await world.as(who)(byId)).toEqual(none);
  }
  for (const who of ['FED-RSZ', 'POST-IN-1', 'HELPDESK']) {
    expect(await world.as(who)(byId)).toEqual({ ...none, errors: [forbidden('Query.message', ['message'])] });
  }
});

test('a cursor is good for one viewer, one feed and one dossier', async () => {
  const ask = world.as('VLA-DEM');
  const { data } = await ask<Page>(`{ outbox(first: 1) ${page} }`);
  const cursor = data?.outbox.pageInfo.endCursor;
  const foreign = {
    data: { outbox: null },
    errors: [
      {
        code: 'BAD_USER_INPUT',
        path: ['outbox'],
        message: 'the cursor belongs to another list, filter or viewer',
      },
    ],
  };
  expect((await ask(`{ outbox(after: "${cursor}") { totalCount } }`)).errors).toBeUndefined();
  expect(await world.as('BRU-BEW')(`{ outbox(after: "${cursor}") { totalCount } }`)).toEqual(foreign);
  expect(await ask(`{ outbox(after: "${cursor}", ${of(number.rahul)}) { totalCount } }`)).toEqual(foreign);
  expect(cursor).not.toContain(number.rahul);
});

test('what others commit while somebody pulls is shown exactly once, in the order in which it was committed', async () => {
  const ask = world.as('FED-RSZ');
  const { data } = await ask<Page>(`{ outbox(last: 1) ${page} }`);
  let cursor = data?.outbox.pageInfo.endCursor ?? null;
  const from = await world.rows<{ last: string }>('select max(position) as last from steps.outbox');
  // As a step does it: whoever holds the lock takes the next position, and commits before another may.
  const writer = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: world.database.ownerUrl });
    await client.connect();
    for (let step = 0; step < 15; step += 1) {
      await client.query('begin');
      await client.query('select pg_advisory_xact_lock(1)');
      await client.query(
        `insert into steps.outbox (position, at, event, dossier_number) select nextval('steps.position'), now(), e, $1 from unnest($2::text[]) e`,
        [number.rahul, step % 2 ? ['COMPLETED', 'INFO_REQUESTED'] : ['TREATMENT_BEGUN']],
      );
      await client.query('commit');
    }
    await client.end();
  };
  let writing = true;
  const writers = Promise.all([writer(), writer(), writer()]).finally(() => {
    writing = false;
  });
  const seen: string[] = [];
  for (let quiet = false; !quiet; ) {
    quiet = !writing;
    const answer = await ask<Page>(`query($after: String) { outbox(first: 5, after: $after) ${page} }`, {
      after: cursor,
    });
    const { edges = [], pageInfo } = answer.data?.outbox ?? {};
    seen.push(...edges.map(({ node }) => node.event.code));
    cursor = pageInfo?.endCursor ?? cursor;
    if (edges.length > 0) quiet = false;
  }
  await writers;
  const written = await world.rows<{ event: string }>(
    'select event from steps.outbox where position > $1 order by position',
    [from[0]?.last],
  );
  expect(written).toHaveLength(3 * (8 + 7 * 2));
  expect(seen).toEqual(written.map(({ event }) => event));
});
