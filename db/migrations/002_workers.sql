-- Persons: National Register and bis register. The key is internal; an INSZ is an alias that can change.
create schema workers;

create table workers.worker (
  id              text primary key,
  last_name       text not null,
  first_names     text not null,
  birth_date      text not null,             -- YYYY-MM-DD, YYYY-MM or YYYY: part of it can be unknown
  sex             text check (sex in ('M', 'F')),
  nationalities   text[] not null,
  passport_number text,
  street          text,
  house_number    text,
  postal_code     text,
  locality        text,
  country         text,
  municipality    text,                      -- NIS code of the Belgian municipality of residence
  email           text,
  phone           text
);

create table workers.insz_alias (
  insz        text primary key,
  worker_id   text not null references workers.worker,
  kind        text not null check (kind in ('RRN', 'BIS')),
  valid_from  date not null,
  valid_to    date,
  replaced_by text references workers.insz_alias
);
create index insz_alias_by_worker on workers.insz_alias (worker_id);

create table workers.residence_status (
  worker_id     text primary key references workers.worker,
  status        text not null,
  card_type     text,
  labour_market text not null check (labour_market in ('LIMITED', 'UNLIMITED', 'NONE')),
  valid_from    date not null,
  valid_to      date
);

grant usage on schema workers to permit_workers;
grant select on all tables in schema workers to permit_workers;
alter default privileges in schema workers grant select on tables to permit_workers;

-- A worker's token names an INSZ; every subgraph needs the internal id behind it, and none but workers may read the list.
create function access.worker_of(insz text) returns text
  language sql stable security definer set search_path = pg_catalog
  return (select a.worker_id from workers.insz_alias a where a.insz = worker_of.insz);
revoke all on function access.worker_of from public;
grant execute on function access.worker_of
  to permit_dossiers, permit_employers, permit_workers, permit_decisions, permit_cadastre;
