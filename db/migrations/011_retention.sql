-- Nothing is kept for longer than it is needed (DOMAIN 9). The periods stand in schema/data/retention.json; here stands what the
-- database itself refuses to erase any sooner, whoever asks, and whatever day a program takes it for.

-- A document whose content was erased stays, without what told of the content.
alter table dossiers.document
  alter file_name drop not null,
  alter sha256 drop not null,
  add constraint erased_or_whole check (erased_at is not null or num_nulls(file_name, sha256) = 0);
create index document_with_content on dossiers.document ((coalesce(copy_of, id))) where erased_at is null;
create index dossier_never_submitted on dossiers.dossier (created_at) where submitted_at is null;
create index upload_by_owner on steps.upload (owner);

-- The name of this database, for the folder where the contents of its documents stand: content that no row names is swept up,
-- and in a folder of another database no row would name any.
create table steps.folder (id uuid primary key default gen_random_uuid());
insert into steps.folder default values;
grant select on steps.folder to permit_steps;

create function dossiers.day_of(moment timestamptz) returns date language sql stable set search_path = pg_catalog
begin atomic
  select (moment at time zone 'Europe/Brussels')::date;
end;

-- The day from which the time for keeping a dossier runs: of one that was never submitted its last change, of another its final
-- decision or the end of its permit, whichever is later. It never comes while the dossier is open or held.
create function dossiers.done_on(of text) returns date language sql stable set search_path = pg_catalog
begin atomic
  select case
    when d.legal_hold then 'infinity'
    when d.submitted_at is null then dossiers.day_of(greatest(
      d.created_at,
      (select max(e.at) from dossiers.event e where e.dossier_number = d.number),
      (select max(p.until) from dossiers.dossier_past p where p.dossier_number = d.number),
      (select max(o.uploaded_at) from dossiers.document o where o.dossier_number = d.number)
    ))
    when d.status in ('GRANTED', 'REFUSED', 'INADMISSIBLE', 'APPLICANT_WITHDRAWN', 'WITHOUT_OBJECT') then greatest(
      dossiers.day_of(coalesce(
        d.decided_at,
        (select max(e.at) from dossiers.event e where e.dossier_number = d.number),
        d.submitted_at
      )),
      (select max(x.decided_on) from decisions.decision x where x.dossier_number = d.number),
      (select max(a.decided_on) from dossiers.appeal a where a.dossier_number = d.number),
      (select max(coalesce(least(p.valid_to, p.ended_on, p.withdrawn_on), 'infinity'))
        from cadastre.permit p where p.dossier_number = d.number)
    )
    else 'infinity'
  end
  from dossiers.dossier d where d.number = of;
end;

-- What was done by this day at the latest may be erased today.
create function dossiers.floor_of(never_submitted boolean) returns date language sql stable set search_path = pg_catalog
begin atomic
  select dossiers.day_of(now()) - case when never_submitted then interval '90 days' else interval '10 years' end;
end;

-- The timeline and the past of a dossier are never rewritten, and taken away only with the dossier, when its time is over: of
-- whoever asks, the owner included, the row itself asks whether it is.
create function dossiers.refuse_removal() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  if exists (
    select from dossiers.dossier d
    where d.number = old.dossier_number and dossiers.done_on(d.number) < dossiers.floor_of(d.submitted_at is null)
  ) then
    return old;
  end if;
  raise exception 'the timeline is append-only';
end $$;
drop trigger event_is_append_only on dossiers.event;
drop trigger past_is_append_only on dossiers.dossier_past;
create trigger event_is_append_only before update or truncate on dossiers.event
  for each statement execute function dossiers.refuse_rewrite();
create trigger event_stays before delete on dossiers.event
  for each row execute function dossiers.refuse_removal();
create trigger past_is_append_only before update or truncate on dossiers.dossier_past
  for each statement execute function dossiers.refuse_rewrite();
create trigger past_stays before delete on dossiers.dossier_past
  for each row execute function dossiers.refuse_removal();
-- Always: also in a session that says it only replays what another server did.
alter table dossiers.event enable always trigger event_is_append_only, enable always trigger event_stays;
alter table dossiers.dossier_past enable always trigger past_is_append_only, enable always trigger past_stays;

-- What stays of a dossier that was erased: what statistics count, and nothing that leads to a person, a firm or a number.
create table dossiers.remainder (
  kind                text not null,
  application_type    text not null,
  status              text not null,
  work_track          text not null,
  residence_track     text not null,
  handling            text not null,
  channel             text not null,
  language            text not null,
  rule_set            text not null,
  competent_authority text not null,
  category            text not null,
  worker_nationality  text not null,
  months              integer,              -- how long the permit was asked for; null without limit
  submitted_on        date not null,
  admissible_on       date,
  forwarded_on        date,
  decided_on          date,
  withdrawn_on        date                  -- the permit
);
create index remainder_by_submission on dossiers.remainder (submitted_on);

-- Takes a tie of the reference register away once nothing is left that it came from: no dossier of that party with that person
-- or firm, and no employment that would tie them as well.
create function dossiers.untie(workers text[], employers text[]) returns void language sql set search_path = pg_catalog
begin atomic
  delete from access.involvement i
    using dossiers.dossier other
    where i.subject_kind = 'DOSSIER' and i.capacity = 'SAME_WORKER' and i.subject = other.number
      and other.worker_id = any(workers)
      and not exists (
        select from access.involvement own join dossiers.dossier d on d.number = own.subject
        where own.party = i.party and own.subject_kind = 'DOSSIER' and own.capacity <> 'SAME_WORKER'
          and d.worker_id = other.worker_id and d.number <> other.number
      );
  delete from access.involvement i
    where i.subject_kind = 'WORKER' and i.subject = any(workers)
      and not exists (
        select from access.involvement own join dossiers.dossier d on d.number = own.subject
        where own.party = i.party and own.subject_kind = 'DOSSIER' and i.subject in (d.worker_id, d.applicant_id)
      )
      and not (i.party like 'EMPLOYER:%' and (
        exists (select from cadastre.dimona_period m where m.worker_id = i.subject and 'EMPLOYER:' || m.employer_kbo = i.party)
        or exists (select from cadastre.dmfa_line m where m.worker_id = i.subject and 'EMPLOYER:' || m.employer_kbo = i.party)
        or exists (select from cadastre.limosa_declaration l
          where l.worker_id = i.subject and l.clients @> array[substr(i.party, 10)])
      ))
      and not (i.capacity = 'TERRITORY' and (
        exists (select from cadastre.dimona_period m where m.worker_id = i.subject)
        or exists (select from cadastre.limosa_declaration l where l.worker_id = i.subject)
      ));
  delete from access.involvement i
    where i.subject_kind = 'EMPLOYER' and i.subject = any(employers) and i.capacity <> 'MANDATE'
      and not exists (
        select from access.involvement own join dossiers.dossier d on d.number = own.subject
        where own.party = i.party and own.subject_kind = 'DOSSIER' and d.employer_kbo = i.subject
      )
      and not (i.party like 'WORKER:%' and (
        exists (select from cadastre.dimona_period m where m.employer_kbo = i.subject and 'WORKER:' || m.worker_id = i.party)
        or exists (select from cadastre.dmfa_line m where m.employer_kbo = i.subject and 'WORKER:' || m.worker_id = i.party)
      ));
end;

-- Erases dossiers that were done before the day, wholly: all that hangs from them, their decisions and permits, what was told
-- of them, and the ties that came from them. Answers how many, and the contents that stood in them. One call takes a slice:
-- call it again until it answers 0. What a step is changing at this moment is left for the next time.
create function dossiers.erase(never_submitted boolean, before date, at_most integer default 100)
  returns table (erased integer, contents text[])
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  gone text[];
  workers text[];
  employers text[];
begin
  if before > dossiers.floor_of(never_submitted) then
    raise exception 'a draft is kept for ninety days, and a dossier for ten years';
  end if;
  select array_agg(due.number), array_agg(distinct due.worker) filter (where due.worker is not null),
      array_agg(distinct due.employer_kbo) filter (where due.employer_kbo is not null)
    into gone, workers, employers
    from (
      select d.number, d.worker_id, d.applicant_kind, d.applicant_id, d.employer_kbo from dossiers.dossier d
      where (d.submitted_at is null) = never_submitted and not d.legal_hold
        and coalesce(d.decided_at, d.submitted_at, d.created_at) < before::timestamp at time zone 'Europe/Brussels'
        and dossiers.done_on(d.number) < before
      order by d.number limit at_most
      for update skip locked
    ) found
    cross join lateral (
      select found.number, found.employer_kbo, person as worker
      from unnest(array[found.worker_id, case when found.applicant_kind = 'HOST_FAMILY' then found.applicant_id end]) person
    ) due;
  if gone is null then
    return query select 0, array[]::text[];
    return;
  end if;

  insert into dossiers.remainder
    select d.kind, d.application_type, d.status, d.work_track, d.residence_track, d.handling, d.channel, d.language, d.rule_set,
      d.competent_authority, d.category, d.worker_nationality,
      (extract(year from age(d.period_to + 1, d.period_from)) * 12 + extract(month from age(d.period_to + 1, d.period_from)))::integer,
      dossiers.day_of(d.submitted_at), dossiers.day_of(d.admissible_at), dossiers.day_of(d.forwarded_to_dvz_at),
      dossiers.day_of(d.decided_at),
      (select max(p.withdrawn_on) from cadastre.permit p where p.dossier_number = d.number)
    from dossiers.dossier d where d.number = any(gone) and not never_submitted;
  contents := array(
    select coalesce(o.copy_of, o.id) from dossiers.document o where o.dossier_number = any(gone) and o.erased_at is null);

  delete from steps.delivery v using steps.outbox o where v.position = o.position and o.dossier_number = any(gone);
  delete from steps.delivery where dossier_number = any(gone);
  delete from steps.outbox where dossier_number = any(gone);
  delete from access.involvement where subject_kind = 'DOSSIER' and subject = any(gone);
  -- While the permits stand, the rows below can tell by themselves that their time is over.
  delete from dossiers.event where dossier_number = any(gone);
  delete from dossiers.dossier_past where dossier_number = any(gone);
  delete from decisions.decision where dossier_number = any(gone);
  delete from cadastre.permit where dossier_number = any(gone);
  delete from dossiers.deadline where dossier_number = any(gone);
  delete from dossiers.document where dossier_number = any(gone);
  delete from dossiers.information_request where dossier_number = any(gone);
  delete from dossiers.transfer where dossier_number = any(gone);
  delete from dossiers.appeal where dossier_number = any(gone);
  delete from dossiers.milestone where dossier_number = any(gone);
  delete from dossiers.message where dossier_number = any(gone);
  delete from dossiers.note where dossier_number = any(gone);
  delete from dossiers.dossier where number = any(gone);
  -- A draft ties nobody to its worker.
  if not never_submitted then
    perform dossiers.untie(workers, employers);
  end if;
  erased := (select count(distinct number) from unnest(gone) number);
  return next;
end $$;

-- Erases hits that were raised before the days: of those that nothing followed from, and of the others. Answers how many; one
-- call takes a slice. A hit on somebody, or some firm, of whom a dossier is held stays.
create function cadastre.erase_hits(
  no_follow_up text[], without_follow_up date, followed_up date, at_most integer default 1000
) returns integer
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  erased integer;
begin
  if without_follow_up > (now() at time zone 'Europe/Brussels')::date - interval '2 years'
    or followed_up > (now() at time zone 'Europe/Brussels')::date - interval '10 years' then
    raise exception 'a hit is kept for two years, and for ten where something followed from it';
  end if;
  delete from cadastre.inspection_hit h where h.id in (
    select i.id from cadastre.inspection_hit i
    where (i.detected_at at time zone 'Europe/Brussels')::date < case
        when i.status = 'OPEN' or i.status = 'CLOSED' and (i.outcome is null or i.outcome = any(no_follow_up))
        then without_follow_up else followed_up
      end
      and not exists (
        select from dossiers.dossier d where d.legal_hold and (
          d.worker_id = i.worker_id
          or i.worker_id is null and d.employer_kbo = i.employer_kbo
          or i.evidence @> jsonb_build_array(jsonb_build_object('kind', 'DOSSIER', 'id', d.number))
        )
      )
    order by i.detected_at limit at_most
    for update skip locked
  );
  get diagnostics erased = row_count;
  return erased;
end $$;

revoke all on function dossiers.untie, dossiers.erase, cadastre.erase_hits from public;
grant execute on function dossiers.erase, cadastre.erase_hits to permit_steps;
