/** Announces what happened: a row of the outbox for each happening, and a delivery for whoever has to hear of it (DOMAIN 10). */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { statement } from '../db/statement.ts';
import { brusselsDate } from '../schema/calendar.ts';
import { addressees, type Concerned, type Details, dueOn, notification } from '../schema/notifications.ts';

/** What is told of one step. The data hold nothing personal. */
export type Announcement = {
  readonly at: Date;
  /** The dossier's number; null for what concerns no dossier, a mandate. */
  readonly dossier: string | null;
  readonly worker: string | null;
  readonly employer: string | null;
  readonly message?: string | undefined;
  /** Names of timeline events and of notifications (DOMAIN 10); `notify` where somebody is sent a message of it. */
  readonly events: readonly { event: string; data: Details; notify: boolean }[];
  /** Whether a registered letter goes as well. */
  readonly letter?: boolean | undefined;
};

// Positions first, so that what happened and who is told of it are written in one round trip. Deliveries are due by the clock of
// the database, which a fixed day does not hold back.
const write = statement(`
  with told as materialized (
    select e.nth, nextval('steps.position') as position, e.event, e.data
    from (select * from json_to_recordset($1::json) as j(nth integer, event text, data jsonb) order by j.nth) e
  ), written as (
    insert into steps.outbox (position, at, event, dossier_number, worker_id, employer_kbo, message_id, data)
    select t.position, $2, t.event, $3, $4, $5, $6, t.data from told t
  )
  insert into steps.delivery (id, position, dossier_number, event, recipient, channel, due_at, created_at)
  select l.id, t.position, l.dossier, t.event, l.recipient, l.channel, now(), $2
  from json_to_recordset($7::json) as l(id text, nth integer, dossier text, recipient text, channel text) join told t using (nth)`);

// One row, also where there is no dossier. Everybody who is or may be told stands in the tables that the step has just written.
const concernedIn = statement<Concerned>(`
  select d.applicant_kind as "applicantKind", d.applicant_id as "applicantId", coalesce(d.employer_kbo, $3) as "employerKbo",
    (select d.mandatary_kbo from access.involvement m where m.party = 'MANDATARY:' || d.mandatary_kbo
      and m.subject_kind = 'EMPLOYER' and m.subject = d.employer_kbo and m.capacity = 'MANDATE'
      and m.valid_from <= $4::date and coalesce(m.valid_to, 'infinity') >= $4::date) as "mandataryKbo",
    d.counter_kbo as "counterKbo", x.worker_id as "workerId", d.competent_authority as region,
    d.work_track as "workTrack", d.residence_track as "residenceTrack", d.residence_municipality as municipality,
    (select coalesce(jsonb_agg(jsonb_build_object('party', i.party, 'capacity', i.capacity) order by i.party), '[]')
      from access.involvement i where i.subject_kind = 'DOSSIER' and i.subject = d.number
        and i.valid_from <= $4::date and coalesce(i.valid_to, 'infinity') >= $4::date) as ties,
    (select coalesce(jsonb_agg(jsonb_build_object('rule', h.rule, 'authority', h.authority, 'assignedTo', h.assigned_to) order by h.id), '[]')
      from cadastre.inspection_hit h
      where (h.worker_id = x.worker_id or h.employer_kbo = coalesce(d.employer_kbo, $3)) and h.status <> 'CLOSED') as hits,
    array(select p.employer_kbo from cadastre.permit p
        where p.worker_id = x.worker_id and p.employer_kbo is not null and p.state in ('GRANTED_NOT_STARTED', 'ACTIVE')
      union select m.employer_kbo from cadastre.dimona_period m where m.worker_id = x.worker_id and not m.cancelled
        and m.start_date <= $4::date and coalesce(m.end_date, 'infinity') >= $4::date
      order by 1) as employers,
    array(select distinct 'WORKER:' || a.worker_id from workers.insz_alias a
      where a.worker_id = x.worker_id and a.valid_to is null) as numbered,
    array(select 'WORKER:' || w.id from workers.worker w
      where w.id in (x.worker_id, d.applicant_id) and w.email is not null) as mailed,
    (select coalesce(jsonb_object_agg(t.rule, t.due_on order by t.starts_on), '{}') from dossiers.deadline t
      where t.dossier_number = d.number and t.met_on is null) as terms
  from (select) one left join dossiers.dossier d on d.number = $1
    cross join lateral (select coalesce(d.worker_id, $2) as worker_id) x`);

/** The dossier that a delivery belongs to: none where its recipient has no part in the dossier and is not told which it is. */
const dossierFor = (event: string, recipient: string, { employerKbo }: Concerned, dossier: string | null) =>
  notification(event)?.about === 'WORKER' && recipient !== `EMPLOYER:${employerKbo}` ? null : dossier;

type Letter = { id: string; nth: number; dossier: string | null; recipient: string; channel: string };

/**
 * Finds out who is to be told of what a step did, once it has written all else; answers what writes that to the outbox, with the
 * deliveries that follow, in the transaction of the step. That is for when the step holds the end of the read log, under which
 * positions are in the order of the commits: others wait meanwhile, so nothing is looked up there.
 */
export const announcing = async (
  client: pg.PoolClient,
  { at, dossier, worker, employer, message, events, letter = false }: Announcement,
): Promise<() => Promise<void>> => {
  const unknown = events.find(({ event, notify }) => notify && notification(event) === null);
  if (unknown) throw new Error(`nobody is named to hear of ${unknown.event}`);
  if (events.length === 0) return async () => undefined;
  const [concerned] = events.some(({ notify }) => notify)
    ? await concernedIn(client, [dossier, worker, employer, brusselsDate(at)])
    : [];
  const told = events.map(({ event, data, notify }, nth) => {
    const due = notify && concerned ? dueOn(event, concerned) : undefined;
    return { nth, event, notify, data: { ...(due === undefined ? {} : { dueOn: due }), ...data } };
  });
  const letters = told.flatMap(({ nth, event, notify, data }): Letter[] =>
    (notify && concerned ? addressees(event, { ...data, letter }, concerned) : []).map(({ recipient, channel }) => ({
      id: randomUUID(),
      nth,
      dossier: concerned ? dossierFor(event, recipient, concerned, dossier) : null,
      recipient,
      channel,
    })),
  );
  const of = [at, dossier, worker, employer, message ?? null];
  return async () => void (await write(client, [JSON.stringify(told), ...of, JSON.stringify(letters)]));
};
