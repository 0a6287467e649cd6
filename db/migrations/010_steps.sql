-- The write side. A step in a dossier's life changes what several subgraphs own: it runs under a role of its own, permit_steps,
-- which may write exactly these tables. Reads never use it.

-- A draft need not be complete; a dossier that was submitted is.
alter table dossiers.dossier
  alter competent_authority drop not null,
  alter competence_rule drop not null,
  alter category drop not null,
  alter worker_id drop not null,
  alter worker_nationality drop not null,
  alter period_from drop not null,
  add constraint submitted_is_complete check (
    submitted_at is null
    or num_nulls(competent_authority, competence_rule, category, worker_id, worker_nationality, period_from) = 0
  ),
  add stated_worker      jsonb,                          -- who the draft is for, as its applicant says; nothing once it is submitted
  add places             jsonb not null default '{}',    -- the places that the competent authority follows from, as stated
  add floor_facts        jsonb not null default '{}',    -- what lowers the salary floor, as stated
  add welcome_consent_on date,
  add legal_hold         boolean not null default false, -- nothing of it is erased while this stands
  drop constraint dossier_applicant_kind_check,
  add constraint dossier_applicant_kind_check check (
    applicant_kind in ('EMPLOYER', 'MANDATARY', 'WORKER', 'SELF_EMPLOYED', 'ENTERPRISE_COUNTER', 'HOST_FAMILY')
  );
create index dossier_open_by_pair on dossiers.dossier (worker_id, employer_kbo)
  where status in ('SUBMITTED', 'INFO_REQUESTED', 'ADMISSIBLE', 'IN_TREATMENT');
create index dossier_of_draft on dossiers.dossier (created_at) where status = 'DRAFT';

-- What a dossier was before each change: with the timeline, what was known of it at a moment.
create table dossiers.dossier_past (
  dossier_number text not null,
  version        integer not null,
  until          timestamptz not null,                   -- it was so until then
  content        jsonb not null,
  primary key (dossier_number, version)
);
create function dossiers.keep_past() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  -- A fixed clock may stand in another year than the database's: the step says when it is.
  insert into dossiers.dossier_past (dossier_number, version, until, content)
    values (old.number, old.version, coalesce(nullif(current_setting('permits.now', true), '')::timestamptz, now()), to_jsonb(old));
  return new;
end $$;
create trigger dossier_keeps_past before update on dossiers.dossier
  for each row when (old.version <> new.version) execute function dossiers.keep_past();
create trigger past_is_append_only before update or delete or truncate on dossiers.dossier_past
  for each statement execute function dossiers.refuse_rewrite();
alter table dossiers.event enable always trigger event_is_append_only;
alter table dossiers.dossier_past enable always trigger past_is_append_only;

alter table dossiers.information_request
  add requested_at timestamptz,                                -- what came before is no answer; null for what was taken over
  add proposed_on  date;                                       -- the clock proposed to declare the dossier inadmissible
alter table dossiers.appeal add language text, add motivation text;
alter table dossiers.document
  add erased_at timestamptz,                                   -- its content is gone; that it was there stays
  add copy_of   text;                                          -- whose content it has: a duplicated dossier's own documents
alter table decisions.decision add recorded_at timestamptz;    -- null for what was taken over from before

-- The last number given out of a year: dossiers are numbered SP-2026-0000001, without the check digits.
create table dossiers.numbering (
  prefix text not null,
  year   integer not null,
  last   integer not null,
  primary key (prefix, year)
);
create function dossiers.next_number(of_prefix text, of_year integer) returns integer
  language sql volatile set search_path = pg_catalog
begin atomic
  insert into dossiers.numbering as n (prefix, year, last)
    values (of_prefix, of_year, 1 + coalesce((
      select max(substring(d.number, 9, 7)::integer) from dossiers.dossier d where d.number like of_prefix || '-' || of_year || '-%'
    ), 0))
    on conflict (prefix, year) do update set last = n.last + 1
    returning last;
end;

-- Numbers that the bis register gives to persons who have none, and internal ids of persons who are new.
create sequence workers.new_worker start 90000001;
create sequence workers.new_bis;

create schema steps;

-- What was done under a key: a repeat of the request is answered from here, and does nothing.
create table steps.idempotency (
  caller    text not null,                -- the token's subject and its party: another's key is another key
  key       text not null,
  operation text not null,
  digest    bytea not null,               -- SHA-256 of what was asked
  answer    jsonb,
  at        timestamptz not null default now(),
  primary key (caller, key)
);
create index idempotency_by_time on steps.idempotency (at);

-- What happened, for whoever must hear of it. Positions are in the order of the commits: they are given under the lock of the
-- read log, which each step takes last. A reader who has seen a position has seen all before it.
create sequence steps.position;
create table steps.outbox (
  position       bigint primary key,
  at             timestamptz not null,
  event          text not null,           -- of the timeline, or a notification of DOMAIN 10
  dossier_number text,                    -- null for what concerns no dossier: a mandate
  worker_id      text,
  employer_kbo   text,
  message_id     text,
  data           jsonb not null default '{}'  -- no personal data
);
create index outbox_by_dossier on steps.outbox (dossier_number, position);

-- One message to one recipient over one channel, made in the same transaction as the event.
create table steps.delivery (
  id             text primary key,
  position       bigint not null references steps.outbox,
  dossier_number text,
  event          text not null,
  recipient      text not null,           -- as access.involvement names a party
  channel        text not null check (channel in ('EBOX', 'MAIL', 'EVENT', 'LETTER')),
  status         text not null default 'PENDING' check (status in ('PENDING', 'SENT', 'READ', 'DEAD')),
  attempts       integer not null default 0,
  due_at         timestamptz not null,    -- not tried again before
  sent_at        timestamptz,
  read_at        timestamptz,
  receipt        text,                    -- the number that the channel gave
  fault          text,                    -- a code of the last failure; never its text
  created_at     timestamptz not null
);
create index delivery_waiting on steps.delivery (due_at, position) where status = 'PENDING';
create index delivery_dead on steps.delivery (position) where status = 'DEAD';
create index delivery_by_dossier on steps.delivery (dossier_number, position);
create index delivery_by_recipient on steps.delivery (recipient, channel, position);

-- Content that was sent, and belongs to no dossier yet.
create table steps.upload (
  id         text primary key,
  owner      text not null,               -- the token's subject and its party
  mime       text not null,
  size_bytes integer not null,
  sha256     text not null,
  at         timestamptz not null
);

-- The outcome WRITTEN: the categories stand in `read`, as what was seen and changed.
alter table read_log.entry drop constraint entry_outcome_check;
alter table read_log.entry add constraint entry_outcome_check
  check (outcome in ('READ', 'REFUSED', 'NOTHING', 'ERASED', 'WRITTEN'));

grant usage on schema access, workers, employers, dossiers, decisions, cadastre, read_log, steps to permit_steps;
grant select on all tables in schema access, workers, employers, dossiers, decisions, cadastre, steps to permit_steps;
grant execute on function access.worker_of, access.facts_of, read_log.tail, dossiers.next_number to permit_steps;
grant usage on sequence workers.new_worker, workers.new_bis, steps.position to permit_steps;

grant insert, update on dossiers.dossier, dossiers.deadline, dossiers.document, dossiers.information_request, dossiers.appeal,
  dossiers.numbering to permit_steps;
grant insert on dossiers.dossier_past, dossiers.event, dossiers.transfer, dossiers.milestone, dossiers.message to permit_steps;
grant insert on decisions.decision to permit_steps;
grant insert, update on cadastre.permit to permit_steps;
grant insert on workers.worker, workers.insz_alias to permit_steps;
grant update (street, house_number, postal_code, locality, country, municipality) on workers.worker to permit_steps;
grant insert, update on employers.mandate to permit_steps;
grant insert on employers.mandatary to permit_steps;
grant insert, update on access.involvement to permit_steps;
grant insert, update, delete on steps.idempotency, steps.upload to permit_steps;
grant insert on steps.outbox to permit_steps;
grant insert, update on steps.delivery to permit_steps;
grant select (seq, chain) on read_log.entry to permit_steps;
grant select (seq, at) on read_log.checkpoint to permit_steps;
grant insert on read_log.entry, read_log.checkpoint to permit_steps;

grant usage on schema steps to permit_dossiers;
grant select on steps.outbox, steps.delivery to permit_dossiers;
