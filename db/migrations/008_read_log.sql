-- Who read what of whom. The register's platform keeps it for all subgraphs: each entry holds to the one before by its hash,
-- and what stands is never rewritten. db/chain.ts says how the hashes are made.
create schema read_log;

-- One entry for each person and operation. Its content is null, all of it, once the time for keeping it is over.
create table read_log.entry (
  seq       bigint primary key,            -- from 1, without gaps
  at        timestamptz(3),                -- by the clock of the database; the order is that of seq
  user_id   text,                          -- the person or program, as the issuer of the token names it
  party     text,                          -- the organisation or party, never an INSZ
  kind      text,
  subject   text,                          -- the internal worker id; null where the entry is about nobody in particular
  read      text[],                        -- data categories of schema/policy.ts that were answered ...
  refused   text[],                        -- ... and that were not
  purpose   text,
  reference text,
  operation text,                          -- root fields and a digest of the document; no values
  outcome   text check (outcome in ('READ', 'REFUSED', 'NOTHING', 'ERASED')),
  salt      bytea check (length(salt) = 16),
  leaf      bytea not null check (length(leaf) = 32),
  chain     bytea not null check (length(chain) = 32),
  check (num_nulls(at, user_id, party, kind, read, refused, operation, outcome, salt) in (0, 9))
);
-- Newest first: who looked at a worker, what an organisation read, what was read on a day.
create index entry_by_subject on read_log.entry (subject, seq) where subject is not null;
create index entry_by_party on read_log.entry (party, seq);
create index entry_by_time on read_log.entry using brin (at) with (pages_per_range = 32, autosummarize = on);
create index entry_of_erasure on read_log.entry (seq) where outcome = 'ERASED';

-- What the log was, signed: the chain up to an entry, with a key that the database does not hold.
create table read_log.checkpoint (
  seq       bigint primary key,
  chain     bytea not null check (length(chain) = 32),
  at        timestamptz(3) not null,
  key       bytea not null check (length(key) = 32),        -- Ed25519, public
  signature bytea not null check (length(signature) = 64)
);

-- Whom a user met on a day, for the ceiling on distinct persons; of no use when the day is over, and then removed.
create table read_log.met (
  day     date not null,
  user_id text not null,
  subject text not null,                   -- the internal worker id, or # and the entry for somebody who was not found
  primary key (day, user_id, subject)
);

create function read_log.refuse_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'the read log is append-only';
end $$;
create trigger entry_is_append_only before update or delete or truncate on read_log.entry
  for each statement execute function read_log.refuse_rewrite();
create trigger checkpoint_is_append_only before update or delete or truncate on read_log.checkpoint
  for each statement execute function read_log.refuse_rewrite();
-- Always: also in a session that says it only replays what another server did.
alter table read_log.entry enable always trigger entry_is_append_only;
alter table read_log.checkpoint enable always trigger checkpoint_is_append_only;

-- The end of the log, for whoever appends next: others wait until the transaction of the caller is over. The rows are read
-- by a statement of their own, which begins after the waiting and so sees what was written meanwhile.
create function read_log.tail()
  returns table (seq bigint, chain bytea, at timestamptz, signed_seq bigint, signed_at timestamptz)
  language plpgsql set search_path = pg_catalog as $$
begin
  perform pg_advisory_xact_lock(5071843926008); -- any number, the same for every version of this program
  return query
    select coalesce(e.seq, 0), coalesce(e.chain, decode(repeat('00', 32), 'hex')), clock_timestamp()::timestamptz(3),
      coalesce(c.seq, 0), c.at
    from (select) one
      left join (select l.seq, l.chain from read_log.entry l order by l.seq desc limit 1) e on true
      left join (select s.seq, s.at from read_log.checkpoint s order by s.seq desc limit 1) c on true;
end $$;

-- Empties the oldest entries, those of before the day, and leaves an entry that says so; answers how many it emptied. The
-- log is kept for ten years. Writers wait while it runs, so that one call takes a slice: call it again until it answers 0.
-- It is the only way past the triggers, and the owner's alone: nobody else may execute it, and nobody else could switch the
-- triggers off inside it. Leaf and chain stay, and the salt goes: from a leaf without its salt no content can be guessed.
create function read_log.erase(before date, at_most integer default 10000) returns bigint
  language plpgsql set search_path = pg_catalog as $$
declare
  last record;
  emptied bigint; -- entries 1 to this one are empty
  up_to bigint;
  salt text := encode(uuid_send(gen_random_uuid()), 'hex');
  who text := 'database:' || session_user;
  what text;
  leaf bytea;
begin
  if before > (now() at time zone 'Europe/Brussels')::date - interval '10 years' then
    raise exception 'the read log is kept for ten years';
  end if;
  select * into last from read_log.tail();
  select coalesce(max(substring(e.operation from '\d+$')::bigint), 0) into emptied
    from read_log.entry e where e.outcome = 'ERASED';
  select coalesce(min(e.seq) - 1, least(emptied + at_most, last.seq)) into up_to
    from read_log.entry e
    where e.seq > emptied and e.seq <= emptied + at_most and e.at >= before::timestamp at time zone 'Europe/Brussels';
  if up_to <= emptied then
    return 0;
  end if;

  alter table read_log.entry disable trigger entry_is_append_only;
  update read_log.entry e
    set at = null, user_id = null, party = null, kind = null, subject = null, read = null, refused = null, purpose = null,
      reference = null, operation = null, outcome = null, salt = null
    where e.seq > emptied and e.seq <= up_to;
  alter table read_log.entry enable always trigger entry_is_append_only;

  what := 'erase 1-' || up_to;
  leaf := sha256(convert_to(format(
    '["%s",%s,"%s",%s,"READ_LOG","DATABASE",null,[],[],"RETENTION",null,"%s","ERASED"]',
    salt, last.seq + 1, to_char(last.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), to_json(who), what
  ), 'UTF8'));
  insert into read_log.entry
    (seq, at, user_id, party, kind, read, refused, purpose, operation, outcome, salt, leaf, chain)
    values (last.seq + 1, last.at, who, 'READ_LOG', 'DATABASE', '{}', '{}', 'RETENTION', what, 'ERASED',
      decode(salt, 'hex'), leaf, sha256(last.chain || leaf));
  return up_to - emptied;
end $$;

revoke all on all functions in schema read_log from public;
grant usage on schema read_log to permit_cadastre;
grant select, insert on read_log.entry, read_log.checkpoint to permit_cadastre;
grant select, insert, delete on read_log.met to permit_cadastre;
grant execute on function read_log.tail to permit_cadastre;
