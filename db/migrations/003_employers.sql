-- The Crossroads Bank for Enterprises in the layout of its open data, and what RSZ and Mahis add to it.
create schema employers;

create table employers.enterprise (
  kbo                 text primary key,
  status              text not null,
  juridical_situation text not null,
  type_of_enterprise  text,
  juridical_form      text,
  juridical_form_cac  text,
  start_date          date,
  end_date            date,
  foreign_entity      boolean not null default false,
  extract_number      integer              -- the last KBO extract that named it; null for rows that came another way
);

create table employers.establishment (
  number         text primary key,
  kbo            text not null,            -- no foreign key: an extract may name it before, or without, its enterprise
  start_date     date,
  end_date       date,
  extract_number integer
);
create index establishment_by_enterprise on employers.establishment (kbo, number);

create table employers.branch (
  id             text primary key,
  kbo            text not null,
  start_date     date,
  end_date       date,
  extract_number integer
);
create index branch_by_enterprise on employers.branch (kbo);

create table employers.denomination (
  entity   text not null,                  -- an enterprise, establishment or branch number
  language text not null,                  -- KBO: 0 unknown, 1 fr, 2 nl, 3 de, 4 en
  type     text not null,                  -- KBO: 001 name, 002 abbreviation, 003 commercial name, 004 branch name
  name     text not null,
  search   text not null,                  -- lower case, without accents
  primary key (entity, type, language, name)
);
create index denomination_by_words on employers.denomination using gin (to_tsvector('simple', search));

create table employers.address (
  entity          text not null,
  type            text not null,           -- KBO: REGO seat, BAET establishment, ABBR branch, OBAD oldest establishment
  country_nl      text,
  country_fr      text,
  postal_code     text,
  municipality_nl text,
  municipality_fr text,
  street_nl       text,
  street_fr       text,
  house_number    text,
  box             text,
  extra           text,
  struck_off_on   date,                    -- an address struck off stays, beside the one that replaced it (null)
  authority       text,                    -- the employment authority of the postal code; null abroad
  unique nulls not distinct (entity, type, struck_off_on)
);
create index address_by_place on employers.address (postal_code, street_nl, house_number);

create table employers.activity (
  entity         text not null,
  activity_group text not null,
  nace_version   text not null,
  nace_code      text not null,
  classification text not null,
  primary key (entity, activity_group, nace_version, nace_code, classification)
);

create table employers.kbo_code (
  category    text not null,
  code        text not null,
  language    text not null,
  description text not null,
  primary key (category, code, language)
);

create table employers.kbo_extract (
  extract_number integer not null,
  extract_type   text not null,
  snapshot_date  date not null,
  extracted_at   text not null,
  version        text,
  imported_at    timestamptz not null default now(),
  primary key (extract_number, extract_type)
);

-- RSZ employer directory: only enterprises that are, or were, an employer.
create table employers.employer (
  kbo              text primary key,
  nsso             text,
  joint_committees text[] not null default '{}',
  insolvency       text,
  insolvency_since date
);

create table employers.headcount (
  kbo       text not null,
  quarter   text not null,
  headcount integer not null,
  primary key (kbo, quarter)
);

create table employers.mandatary (
  kbo  text primary key,
  kind text not null check (kind in ('SOCIAL_SECRETARIAT', 'SERVICE_PROVIDER', 'LAWYER'))
);

create table employers.mandate (
  id           text primary key,
  giver_kbo    text not null,
  holder_kbo   text not null references employers.mandatary,
  mandate_group text not null,
  from_quarter text not null,
  to_quarter   text,
  status       text not null check (status in ('TO_FINALISE', 'PENDING', 'ACTIVE', 'REJECTED', 'CLOSED'))
);
create index mandate_by_giver on employers.mandate (giver_kbo);
create index mandate_by_holder on employers.mandate (holder_kbo);

create table employers.enterprise_counter (
  kbo  text primary key,
  name text not null
);

grant usage on schema employers to permit_employers;
grant select on all tables in schema employers to permit_employers;
alter default privileges in schema employers grant select on tables to permit_employers;
