import { makeDossierNumber } from '../schema/identifiers.ts';
import { arrangedWorld, joy } from './arranged.ts';
import { insz, kbo, number, unit } from './cast.ts';
import { forbidden, inspecting, type OpenedWorld, purposeRequired, treating } from './opened-world.ts';
import type { Stated } from './world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await arrangedWorld();
});

afterAll(() => world.stop());

const brewery = `EMPLOYER:${kbo.brewery}`;
const checking = { purpose: 'RESIDENCE_CHECK', reference: 'r' } as const;
const renewal = makeDossierNumber('SP', 2026, 9999999);

test.each<[string, Stated, string]>([
  ['FED-RSZ', {}, `status <> 'DRAFT'`],
  ['INS-TSW', inspecting, `status <> 'DRAFT'`],
  ['INS-DG', inspecting, `status <> 'DRAFT' and workplace_authority = 'DG-MIN'`],
  ['FED-DVZ', checking, `status <> 'DRAFT' and (copied_to_dvz_at is not null or forwarded_to_dvz_at is not null)`],
  [
    'DG-MIN',
    treating,
    `status <> 'DRAFT' and (competent_authority = 'DG-MIN'
      or number in (select dossier_number from dossiers.transfer where from_authority = 'DG-MIN')
      or worker_id in (select worker_id from dossiers.dossier where status <> 'DRAFT' and competent_authority = 'DG-MIN'))`,
  ],
  [brewery, {}, `employer_kbo = '${kbo.brewery}'`],
  [`EMPLOYER:${kbo.ukkel}`, {}, `employer_kbo = '${kbo.ukkel}'`],
  [`WORKER:${insz.nabil}`, {}, `worker_id = 'W-0000020' and admissible_at is not null`],
  [`ENTERPRISE_COUNTER:${kbo.counter}`, {}, `counter_kbo = '${kbo.counter}'`],
  ['POST-IN-1', {}, `status = 'GRANTED' and diplomatic_post = 'POST-IN-1'`],
])("A7: %s counts the dossiers that the law gives it, and a draft is in no count but the applicant's", async (who, stated, where) => {
  const [row] = await world.rows<{ count: string }>(`select count(*) from dossiers.dossier where ${where}`);
  expect(await world.as(who, stated)('{ dossiers(first: 0) { totalCount } }')).toEqual({
    data: { dossiers: { totalCount: Number(row?.count) } },
  });
});

test('a draft hangs from no employer and from no worker, but for the applicant', async () => {
  const drafts = `{ dossiers(filter: { status: DRAFT }) { totalCount } employer(kbo: "${kbo.brewery}") { dossiers(first: 100) { edges { node { status } } } } }`;
  type Found = { dossiers: { totalCount: number }; employer: { dossiers: { edges: { node: { status: string } }[] } } };
  for (const who of ['VLA-DEM', 'FED-DVZ', 'FED-RSZ', 'INS-TSW', 'INS-VSI']) {
    const { data } = await world.as(who)<Found>(drafts);
    expect(data?.dossiers.totalCount).toBe(0);
    expect(data?.employer.dossiers.edges.filter(({ node }) => node.status === 'DRAFT')).toEqual([]);
  }
  const { data } = await world.as(brewery)<Found>(drafts);
  expect(data?.employer.dossiers.edges.filter(({ node }) => node.status === 'DRAFT')).toHaveLength(1);
});

test('a draft that was withdrawn was never filed: nobody hears of it but the applicant', async () => {
  await world.rows(`update dossiers.dossier set status = 'APPLICANT_WITHDRAWN' where number = $1`, [number.olena]);
  const query = `{ dossier(number: "${number.olena}") { status } }`;
  for (const who of ['FED-RSZ', 'INS-TSW', 'HELPDESK', 'VLA-DEM']) {
    expect(await world.as(who)(query)).toEqual({ data: { dossier: null } });
  }
  expect(await world.as(brewery)(query)).toEqual({ data: { dossier: { status: 'APPLICANT_WITHDRAWN' } } });
  await world.rows(`update dossiers.dossier set status = 'DRAFT' where number = $1`, [number.olena]);
});

const later = '2026-11-03';

test.each([
  [
    'a mandate that begins tomorrow',
    `MANDATARY:${kbo.mandatary}`,
    'EMPLOYER',
    kbo.brewery,
    `valid_from = '${later}'`,
    number.ayse,
  ],
  [
    'a mandate that ended yesterday',
    `MANDATARY:${kbo.mandatary}`,
    'EMPLOYER',
    kbo.brewery,
    `valid_to = '2026-11-01'`,
    number.ayse,
  ],
  ['a post named from tomorrow', 'POST-IN-1', 'DOSSIER', number.rahul, `valid_from = '${later}'`, number.rahul],
  ['a municipality named from tomorrow', 'MUN-23100', 'DOSSIER', number.rahul, `valid_from = '${later}'`, number.rahul],
  ['a region competent from tomorrow', 'VLA-DEM', 'DOSSIER', number.rahul, `valid_from = '${later}'`, number.rahul],
])('J12: %s opens nothing today', async (_, party, kind, subject, change, of) => {
  const ask = world.as(party);
  const query = `{ dossier(number: "${of}") { number decisions { outcome } } dossiers(filter: { worker: "W-0000001" }) { totalCount } }`;
  const open = await ask<{ dossier: unknown }>(query);
  expect(open.data?.dossier).not.toBeNull();
  const where = 'party = $1 and subject_kind = $2::access.subject_kind and subject = $3';
  const key = [party, kind, subject];
  const [was] = await world.rows<{ valid_from: Date; valid_to: Date | null }>(
    `select * from access.involvement where ${where}`,
    key,
  );
  await world.rows(`update access.involvement set ${change} where ${where}`, key);
  const closed = await ask<{ dossier: unknown; dossiers: { totalCount: number } }>(query);
  await world.rows(`update access.involvement set valid_from = $4, valid_to = $5 where ${where}`, [
    ...key,
    was?.valid_from,
    was?.valid_to,
  ]);
  expect(closed.data?.dossier).toBeNull();
  if (kind === 'EMPLOYER') expect(closed.data?.dossiers.totalCount).toBe(0);
});

test('J12: a mandatary whose mandate was closed keeps the mandate and loses the employer, its workers and their registers', async () => {
  const query = `{
    employer(kbo: "${kbo.brewery}") { name }
    worker(id: "W-0000002") { lastName }
    dimona(worker: "W-0000002") { id }
    limosa(worker: "W-0000002") { number }
    a1(worker: "W-0000002") { number }
    mayEmploy(insz: "${insz.rahul}", kbo: "${kbo.brewery}") { allowed }
    mandates(giver: "${kbo.brewery}") { giver { name } status }
  }`;
  expect(await world.as(`MANDATARY:${kbo.formerMandatary}`)(query)).toEqual({
    data: {
      employer: null,
      worker: null,
      dimona: [],
      limosa: [],
      a1: [],
      mayEmploy: null,
      mandates: [{ giver: null, status: 'CLOSED' }],
    },
  });
});

test('of a worker with several employers each sees its own employment and its own posting', async () => {
  const query =
    '{ dimona(worker: "W-0000002") { employer { kbo } } limosa(worker: "W-0000002") { number a1 { number } } a1(worker: "W-0000002") { number } }';
  const posting = (name: string) => ({
    limosa: [{ number: `L-${name}`, a1: { number: `A1-${name}` } }],
    a1: [{ number: `A1-${name}` }],
  });
  const employed = [{ employer: { kbo: kbo.brewery } }];
  expect(await world.as(brewery)(query)).toEqual({ data: { dimona: employed, ...posting('BREWERY') } });
  expect(await world.as(`MANDATARY:${kbo.mandatary}`)(query)).toEqual({
    data: { dimona: employed, ...posting('BREWERY') },
  });
  expect(await world.as(`EMPLOYER:${kbo.ukkel}`)(query)).toEqual({ data: { dimona: [], ...posting('UKKEL') } });
  expect(await world.as('INS-BRU', inspecting)(query)).toEqual({
    // The certificate is of a worker whom it does not know otherwise.
    data: { dimona: [], limosa: [{ number: 'L-UKKEL', a1: null }], a1: [] },
  });
  const { data } = await world.as(`WORKER:${insz.rahul}`)<{ a1: unknown[] }>(query);
  expect(data?.a1).toHaveLength(2);
});

test('whether a person may work, an employer asks for itself and a mandatary for its mandators', async () => {
  const query = `{ mayEmploy(insz: "${insz.rahul}", kbo: "${kbo.brewery}") { allowed } }`;
  for (const who of [brewery, `MANDATARY:${kbo.mandatary}`]) {
    expect(await world.as(who)(query)).toEqual({ data: { mayEmploy: { allowed: true } } });
  }
  for (const who of [`EMPLOYER:${kbo.ukkel}`, `MANDATARY:${kbo.formerMandatary}`]) {
    expect(await world.as(who)(query)).toEqual({ data: { mayEmploy: null } });
  }
});

test('a region sees the employment of its own dossiers, not of its workers elsewhere', async () => {
  const query = `{ dimona(worker: "W-0000002") { employer { kbo } } wageCompliance(dossier: "${number.rahul}") { quarter } }`;
  const own = await world.as('VLA-DEM', treating)<{ dimona: unknown[]; wageCompliance: unknown[] }>(query);
  expect(own.data?.dimona).toHaveLength(1);
  expect(own.data?.wageCompliance.length).toBeGreaterThan(0);
  // A file on the worker with somebody else, and one on the employer for somebody else, are no dossier of both.
  const tie = `insert into access.involvement values ('DG-MIN', $1, $2, 'COMPETENT', '2026-01-01')`;
  await world.rows(tie, ['WORKER', 'W-0000002']);
  await world.rows(tie, ['EMPLOYER', kbo.brewery]);
  expect(await world.as('DG-MIN', treating)(query)).toEqual({ data: { dimona: [], wageCompliance: [] } });
});

test('a worker learns nothing of a dossier before it is admissible, not through the wage either', async () => {
  await world.rows(
    `insert into dossiers.dossier (number, kind, application_type, status, work_track, residence_track, handling, channel, language, rule_set, competent_authority, competence_rule, category, employer_kbo, worker_id, worker_nationality, applicant_kind, applicant_id, period_from, created_at, submitted_at)
     select $1, kind, 'RENEWAL', 'SUBMITTED', 'NOT_STARTED', 'NOT_STARTED', handling, channel, language, rule_set, competent_authority, competence_rule, category, employer_kbo, worker_id, worker_nationality, applicant_kind, applicant_id, period_from, now(), now()
     from dossiers.dossier where number = $2`,
    [renewal, number.rahul],
  );
  const ask = world.as(`WORKER:${insz.rahul}`);
  const query = (of: string) =>
    `{ wageCompliance(dossier: "${of}") { floorYearly } dossier(number: "${of}") { status } }`;
  expect(await ask(query(renewal))).toEqual({ data: { wageCompliance: [], dossier: null } });
  const own = await ask<{ wageCompliance: unknown[] }>(query(number.rahul));
  expect(own.data?.wageCompliance.length).toBeGreaterThan(0);
  await world.rows('delete from dossiers.dossier where number = $1', [renewal]);
});

test('a region learns that another refused, and on which ground the work part; why residence was refused stays where it is', async () => {
  const query = '{ priorOutcomes(worker: "W-0000006") { authority { id } part outcome grounds { code } } }';
  const outcomes = [
    { authority: { id: 'FED-DVZ' }, part: 'RESIDENCE', outcome: 'REFUSE', grounds: null },
    { authority: { id: 'VLA-DEM' }, part: 'WORK', outcome: 'REFUSE', grounds: [{ code: 'SALARY_BELOW_THRESHOLD' }] },
  ];
  const errors = [forbidden('PriorOutcome.grounds', ['priorOutcomes', 0, 'grounds'])];
  expect(await world.as('BRU-BEW')(query)).toEqual({ data: { priorOutcomes: outcomes }, errors });
  for (const who of ['FED-DVZ', 'INS-TSW', 'FED-RSZ', brewery]) {
    expect(await world.as(who)(query)).toEqual({
      data: { priorOutcomes: null },
      errors: [forbidden('Query.priorOutcomes', ['priorOutcomes'])],
    });
  }
});

test('a region that only had a dossier of the worker, before it was transferred, learns no outcomes', async () => {
  await world.rows(`insert into access.involvement values ('DG-MIN', 'WORKER', 'W-0000006', 'FORMER', '2026-01-01')`);
  const query = '{ priorOutcomes(worker: "W-0000006") { outcome } }';
  expect(await world.as('DG-MIN', treating)(query)).toEqual({ data: { priorOutcomes: [] } });
});

test('a region whose file on the worker begins tomorrow learns no outcomes yet', async () => {
  await world.rows(`insert into access.involvement values ('WAL-SPW', 'WORKER', 'W-0000006', 'COMPETENT', '${later}')`);
  const query = '{ priorOutcomes(worker: "W-0000006") { outcome } }';
  expect(await world.as('WAL-SPW', treating)(query)).toEqual({ data: { priorOutcomes: [] } });
});

test('a region that had a dossier with an employer, before it was transferred, sees not even how many mandates it gave', async () => {
  await world.rows(`insert into access.involvement values ('DG-MIN', 'EMPLOYER', $1, 'FORMER', '2026-01-01')`, [
    kbo.waterloo,
  ]);
  await world.rows(
    `insert into employers.mandate values ('M-WATERLOO', $1, $2, 'SINGLE_PERMIT', '2026Q1', null, 'ACTIVE')`,
    [kbo.waterloo, kbo.mandatary],
  );
  const query = `{ employer(kbo: "${kbo.waterloo}") { name } mandates(giver: "${kbo.waterloo}") { id } }`;
  expect(await world.as('DG-MIN', treating)(query)).toEqual({
    data: { employer: { name: expect.any(String) }, mandates: [] },
  });
});

test('an enterprise counter sees the decision on work, and not that there is one on residence', async () => {
  await world.rows(
    `insert into decisions.decision (id, dossier_number, part, outcome, authority, decided_on, worker_id)
     values ('DEC-RESIDENCE', $1, 'RESIDENCE', 'GRANT', 'FED-DVZ', '2026-10-01', 'W-0000008')`,
    [number.grace],
  );
  const query = `{ dossier(number: "${number.grace}") { decisions { part } } decision(id: "DEC-RESIDENCE") { id } }`;
  expect(await world.as(`ENTERPRISE_COUNTER:${kbo.counter}`)(query)).toEqual({
    data: { dossier: { decisions: [{ part: 'WORK' }] }, decision: null },
  });
});

test('an employer is found by its name, and by what it is called besides only by who may read that', async () => {
  await world.rows(
    `insert into employers.denomination select $1, '2', '003', name, lower(name) from unnest(array['Zilverhof']) name`,
    [kbo.brewery],
  );
  const query = (words: string) => `{ employers(search: "${words}") { totalCount edges { node { kbo } } } }`;
  const found = { data: { employers: { totalCount: 1, edges: [{ node: { kbo: kbo.brewery } }] } } };
  const none = { data: { employers: { totalCount: 0, edges: [] } } };
  expect(await world.as('POST-IN-1')(query('zenne'))).toEqual(found);
  expect(await world.as('POST-IN-1')(query('zilverhof'))).toEqual(none);
  expect(await world.as('VLA-DEM')(query('zilverhof'))).toEqual(found);
  // Of a former dossier a region keeps the employer's name.
  await world.rows(
    `insert into access.involvement values ('DG-MIN', 'EMPLOYER', $1, 'FORMER', '2026-01-01') on conflict (party, subject_kind, subject) do update set capacity = 'FORMER'`,
    [kbo.brewery],
  );
  expect(await world.as('DG-MIN')(query('zenne'))).toEqual(found);
  expect(await world.as('DG-MIN')(query('zilverhof'))).toEqual(none);
});

test('a host family follows the dossier it filed, without the reasons, the papers and the permit of its au pair', async () => {
  const query = `{
    myDossiers { edges { node { number } } }
    dossier(number: "${joy}") { worker { id lastName insz } permit { id } decisions { part motivation } documents { fileName } }
  }`;
  const { data, errors } = await world.as(`WORKER:${insz.katrien}`)<{ dossier: { decisions: unknown[] } }>(query);
  expect(data).toMatchObject({
    myDossiers: { edges: [{ node: { number: joy } }] },
    dossier: {
      worker: { id: 'W-0000021', lastName: null, insz: null },
      permit: null,
      documents: [{ fileName: 'form.pdf' }],
    },
  });
  expect(data?.dossier.decisions).toContainEqual({ part: 'RESIDENCE', motivation: null });
  expect(errors).toEqual(
    [forbidden('Decision.motivation', ['dossier', 'decisions', expect.any(Number), 'motivation'])].map((one) =>
      expect.objectContaining(one),
    ),
  );
});

test('an inspection of another region finds no hit, no employment and no site; a federal one does', async () => {
  const query = `{ inspectEstablishment(number: "${unit.brewery}") { cadastre { dimona { id } } hits { id } } siteCheck(number: "${unit.brewery}", insz: ["${insz.rahul}"]) { allowed declared } }`;
  expect(await world.as('INS-BRU', inspecting)(query)).toEqual({
    data: { inspectEstablishment: { cadastre: { dimona: [] }, hits: [] }, siteCheck: null },
  });
  const { data } = await world.as('INS-TSW', inspecting)<{ siteCheck: unknown }>(query);
  expect(data?.siteCheck).toEqual([{ allowed: true, declared: true }]);
});

test.each<[string, Stated, string]>([
  ['VLA-DEM', treating, `authority = 'VLA-DEM'`],
  ['INS-VSI', inspecting, `authority = 'VLA-DEM' and rule not in ('I10', 'I17', 'I23')`],
  ['INS-WAL', inspecting, `authority = 'WAL-SPW' and rule not in ('I10', 'I17', 'I23')`],
  ['INS-RSZ', inspecting, `rule in ('I01', 'I02', 'I03', 'I04', 'I05', 'I08', 'I10', 'I13', 'I19', 'I23')`],
  ['INS-TSW', inspecting, `rule in ('I01', 'I02', 'I03', 'I04', 'I05', 'I08', 'I10', 'I13', 'I14', 'I19', 'I23')`],
  ['INS-RSVZ', inspecting, `rule in ('I01', 'I02', 'I03', 'I04', 'I05', 'I08', 'I10', 'I13', 'I19', 'I20', 'I23')`],
])('A7: %s counts the hits of what it controls, a region and its inspection in their territory (DOMAIN 8)', async (who, stated, where) => {
  const [row] = await world.rows<{ count: string }>(`select count(*) from cadastre.inspection_hit where ${where}`);
  expect(await world.as(who, stated)('{ inspectionHits(first: 0) { totalCount } }')).toEqual({
    data: { inspectionHits: { totalCount: Number(row?.count) } },
  });
});

test('a request for documents tells an inspection of those alone that it may know of', async () => {
  const query = `{ dossier(number: "${number.priya}") { requests { items { code } } } }`;
  await world.rows(
    `update dossiers.information_request set items = '{RES_MEDICAL,WRK_DIPLOMA}' where dossier_number = $1`,
    [number.priya],
  );
  const answer = (...codes: string[]) => ({
    data: { dossier: { requests: [{ items: codes.map((code) => ({ code })) }] } },
  });
  expect(await world.as('INS-VSI', inspecting)(query)).toEqual(answer('WRK_DIPLOMA'));
  expect(await world.as('FED-RSZ')(query)).toEqual(answer());
  expect(await world.as(brewery)(query)).toEqual(answer('RES_MEDICAL', 'WRK_DIPLOMA'));
});

test('errors come in the order of the answer, whichever register was the quicker', async () => {
  // Five registers, asked side by side; the last to be asked for is the first to refuse.
  const query = `{
    a: permits { totalCount }
    b: dossier(number: "${number.samuelRefused}") { grossMonthly decisions { validTo } documents { id } language }
    c: mandates { id }
    d: postWorklist { number }
    e: priorOutcomes(worker: "W-0000006") { grounds { code } }
  }`;
  const first = await world.as('BRU-BEW')(query);
  expect(first.errors?.map(({ path }) => path?.join('.'))).toEqual([
    'a',
    'b.grossMonthly',
    'b.decisions.0.validTo',
    'b.decisions.1.validTo',
    'b.documents',
    'b.language',
    'd',
    'e.0.grounds',
  ]);
  for (let again = 0; again < 5; again += 1) expect(await world.as('BRU-BEW')(query)).toEqual(first);
});

test('A5: who may not see a number even masked does not find a person by it', async () => {
  const query = `{ worker(insz: "${insz.ayse}") { id } }`;
  for (const who of ['VLA-DEM', 'FED-DVZ', 'FED-KSZ', 'INS-TSW', 'FED-RSZ']) {
    expect(await world.as(who)(query)).toEqual({
      data: { worker: null },
      errors: [purposeRequired('Worker.insz', ['worker'])],
    });
  }
  expect(await world.as('VLA-DEM', treating)(query)).toEqual({ data: { worker: { id: 'W-0000001' } } });
  expect(await world.as(brewery)(query)).toEqual({ data: { worker: { id: 'W-0000001' } } });
});

test.each<[string, Stated, string]>([
  ['VLA-DEM', { purpose: 'INSPECTION_COMPLAINT', reference: 'r' }, 'FORBIDDEN'],
  ['INS-TSW', treating, 'FORBIDDEN'],
  [brewery, treating, 'FORBIDDEN'],
  ['FED-DVZ', { purpose: 'ANYTHING', reference: 'r' }, 'FORBIDDEN'],
  ['VLA-DEM', { purpose: 'TREAT_DOSSIER' }, 'BAD_USER_INPUT'],
  ['VLA-DEM', { purpose: 'TREAT_DOSSIER', reference: '  ' }, 'BAD_USER_INPUT'],
  ['VLA-DEM', { reference: 'r' }, 'BAD_USER_INPUT'],
])('%s with the purpose %j is refused as a whole', async (who, stated, code) => {
  const { data, errors } = await world.as(who, stated)('{ codeLists }');
  expect({ data, codes: errors?.map((error) => error.code) }).toEqual({ data: undefined, codes: [code] });
});
