import pg from 'pg';
import { freshDatabase } from './database.ts';

// The reference register again, from the tables alone: what the steps of every dossier, employment, posting and mandate
// must have written. The generator notes each tie as it goes; this counts backwards, so that neither can copy the other.
const expected = `
  create temp view d as select *, submitted_at::date sub, admissible_at::date adm, created_at::date cre, decided_at::date dec
    from dossiers.dossier;
  create temp table service (authority text, service text);
  insert into service values ('VLA-DEM', 'INS-VSI'), ('BRU-BEW', 'INS-BRU'), ('WAL-SPW', 'INS-WAL'), ('DG-MIN', 'INS-DG');

  create temp view authority as
    select number, competent_authority party, 'COMPETENT'::access.capacity capacity,
      coalesce((select max(at)::date from dossiers.transfer where dossier_number = number), sub) since
      from d where sub is not null
    union all select dossier_number, from_authority, 'FORMER', sub from dossiers.transfer join d on number = dossier_number
    union all select number, 'FED-DVZ', 'COPIED', copied_to_dvz_at::date from d where copied_to_dvz_at is not null
    union all select number, 'FED-DVZ', 'FORWARDED', forwarded_to_dvz_at::date from d where forwarded_to_dvz_at is not null
    union all select number, service, 'TERRITORY', sub from d join service on authority = workplace_authority where sub is not null
    union all select number, diplomatic_post, 'NAMED', dec from d where status = 'GRANTED' and diplomatic_post is not null
    union all select number, 'MUN-' || residence_municipality, 'NAMED', case when application_type = 'RENEWAL' then adm else dec end
      from d where residence_municipality is not null and (status = 'GRANTED' or application_type = 'RENEWAL' and adm is not null);

  create temp view tie as
    select party, 'DOSSIER' kind, number subject, capacity, since, null::date until from authority
    union all select 'EMPLOYER:' || employer_kbo, 'DOSSIER', number, 'PARTY', cre, null from d where employer_kbo is not null
    union all select 'ENTERPRISE_COUNTER:' || counter_kbo, 'DOSSIER', number, 'PARTY', cre, null from d where counter_kbo is not null
    union all select 'WORKER:' || worker_id, 'DOSSIER', number, 'PARTY', case when applicant_id = worker_id then cre else adm end, null
      from d where applicant_id = worker_id or adm is not null
    union all select 'WORKER:' || applicant_id, 'DOSSIER', number, 'PARTY', cre, null from d where applicant_kind = 'HOST_FAMILY'
    union all select one.competent_authority, 'DOSSIER', other.number, 'SAME_WORKER', greatest(one.sub, other.sub), null
      from d one join d other on one.worker_id = other.worker_id and one.competent_authority <> other.competent_authority
      where one.sub is not null and other.sub is not null

    union all select party, 'WORKER', worker_id, capacity, since, null from authority join d using (number)
    union all select competent_authority, 'WORKER', applicant_id, 'COMPETENT', sub, null
      from d where applicant_kind = 'HOST_FAMILY' and sub is not null
    union all select 'WORKER:' || worker_id, 'WORKER', worker_id, 'PARTY', min(valid_from), null from workers.insz_alias group by worker_id
    union all select 'EMPLOYER:' || employer_kbo, 'WORKER', worker_id, 'PARTY', sub, null
      from d where sub is not null and employer_kbo is not null
    union all select 'ENTERPRISE_COUNTER:' || counter_kbo, 'WORKER', worker_id, 'PARTY', sub, null
      from d where sub is not null and counter_kbo is not null
    union all select 'EMPLOYER:' || employer_kbo, 'WORKER', worker_id, 'PARTY', start_date, null from cadastre.dimona_period
    union all select service, 'WORKER', worker_id, 'TERRITORY', start_date, null from cadastre.dimona_period join service using (authority)
    union all select 'EMPLOYER:' || client, 'WORKER', worker_id, 'PARTY', start_date, null
      from cadastre.limosa_declaration, unnest(clients) client
    union all select service, 'WORKER', worker_id, 'TERRITORY', start_date, null
      from cadastre.limosa_declaration, unnest(authorities) place join service on authority = place

    union all select party, 'EMPLOYER', employer_kbo, capacity, since, null from authority join d using (number) where employer_kbo is not null
    union all select 'EMPLOYER:' || kbo, 'EMPLOYER', kbo, 'PARTY', start_date, null from employers.enterprise
    union all select service, 'EMPLOYER', kbo, 'TERRITORY', start_date, null
      from employers.establishment join employers.address on entity = number and type = 'BAET' join service using (authority)
    union all select 'ENTERPRISE_COUNTER:' || counter_kbo, 'EMPLOYER', employer_kbo, 'PARTY', sub, null
      from d where sub is not null and counter_kbo is not null and employer_kbo is not null
    union all select 'WORKER:' || worker_id, 'EMPLOYER', employer_kbo, 'PARTY', case when applicant_id = worker_id then cre else adm end, null
      from d where sub is not null and employer_kbo is not null and (applicant_id = worker_id or adm is not null)
    union all select 'WORKER:' || worker_id, 'EMPLOYER', employer_kbo, 'PARTY', start_date, null from cadastre.dimona_period
    union all select 'MANDATARY:' || holder_kbo, 'EMPLOYER', giver_kbo, 'MANDATE',
      to_date(left(from_quarter, 4) || right(from_quarter, 1)::int * 3 - 2, 'YYYYMM'),
      (to_date(left(to_quarter, 4) || right(to_quarter, 1)::int * 3 - 2, 'YYYYMM') + interval '3 months' - interval '1 day')::date
      from employers.mandate where status in ('ACTIVE', 'CLOSED') and mandate_group in ('SINGLE_PERMIT', 'ALL');

  create temp view expected as
    select party, kind, subject, min(capacity)::text capacity, min(since) valid_from,
      case when bool_or(until is null) then null else max(until) end valid_to
    from tie group by 1, 2, 3;
  create temp view actual as
    select party, subject_kind::text kind, subject, capacity::text, valid_from, valid_to from access.involvement`;

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let db: pg.Client;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = new pg.Client({ connectionString: fresh.ownerUrl });
  await db.connect();
  await db.query(`set timezone = 'Europe/Brussels'`);
  await db.query(expected);
});

afterAll(async () => {
  await db.end();
  await fresh.drop();
});

test('the reference register holds what the dossiers, employments, postings and mandates imply, and nothing else', async () => {
  expect((await db.query('select * from expected except select * from actual')).rows).toEqual([]);
  expect((await db.query('select * from actual except select * from expected')).rows).toEqual([]);
});

test('nobody but its applicant and employer is tied to a draft', async () => {
  const { rows } = await db.query(`
    select party, subject from access.involvement join dossiers.dossier on number = subject
    where subject_kind = 'DOSSIER' and submitted_at is null
      and party not in ('EMPLOYER:' || coalesce(employer_kbo, ''), 'WORKER:' || applicant_id, 'ENTERPRISE_COUNTER:' || coalesce(counter_kbo, ''))`);
  expect(rows).toEqual([]);
});
