import pg from 'pg';
import { plantedCases } from '../db/world/seed.ts';
import { today } from './cluster.ts';
import { freshDatabase } from './database.ts';

// The rules of DOMAIN 8, each in as few words of SQL as its planted cases need, asked about the case's own worker (w),
// employer (e), dossier (n) and permit (p) only. The engine that runs the rules over everybody is not this.
const hits: Readonly<Record<string, string>> = {
  I01: `exists (select from dimona join workers.worker k on k.id = worker_id where worker_id = w and employer_kbo = e
    and not nationalities && '{DE,FR,NL}' and not exists (select from permit
      where worker_id = w and employer_kbo = e and start_date between valid_from and valid_to))`,
  I02: `exists (select from dimona d join permit using (worker_id, employer_kbo) where worker_id = w and employer_kbo = e
    and (start_date < valid_from or (coalesce(end_date, today) > valid_to and bridging = 'NONE')))`,
  I03: `exists (select from dimona d where worker_id = w and employer_kbo = e and not exists (select from permit
    where worker_id = w and (labour_market = 'UNLIMITED' or employer_kbo = e) and start_date between valid_from and valid_to))`,
  I04: `exists (select from permit join dimona using (worker_id, employer_kbo) where id_p = p
      and withdrawn_on < today and end_date is null)
    or exists (select from permit join dmfa using (worker_id, employer_kbo) where id_p = p and days > 0 and quarter_first > withdrawn_on)`,
  I05: `exists (select from permit join dimona using (worker_id, employer_kbo) where id_p = p and valid_to < today
    and end_date is null and bridging <> 'ANNEX_49' and not exists (select from dossier r
      where r.number = renewal_dossier and r.submitted_at::date <= valid_to))`,
  I06: `exists (select from permit join dossier on number = dossier_number where id_p = p and today > valid_from + 60
    and (diplomatic_post is null or exists (select from dossiers.milestone m where m.dossier_number = number and m.kind = 'ARRIVAL_REGISTERED'))
    and not exists (select from dimona where worker_id = w and employer_kbo = e))`,
  I07: `exists (select from permit join dimona using (worker_id, employer_kbo) where id_p = p and state = 'ACTIVE' and today > end_date + 15)`,
  I08: `exists (select from limosa where worker_id = w and sender_country not in ('PL') and not exists (select from permit where worker_id = w)
    and not exists (select from dossier where worker_id = w))`,
  I09: `exists (select from generate_series(today - 400, today, interval '1 day') last where 90 < (
      select count(distinct day) from (select start_date, end_date from limosa where worker_id = w
        union all select start_date, end_date from dimona where worker_id = w) t, generate_series(start_date, end_date, interval '1 day') day
      where day > last - interval '180 days' and day <= last))
    and not exists (select from permit where worker_id = w and kind <> 'WA_SHORT')`,
  I10: `exists (select from limosa where worker_id = w and worker_kind = 'EMPLOYEE' and today > start_date + 30
    and not exists (select from cadastre.a1_certificate a where a.worker_id = w and valid_from <= start_date and valid_to >= least(end_date, today)))`,
  I11: `exists (select from decision a join dossier b using (worker_id) where worker_id = w and outcome in ('REFUSE', 'INADMISSIBLE', 'WITHDRAW')
    and b.competent_authority <> a.authority and b.submitted_at::date between a.decided_on and a.decided_on + interval '12 months'
    and (a.employer_kbo = b.employer_kbo or exists (select from place x join place y using (postal_code, street_nl, house_number)
      where x.kbo = a.employer_kbo and y.kbo = b.employer_kbo)))`,
  I12: `2 <= (select count(*) from dmfa join dossier using (worker_id, employer_kbo) where worker_id = w
    and dmfa.authority <> competent_authority and days > 40)`,
  I13: `25 <= (select count(*) from permit where employer_kbo = e and state = 'ACTIVE')
    or exists (select from (select count(*) as permits, (select count(*) from dimona where employer_kbo = e and end_date is null) as people
      from permit where employer_kbo = e and state = 'ACTIVE') c where permits >= 5 and permits * 2 > people)
    or 3 <= (select count(distinct y.kbo) from place x join place y using (postal_code, street_nl, house_number)
      join permit on employer_kbo = y.kbo where x.kbo = e)`,
  I14: `exists (select from dmfa join dossier using (worker_id, employer_kbo) where worker_id = w and days >= 65
    and gross_wage * 4 < 0.98 * case category when 'EXEC' then 6647.2 * 12 else 48912 end)`,
  I15: `exists (select from permit join employers.enterprise k on k.kbo = employer_kbo left join employers.employer r on r.kbo = k.kbo
    where id_p = p and state = 'ACTIVE' and (k.status = 'ST' or insolvency in ('BANKRUPT', 'JUDICIAL_REORGANISATION')))`,
  I16: `exists (select from permit a join permit b using (worker_id) join dossier x on x.number = a.dossier_number
    join dossier y on y.number = b.dossier_number where a.worker_id = w and a.employer_kbo < b.employer_kbo
    and a.valid_from <= b.valid_to and b.valid_from <= a.valid_to and x.weekly_hours + y.weekly_hours > 45)`,
  I17: `exists (select from workers.worker a join workers.worker b using (birth_date) where a.id = w and b.id <> w
    and (a.passport_number = b.passport_number or (length(a.last_name) = length(b.last_name) and 1 >= (select count(*)
      from generate_series(1, length(a.last_name)) i where substr(a.last_name, i, 1) <> substr(b.last_name, i, 1)))))`,
  I18: `5 <= (select count(*) from dossier join employers.enterprise on kbo = employer_kbo where kbo = e
    and submitted_at::date < start_date + interval '6 months')`,
  I19: `exists (select from decision d join limosa l using (worker_id) where worker_id = w and outcome = 'REFUSE' and e = any (clients)
    and start_date between decided_on and decided_on + interval '6 months')`,
  I20: `exists (select from permit join dimona using (worker_id) where worker_id = w and permit.kind = 'PC_SELF'
    and start_date <= valid_to and coalesce(end_date, today) >= valid_from)`,
  I21: `exists (select from dossier where number = n and posting is not null and not exists (select from employers.mandate
    where giver_kbo = e and holder_kbo = mandatary_kbo and mandate.status = 'ACTIVE'))`,
  I22: `exists (select from dossier a where worker_id = w and 3 <= (select count(*) from dossier b where b.worker_id = w
      and b.submitted_at::date between a.submitted_at::date and a.submitted_at::date + 90))
    and not exists (select from dossier where worker_id = w and status = 'GRANTED')`,
  I23: `exists (select from dimona d where worker_id = w and start_date < last_quarter and end_date is null
      and not exists (select from dmfa where worker_id = w and quarter_first = last_quarter))
    or exists (select from dmfa where worker_id = w and not exists (select from dimona d
      where d.worker_id = w and start_date < quarter_first + interval '3 months' and coalesce(end_date, today) >= quarter_first))`,
};

const views = `
  create temp view permit as select *, id as id_p from cadastre.permit;
  create temp view dimona as select * from cadastre.dimona_period;
  create temp view dmfa as select *, to_date(left(quarter, 4) || right(quarter, 1)::int * 3 - 2, 'YYYYMM') as quarter_first from cadastre.dmfa_line;
  create temp view limosa as select * from cadastre.limosa_declaration;
  create temp view dossier as select * from dossiers.dossier;
  create temp view decision as select * from decisions.decision;
  create temp view place as select kbo, postal_code, street_nl, house_number
    from employers.establishment join employers.address on entity = number;
  set timezone = 'Europe/Brussels'`;

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let db: pg.Client;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = new pg.Client({ connectionString: fresh.ownerUrl });
  await db.connect();
  await db.query(views);
});

afterAll(async () => {
  await db.end();
  await fresh.drop();
});

test('every planted hit is one, and no near miss is', async () => {
  const wrong: string[] = [];
  for (const { rule, kind, workerId, employerKbo, dossierNumber, permitId, why } of await plantedCases(
    fresh.ownerUrl,
  )) {
    const { rows } = await db.query<{ hit: boolean }>(
      `-- ${rule}
       select ${hits[rule]} as hit from (select $1::text w, $2::text e, $3::text n, $4::text p, $5::date today,
         date_trunc('quarter', $5::date - interval '4 months')::date last_quarter) one`,
      [workerId, employerKbo, dossierNumber, permitId, today],
    );
    if (rows[0]?.hit !== (kind === 'positive')) wrong.push(`${rule} ${kind}: ${why}`);
  }
  expect(wrong).toEqual([]);
});
