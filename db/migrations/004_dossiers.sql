-- The counter: one row per application, and what hangs from it.
create schema dossiers;

create table dossiers.dossier (
  number                 text primary key,
  kind                   text not null,
  application_type       text not null,
  status                 text not null,
  work_track             text not null,
  residence_track        text not null,
  handling               text not null,
  channel                text not null,
  helpdesk_ticket        text,
  language               text not null,
  rule_set               text not null,
  competent_authority    text not null,
  competence_rule        text not null,
  competence_inputs      jsonb not null default '{}',
  category               text not null,
  employer_kbo           text,
  establishment_number   text,
  worker_id              text not null,
  worker_nationality     text not null,     -- as stated at filing; what the worker is today, workers knows
  applicant_kind         text not null check (applicant_kind in ('EMPLOYER', 'MANDATARY', 'WORKER', 'ENTERPRISE_COUNTER', 'HOST_FAMILY')),
  applicant_id           text not null,     -- a KBO number, or an internal worker id
  mandatary_kbo          text,
  counter_kbo            text,
  workplace_postal_code  text,
  workplace_nis          text,
  workplace_authority    text,
  function_title         text,
  isco08                 text,
  nace_code              text,
  joint_committee        text,
  weekly_hours           numeric(4, 1),
  gross_monthly          numeric(10, 2),
  period_from            date not null,
  period_to              date,
  posting                jsonb,             -- sender, host, Limosa number of a posted worker
  diplomatic_post        text,
  residence_municipality text,
  previous_permit_id     text,
  duplicated_from        text,
  region_reference       text,
  dvz_reference          text,
  created_at             timestamptz not null,
  submitted_at           timestamptz,
  admissible_at          timestamptz,
  copied_to_dvz_at       timestamptz,
  forwarded_to_dvz_at    timestamptz,
  decided_at             timestamptz,
  next_deadline_on       date,              -- the earliest deadline still running
  version                integer not null default 1
);
-- The orders of the lists: never null, and scanned either way.
create index dossier_by_submission on dossiers.dossier ((coalesce(submitted_at, '-infinity'::timestamptz)), number);
create index dossier_by_deadline on dossiers.dossier ((coalesce(next_deadline_on, 'infinity'::date)), number);
create index dossier_by_employer on dossiers.dossier (employer_kbo, (coalesce(submitted_at, '-infinity'::timestamptz)), number);
create index dossier_by_worker on dossiers.dossier (worker_id, (coalesce(submitted_at, '-infinity'::timestamptz)), number);
create index dossier_by_post on dossiers.dossier (diplomatic_post) where diplomatic_post is not null;
create index dossier_by_municipality on dossiers.dossier (residence_municipality) where residence_municipality is not null;

create table dossiers.deadline (
  dossier_number  text not null references dossiers.dossier,
  rule            text not null,            -- D01-D16
  starts_on       date not null,
  due_on          date not null,
  met_on          date,
  suspended_since date,
  primary key (dossier_number, rule, starts_on)
);

create table dossiers.document (
  id               text primary key,
  dossier_number   text not null references dossiers.dossier,
  code             text not null,
  file_name        text not null,
  mime             text not null,
  size_bytes       integer not null,
  sha256           text not null,
  uploaded_by_kind text not null,
  uploaded_by      text not null,
  uploaded_at      timestamptz not null,
  superseded_by    text
);
create index document_by_dossier on dossiers.document (dossier_number, uploaded_at, id);

create table dossiers.information_request (
  id             text primary key,
  dossier_number text not null references dossiers.dossier,
  requested_on   date not null,
  due_on         date not null,
  items          text[] not null,           -- document codes
  answered_on    date
);
create index information_request_by_dossier on dossiers.information_request (dossier_number);

create table dossiers.transfer (
  dossier_number text not null references dossiers.dossier,
  at             timestamptz not null,
  from_authority text not null,
  to_authority   text not null,
  reason         text not null,
  primary key (dossier_number, at)
);

create table dossiers.appeal (
  id             text primary key,
  dossier_number text not null references dossiers.dossier,
  lodged_on      date not null,
  lodged_by_kind text not null,
  against_part   text not null,
  due_on         date,
  outcome        text,                      -- UPHOLD or REJECT
  decided_on     date
);
create index appeal_by_dossier on dossiers.appeal (dossier_number);

create table dossiers.milestone (
  dossier_number text not null references dossiers.dossier,
  kind           text not null,             -- VISA_ISSUED, ARRIVAL_REGISTERED, CARD_ISSUED, RESIDENCE_REGISTERED, ANNEX_49_ISSUED
  at             timestamptz not null,
  authority      text not null,
  primary key (dossier_number, kind, at)
);

create table dossiers.message (
  id             text primary key,
  dossier_number text not null references dossiers.dossier,
  at             timestamptz not null,
  sender_kind    text not null,
  sender         text not null,
  text           text not null
);
create index message_by_dossier on dossiers.message (dossier_number, at, id);

create table dossiers.note (
  id             text primary key,
  dossier_number text not null references dossiers.dossier,
  at             timestamptz not null,
  authority      text not null,             -- an internal note belongs to the authority that wrote it
  text           text not null
);
create index note_by_dossier on dossiers.note (dossier_number, at, id);

-- The timeline: what happened, in order, never rewritten.
create table dossiers.event (
  dossier_number text not null references dossiers.dossier,
  sequence       integer not null,
  at             timestamptz not null,
  type           text not null,
  actor_kind     text not null,
  actor          text,
  data           jsonb not null default '{}',
  primary key (dossier_number, sequence)
);

create function dossiers.refuse_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'the timeline is append-only';
end $$;
create trigger event_is_append_only before update or delete or truncate on dossiers.event
  for each statement execute function dossiers.refuse_rewrite();

grant usage on schema dossiers to permit_dossiers;
grant select on all tables in schema dossiers to permit_dossiers;
alter default privileges in schema dossiers grant select on tables to permit_dossiers;
