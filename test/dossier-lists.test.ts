import { insz, kbo, number } from './cast.ts';
import { forbidden, type OpenedWorld, openWorld, treating } from './opened-world.ts';
import type { Ask } from './world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

type Page = {
  list: {
    totalCount: number;
    edges: { cursor: string; node: { number: string } }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  } | null;
};

const page = (args: string, list = 'dossiers') =>
  `{ list: ${list}(${args}) { totalCount edges { cursor node { number } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

const asked = async (ask: Ask, args: string, list?: string) => {
  const { data, errors } = await ask<Page>(page(args, list));
  expect(errors).toBeUndefined();
  const found = data?.list;
  if (!found) throw new Error(`no list: ${args}`);
  return found;
};

const numbers = ({ edges }: { edges: { node: { number: string } }[] }) => edges.map(({ node }) => node.number);

/** All numbers of a list, page by page in one direction. */
const walk = async (ask: Ask, args: string, size: number, backwards = false) => {
  const [many, from] = backwards ? ['last', 'before'] : ['first', 'after'];
  const found: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const one: NonNullable<Page['list']> = await asked(
      ask,
      `${args} ${many}: ${size}${cursor === null ? '' : ` ${from}: "${cursor}"`}`,
    );
    if (backwards) found.unshift(...numbers(one));
    else found.push(...numbers(one));
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = one.pageInfo;
    cursor = backwards ? startCursor : endCursor;
    if (!(backwards ? hasPreviousPage : hasNextPage)) return found;
  }
};

/** The dossiers on which a party has a file, by the tables themselves. */
const referee = async (
  party: string,
  where = 'true',
  order = `coalesce(d.submitted_at, '-infinity') desc, d.number desc`,
) =>
  (
    await world.rows<{ number: string }>(
      `select d.number from dossiers.dossier d join access.involvement i on i.subject_kind = 'DOSSIER' and i.subject = d.number
       where i.party = $1 and ${where} order by ${order}`,
      [party],
    )
  ).map((row) => row.number);

const flanders = 'VLA-DEM';
const lifeCycle = `array_position(array['DRAFT', 'SUBMITTED', 'INFO_REQUESTED', 'INADMISSIBLE', 'ADMISSIBLE', 'IN_TREATMENT', 'GRANTED', 'REFUSED', 'APPLICANT_WITHDRAWN', 'WITHOUT_OBJECT', 'UNDER_APPEAL'], d.status)`;

test.each([
  ['SUBMITTED_AT', `coalesce(d.submitted_at, '-infinity')`],
  ['DEADLINE', `coalesce(d.next_deadline_on, 'infinity')`],
  ['STATUS', lifeCycle],
])('by %s, every dossier comes exactly once and in order, whichever way it is read', async (sort, sql) => {
  const ask = world.as(flanders);
  for (const direction of ['ASC', 'DESC']) {
    const expected = await referee(flanders, 'true', `${sql} ${direction}, d.number ${direction}`);
    const args = `sort: ${sort} direction: ${direction}`;
    expect(await walk(ask, args, 90)).toEqual(expected);
    expect(await walk(ask, args, 90, true)).toEqual(expected);
  }
});

test('unless told, the newest submission comes first, the earliest deadline, and the beginning of the life cycle', async () => {
  const ask = world.as(flanders);
  const first = async (args: string) => numbers(await asked(ask, args)).slice(0, 5);
  const order = async (sql: string) => (await referee(flanders, 'true', sql)).slice(0, 5);
  expect(numbers(await asked(ask, 'sort: SUBMITTED_AT'))).toHaveLength(25);
  expect(await first('sort: SUBMITTED_AT')).toEqual(await order('d.submitted_at desc, d.number desc'));
  expect(await first('sort: DEADLINE')).toEqual(await order('d.next_deadline_on, d.number'));
  expect(await first('sort: STATUS')).toEqual(await order(`${lifeCycle}, d.number`));
});

test.each([
  ['status: [REFUSED, INADMISSIBLE]', `d.status in ('REFUSED', 'INADMISSIBLE')`],
  ['kind: [SP_SEAS, SP_BLUE]', `d.kind in ('SP_SEAS', 'SP_BLUE')`],
  ['applicationType: [RENEWAL]', `d.application_type = 'RENEWAL' and i.capacity = 'COMPETENT'`],
  ['category: ["HIGHSKILL"]', `d.category = 'HIGHSKILL' and i.capacity = 'COMPETENT'`],
  ['authority: ["BRU-BEW", "WAL-SPW"]', `d.competent_authority in ('BRU-BEW', 'WAL-SPW')`],
  [`employer: "${kbo.brewery}"`, `d.employer_kbo = '0123456749'`],
  ['worker: "W-0000020"', `d.worker_id = 'W-0000020'`],
  ['nationality: ["IN", "TR"]', `d.worker_nationality in ('IN', 'TR')`],
  ['deadlineUntil: "2026-11-16"', `d.next_deadline_on <= '2026-11-16'`],
  ['submittedFrom: "2026-09-21"', `(d.submitted_at at time zone 'Europe/Brussels')::date >= '2026-09-21'`],
  ['submittedTo: "2022-09-21"', `(d.submitted_at at time zone 'Europe/Brussels')::date <= '2022-09-21'`],
  ['decidedFrom: "2026-06-05"', `(d.decided_at at time zone 'Europe/Brussels')::date >= '2026-06-05'`],
  ['decidedTo: "2022-06-05"', `(d.decided_at at time zone 'Europe/Brussels')::date <= '2022-06-05'`],
  [
    'status: [GRANTED] nationality: ["IN"] submittedFrom: "2025-01-01"',
    `d.status = 'GRANTED' and d.worker_nationality = 'IN' and (d.submitted_at at time zone 'Europe/Brussels')::date >= '2025-01-01'`,
  ],
])('the filter %s keeps what it says, and the count with it', async (filter, where) => {
  const expected = await referee(flanders, where);
  expect(expected).not.toEqual([]);
  const found = await asked(world.as(flanders), `filter: { ${filter} } first: 100`);
  expect({ numbers: numbers(found), total: found.totalCount }).toEqual({
    numbers: expected.slice(0, 100),
    total: expected.length,
  });
});

test('a day of the filter is a day in Belgium', async () => {
  await world.rows(`update dossiers.dossier set submitted_at = '2026-10-29T23:30:00Z' where number = $1`, [
    number.john,
  ]);
  const ask = world.as(flanders);
  const onDay = async (day: string) =>
    numbers(await asked(ask, `filter: { submittedFrom: "${day}", submittedTo: "${day}" }`)).includes(number.john);
  expect([await onDay('2026-10-29'), await onDay('2026-10-30')]).toEqual([false, true]);
});

test('conditions that nothing meets give an empty list', async () => {
  const nothing = {
    totalCount: 0,
    edges: [],
    pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  };
  for (const filter of [
    'status: []',
    'status: [DRAFT]',
    'worker: "W-9999999"',
    `employer: "${kbo.ukkel}" category: ["AUPAIR"]`,
  ]) {
    expect(await asked(world.as(flanders), `filter: { ${filter} }`)).toEqual(nothing);
  }
});

test('an authority or a category that is not there is refused: an empty list would say that it has none', async () => {
  const refused = (message: string) => ({
    data: { list: null },
    errors: [{ code: 'BAD_USER_INPUT', path: ['list'], message }],
  });
  const ask = world.as(flanders);
  expect(await ask(page('filter: { authority: ["VLA-DEM", "VLA_DEM"] }'))).toEqual(refused('no such authority'));
  expect(await ask(page('filter: { category: ["NOPE"] }'))).toEqual(refused('no such code in admissionCategories'));
});

test('who may not read a datum cannot filter by it', async () => {
  expect(await world.as('POST-IN-1')(page('filter: { category: ["HIGHSKILL"] }'))).toEqual({
    data: { list: null },
    errors: [forbidden('DossierFilter.category', ['list'])],
  });
  expect(await world.as('FED-RSZ')(page('filter: { category: ["HIGHSKILL"] }'))).toEqual({
    data: { list: null },
    errors: [forbidden('DossierFilter.category', ['list'])],
  });
});

test('a page of none still counts', async () => {
  const total = (await referee(flanders)).length;
  expect(await asked(world.as(flanders), 'first: 0')).toEqual({
    totalCount: total,
    edges: [],
    pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  });
});

test.each([
  ['first: 1000', 'LIMIT_EXCEEDED', 'a page holds at most 100', { limit: 100 }],
  ['last: 101', 'LIMIT_EXCEEDED', 'a page holds at most 100', { limit: 100 }],
  ['first: 1 last: 1', 'BAD_USER_INPUT', 'first and last exclude each other', {}],
  ['first: -1', 'BAD_USER_INPUT', 'a page has no negative size', {}],
  ['last: -1', 'BAD_USER_INPUT', 'a page has no negative size', {}],
  ['after: "a" before: "b"', 'BAD_USER_INPUT', 'after and before exclude each other', {}],
  ['last: 1 after: "a"', 'BAD_USER_INPUT', 'after goes with first', {}],
  ['first: 1 before: "a"', 'BAD_USER_INPUT', 'before goes with last', {}],
])('%s is refused with %s', async (args, code, message, details) => {
  expect(await world.as(flanders)(page(args))).toEqual({
    data: { list: null },
    errors: [{ code, message, path: ['list'], ...details }],
  });
});

test('a cursor is good for its own list, filter, order and viewer, and whole', async () => {
  const ask = world.as(flanders);
  const { pageInfo } = await asked(ask, 'first: 3');
  const cursor = pageInfo.endCursor ?? '';
  const other = `${cursor.slice(0, 4)}${cursor[4] === 'A' ? 'B' : 'A'}${cursor.slice(5)}`;
  const refused = {
    data: { list: null },
    errors: [
      { code: 'BAD_USER_INPUT', message: 'the cursor belongs to another list, filter or viewer', path: ['list'] },
    ],
  };
  expect(numbers(await asked(ask, `first: 2 after: "${cursor}"`))).toEqual((await referee(flanders)).slice(3, 5));
  expect(await ask(page(`after: "${cursor}"`, 'myDossiers'))).toEqual(refused);
  expect(await ask(page(`filter: { status: [GRANTED] } after: "${cursor}"`))).toEqual(refused);
  expect(await ask(page(`sort: DEADLINE after: "${cursor}"`))).toEqual(refused);
  expect(await ask(page(`direction: ASC after: "${cursor}"`))).toEqual(refused);
  expect(await world.as('BRU-BEW')(page(`after: "${cursor}"`))).toEqual(refused);
  expect(await world.as('FED-DVZ')(page(`after: "${cursor}"`))).toEqual(refused);
  for (const broken of ['', 'x', '.', other, cursor.slice(0, -1), `${cursor}A`]) {
    expect(await ask(page(`after: "${broken}"`))).toEqual(refused);
  }
});

test('a list is each viewer its own: what is counted is what may be seen', async () => {
  const parties = [
    ['BRU-BEW'],
    ['FED-DVZ'],
    ['INS-WAL'],
    ['MUN-23100'],
    [`EMPLOYER:${kbo.waterloo}`],
    ['WORKER:W-0000020', `WORKER:${insz.nabil}`],
  ];
  for (const [party = '', principal = party] of parties) {
    const expected = await referee(party);
    expect(expected).not.toEqual([]);
    const found = await asked(world.as(principal), 'first: 100');
    expect({ total: found.totalCount, numbers: numbers(found) }).toEqual({
      total: expected.length,
      numbers: expected.slice(0, 100),
    });
  }
});

test("a region's own dossiers are those it decides on; another region's refusal is in its list only", async () => {
  const brussels = world.as('BRU-BEW');
  const own = await referee('BRU-BEW', `i.capacity = 'COMPETENT'`);
  expect(await asked(brussels, 'first: 100', 'myDossiers')).toMatchObject({ totalCount: own.length });
  const of = async (list: string) => numbers(await asked(brussels, 'filter: { worker: "W-0000006" }', list));
  expect(await of('dossiers')).toEqual([number.samuelRefiled, number.samuelRefused]);
  expect(await of('myDossiers')).toEqual([number.samuelRefiled]);
});

test('an employer finds its own dossiers of every region, drafts last; a mandatary those of its mandators', async () => {
  const own = await asked(world.as(`EMPLOYER:${kbo.brewery}`), 'first: 100', 'myDossiers');
  expect(numbers(own)).toEqual(await referee(`EMPLOYER:${kbo.brewery}`));
  expect(numbers(own).at(-1)).toBe(number.olena);
  const clients = await asked(
    world.as(`MANDATARY:${kbo.mandatary}`),
    `filter: { employer: "${kbo.brewery}" } first: 100`,
    'myDossiers',
  );
  expect(numbers(clients)).toContain(number.john);
  expect(
    await asked(world.as(`MANDATARY:${kbo.formerMandatary}`), `filter: { employer: "${kbo.brewery}" }`, 'myDossiers'),
  ).toMatchObject({ totalCount: 0 });
});

test('the dossiers of an employer and of a worker hang from them, as far as the viewer has a file', async () => {
  const query = `{ employer(kbo: "${kbo.brewery}") { dossiers(first: 2) { totalCount edges { cursor node { number } } pageInfo { hasNextPage } } } worker(id: "W-0000020") { dossiers { number } } }`;
  const expected = await referee(flanders, `d.employer_kbo = '${kbo.brewery}'`);
  const nabil = await referee(flanders, `d.worker_id = 'W-0000020'`);
  const [first = '', second = ''] = expected;
  const edge = (one: string) => ({ cursor: expect.any(String), node: { number: one } });
  expect(await world.as(flanders, treating)(query)).toEqual({
    data: {
      employer: {
        dossiers: { totalCount: expected.length, edges: [edge(first), edge(second)], pageInfo: { hasNextPage: true } },
      },
      worker: { dossiers: nabil.map((one) => ({ number: one })) },
    },
  });
});
