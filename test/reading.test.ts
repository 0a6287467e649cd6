import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { makeRrn } from '../schema/identifiers.ts';
import { insz, kbo, number, unit } from './cast.ts';
import { inspecting, type OpenedWorld, openWorld, treating } from './opened-world.ts';
import { house, type Stated, tokenFor } from './world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

/** What the log holds of what was asked last: no more than the test looks at. */
const logged = async (who: string, stated: Stated, query: string) => {
  const [last] = await world.rows<{ seq: string }>('select coalesce(max(seq), 0) as seq from read_log.entry');
  const answer = await world.as(who, stated)(query);
  const entries = await world.rows<Record<string, unknown>>(
    'select subject, read, refused, outcome, party, kind, purpose, reference, operation from read_log.entry where seq > $1 order by seq',
    [last?.seq],
  );
  return { answer, entries };
};

const of = (subject: string | null, read: string[], refused: string[] = [], outcome = 'READ') => ({
  subject,
  read,
  refused,
  outcome,
});
const told = ({ entries }: Awaited<ReturnType<typeof logged>>) =>
  entries.map(({ subject, read, refused, outcome }) => ({ subject, read, refused, outcome }));

const ayse = 'W-0000001';
const rahul = 'W-0000002';

test('A16: one entry for each person of an operation says who asked, what for, and which categories were answered or refused', async () => {
  const query = `{ dossier(number: "${number.ayse}") { status grossMonthly worker { lastName insz } notes { text } } }`;
  const { entries } = await logged('VLA-DEM', {}, query);
  expect(entries).toEqual([
    {
      ...of(ayse, ['ENVELOPE', 'INTERNAL_NOTES', 'JOB', 'WORKER_IDENTITY'], ['INSZ']),
      party: 'VLA-DEM',
      kind: 'REGION',
      purpose: null,
      reference: null,
      operation: expect.stringMatching(/^dossier [0-9a-f]{16}$/),
    },
  ]);
  const again = await logged('VLA-DEM', treating, query);
  expect(again.entries).toEqual([
    {
      ...of(ayse, ['ENVELOPE', 'INSZ', 'INTERNAL_NOTES', 'JOB', 'WORKER_IDENTITY']),
      party: 'VLA-DEM',
      kind: 'REGION',
      purpose: 'TREAT_DOSSIER',
      reference: 'D-1',
      operation: entries[0]?.operation,
    },
  ]);
});

test.each<[string, string, Stated, string, ReturnType<typeof of>[]]>([
  [
    'by alias and fragment',
    'VLA-DEM',
    {},
    `query { a: dossier(number: "${number.ayse}") { ...f } } fragment f on Dossier { ... on Dossier { s: grossMonthly } }`,
    [of(ayse, ['JOB'])],
  ],
  [
    'in a list',
    `WORKER:${insz.rahul}`,
    {},
    '{ myDossiers(first: 1) { edges { node { status } } } }',
    [of(rahul, ['ENVELOPE'])],
  ],
  [
    'in a list within an employer',
    `EMPLOYER:${kbo.brewery}`,
    {},
    `{ employer(kbo: "${kbo.brewery}") { name dossiers(first: 1) { edges { node { grossMonthly } } } } }`,
    [of(expect.any(String) as unknown as string, ['JOB'])],
  ],
  [
    'across registers',
    'FED-DVZ',
    { purpose: 'RESIDENCE_CHECK', reference: 'r' },
    `{ worker(id: "${rahul}") { lastName permits { state dossier { status } } } }`,
    [of(rahul, ['ENVELOPE', 'PERMITS', 'WORKER_IDENTITY'])],
  ],
  [
    'of what hangs from a dossier',
    'VLA-DEM',
    {},
    `{ dossier(number: "${number.rahul}") { documents { fileName } decisions { motivation } } }`,
    [
      of(
        rahul,
        [
          'CRIMINAL_MEDICAL', // that there is such a document
          'ENVELOPE', // by its number the registers find it
          'MEANS',
          'PASSPORT',
          'WORK_DOCUMENTS',
          'WORK_MOTIVATION',
        ],
        ['CRIMINAL_MEDICAL', 'MEANS', 'RESIDENCE_MOTIVATION'],
      ),
    ],
  ],
  [
    'of an answer about a person',
    `EMPLOYER:${kbo.brewery}`,
    {},
    `{ mayEmploy(insz: "${insz.rahul}", kbo: "${kbo.brewery}") { allowed } }`,
    [of(rahul, ['DIMONA_DMFA', 'PERMITS'])],
  ],
  [
    'of a register that is empty',
    'INS-TSW',
    inspecting,
    `{ cadastre(insz: "${insz.samuel}") { a1 { number } } }`,
    [of('W-0000006', ['LIMOSA_A1'])],
  ],
  [
    'of a search in vain',
    'INS-TSW',
    inspecting,
    `{ worker(insz: "85073003328") { lastName } }`,
    [of(null, ['WORKER_IDENTITY'], [], 'NOTHING')],
  ],
  [
    'of a record that is hidden',
    'DG-MIN',
    {},
    `{ dossier(number: "${number.ayse}") { status } }`,
    [of(null, ['ENVELOPE'], [], 'NOTHING')],
  ],
  [
    'of a refusal at the top',
    'HELPDESK',
    {},
    '{ dossiers(first: 1) { totalCount } }',
    [of(null, [], ['ENVELOPE'], 'REFUSED')],
  ],
  [
    'of a filter that is refused',
    'COO-SIOD',
    {},
    '{ dossiers(filter: { nationality: "IN" }) { totalCount } }',
    [of(null, [], ['ENVELOPE'], 'REFUSED')],
  ],
  [
    'of a selection that a variable leaves out',
    'VLA-DEM',
    {},
    `query($no: Boolean = false) { dossier(number: "${number.ayse}") { status grossMonthly @include(if: $no) } }`,
    [of(ayse, ['ENVELOPE'])],
  ],
  [
    'of what names nobody',
    'VLA-DEM',
    {},
    `{ codeLists employer(kbo: "${kbo.brewery}") { name } dossiers { totalCount } }`,
    [],
  ],
])('the log tells %s', async (_, who, stated, query, expected) => {
  expect(told(await logged(who, stated, query))).toEqual(expected);
});

test.each<[string, string, string, ReturnType<typeof of>[]]>([
  [
    'a look-up that asks for no field',
    'VLA-DEM',
    `dossier(number: "${number.ayse}") { __typename }`,
    [of(ayse, ['ENVELOPE'])],
  ],
  [
    'a count of one person',
    'VLA-DEM',
    `dossiers(filter: { worker: "${ayse}" }) { totalCount }`,
    [of(ayse, ['ENVELOPE'])],
  ],
  [
    'a number in the place of an id, which is not written down',
    'VLA-DEM',
    `dossiers(filter: { worker: "${insz.rahul}" }) { totalCount }`,
    [of(null, ['ENVELOPE'], [], 'NOTHING')],
  ],
  ['no list that is empty', 'POST-TR-2', 'postWorklist { number }', []],
  ['no enterprise that is not found', 'VLA-DEM', 'employer(kbo: "0999999922") { name }', []],
])('A16: the log tells of %s', async (_, who, query, expected) => {
  expect(told(await logged(who, {}, `{ ${query} }`))).toEqual(expected);
});

test('a record that names no worker is answered, and is about nobody', async () => {
  await world.rows(
    `insert into cadastre.inspection_hit (id, rule, severity, employer_kbo, authority, detected_at, status)
     values ('HIT-FIRM', 'I13', 'MEDIUM', $1, 'VLA-DEM', '2999-01-01', 'OPEN')`,
    [kbo.brewery],
  );
  const hits = '{ inspectionHits(first: 1) { edges { node { id rule { code } } } } }';
  expect((await logged('INS-TSW', inspecting, hits)).answer).toEqual({
    data: { inspectionHits: { edges: [{ node: { id: 'HIT-FIRM', rule: { code: 'I13' } } }] } },
  });
  await logged('HELPDESK', {}, '{ dossiers { totalCount } }');
  const log = '{ accessLog(first: 1) { edges { node { party subject outcome } } } }';
  expect((await logged('AUDITOR', {}, log)).answer).toEqual({
    data: { accessLog: { edges: [{ node: { party: 'HELPDESK', subject: null, outcome: 'REFUSED' } }] } },
  });
});

test('A15: a purpose that the kind may not claim is on record before it is refused', async () => {
  const stated = { purpose: 'STATISTICS', reference: 'R-7' };
  const { answer, entries } = await logged('VLA-DEM', stated, `{ dossier(number: "${number.ayse}") { status } }`);
  expect(answer).toEqual({
    errors: [
      {
        code: 'FORBIDDEN',
        message: 'The purpose STATISTICS may not be claimed by REGION',
        allowed: ['TREAT_DOSSIER', 'SUBJECT_ACCESS'],
      },
    ],
  });
  expect(entries).toEqual([
    { ...of(null, [], [], 'REFUSED'), party: 'VLA-DEM', kind: 'REGION', ...stated, operation: 'x-purpose' },
  ]);
});

test('A16: an answer about a person is withheld while the log cannot be written; one about nobody is not', async () => {
  await world.rows('revoke insert on read_log.entry from permit_cadastre');
  try {
    const ask = world.as('VLA-DEM');
    expect(await ask(`{ dossier(number: "${number.ayse}") { status } }`)).toEqual({
      errors: [
        {
          code: 'DEPENDENCY_UNAVAILABLE',
          message: 'The register of read log does not answer now',
          register: 'read log',
        },
      ],
    });
    expect(await ask('{ dossiers(filter: { status: DRAFT }) { totalCount } }')).toEqual({
      data: { dossiers: { totalCount: 0 } },
    });
  } finally {
    await world.rows('grant insert on read_log.entry to permit_cadastre');
  }
  expect(await world.as('VLA-DEM')(`{ dossier(number: "${number.ayse}") { status } }`)).toEqual({
    data: { dossier: { status: 'IN_TREATMENT' } },
  });
});

test('A16: beyond the daily ceiling a user hears of nobody new, and what was asked stands as refused', async () => {
  const limited = await house(world.database);
  const ask = async (which: readonly string[], principal = 'HELPDESK') => {
    const query = `{ ${which.map((one, i) => `d${i}: dossier(number: "${one}") { status }`).join(' ')} }`;
    const response = await fetch(`${limited.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await tokenFor(limited.env, principal)}`,
      },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, answer: await response.json() };
  };
  // One dossier of each of 45 persons; the helpdesk may come across 40.
  const found = await world.rows<{ number: string }>(
    `select min(number) as number from dossiers.dossier where status <> 'DRAFT' group by worker_id order by worker_id limit 45`,
  );
  const numbers = found.map((row) => row.number);
  const step = (from: number, to: number) => ask(numbers.slice(from, to));
  expect((await step(0, 20)).status).toBe(200);
  expect((await step(20, 38)).status).toBe(200);
  expect(await step(37, 45)).toEqual({
    status: 429,
    answer: {
      errors: [
        {
          message: 'You have come across more persons today than you may',
          extensions: { code: 'LIMIT_EXCEEDED', limit: 'persons' },
        },
      ],
    },
  });
  const refused = await world.rows('select outcome, read, refused from read_log.entry order by seq desc limit 1');
  expect(refused).toEqual([{ outcome: 'REFUSED', read: [], refused: ['ENVELOPE'] }]);
  // Whom it knows of, and as many as are left, it still hears of; and the ceiling is each user's own.
  expect((await step(0, 10)).status).toBe(200);
  expect((await step(38, 40)).status).toBe(200);
  expect((await step(40, 41)).status).toBe(429);
  expect((await ask(numbers.slice(40, 41), 'VLA-DEM')).status).toBe(200);
  await limited.stop();
});

test('searches in vain count as persons', async () => {
  const limited = await house(world.database);
  const query = `query($insz: [Insz!]!) { siteCheck(number: "${unit.brewery}", insz: $insz) { allowed } }`;
  const numbers = Array.from({ length: 101 }, (_, i) => makeRrn({ birthDate: '1985-01-01', counter: 2 * i + 1 }));
  const ask = async () => {
    const response = await fetch(`${limited.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await tokenFor(limited.env, 'INS-RSZ')}`,
        'x-purpose': inspecting.purpose,
        'x-reference': inspecting.reference,
      },
      body: JSON.stringify({ query, variables: { insz: numbers } }),
    });
    return response.status;
  };
  expect([await ask(), await ask()]).toEqual([200, 429]);
  await limited.stop();
});

test('A16: who hangs up before the answer is on record all the same', async () => {
  const here = await house(world.database);
  const [last] = await world.rows<{ seq: string }>('select coalesce(max(seq), 0) as seq from read_log.entry');
  const entries = () =>
    world.rows('select subject, outcome from read_log.entry where seq > $1 order by seq', [last?.seq]);
  // While somebody else holds the end of the log, the answer waits for its entry.
  const holder = new pg.Client({ connectionString: world.database.ownerUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select * from read_log.tail()');
  const leaving = new AbortController();
  const asked = fetch(`${here.url}/graphql`, {
    method: 'POST',
    signal: leaving.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await tokenFor(here.env, 'VLA-DEM')}` },
    body: JSON.stringify({ query: `{ dossier(number: "${number.ayse}") { status } }` }),
  });
  const waits = `select from pg_stat_activity where application_name = 'read log' and wait_event_type = 'Lock' and datname = current_database()`;
  while ((await world.rows(waits)).length === 0) await pause(20);
  leaving.abort();
  await expect(asked).rejects.toThrow('aborted');
  await holder.end();
  while ((await entries()).length === 0) await pause(20);
  expect(await entries()).toEqual([{ subject: ayse, outcome: 'READ' }]);
  await here.stop();
});
