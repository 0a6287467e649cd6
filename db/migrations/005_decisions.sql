-- What was decided: the work part by a region, the residence part by the Immigration Office.
create schema decisions;

create table decisions.decision (
  id             text primary key,
  dossier_number text not null,
  part           text not null check (part in ('WORK', 'RESIDENCE')),
  outcome        text not null check (outcome in ('GRANT', 'REFUSE', 'WITHDRAW', 'END', 'INADMISSIBLE', 'WITHOUT_OBJECT')),
  authority      text not null,
  decided_on     date not null,
  notified_on    date,
  valid_from     date,
  valid_to       date,
  grounds        text[] not null default '{}',
  motivation     text,
  annex          text,
  version        integer not null default 1,
  supersedes     text references decisions.decision,
  worker_id      text not null,             -- for prior outcomes: who was concerned
  employer_kbo   text
);
create index decision_by_dossier on decisions.decision (dossier_number, decided_on, id);
create index decision_by_worker on decisions.decision (worker_id, decided_on);
create index decision_by_employer on decisions.decision (employer_kbo, decided_on);

grant usage on schema decisions to permit_decisions;
grant select on all tables in schema decisions to permit_decisions;
alter default privileges in schema decisions grant select on tables to permit_decisions;
