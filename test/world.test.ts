import { createHash } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../db/database.ts';
import { plantedCases, seed } from '../db/world/seed.ts';
import { tableNames } from '../db/world/tables.ts';
import { cohorts, planted, worldOf } from '../db/world/world.ts';
import { competentAuthority } from '../schema/competence.ts';
import {
  a1Number,
  dossierNumber,
  establishmentNumber,
  insz,
  inszFacts,
  kboNumber,
  limosaNumber,
} from '../schema/identifiers.ts';
import { today } from './cluster.ts';
import { freshDatabase } from './database.ts';

type Fresh = Awaited<ReturnType<typeof freshDatabase>>;

const open = async (url: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  // Dates as text, as everywhere else in the project.
  client.setTypeParser(1082, (value) => value);
  await client.query(`set timezone = 'Europe/Brussels'`);
  return client;
};

const emptyDatabase = async (name: string): Promise<string> => {
  const cluster = process.env.TEST_CLUSTER_URL ?? '';
  const owner = await open(cluster);
  await owner.query(`drop database if exists ${name} with (force)`);
  await owner.query(`create database ${name}`);
  await owner.end();
  const url = cluster.replace(/[^/]+$/, name);
  await migrate(url);
  return url;
};

const dropDatabase = async (name: string): Promise<void> => {
  const owner = await open(process.env.TEST_CLUSTER_URL ?? '');
  await owner.query(`drop database ${name} with (force)`);
  await owner.end();
};

let fresh: Fresh;
let db: pg.Client;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = await open(fresh.ownerUrl);
});

afterAll(async () => {
  await db.end();
  await fresh.drop();
});

const rowsOf = async <Row extends object>(text: string, values: unknown[] = [], client = db): Promise<Row[]> =>
  (await client.query<Row>(text, values)).rows;

const digest = (profile: 'small', day: string): string => {
  const sum = createHash('sha256');
  for (const { batch } of cohorts(worldOf(profile, day), profile)) {
    for (const table of tableNames) for (const piece of batch.take(table).text) sum.update(piece);
  }
  return sum.digest('hex');
};

test('the same profile and day give the same world, to the byte', () => {
  expect(digest('small', today)).toBe(digest('small', today));
  expect(digest('small', '2027-01-04')).not.toBe(digest('small', today));
});

test('a world can be made on any day, weekends and holidays too', () => {
  for (const day of ['2026-05-31', '2026-11-22', '2027-01-01', '2027-02-28', '2028-02-29', '2035-12-31', '2022-06-01'])
    expect(digest('small', day)).toHaveLength(64);
});

test('the small world holds every kind, status, application type and permit state', async () => {
  const counted = async (column: string, table = 'dossiers.dossier') =>
    (await rowsOf<{ value: string }>(`select distinct ${column} as value from ${table} order by 1`)).map(
      ({ value }) => value,
    );
  expect(await counted('status')).toEqual(
    [
      'ADMISSIBLE',
      'APPLICANT_WITHDRAWN',
      'DRAFT',
      'GRANTED',
      'INADMISSIBLE',
      'INFO_REQUESTED',
      'IN_TREATMENT',
      'REFUSED',
      'SUBMITTED',
      'UNDER_APPEAL',
      'WITHOUT_OBJECT',
    ].sort(),
  );
  expect(await counted('kind')).toEqual(
    [
      'PC_SELF',
      'SP_BLUE',
      'SP_ICT',
      'SP_ICT_MOB',
      'SP_LIM',
      'SP_RES',
      'SP_SEAS',
      'SP_TRAINEE',
      'SP_UNL',
      'WA_AUPAIR',
      'WA_SHORT',
      'WA_UNL',
    ].sort(),
  );
  expect(await counted('application_type')).toEqual([
    'CHANGE_OF_EMPLOYER',
    'CHANGE_OF_FUNCTION',
    'FIRST',
    'MOBILITY',
    'RENEWAL',
    'UNLIMITED',
  ]);
  expect(await counted('competent_authority')).toEqual(['BRU-BEW', 'DG-MIN', 'VLA-DEM', 'WAL-SPW', null]);
  expect(await counted('state', 'cadastre.permit')).toEqual(
    [
      'ACTIVE',
      'ENDED_EMPLOYMENT',
      'EXPIRED',
      'GRANTED_NOT_STARTED',
      'LAPSED_RESIDENCE',
      'SUPERSEDED',
      'WITHDRAWN',
    ].sort(),
  );
  expect(await counted('bridging', 'cadastre.permit')).toEqual(['ANNEX_49', 'ANNEX_51', 'NONE']);
  expect(await counted('capacity::text', 'access.involvement')).toEqual([
    'COMPETENT',
    'COPIED',
    'FORMER',
    'FORWARDED',
    'MANDATE',
    'NAMED',
    'PARTY',
    'SAME_WORKER',
    'TERRITORY',
  ]);
  // No step takes a decision that ends: a termination is the employer's notice.
  expect(await counted('outcome', 'decisions.decision')).toEqual([
    'GRANT',
    'INADMISSIBLE',
    'REFUSE',
    'WITHDRAW',
    'WITHOUT_OBJECT',
  ]);
});

test('every identifier is valid, and synthetic', async () => {
  const numbers = await rowsOf<{ value: string }>('select insz as value from workers.insz_alias');
  for (const { value } of numbers) {
    expect(insz(value, today)).toEqual({ value });
    expect(value.slice(6, 9)).toMatch(/^99[0-8]$/);
  }
  const check = async (text: string, valid: (value: string) => object, form: RegExp) => {
    for (const { value } of await rowsOf<{ value: string }>(text)) {
      expect(valid(value)).toEqual({ value });
      expect(value).toMatch(form);
    }
  };
  await check('select kbo as value from employers.enterprise', kboNumber, /^(01|19)/);
  await check('select number as value from employers.establishment', establishmentNumber, /^89/);
  await check('select number as value from dossiers.dossier', dossierNumber, /^(SP|AK|BK)-/);
  await check('select number as value from cadastre.limosa_declaration', limosaNumber, /^L1-/);
  await check('select number as value from cadastre.a1_certificate', a1Number, /^A1-/);
});

test('an INSZ tells the birth date and the sex of its holder', async () => {
  const people = await rowsOf<{ insz: string; birth_date: string; sex: string }>(
    'select insz, birth_date, sex from workers.worker w join workers.insz_alias a on a.worker_id = w.id',
  );
  for (const { insz: value, birth_date, sex } of people) {
    const facts = inszFacts(value, today);
    expect(facts?.birthDate).toBe(birth_date);
    if (facts?.sex) expect(facts.sex).toBe(sex);
  }
});

test('the number of a dossier has the prefix of its kind and the year of its draft', async () => {
  expect(
    await rowsOf(`select number from dossiers.dossier
      where left(number, 2) <> case when kind like 'SP\\_%' then 'SP' when kind like 'WA\\_%' then 'AK' else 'BK' end
         or substr(number, 4, 4) <> to_char(created_at, 'YYYY')`),
  ).toEqual([]);
  expect(await rowsOf(`select substr(number, 4, 12) from dossiers.dossier group by 1 having count(*) > 1`)).toEqual([]);
});

test('the competent authority follows from the stored facts, and only a transfer may have preceded it', async () => {
  const dossiers = await rowsOf<{
    number: string;
    competent_authority: string;
    competence_rule: string;
    competence_inputs: { kind: string };
  }>(
    `select number, competent_authority, competence_rule, competence_inputs from dossiers.dossier
     where submitted_at is not null and not exists (select from dossiers.transfer where dossier_number = number)
        or exists (select from dossiers.transfer where dossier_number = number and to_authority = competent_authority)`,
  );
  const posted = (inputs: object) => 'hostEstablishment' in inputs;
  for (const {
    competent_authority,
    competence_rule,
    competence_inputs: { ...facts },
  } of dossiers) {
    const found = competentAuthority({ ...facts, posted: posted(facts) });
    expect([found?.authority, found?.rule]).toEqual([competent_authority, competence_rule]);
  }
});

test('a timeline begins with the draft, moves forward only, and ends no later than the day of seeding', async () => {
  expect(
    await rowsOf(
      `select dossier_number from dossiers.event group by 1
      having (array_agg(type order by sequence))[1] <> 'DRAFT_CREATED' or max(at)::date > $1 or max(sequence) <> count(*)`,
      [today],
    ),
  ).toEqual([]);
  expect(
    await rowsOf(`select * from (select dossier_number, at, lag(at) over (partition by dossier_number order by sequence) before
      from dossiers.event) e where at <= before`),
  ).toEqual([]);
  expect(
    await rowsOf(`select number from dossiers.dossier where not (created_at < coalesce(submitted_at, 'infinity')
      and coalesce(submitted_at, created_at) < coalesce(admissible_at, 'infinity')
      and coalesce(admissible_at, created_at) <= coalesce(copied_to_dvz_at, 'infinity')
      and coalesce(admissible_at, created_at) <= coalesce(forwarded_to_dvz_at, 'infinity')
      and coalesce(forwarded_to_dvz_at, admissible_at, created_at) <= coalesce(decided_at, 'infinity'))`),
  ).toEqual([]);
});

test('status and tracks agree', async () => {
  expect(
    await rowsOf(`select number, kind, status, work_track, residence_track from dossiers.dossier where not case status
      when 'DRAFT' then submitted_at is null and work_track in ('NOT_STARTED', 'NOT_APPLICABLE')
      when 'INADMISSIBLE' then admissible_at is null and decided_at is not null and work_track in ('NOT_STARTED', 'NOT_APPLICABLE')
      when 'ADMISSIBLE' then admissible_at is not null and decided_at is null
      when 'IN_TREATMENT' then decided_at is null and (work_track = 'IN_PROGRESS' or residence_track = 'IN_PROGRESS')
      when 'GRANTED' then decided_at is not null and work_track in ('GRANTED', 'NOT_APPLICABLE') and residence_track in ('GRANTED', 'NOT_APPLICABLE')
      when 'REFUSED' then decided_at is not null and (work_track = 'REFUSED' or residence_track = 'REFUSED')
      when 'UNDER_APPEAL' then exists (select from dossiers.appeal where dossier_number = number and decided_on is null)
      else true end`),
  ).toEqual([]);
  expect(
    await rowsOf(
      `select number from dossiers.dossier where (status = 'GRANTED') <> exists (select from cadastre.permit where dossier_number = number)`,
    ),
  ).toEqual([]);
});

test('open dossiers have days left, but for a few that are late', async () => {
  const [found] = await rowsOf<{ open: number; late: number }>(
    `select count(*)::int as open, count(*) filter (where next_deadline_on < $1)::int as late
     from dossiers.dossier where next_deadline_on is not null`,
    [today],
  );
  expect(found?.open).toBeGreaterThan(15);
  expect(found?.late).toBeLessThan((found?.open ?? 0) / 3);
});

test('each inspection rule has two planted hits and a near miss, kept in a table of the owner', async () => {
  const listed = planted(today);
  for (let rule = 1; rule <= 23; rule += 1) {
    const cases = listed.filter((one) => one.rule === `I${String(rule).padStart(2, '0')}`);
    expect(cases.filter(({ kind }) => kind === 'positive').length).toBeGreaterThanOrEqual(2);
    expect(cases.filter(({ kind }) => kind === 'near-miss').length).toBeGreaterThanOrEqual(1);
  }
  expect(await plantedCases(fresh.ownerUrl)).toEqual(listed);
});

test('a database that holds rows of somebody else is not touched', async () => {
  const url = await emptyDatabase('world_refused');
  const owner = await open(url);
  await owner.query(`insert into employers.enterprise_counter values ('0100300137', 'Real')`);
  await expect(seed(url, { profile: 'small', today })).rejects.toThrow('no seeding wrote');
  await owner.query('delete from employers.enterprise_counter');
  await seed(url, { profile: 'small', today });
  await expect(seed(url, { profile: 'small', today })).rejects.toThrow('already');
  const before = await rowsOf('select count(*) from access.involvement', [], owner);
  // As if the process had been killed: some tables full, others not, and no end on record.
  await owner.query('update meta.seeded set finished_at = null; delete from access.involvement');
  await seed(url, { profile: 'small', today });
  expect(await rowsOf('select count(*) from access.involvement', [], owner)).toEqual(before);
  await owner.end();
  await dropDatabase('world_refused');
});
