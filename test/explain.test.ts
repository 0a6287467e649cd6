import { categories, kinds, relations } from '../schema/policy.ts';
import { insz, kbo, number } from './cast.ts';
import { type OpenedWorld, openWorld, treating } from './opened-world.ts';
import type { Stated } from './world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

const ask = (who: string, stated: Stated, args: string) =>
  world.as(
    who,
    stated,
  )(`{ explainAccess(${args}) { verdict relation category level needed source purposes roles relations } }`);

const least = 'assumption of least privilege';
const plain = { purposes: [], roles: [], relations: [] };
const wage = { category: 'JOB', needed: 'READ', source: least, ...plain };

test.each<[string, string, Stated, string, object[]]>([
  [
    'what is shown, and by which source',
    'VLA-DEM',
    {},
    `coordinate: "Decision.motivation", subject: "${number.rahul}"`,
    [
      {
        ...plain,
        verdict: 'CLEAR',
        relation: 'OWN',
        category: 'WORK_MOTIVATION',
        level: 'WRITE',
        needed: 'READ',
        source: 'Flemish Parliament, answer to written question 67 (2021)',
      },
      {
        ...plain,
        verdict: 'FORBIDDEN',
        relation: 'OWN',
        category: 'RESIDENCE_MOTIVATION',
        level: 'NONE',
        needed: 'READ',
        source: least,
      },
    ],
  ],
  [
    'what a purpose would open',
    'VLA-DEM',
    {},
    'coordinate: "Worker.insz", subject: "W-0000002"',
    [
      {
        verdict: 'PURPOSE_REQUIRED',
        relation: 'OWN',
        category: 'INSZ',
        level: 'NONE',
        needed: 'READ',
        source: least,
        purposes: ['TREAT_DOSSIER', 'SUBJECT_ACCESS'],
        roles: [],
        relations: [],
      },
    ],
  ],
  [
    'what a purpose has opened',
    'VLA-DEM',
    treating,
    'coordinate: "Worker.insz", subject: "W-0000002"',
    [
      {
        verdict: 'CLEAR',
        relation: 'OWN',
        category: 'INSZ',
        level: 'READ',
        needed: 'READ',
        source: least,
        ...plain,
      },
    ],
  ],
  [
    'what another relation would open: to a region that had the dossier before',
    'WAL-SPW',
    {},
    `coordinate: "Dossier.grossMonthly", subject: "${number.yuki}"`,
    [{ ...wage, verdict: 'FORBIDDEN', relation: 'INVOLVED', level: 'NONE', relations: ['OWN'] }],
  ],
  [
    'what another role would open',
    'VLA-DEM',
    { roles: ['READER'] },
    `coordinate: "Note.text", subject: "${number.ayse}"`,
    [
      {
        verdict: 'FORBIDDEN',
        relation: 'OWN',
        category: 'INTERNAL_NOTES',
        level: 'NONE',
        needed: 'READ',
        source: least,
        purposes: [],
        roles: ['HANDLER', 'DECISION_MAKER'],
        relations: [],
      },
    ],
  ],
  [
    'what is masked',
    `EMPLOYER:${kbo.brewery}`,
    {},
    'coordinate: "Worker.insz", subject: "W-0000002"',
    [
      {
        verdict: 'MASKED',
        relation: 'OWN',
        category: 'INSZ',
        level: 'MASKED',
        needed: 'READ',
        source: least,
        ...plain,
      },
    ],
  ],
  [
    'each relation, where no record is named',
    `EMPLOYER:${kbo.brewery}`,
    {},
    'coordinate: "Dossier.grossMonthly"',
    [
      { ...wage, verdict: 'CLEAR', relation: 'OWN', level: 'WRITE' },
      { ...wage, verdict: 'CLEAR', relation: 'INVOLVED', level: 'WRITE' },
      { ...wage, verdict: 'FORBIDDEN', relation: 'OTHER', level: 'NONE', relations: ['OWN', 'INVOLVED'] },
    ],
  ],
  [
    'an operation that only some kinds have a use for',
    'HELPDESK',
    {},
    'coordinate: "Query.dossiers"',
    relations.map((relation) => ({
      verdict: 'FORBIDDEN',
      relation,
      category: 'ENVELOPE',
      level: 'NONE',
      needed: 'STATUS',
      source: 'operations that only some kinds of principal have a use for',
      ...plain,
    })),
  ],
])('it explains %s', async (_, who, stated, args, expected) => {
  expect(await ask(who, stated, args)).toEqual({ data: { explainAccess: expected } });
});

const notFound = {
  data: { explainAccess: null },
  errors: [{ code: 'NOT_FOUND', path: ['explainAccess'], message: 'There is no such record' }],
};

test.each([
  ['Dossier.status', 'DG-MIN', number.ayse, 'SP-2026-9999999-00'],
  ['Decision.outcome', 'DG-MIN', number.rahul, 'nothing'],
  ['Worker.lastName', 'DG-MIN', 'W-0000001', 'W-9999999'],
  ['Permit.state', `WORKER:${insz.john}`, 'W-0000002', 'W-9999999'],
  ['Employer.name', `EMPLOYER:${kbo.ukkel}`, kbo.brewery, '0999999999'],
])('%s: of a record that is hidden from %s it says as little as of one that does not exist', async (coordinate, who, hidden, absent) => {
  expect(await ask(who, {}, `coordinate: "${coordinate}", subject: "${hidden}"`)).toEqual(notFound);
  expect(await ask(who, {}, `coordinate: "${coordinate}", subject: "${absent}"`)).toEqual(notFound);
});

test.each<[string, string, string]>([
  ['InspectionHit.rule', 'MUN-23100', 'FORBIDDEN'],
  ['InspectionHit.rule', 'VLA-DEM', 'PURPOSE_REQUIRED'],
  ['Permit.state', 'POST-IN-1', 'PURPOSE_REQUIRED'],
  ['DimonaPeriod.id', 'VLA-DEM', 'PURPOSE_REQUIRED'],
])('%s: whether there is a record is not told to %s, to whom the register is shut', async (coordinate, who, verdict) => {
  const asked = (subject: string) => ask(who, {}, `coordinate: "${coordinate}"${subject}`);
  const [there, absent, none] = [
    await asked(', subject: "W-0000002"'),
    await asked(', subject: "W-9"'),
    await asked(''),
  ];
  expect([there, absent]).toEqual([none, none]);
  expect(JSON.stringify(there)).toContain(verdict);
});

test('an explanation about a record is on record, and one about none is a search in vain', async () => {
  const last = async () => {
    const [row] = await world.rows('select subject, read, outcome from read_log.entry order by seq desc limit 1');
    return row;
  };
  await ask('VLA-DEM', {}, `coordinate: "Dossier.grossMonthly", subject: "${number.ayse}"`);
  expect(await last()).toEqual({ subject: 'W-0000001', read: ['ENVELOPE'], outcome: 'READ' });
  await ask('VLA-DEM', {}, 'coordinate: "Worker.lastName", subject: "W-9999999"');
  expect(await last()).toEqual({ subject: null, read: ['WORKER_IDENTITY'], outcome: 'NOTHING' });
});

test('an auditor asks for another principal, nobody else does', async () => {
  const args = `coordinate: "Dossier.grossMonthly", subject: "${number.rahul}", principal: "POST-IN-1"`;
  expect(await ask('AUDITOR', {}, args)).toEqual({
    data: {
      explainAccess: [{ ...wage, verdict: 'FORBIDDEN', relation: 'INVOLVED', level: 'MASKED' }],
    },
  });
  expect(await ask('AUDITOR', {}, args.replace('POST-IN-1', 'POST-TR-2'))).toEqual(notFound);
  expect(await ask('FED-RSZ', {}, args)).toEqual({
    data: { explainAccess: null },
    errors: [{ code: 'FORBIDDEN', path: ['explainAccess'], message: 'Only an auditor asks for another principal' }],
  });
  const worker = `coordinate: "Dossier.grossMonthly", subject: "${number.rahul}", principal: "WORKER:${insz.rahul}"`;
  expect(await ask('AUDITOR', {}, worker)).toEqual({
    data: { explainAccess: [{ ...wage, verdict: 'CLEAR', relation: 'OWN', level: 'READ' }] },
  });
});

test.each([
  [
    'a field that is not there',
    'coordinate: "Dossier.shoeSize"',
    'There is no such field, filter or sort; write Type.field',
  ],
  ['a record of what has none', 'coordinate: "Query.dossiers", subject: "x"', 'A Query is explained without a record'],
])('%s is refused', async (_, args, message) => {
  expect(await ask('VLA-DEM', {}, args)).toEqual({
    data: { explainAccess: null },
    errors: [{ code: 'BAD_USER_INPUT', path: ['explainAccess'], message }],
  });
});

test('the matrix as data has a cell for each kind, relation and category, each with its source', async () => {
  type Cell = { category: string; kind: string; relation: string; level: string; withPurpose: string; source: string };
  const all = `{ accessMatrix { category kind relation level withPurpose source } }`;
  const { data } = await world.as('HELPDESK')<{ accessMatrix: Cell[] }>(all);
  const keys = data?.accessMatrix.map(({ category, kind, relation }) => `${category} ${kind} ${relation}`);
  expect(keys).toHaveLength(categories.length * kinds.length * relations.length);
  expect(new Set(keys).size).toBe(keys?.length);
  expect(data?.accessMatrix.every(({ source }) => source.length > 5)).toBe(true);
  expect(
    await world.as('HELPDESK')(
      '{ accessMatrix(kind: "REGION", category: ENVELOPE) { relation level withPurpose source } }',
    ),
  ).toEqual({
    data: {
      accessMatrix: [
        { relation: 'OWN', level: 'WRITE', withPurpose: 'WRITE', source: 'Smals, case study of the single permit' },
        {
          relation: 'INVOLVED',
          level: 'STATUS',
          withPurpose: 'STATUS',
          source: 'Smals, case study of the single permit',
        },
        { relation: 'OTHER', level: 'STATUS', withPurpose: 'READ', source: least },
      ],
    },
  });
});
