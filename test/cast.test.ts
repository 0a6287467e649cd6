import pg from 'pg';
import { namedDossiers, namedEmployers, namedMandataries, namedWorkers, rahulsBisNumber } from '../db/world/people.ts';
import { namedDossierNumbers } from '../db/world/world.ts';
import { mayEmploy, type PermitFacts, type RenewalFacts } from '../schema/may-employ.ts';
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

test('every person of the cast is there, under the same numbers in every world', async () => {
  const { olena: olenas } = namedDossierNumbers(today);
  for (const { id, first, last, insz: number } of Object.values(namedWorkers)) {
    // Who has no number is known from a draft alone: Olena.
    const known =
      number === null
        ? `select stated_worker ->> 'firstNames' as first_names, stated_worker ->> 'lastName' as last_name
           from dossiers.dossier where status = 'DRAFT' and stated_worker ->> 'insz' is null and number = '${olenas}'
             and not exists (select from workers.worker where id = $1)`
        : 'select first_names, last_name from workers.worker where id = $1';
    expect(await rowsOf(known, [id])).toEqual([{ first_names: first, last_name: last }]);
    const held = await rowsOf<{ insz: string }>(
      'select insz from workers.insz_alias where worker_id = $1 and valid_to is null',
      [id],
    );
    expect(held).toEqual(number === null ? [] : [{ insz: number }]);
  }
  expect(await rowsOf('select replaced_by from workers.insz_alias where insz = $1', [rahulsBisNumber])).toEqual([
    { replaced_by: namedWorkers.rahul.insz },
  ]);
  for (const { kbo, name, postalCode } of Object.values(namedEmployers)) {
    expect(
      await rowsOf(
        `select name, postal_code from employers.denomination d join employers.address a using (entity)
        where entity = $1 and a.type = 'REGO'`,
        [kbo],
      ),
    ).toEqual([{ name, postal_code: postalCode }]);
  }
  expect(
    await rowsOf('select holder_kbo, status from employers.mandate where giver_kbo = $1 order by from_quarter', [
      namedEmployers.brewery.kbo,
    ]),
  ).toEqual([
    { holder_kbo: namedMandataries.closed.kbo, status: 'CLOSED' },
    { holder_kbo: namedMandataries.active.kbo, status: 'ACTIVE' },
  ]);
});

test('the dossiers of the cast stand where they are said to stand', async () => {
  const numbers = namedDossierNumbers(today);
  for (const [name, { kind, status }] of Object.entries(namedDossiers)) {
    const number = numbers[name as keyof typeof namedDossiers]; // the keys of the constant
    expect([name, ...(await rowsOf('select kind, status from dossiers.dossier where number = $1', [number]))]).toEqual([
      name,
      { kind, status },
    ]);
  }
});

test('the cast may work where annex 49, annex 51, card and withdrawal say so', async () => {
  const { brewery, ukkel, waterloo, eupen } = namedEmployers;
  const asked = [
    ['rahul', brewery, 'PERMIT'],
    ['rahul', ukkel, 'NONE'],
    ['fatima', ukkel, 'UNLIMITED_PERMIT'],
    ['dragan', brewery, 'ANNEX_49'],
    ['dragan', waterloo, 'NONE'],
    ['nadia', waterloo, 'NONE'],
    ['mehmet', brewery, 'NONE'],
    ['emma', ukkel, 'NONE'],
    ['milan', eupen, 'PERMIT'],
    ['ayse', brewery, 'NONE'],
  ] as const;
  for (const [name, { kbo }, basis] of asked) {
    const { id, nationality } = namedWorkers[name];
    const permits = await rowsOf<PermitFacts>(
      `select kind, employer_kbo as "employerKbo", labour_market as "labourMarket", valid_from as "validFrom", valid_to as "validTo",
         state, bridging, function_title as "functionTitle", workplace_nis as "workplaceNis", ended_on as "endedOn",
         withdrawn_on as "withdrawnOn" from cadastre.permit where worker_id = $1`,
      [id],
    );
    const renewals = await rowsOf<RenewalFacts>(
      `select employer_kbo as "employerKbo", to_char(admissible_at, 'YYYY-MM-DD') as "admissibleAt", work_track as "workTrack",
         (select decided_on from decisions.decision where dossier_number = number and part = 'WORK' limit 1) as "workDecidedOn"
       from dossiers.dossier where worker_id = $1 and application_type = 'RENEWAL'`,
      [id],
    );
    const answer = mayEmploy({ on: today, employerKbo: kbo, nationalities: [nationality], permits, renewals });
    expect([name, kbo, answer.basis]).toEqual([name, kbo, basis]);
  }
});
