-- The register of foreign employment: permits, and what social security knows of the same persons.
create schema cadastre;

create table cadastre.permit (
  id                   text primary key,
  kind                 text not null,
  dossier_number       text,
  worker_id            text not null,
  employer_kbo         text,
  establishment_number text,
  authority            text not null,
  labour_market        text not null check (labour_market in ('LIMITED', 'UNLIMITED', 'NONE')),
  function_title       text,
  workplace_nis        text,
  valid_from           date not null,
  valid_to             date,
  state                text not null,       -- as last recorded; a clock may have overtaken it (3.4)
  bridging             text not null default 'NONE' check (bridging in ('NONE', 'ANNEX_49', 'ANNEX_51')),
  renewal_dossier      text,
  renewal_admissible_on  date,              -- annex 49 allows work only when admissible ...
  renewal_work_granted_on date,             -- ... and the region has said yes
  withdrawn_on         date,
  withdrawal_ground    text,
  withdrawal_authority text,
  ended_on             date,
  card_type            text
);
create index permit_by_worker on cadastre.permit (worker_id, valid_from desc, id);
create index permit_by_employer on cadastre.permit (employer_kbo, valid_from desc, id);
create index permit_by_establishment on cadastre.permit (establishment_number, valid_from desc, id);
create index permit_by_authority on cadastre.permit (authority, valid_from desc, id);
create index permit_by_dossier on cadastre.permit (dossier_number);

create table cadastre.dimona_period (
  id                   text primary key,
  worker_id            text not null,
  employer_kbo         text not null,
  establishment_number text,
  authority            text,                -- the employment authority of the workplace
  type                 text not null,
  joint_committee      text,
  start_date           date not null,
  end_date             date,
  cancelled            boolean not null default false
);
create index dimona_by_worker on cadastre.dimona_period (worker_id, start_date desc, id);
create index dimona_by_employer on cadastre.dimona_period (employer_kbo, start_date desc, id);
create index dimona_by_establishment on cadastre.dimona_period (establishment_number, start_date desc, id);

create table cadastre.dmfa_line (
  quarter              text not null,
  employer_kbo         text not null,
  worker_id            text not null,
  establishment_number text,
  authority            text,
  joint_committee      text not null default '',
  gross_wage           numeric(12, 2) not null,
  days                 numeric(5, 1) not null,
  hours                numeric(6, 1) not null,
  primary key (worker_id, employer_kbo, quarter, joint_committee)
);
create index dmfa_by_employer on cadastre.dmfa_line (employer_kbo, quarter);
create index dmfa_by_establishment on cadastre.dmfa_line (establishment_number, quarter);

create table cadastre.a1_certificate (
  number          text primary key,
  foreign_number  text,                     -- a reference in the issuing state's own form
  issuing_country text not null,
  worker_id       text not null,
  valid_from      date not null,
  valid_to        date
);
create index a1_by_worker on cadastre.a1_certificate (worker_id, valid_from desc);

create table cadastre.limosa_declaration (
  number           text primary key,
  worker_kind      text not null check (worker_kind in ('EMPLOYEE', 'SELF_EMPLOYED')),
  worker_id        text not null,
  sender_name      text not null,
  sender_country   text not null,
  sender_reference text,
  clients          text[] not null,         -- KBO numbers
  places           jsonb not null,          -- [{postalCode, locality, street}]
  authorities      text[] not null,         -- the employment authorities of the places
  start_date       date not null,
  end_date         date,
  sector           text,
  temporary_agency boolean not null default false,
  a1_number        text references cadastre.a1_certificate,
  permit_reminder  text,                    -- SENT, ANSWERED
  cancelled        boolean not null default false
);
create index limosa_by_worker on cadastre.limosa_declaration (worker_id, start_date desc, number);
create index limosa_by_client on cadastre.limosa_declaration using gin (clients);
create index limosa_by_start on cadastre.limosa_declaration (start_date desc, number);

-- A signal for a human, never a decision: rules I01-I23.
create table cadastre.inspection_hit (
  id           text primary key,
  rule         text not null,
  rule_version integer not null default 1,
  severity     text not null check (severity in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  worker_id    text,
  employer_kbo text,
  authority    text not null,               -- the employment authority of the workplace: whose territory
  evidence     jsonb not null default '[]', -- [{kind: PERMIT | DIMONA | DMFA | LIMOSA | DOSSIER, id}]
  detected_at  timestamptz not null,
  status       text not null check (status in ('OPEN', 'ASSIGNED', 'IN_INQUIRY', 'CLOSED')),
  assigned_to  text,
  outcome      text
);
create index inspection_hit_by_time on cadastre.inspection_hit (detected_at desc, id);
create index inspection_hit_by_worker on cadastre.inspection_hit (worker_id);
create index inspection_hit_by_employer on cadastre.inspection_hit (employer_kbo);

-- Whether a permit is needed at all hangs on nationality and residence, which workers owns: one narrow answer for one person.
create function access.facts_of(worker_id text)
  returns table (nationalities text[], residence_labour_market text, residence_from date, residence_to date)
  language sql stable security definer set search_path = pg_catalog
begin atomic
  select w.nationalities, r.labour_market, r.valid_from, r.valid_to
  from workers.worker w left join workers.residence_status r on r.worker_id = w.id
  where w.id = facts_of.worker_id;
end;
revoke all on function access.facts_of from public;
grant execute on function access.facts_of to permit_cadastre;

-- Which persons exist, by internal id alone: an inspection asks about somebody before any row of the register is found.
create view access.person as select id from workers.worker;
grant select on access.person to permit_cadastre;

-- What a wage is measured by hangs on the dossier's category and region, which dossiers owns: one narrow answer for one dossier.
create function access.terms_of(dossier text)
  returns table (worker_id text, employer_kbo text, category text, authority text)
  language sql stable security definer set search_path = pg_catalog
begin atomic
  select d.worker_id, d.employer_kbo, d.category, d.competent_authority
  from dossiers.dossier d
  where d.number = terms_of.dossier and d.status <> 'DRAFT';
end;
revoke all on function access.terms_of from public;
grant execute on function access.terms_of to permit_cadastre;

grant usage on schema cadastre to permit_cadastre;
grant select on all tables in schema cadastre to permit_cadastre;
alter default privileges in schema cadastre grant select on tables to permit_cadastre;
