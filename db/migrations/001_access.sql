-- The reference register: who has, or had, a file on whom. Every row scope that is not a plain column reads it.
-- The steps of a dossier write it; the Crossroads Bank keeps one of the same kind.
create schema access;

-- Ordered from the strongest to the weakest tie; schema/policy.ts says which relation each one gives.
create type access.capacity as enum (
  'COMPETENT',   -- the authority that decides on the work part
  'PARTY',       -- employer, worker, mandatary or counter named as a party
  'MANDATE',     -- holder of a mandate given by the employer that is the subject
  'FORWARDED',   -- the Immigration Office, once the dossier was forwarded to it
  'COPIED',      -- the Immigration Office, on its copy after admissibility
  'NAMED',       -- the post or the municipality named in a granted dossier
  'TERRITORY',   -- the inspection service in whose territory the work is done
  'FORMER',      -- the authority that transferred the dossier to another
  'SAME_WORKER'  -- a region that has a file of its own on the same worker
);

create type access.subject_kind as enum ('DOSSIER', 'WORKER', 'EMPLOYER');

create table access.involvement (
  party        text not null,
  subject_kind access.subject_kind not null,
  subject      text not null,
  capacity     access.capacity not null,
  valid_from   date not null,
  valid_to     date,
  primary key (party, subject_kind, subject)
);
comment on column access.involvement.party is
  'an authority id, or EMPLOYER:<kbo>, MANDATARY:<kbo>, ENTERPRISE_COUNTER:<kbo>, WORKER:<internal worker id>';
create index involvement_by_subject on access.involvement (subject_kind, subject);

grant usage on schema access
  to permit_dossiers, permit_employers, permit_workers, permit_decisions, permit_cadastre;
grant select on access.involvement
  to permit_dossiers, permit_employers, permit_workers, permit_decisions, permit_cadastre;
