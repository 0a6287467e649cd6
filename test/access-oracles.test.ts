import { parse } from 'graphql';
import { onStatement } from '../db/statement.ts';
import { makeDossierNumber, makeEstablishment, makeKbo } from '../schema/identifiers.ts';
import { sdl, subgraphNames } from '../schema/subgraphs.ts';
import { classify } from '../schema/verdict.ts';
import { arrangedWorld } from './arranged.ts';
import { insz, kbo, number, unit } from './cast.ts';
import { forbidden, inspecting, type OpenedWorld, treating } from './opened-world.ts';
import type { Ask, Stated } from './world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await arrangedWorld();
});

afterAll(() => world.stop());

const brewery = `EMPLOYER:${kbo.brewery}`;
const nowhere = {
  dossier: makeDossierNumber('SP', 2026, 9999999),
  kbo: makeKbo('09999999'),
  unit: makeEstablishment('29999999'),
};

/** The answer as it leaves, and how many statements it took. */
const trace = async (who: string, stated: Stated, query: string) => {
  const ask = world.as(who, stated);
  await ask(query);
  let statements = 0;
  const stop = onStatement(() => {
    statements += 1;
  });
  const answer = await ask(query);
  stop();
  return { answer: JSON.stringify(answer), statements };
};

const lists = 'permits { id } dimona { id } dmfa { quarter } limosa { number } a1 { number }';

test.each<[string, string, Stated, (key: string) => string, string, string]>([
  ['dossier', 'DG-MIN', {}, (key) => `dossier(number: "${key}") { status }`, number.ayse, nowhere.dossier],
  [
    'dossier, of a worker',
    `WORKER:${insz.john}`,
    {},
    (key) => `dossier(number: "${key}") { status }`,
    number.john,
    nowhere.dossier,
  ],
  ['decision', 'DG-MIN', {}, (key) => `decision(id: "${key}") { outcome }`, 'DEC-SAMUEL', 'DEC-NOBODY'],
  ['employer', `EMPLOYER:${kbo.ukkel}`, {}, (key) => `employer(kbo: "${key}") { name }`, kbo.brewery, nowhere.kbo],
  [
    'establishment',
    `EMPLOYER:${kbo.ukkel}`,
    {},
    (key) => `establishment(number: "${key}") { name }`,
    unit.brewery,
    nowhere.unit,
  ],
  ['worker by id', 'INS-DG', inspecting, (key) => `worker(id: "${key}") { lastName }`, 'W-0000001', 'W-NOBODY'],
  ['worker by INSZ', 'INS-DG', inspecting, (key) => `worker(insz: "${key}") { lastName }`, insz.ayse, insz.nobody],
  [
    'worker by INSZ, of an employer',
    `EMPLOYER:${kbo.ukkel}`,
    {},
    (key) => `worker(insz: "${key}") { id }`,
    insz.ayse,
    insz.nobody,
  ],
  ['cadastre by INSZ', 'INS-DG', inspecting, (key) => `cadastre(insz: "${key}") { ${lists} }`, insz.ayse, insz.nobody],
  [
    'cadastre by INSZ, of a worker',
    `WORKER:${insz.john}`,
    {},
    (key) => `cadastre(insz: "${key}") { ${lists} }`,
    insz.rahul,
    insz.nobody,
  ],
  [
    'cadastre by worker',
    'DG-MIN',
    treating,
    (key) => `cadastre(worker: "${key}") { ${lists} }`,
    'W-0000002',
    'W-NOBODY',
  ],
  [
    'cadastre by employer',
    'DG-MIN',
    treating,
    (key) => `cadastre(employer: "${key}") { ${lists} }`,
    kbo.brewery,
    nowhere.kbo,
  ],
  [
    'cadastre by establishment',
    'DG-MIN',
    treating,
    (key) => `cadastre(establishment: "${key}") { ${lists} }`,
    unit.brewery,
    nowhere.unit,
  ],
  [
    'mayEmploy for another employer',
    brewery,
    {},
    (key) => `mayEmploy(insz: "${insz.rahul}", kbo: "${key}") { allowed }`,
    kbo.ukkel,
    nowhere.kbo,
  ],
  [
    'mayEmploy of a person without permit',
    brewery,
    {},
    (key) => `mayEmploy(insz: "${key}", kbo: "${kbo.brewery}") { allowed until conditions { code } }`,
    insz.ayse,
    insz.nobody,
  ],
  [
    'siteCheck of a site',
    'INS-VSI',
    inspecting,
    (key) => `siteCheck(number: "${key}", insz: ["${insz.rahul}"]) { position allowed }`,
    unit.ukkel,
    nowhere.unit,
  ],
  [
    'siteCheck of a person',
    'INS-VSI',
    inspecting,
    (key) => `siteCheck(number: "${unit.brewery}", insz: ["${key}"]) { worker { id } allowed until declared }`,
    insz.emma,
    insz.nobody,
  ],
  [
    'inspectWorker',
    'INS-DG',
    inspecting,
    (key) => `inspectWorker(insz: "${key}") { worker { lastName } cadastre { ${lists} } hits { id } }`,
    insz.ayse,
    insz.nobody,
  ],
  [
    'inspectEstablishment',
    'INS-BRU',
    inspecting,
    (key) => `inspectEstablishment(number: "${key}") { cadastre { ${lists} } hits { id } }`,
    unit.brewery,
    nowhere.unit,
  ],
  [
    'wageCompliance',
    'DG-MIN',
    treating,
    (key) => `wageCompliance(dossier: "${key}") { quarter }`,
    number.rahul,
    nowhere.dossier,
  ],
  ['priorOutcomes', 'DG-MIN', {}, (key) => `priorOutcomes(worker: "${key}") { outcome }`, 'W-0000006', 'W-NOBODY'],
  ['a1', `EMPLOYER:${kbo.eupen}`, {}, (key) => `a1(worker: "${key}") { number }`, 'W-0000002', 'W-NOBODY'],
  [
    'a filter by worker',
    'DG-MIN',
    {},
    (key) => `dossiers(filter: { worker: "${key}" }) { totalCount }`,
    'W-0000001',
    'W-NOBODY',
  ],
  [
    'a filter by employer',
    'DG-MIN',
    {},
    (key) => `dossiers(filter: { employer: "${key}" }) { totalCount }`,
    kbo.brewery,
    nowhere.kbo,
  ],
  [
    'a search',
    `EMPLOYER:${kbo.ukkel}`,
    {},
    (key) => `employers(search: "${key}") { totalCount edges { cursor } }`,
    'Zenne',
    'nobody',
  ],
])('A1, A9, J13: %s: what is not yours answers byte for byte as what is not there, by the same statements', async (_, who, stated, query, theirs, nobody) => {
  const asked = (key: string) => trace(who, stated, `{ ${query(key)} }`);
  const [one, other] = [await asked(theirs), await asked(nobody)];
  expect(one).toEqual({ ...other, answer: other.answer.replaceAll(nobody, theirs) });
  expect(one.answer).not.toContain('INTERNAL');
});

const foreign = (path: string) => ({
  code: 'BAD_USER_INPUT',
  path: [path],
  message: 'the cursor belongs to another list, filter or viewer',
});

type Page = { list: { edges: { cursor: string; node: { number: string } }[] } };

const pageOf = (args: string) => `{ list: dossiers(first: 1${args}) { edges { cursor node { number } } } }`;

const cursorOf = async (ask: Ask): Promise<string> => (await ask<Page>(pageOf(''))).data?.list.edges[0]?.cursor ?? '';

test('A6: a cursor opens for its own viewer, kind, list and filter alone, and only as it was written', async () => {
  const ask = world.as('VLA-DEM');
  const cursor = await cursorOf(ask);
  const refused = { data: { list: null }, errors: [foreign('list')] };
  for (const who of ['BRU-BEW', 'FED-DVZ', brewery]) {
    expect(await world.as(who)(pageOf(`, after: "${cursor}"`))).toEqual(refused);
  }
  const others = [
    `{ list: myDossiers(first: 1, after: "${cursor}") { totalCount } }`,
    `{ list: dossiers(first: 1, after: "${cursor}", filter: { kind: SP_LIM }) { totalCount } }`,
    `{ list: dossiers(first: 1, after: "${cursor}", sort: STATUS) { totalCount } }`,
    `{ list: employers(first: 1, after: "${cursor}") { totalCount } }`,
  ];
  for (const query of others) expect(await ask(query)).toEqual(refused);
  const flipped = `${cursor.slice(0, 30)}${cursor[30] === 'A' ? 'B' : 'A'}${cursor.slice(31)}`;
  for (const broken of [
    flipped,
    `${cursor}=`,
    `${cursor} `,
    cursor.slice(4),
    'é'.repeat(60),
    'a.'.repeat(22),
    'null',
  ]) {
    expect(await ask(pageOf(`, after: "${broken}"`))).toEqual(refused);
  }
});

test('A6: a cursor shows nothing of what it goes by', async () => {
  const query = '{ list: inspectionHits(first: 1) { edges { cursor node { id rule { code } } } } }';
  type Hits = { list: { edges: { cursor: string; node: { id: null } }[] } };
  const { data } = await world.as('VLA-DEM', treating)<Hits>(query);
  const [edge] = data?.list.edges ?? [];
  // A region sees that a hit is there, masked; its id holds the number of the dossier.
  expect(edge?.node.id).toBeNull();
  const open = Buffer.from(edge?.cursor ?? '', 'base64url').toString('latin1');
  const [hit] = await world.rows<{ id: string }>(
    `select id from cadastre.inspection_hit where authority = 'VLA-DEM' order by detected_at desc, id desc limit 1`,
  );
  expect(open).not.toContain(hit?.id.slice(4, 16));
  expect(open).not.toMatch(/HIT|202\d/);
});

test('A6: a list under one employer does not go on under another', async () => {
  const ask = world.as('VLA-DEM');
  const query = (of: string, after = '') =>
    `{ employer(kbo: "${of}") { dossiers(first: 1${after}) { edges { cursor } } } }`;
  type Under = { employer: { dossiers: { edges: { cursor: string }[] } } };
  const { data } = await ask<Under>(query(kbo.brewery));
  const cursor = data?.employer.dossiers.edges[0]?.cursor ?? '';
  const [other] = await world.rows<{ kbo: string }>(
    `select subject as kbo from access.involvement where party = 'VLA-DEM' and subject_kind = 'EMPLOYER' and subject <> $1 limit 1`,
    [kbo.brewery],
  );
  expect(await ask(query(other?.kbo ?? '', `, after: "${cursor}"`))).toEqual({
    data: { employer: { dossiers: null } },
    errors: [{ ...foreign(''), path: ['employer', 'dossiers'] }],
  });
});

test.each<[string, Stated, string, unknown]>([
  ['HELPDESK', {}, 'kind: [SP_LIM]', forbidden('Query.dossiers', ['list'])],
  ['POST-IN-1', {}, 'category: ["HIGHSKILL"]', forbidden('DossierFilter.category', ['list'])],
  ['FED-RSZ', {}, 'category: ["HIGHSKILL"]', forbidden('DossierFilter.category', ['list'])],
])('A5: %s may not filter by what it may not read: %s %s', async (who, stated, filter, error) => {
  const query = `{ list: dossiers(filter: { ${filter} }) { totalCount } }`;
  expect(await world.as(who, stated)(query)).toEqual({ data: { list: null }, errors: [error] });
});

test('A5, A7: a filter by the job keeps to the dossiers of which the region may know the job, in page and count', async () => {
  const query =
    '{ list: dossiers(first: 0, filter: { worker: "W-0000006", category: ["HIGHSKILL"] }) { totalCount } all: dossiers(first: 0, filter: { worker: "W-0000006" }) { totalCount } }';
  expect(await world.as('BRU-BEW', treating)(query)).toEqual({
    data: { list: { totalCount: 1 }, all: { totalCount: 2 } },
  });
});

test('A2: every way to a field comes to the same decision', async () => {
  const ask = world.as('WAL-SPW', treating);
  const path = `dossier(number: "${number.yuki}")`;
  const closed = (...at: string[]) => forbidden('Dossier.grossMonthly', at);
  expect(
    await ask(
      `{ a: ${path} { b: grossMonthly ...F ... on Dossier { c: grossMonthly @include(if: true) } d: grossMonthly @skip(if: true) } } fragment F on Dossier { e: grossMonthly }`,
    ),
  ).toEqual({
    data: { a: { b: null, e: null, c: null } },
    errors: [closed('a', 'b'), closed('a', 'e'), closed('a', 'c')],
  });
  const through = [
    [`{ worker(id: "W-0000007") { dossiers { grossMonthly } } }`, ['worker', 'dossiers', 0]],
    [
      `{ dossiers(filter: { worker: "W-0000007" }) { edges { node { grossMonthly } } } }`,
      ['dossiers', 'edges', 0, 'node'],
    ],
    [
      `{ employer(kbo: "${kbo.brewery}") { dossiers(first: 1) { edges { node { grossMonthly } } } } }`,
      ['employer', 'dossiers', 'edges', 0, 'node'],
    ],
  ] as const;
  for (const [query, at] of through) {
    expect((await ask(query)).errors).toEqual([forbidden('Dossier.grossMonthly', [...at, 'grossMonthly'])]);
  }
});

const operations = {
  dossier: `dossier(number: "${number.ayse}") { number }`,
  forecast: `forecast(dossier: "${number.ayse}") { p50 }`,
  prefill: 'prefill { replacedDocuments { code } }',
  dossiers: 'dossiers { totalCount }',
  myDossiers: 'myDossiers { totalCount }',
  outbox: 'outbox { totalCount }',
  message: 'message(id: "MSG-NOBODY") { id }',
  openRequests: 'openRequests { dueOn }',
  postWorklist: 'postWorklist { number }',
  municipalWorklist: 'municipalWorklist { number }',
  counterWorklist: 'counterWorklist { number }',
  employer: `employer(kbo: "${kbo.brewery}") { kbo }`,
  employers: 'employers { totalCount }',
  establishment: `establishment(number: "${unit.brewery}") { number }`,
  mandates: 'mandates { id }',
  worker: 'worker(id: "W-0000001") { id }',
  myFile: 'myFile { id }',
  decision: 'decision(id: "DEC-SAMUEL") { id }',
  priorOutcomes: 'priorOutcomes(worker: "W-0000006") { outcome }',
  cadastre: 'cadastre(worker: "W-0000001") { __typename }',
  permits: 'permits { totalCount }',
  mayEmploy: `mayEmploy(insz: "${insz.rahul}", kbo: "${kbo.brewery}") { allowed }`,
  siteCheck: `siteCheck(number: "${unit.brewery}", insz: ["${insz.rahul}"]) { allowed }`,
  inspectWorker: `inspectWorker(insz: "${insz.rahul}") { worker { id } }`,
  inspectEmployer: `inspectEmployer(kbo: "${kbo.brewery}") { employer { kbo } }`,
  inspectEstablishment: `inspectEstablishment(number: "${unit.brewery}") { establishment { number } }`,
  wageCompliance: `wageCompliance(dossier: "${number.rahul}") { quarter }`,
  dimona: 'dimona { id }',
  dmfa: 'dmfa { quarter }',
  limosa: 'limosa { number }',
  a1: 'a1(worker: "W-0000002") { number }',
  limosaWithoutPermit: 'limosaWithoutPermit(from: "2026-01-01", to: "2026-12-31") { number }',
  inspectionHits: 'inspectionHits { totalCount }',
  accessLog: 'accessLog { totalCount }',
  document: 'document(id: "DOC-NOBODY") { id }',
  deliveries: `deliveries(dossier: "${number.ayse}") { id }`,
  deadLetters: 'deadLetters { id }',
} as const;

const follows = [
  ...['dossier', 'forecast', 'dossiers', 'myDossiers', 'outbox', 'openRequests'],
  ...['employer', 'employers', 'establishment', 'worker', 'decision', 'deliveries', 'document'],
];
const registers = ['cadastre', 'wageCompliance', 'dimona', 'dmfa', 'limosa', 'a1'];
const named = [...follows, 'cadastre', 'permits'];

test.each<[string, Stated, string[]]>([
  ['EU-COM', { purpose: 'STATISTICS', reference: 'r' }, []],
  ['ADV-CEM', { purpose: 'STATISTICS', reference: 'r' }, []],
  ['COO-SIOD', { purpose: 'STATISTICS', reference: 'r' }, []],
  ['AUDITOR', { purpose: 'AUDIT', reference: 'r' }, ['accessLog']],
  ['FED-KSZ', { purpose: 'REGISTRATION', reference: 'r' }, ['worker']],
  ['HELPDESK', { purpose: 'HELPDESK', reference: 'r' }, ['dossier', 'forecast', 'deliveries']],
  ['POST-IN-1', { purpose: 'VISA_ISSUE', reference: 'r' }, [...named, 'postWorklist']],
  ['MUN-23100', { purpose: 'REGISTRATION', reference: 'r' }, [...named, 'municipalWorklist']],
  [brewery, {}, [...follows, ...registers, 'mandates', 'mayEmploy', 'message', 'prefill']],
])('%s asks for records in vain, but for %j %j', async (who, stated, open) => {
  const ask = world.as(who, stated);
  for (const [name, operation] of Object.entries(operations)) {
    const { data, errors } = await ask<Record<string, unknown>>(`{ ${operation} }`);
    if (open.includes(name)) expect(errors).toBeUndefined();
    else expect({ data, errors }).toEqual({ data: { [name]: null }, errors: [forbidden(`Query.${name}`, [name])] });
  }
});

test('there is no other operation on records', () => {
  const fields = subgraphNames.flatMap((name) => [...classify(parse(sdl(name))).known.values()]);
  const onRecords = fields.filter(({ type, categories }) => type === 'Query' && !categories.includes('REFERENCE'));
  expect(onRecords.map(({ field }) => field).sort()).toEqual(Object.keys(operations).sort());
});

test('A9: no refusal and no error quotes a number that was asked about', async () => {
  const wrong = '85073003329';
  const queries = Object.values(operations).map((operation) => `{ ${operation} }`);
  for (const query of [
    ...queries,
    `{ worker(insz: "${wrong}") { id } }`,
    `{ cadastre(insz: "${insz.ayse}", worker: "x") { a1 { number } } }`,
  ]) {
    for (const who of ['HELPDESK', 'VLA-DEM', brewery]) {
      const { errors } = await world.as(who)(query);
      expect(JSON.stringify(errors ?? '')).not.toMatch(/\d{11}/);
    }
  }
});
