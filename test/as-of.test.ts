import { setTimeout as sleep } from 'node:timers/promises';
import { momentOf } from '../subgraphs/take.ts';
import { acting, complete } from './acting.ts';
import { insz, kbo, number } from './cast.ts';
import { today } from './cluster.ts';
import { live, lived } from './lived.ts';
import { type OpenedWorld, openWorld, treating } from './opened-world.ts';
import type { Answer } from './world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
  await live(world.rows);
});
afterAll(() => world?.stop());

const everything = `{
  asOf status version grossMonthly competentAuthority { id } tracks { part authority { id } status } submittedAt decidedAt
  deadlines { rule { code } metOn daysLeft } documents { id supersededBy } requests { requestedOn answeredOn dossier { status } }
  transfers { to { id } } appeals { lodgedOn outcome decidedOn } milestones { kind { code } } messages { id } notes { text }
  timeline { type { code } } decisions { id notifiedOn }
}`;

type Seen = {
  dossier: {
    status: string;
    competentAuthority: { id: string } | null;
    tracks: { status: string }[];
    deadlines: { rule: { code: string }; metOn: string | null; daysLeft: number | null }[];
    documents: { id: string; supersededBy: string | null }[];
    requests: { answeredOn: string | null; dossier: { status: string } }[];
    appeals: { outcome: string | null }[];
    decisions: { id: string; notifiedOn: string | null }[];
    [list: string]: unknown;
  } | null;
};

const at = (moment: string, who = 'VLA-DEM', of = lived): Promise<Answer<Seen>> =>
  world.as(who)<Seen>(`query($at: DateTime) { dossier(number: "${of}", asOf: $at) ${everything} }`, { at: moment });

/** The part of an answer that changes with the moment, short enough to be compared in a table. */
const told = async (moment: string, who?: string) => {
  const { data, errors } = await at(moment, who);
  expect(errors).toBeUndefined();
  const one = data?.dossier;
  if (!one) return one;
  const count = (list: unknown) => (Array.isArray(list) ? list.length : list);
  return {
    state: [one.status, ...one.tracks.map(({ status }) => status), one.competentAuthority?.id ?? null],
    row: [one.version, one.grossMonthly, one.submittedAt, one.decidedAt],
    deadlines: one.deadlines.map(({ rule, metOn, daysLeft }) => [rule.code, metOn, daysLeft]),
    documents: one.documents.map(({ id, supersededBy }) => [id, supersededBy]),
    requests: one.requests.map(({ answeredOn, dossier }) => [answeredOn, dossier.status]),
    counts: [one.transfers, one.milestones, one.messages, one.notes, one.timeline].map(count),
    appeals: one.appeals.map(({ outcome }) => outcome),
    decisions: one.decisions.map(({ id, notifiedOn }) => [id, notifiedOn]),
  };
};

const submitted = '2026-09-03T08:00:00.000Z';
const nothing = { deadlines: [], documents: [], requests: [], appeals: [], decisions: [] };
const notYet = ['NOT_STARTED', 'NOT_STARTED'];

test.each([
  ['before its submission, to a region', '2026-09-03T07:59:59.999Z', null],
  [
    'once it was submitted, to the region that the facts first led to',
    '2026-09-03T08:00:00.000Z',
    {
      ...nothing,
      state: ['SUBMITTED', ...notYet, 'WAL-SPW'],
      row: [3, '4000.00', submitted, null],
      counts: [0, 0, 0, 0, 3],
    },
  ],
  [
    'with the region to which it was handed on',
    '2026-09-03T12:00:00.000Z',
    {
      ...nothing,
      state: ['SUBMITTED', ...notYet, 'VLA-DEM'],
      row: [4, '4000.00', submitted, null],
      counts: [1, 0, 0, 0, 4],
    },
  ],
  [
    'on the day of a request, before it was made',
    '2026-09-04T07:59:00.000Z',
    {
      ...nothing,
      state: ['SUBMITTED', ...notYet, 'VLA-DEM'],
      row: [4, '4000.00', submitted, null],
      counts: [1, 0, 0, 0, 4],
    },
  ],
  [
    'while a request waits, with the document that came first',
    '2026-09-05T12:00:00.000Z',
    {
      state: ['INFO_REQUESTED', ...notYet, 'VLA-DEM'],
      row: [5, '4000.00', submitted, null],
      deadlines: [['D02', null, 16]],
      documents: [['contract-1', null]],
      requests: [[null, 'INFO_REQUESTED']],
      counts: [1, 0, 1, 0, 5],
      appeals: [],
      decisions: [],
    },
  ],
  [
    'completed, with the work decision that was recorded',
    '2026-09-10T09:00:00.000Z',
    {
      state: ['IN_TREATMENT', 'GRANTED', 'IN_PROGRESS', 'VLA-DEM'],
      row: [7, '4000.00', submitted, null],
      deadlines: [['D02', '2026-09-07', null]],
      documents: [
        ['contract-1', 'contract-2'],
        ['contract-2', null],
      ],
      requests: [['2026-09-07', 'IN_TREATMENT']],
      counts: [1, 0, 1, 1, 7],
      appeals: [],
      decisions: [['D-1', null]],
    },
  ],
  [
    'decided, of a decision that was taken over from the day on, before it was notified',
    '2026-09-21T09:00:00.000Z',
    {
      state: ['REFUSED', 'GRANTED', 'REFUSED', 'VLA-DEM'],
      row: [8, '4000.00', submitted, '2026-09-20T10:00:00.000Z'],
      deadlines: [['D02', '2026-09-07', null]],
      documents: [
        ['contract-1', 'contract-2'],
        ['contract-2', null],
      ],
      requests: [['2026-09-07', 'REFUSED']],
      counts: [1, 0, 1, 1, 8],
      appeals: [],
      decisions: [
        ['D-1', null],
        ['D-2', null],
      ],
    },
  ],
  [
    'under an appeal that runs',
    '2026-10-01T09:00:00.000Z',
    {
      state: ['UNDER_APPEAL', 'GRANTED', 'REFUSED', 'VLA-DEM'],
      row: [9, '4000.00', submitted, '2026-09-20T10:00:00.000Z'],
      deadlines: [['D02', '2026-09-07', null]],
      documents: [
        ['contract-1', 'contract-2'],
        ['contract-2', null],
      ],
      requests: [['2026-09-07', 'UNDER_APPEAL']],
      counts: [1, 0, 1, 1, 9],
      appeals: [null],
      decisions: [
        ['D-1', null],
        ['D-2', '2026-09-22'],
      ],
    },
  ],
] as const)('a dossier is shown as it was known %s', async (_, moment, expected) => {
  expect(await told(moment)).toEqual(expected);
});

test('as of today it is as it is, but that it says so', async () => {
  const moment = '2026-11-01T12:00:00.000Z';
  const now = await world.as('VLA-DEM')<Seen>(`{ dossier(number: "${lived}") ${everything} }`);
  const then = await at(moment);
  expect(now.data?.dossier).toMatchObject({ asOf: null, status: 'REFUSED', milestones: [{}], version: 10 });
  expect(then).toEqual({ data: { dossier: { ...now.data?.dossier, asOf: moment } } });
});

test('a draft that was filed later is shown to who applied, as it then stood, and to nobody else', async () => {
  const first = `{ dossier(number: "${lived}", asOf: "2026-09-01T08:00:00Z") { status grossMonthly version submittedAt competentAuthority { id } } }`;
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(first)).toEqual({
    data: {
      dossier: { status: 'DRAFT', grossMonthly: '3000.00', version: 1, submittedAt: null, competentAuthority: null },
    },
  });
  for (const who of ['VLA-DEM', 'FED-DVZ', 'FED-RSZ', `WORKER:${insz.rahul}`]) {
    expect(await world.as(who)(first)).toEqual({ data: { dossier: null } });
  }
  const before = `{ dossier(number: "${lived}", asOf: "2026-09-01T07:59:59Z") { status } }`;
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(before)).toEqual({ data: { dossier: null } });
});

test('who may see a dossier, and how much of it, is as it is now', async () => {
  const query = `{ dossier(number: "${lived}", asOf: "2026-09-05T12:00:00Z") { status grossMonthly } }`;
  const shown = (grossMonthly: string | null) => ({ dossier: { status: 'INFO_REQUESTED', grossMonthly } });
  expect((await world.as('FED-DVZ')(query)).data).toEqual(shown('4000.00'));
  // The region that handed it on decided on it once: it keeps the status.
  const former = await world.as('WAL-SPW', treating)(query);
  expect([former.data, former.errors?.map(({ code }) => code)]).toEqual([shown(null), ['FORBIDDEN']]);
  expect(await world.as('DG-MIN')(query)).toEqual({ data: { dossier: null } });
});

test('a moment that is still to come is refused', async () => {
  expect(await world.as('VLA-DEM')(`{ dossier(number: "${lived}", asOf: "2026-11-03T00:00:00Z") { status } }`)).toEqual(
    {
      data: { dossier: null },
      errors: [{ code: 'BAD_USER_INPUT', path: ['dossier'], message: 'asOf is still to come' }],
    },
  );
});

test('two moments of a dossier, and what it is now, stand side by side', async () => {
  const [one, two] = [`asOf: "2026-09-04T12:00:00Z"`, `asOf: "2026-09-10T12:00:00Z"`];
  const part = '{ status decisions { id } }';
  const query = `{ one: dossier(number: "${lived}", ${one}) ${part} two: dossier(number: "${lived}", ${two}) ${part} now: dossier(number: "${lived}") ${part} }`;
  expect(await world.as('VLA-DEM')(query)).toEqual({
    data: {
      one: { status: 'INFO_REQUESTED', decisions: [] },
      two: { status: 'IN_TREATMENT', decisions: [{ id: 'D-1' }] },
      now: { status: 'REFUSED', decisions: [{ id: 'D-1' }, { id: 'D-2' }] },
    },
  });
});

/** All moments and days in an answer that say when something happened, below the names that do. */
const dated = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(dated);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    /^(at|.*(At|On))$/.test(name) && typeof one === 'string' && name !== 'dueOn' ? [one] : dated(one),
  );
};

test('of dossiers that were taken over with their timeline nothing is shown that came later', async () => {
  const query = `query($number: DossierNumber!, $at: DateTime) { dossier(number: $number, asOf: $at) {
    submittedAt admissibleAt forwardedToDvzAt decidedAt deadlines { metOn } documents { uploadedAt }
    requests { requestedOn answeredOn } transfers { at } appeals { lodgedOn decidedOn } milestones { at } messages { at }
    timeline { at } decisions { decidedOn notifiedOn }
  } }`;
  const some = [number.rahul, number.samuelRefused, number.yuki];
  const moments = await world.rows<{ number: string; at: Date }>(
    `select dossier_number as number, at + shift as at from dossiers.event, unnest(array['0', '-1 s']::interval[]) shift where dossier_number = any($1)`,
    [some],
  );
  expect(moments.length).toBeGreaterThan(30);
  const ask = world.as('FED-RSZ');
  const late: string[] = [];
  let shown = 0;
  for (const { number: of, at: moment } of moments) {
    const variables = { number: of, at: moment.toISOString() };
    const { data } = await ask<{ dossier: unknown }>(query, variables);
    const dates = dated(data);
    shown += dates.length;
    const [instant, day] = [moment.toISOString(), moment.toLocaleDateString('sv-SE', { timeZone: 'Europe/Brussels' })];
    late.push(
      ...dates.filter((one) => one > (one.length === 10 ? day : instant)).map((one) => `${of} ${instant}: ${one}`),
    );
  }
  expect(late).toEqual([]);
  expect(shown).toBeGreaterThan(200);
});

test('the timeline of every dossier leads to what the dossier is', async () => {
  const part = `status tracks { status } handling competentAuthority { id }
    deadlines { rule { code } startsOn dueOn metOn daysLeft } documents { id } requests { answeredOn } timeline { sequence }`;
  const numbers = await world.rows<{ number: string }>(
    // Where the clock stands still, part of its day is still to come.
    `select number from dossiers.dossier d where submitted_at is not null and number <> $1
       and not exists (select from dossiers.event e where e.dossier_number = d.number and e.at >= $2::date) order by md5(number) limit 60`,
    [lived, today],
  );
  const ask = world.as('FED-RSZ');
  for (let from = 0; from < numbers.length; from += 10) {
    const some = numbers.slice(from, from + 10);
    const query = (args: string) =>
      `{ ${some.map(({ number: of }, i) => `d${i}: dossier(number: "${of}"${args}) { number ${part} }`).join(' ')} }`;
    const now = await ask(query(''));
    expect(await ask(query(`, asOf: "${momentOf(today).toISOString()}"`))).toEqual(now);
  }
});

test('what each step of a life left is what is shown as of then, after all that came later', async () => {
  const employer = `EMPLOYER:${kbo.brewery}`;
  const as = acting(world);
  const draft = await complete(world, employer);
  const { number: of } = draft;
  let { version: expectedVersion } = draft;
  const look = async (args = '') => {
    const { data } = await world.as(employer)<Seen>(`{ dossier(number: "${of}"${args}) ${everything} }`);
    return { ...data?.dossier, asOf: null };
  };
  const moves: [string, string, Record<string, unknown>][] = [
    [employer, 'updateDraft', { facts: { grossMonthly: '5300.00' } }],
    [employer, 'submitDossier', {}],
    ['VLA-DEM', 'requestInformation', { items: ['WRK_DIPLOMA'] }],
    ['VLA-DEM', 'sendMessage', { text: 'Waar blijft het?' }],
    [employer, 'completeDossier', {}],
    ['VLA-DEM', 'declareAdmissible', {}],
    ['VLA-DEM', 'takeWorkDecision', { outcome: 'GRANT' }],
    ['FED-DVZ', 'takeResidenceDecision', { outcome: 'GRANT' }],
    ['POST-NG-1', 'issueVisa', {}],
    ['VLA-DEM', 'withdrawPermit', { grounds: ['W4'], effectiveOn: '2027-02-01' }],
    [employer, 'lodgeAppeal', { language: 'NL', motivation: 'Dit klopt niet.' }],
    ['VLA-DEM', 'decideAppeal', { outcome: 'UPHOLD' }],
  ];
  const seen: { moment: Date; dossier: unknown }[] = [];
  for (const [who, step, input] of moves) {
    const { dossier, problems } = await as(who)(step, { number: of, expectedVersion, ...input });
    expect([step, problems]).toEqual([step, []]);
    expectedVersion = dossier?.version ?? expectedVersion;
    seen.push({ moment: momentOf(today), dossier: await look() });
    await sleep(5); // moments are told apart by the millisecond
  }
  for (const { moment, dossier } of seen) expect(await look(`, asOf: "${moment.toISOString()}"`)).toEqual(dossier);
  expect(new Set(seen.map(({ dossier }) => JSON.stringify(dossier))).size).toBe(moves.length);
});
