/** The world of the access matrix: the arranged one, and in it whatever comes close to a row scope without falling under it. */
import pg from 'pg';
import { pool } from '../db/database.ts';
import { makeDossierNumber } from '../schema/identifiers.ts';
import { eventsTelling } from '../schema/outbox.ts';
import { type SubgraphName, subgraphNames } from '../schema/subgraphs.ts';
import { arrange } from './arranged.ts';
import { kbo, number } from './cast.ts';
import { freshDatabase } from './database.ts';
import { askers } from './referee-rows.ts';

/** A query of the owner: the referee's. */
export type OwnerRows = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** The world as the matrix has it. */
export type MatrixWorld = {
  rows: OwnerRows;
  urlOf: (part: string) => string;
  pools: Readonly<Record<SubgraphName, pg.Pool>>;
  stop(): Promise<void>;
};

const plant = async (rows: OwnerRows): Promise<void> => {
  const tie = `insert into access.involvement select $1, $2, s.subject, $3, $4, $5
    from (select number as subject from dossiers.dossier where $2 = 'DOSSIER'
      union all select id from workers.worker where $2 = 'WORKER'
      union all select kbo from employers.enterprise where $2 = 'EMPLOYER') s
    where not exists (select from access.involvement i where i.party = $1 and i.subject_kind = $2 and i.subject = s.subject)
    order by s.subject limit 2`.replaceAll('$2', '$2::access.subject_kind');
  // A mandatary of two employers who both have a file on one worker finds that worker once.
  await rows(
    `insert into access.involvement values ($1, 'EMPLOYER', $2, 'MANDATE', '2026-01-01') on conflict do nothing`,
    [`MANDATARY:${kbo.mandatary}`, kbo.ukkel],
  );
  await rows(
    `insert into access.involvement values ($1, 'WORKER', 'W-0000002', 'PARTY', '2026-01-01') on conflict do nothing`,
    [`EMPLOYER:${kbo.ukkel}`],
  );
  // A file on the worker and one on the employer are no dossier of both.
  const both = `insert into access.involvement values ('DG-MIN', $1, $2, 'COMPETENT', '2026-01-01') on conflict do nothing`;
  await rows(both, ['WORKER', 'W-0000002']);
  await rows(both, ['EMPLOYER', kbo.brewery]);
  // Samuel: a region that had a file of his, and one that will have; outcomes elsewhere are for neither.
  const samuel = `insert into access.involvement values ($1, 'WORKER', 'W-0000006', $2, $3) on conflict do nothing`;
  await rows(samuel, ['DG-MIN', 'FORMER', '2026-01-01']);
  await rows(samuel, ['WAL-SPW', 'COMPETENT', '2026-11-03']);
  // Rahul with the same employer in another region: of the first dossier that region may know the status, and not the job.
  const again = makeDossierNumber('SP', 2026, 9999998);
  await rows(
    `insert into dossiers.dossier (number, kind, application_type, status, work_track, residence_track, handling, channel, language, rule_set, competent_authority, competence_rule, category, employer_kbo, worker_id, worker_nationality, applicant_kind, applicant_id, period_from, created_at, submitted_at)
     select $1, kind, 'RENEWAL', 'SUBMITTED', 'NOT_STARTED', 'NOT_STARTED', handling, channel, language, rule_set, 'BRU-BEW', competence_rule, category, employer_kbo, worker_id, worker_nationality, applicant_kind, applicant_id, period_from, now(), '2026-10-30'
     from dossiers.dossier where number = $2`,
    [again, number.rahul],
  );
  await rows(
    `insert into access.involvement values ('BRU-BEW', 'DOSSIER', $1, 'COMPETENT', '2026-10-30'), ('BRU-BEW', 'DOSSIER', $2, 'SAME_WORKER', '2026-10-30'),
       ('BRU-BEW', 'WORKER', 'W-0000002', 'COMPETENT', '2026-10-30') on conflict do nothing`,
    [again, number.rahul],
  );
  // What was said and what happened while a dossier was a draft is its applicant's alone.
  await rows(
    `insert into dossiers.message (id, dossier_number, at, sender_kind, sender, text) values ('MSG-DRAFT', $1, '2026-10-30', 'EMPLOYER', $2, 'x')`,
    [number.olena, kbo.brewery],
  );
  await rows(
    `insert into steps.outbox (position, at, event, dossier_number) values (nextval('steps.position'), '2026-10-30', 'DRAFT_CREATED', $1)`,
    [number.olena],
  );
  // A message about Rahul; and of each category something that happened, in three dossiers: granted, transferred, a counter's.
  await rows(
    `insert into dossiers.message (id, dossier_number, at, sender_kind, sender, text) values ('MSG-RAHUL', $1, '2026-10-30', 'EMPLOYER', $2, 'Is alles er?')`,
    [number.rahul, kbo.brewery],
  );
  const each = [...eventsTelling.values()].flatMap((events) => events[0] ?? []);
  await rows(
    `insert into steps.outbox (position, at, event, dossier_number, message_id)
     select nextval('steps.position'), '2026-10-30', e, n, case when e = 'MESSAGE_ADDED' and n = $1 then 'MSG-RAHUL' end
     from unnest($2::text[]) n, unnest($3::text[]) e`,
    [number.rahul, [number.rahul, number.yuki, number.grace], ['INSPECTION_HIT', ...each]],
  );
  // Priya is asked for a paper of each part, and for one that no list knows.
  await rows(
    `update dossiers.information_request set items = '{RES_MEDICAL,WRK_DIPLOMA,NEW_PAPER}' where dossier_number = $1`,
    [number.priya],
  );
  // Who Rahul was, as the draft said; what is filed keeps none of it, but what keeps it is judged as the person.
  await rows(`update dossiers.dossier set stated_worker = $2 where number = $1`, [
    number.rahul,
    { lastName: 'Sharma', firstNames: 'Rahul', birthDate: '1988-02-03', nationalities: ['IN'], abroad: true },
  ]);
  await rows(`insert into dossiers.transfer values ($1, '2025-08-01', 'WAL-SPW', 'VLA-DEM', 'why it moved')`, [
    number.rahul,
  ]);
  // Yuki, who was transferred: an appeal runs; and she is posted, which the region that handed her on need not know.
  await rows(`insert into dossiers.appeal select 'APPEAL-YUKI', $1, '2026-10-05', 'WORKER', 'WORK', null, null, null`, [
    number.yuki,
  ]);
  await rows(
    `with a as (insert into cadastre.a1_certificate (number, issuing_country, worker_id, valid_from)
       select 'A1-YUKI', 'PT', worker_id, '2026-10-01' from dossiers.dossier where number = $1 returning number, worker_id)
     insert into cadastre.limosa_declaration (number, worker_kind, worker_id, sender_name, sender_country, clients, places, authorities, start_date, a1_number)
     select 'L-YUKI', 'EMPLOYEE', worker_id, 'Sender', 'PT', $2, '[]', '{VLA-DEM}', '2026-10-01', number from a`,
    [number.yuki, [kbo.waterloo]],
  );
  // Rahul, whom nearly everybody meets: asked for a paper that came, an appeal that was decided, a certificate that ends, and
  // handed from one region to another.
  await rows(`insert into dossiers.transfer values ($1, '2025-06-30', 'WAL-SPW', 'VLA-DEM', 'WORKPLACE_CORRECTED')`, [
    number.rahul,
  ]);
  await rows(
    `insert into dossiers.information_request values ('REQUEST-RAHUL', $1, '2025-07-01', '2025-07-16', '{WRK_DIPLOMA}', '2025-07-10')`,
    [number.rahul],
  );
  await rows(
    `insert into dossiers.appeal (id, dossier_number, lodged_on, lodged_by_kind, against_part, outcome, decided_on)
     values ('APPEAL-RAHUL', $1, '2025-08-01', 'EMPLOYER', 'WORK', 'UPHOLD', '2025-09-01')`,
    [number.rahul],
  );
  await rows(
    `update cadastre.a1_certificate set foreign_number = 'PT-1', valid_to = '2027-01-01' where worker_id = 'W-0000002'`,
  );
  // A hit of each rule on a worker whom the Immigration Office knows, and one on a worker whom it does not.
  await rows(
    `insert into cadastre.inspection_hit (id, rule, severity, worker_id, employer_kbo, authority, detected_at, status, assigned_to, outcome)
     select 'HIT-' || r, 'I' || lpad(r::text, 2, '0'), 'LOW', 'W-0000002', '0123456749', 'VLA-DEM', '2026-10-01'::timestamptz, 'OPEN', 'INS-VSI', 'WARNING' from generate_series(1, 23) r
     union all
     select 'HIT-UNKNOWN', 'I02', 'LOW', (select id from workers.worker w where not exists (select from access.involvement i
       where i.party = 'FED-DVZ' and i.subject_kind = 'WORKER' and i.subject = w.id) order by id limit 1), null, 'BRU-BEW', '2026-10-01', 'OPEN', null, null`,
  );
  // Of Rahul's grant each of several parties was told, one of them in vain.
  await rows(
    `with o as (insert into steps.outbox (position, at, event, dossier_number, worker_id)
       values (nextval('steps.position'), '2026-10-01', 'FINAL_DECISION', $1, 'W-0000002') returning position)
     insert into steps.delivery (id, position, dossier_number, event, recipient, channel, status, attempts, due_at, sent_at, read_at, fault, created_at)
     select 'L-' || r, position, $1, 'FINAL_DECISION', r, 'EVENT', s, 1, now(), '2026-10-01', '2026-10-02', 'TIMEOUT', '2026-10-01'
     from o, (values ('VLA-DEM', 'READ'), ('INS-VSI', 'SENT'), ('POST-IN-1', 'DEAD'), ('WORKER:W-0000002', 'READ')) l(r, s)`,
    [number.rahul],
  );
  // Who looked at Rahul and at John; one entry was erased. That the log's chain does not hold is of no interest here.
  await rows(
    `insert into read_log.entry (seq, at, user_id, party, kind, subject, read, refused, operation, outcome, salt, leaf, chain)
     select row_number() over (), now() - interval '1 day' * days, 'u', party, kind, subject, '{}', '{}', 'x', 'READ', substring(sha256('') from 1 for 16), sha256(''), sha256('')
     from (values ${askers.map(({ who, kind }) => `('${who}', '${kind}')`).join(', ')}) p(party, kind),
       (values ('W-0000002', 1), ('W-0000002', 200), ('W-0000010', 1), (null, 1)) s(subject, days)`,
  );
  await rows(`insert into read_log.entry (seq, leaf, chain) values (1000000, sha256(''), sha256(''))`);
  // Last, where no tie is yet: one that begins tomorrow gives nothing; one that ended leaves what it gave, a mandate excepted.
  for (const { party, kind } of askers) {
    if (['HELPDESK', 'AUDITOR', 'COORDINATION', 'RECIPIENT', 'PLATFORM', 'IDENTITY', 'INSPECTION_FED'].includes(kind))
      continue;
    const capacity = kind === 'MANDATARY' ? 'MANDATE' : kind === 'REGION' ? 'COMPETENT' : 'PARTY';
    for (const about of kind === 'MANDATARY' ? ['EMPLOYER'] : ['DOSSIER', 'WORKER', 'EMPLOYER']) {
      await rows(tie, [party, about, capacity, '2026-11-03', null]);
      await rows(tie, [party, about, capacity, '2025-01-01', '2026-11-01']);
    }
  }
};

/** Opens that world on a database of its own. */
export const openMatrixWorld = async (): Promise<MatrixWorld> => {
  const database = await freshDatabase();
  const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  const rows: OwnerRows = async (text, values = []) => (await owner.query(text, [...values])).rows;
  await arrange(rows);
  await plant(rows);
  const connect = (name: SubgraphName) => pool(database.urlOf(name), { max: 2, name });
  const pools = Object.fromEntries(subgraphNames.map((name) => [name, connect(name)])) as MatrixWorld['pools']; // one for each name
  return {
    rows,
    urlOf: database.urlOf,
    pools,
    stop: async () => {
      await Promise.all(Object.values(pools).map((one) => one.end()));
      await owner.end();
      await database.drop();
    },
  };
};
