-- Mandates that two parties make and end.
alter table employers.mandate
  add proposed_by  text not null default 'GIVER' check (proposed_by in ('GIVER', 'HOLDER')),
  add confirmed_on date,                   -- null for what was taken over from before
  add ended_on     date,                   -- the last day on which it counts, where it was ended
  -- Whoever proposes names a number: whether an enterprise stands behind it is not told that way.
  drop constraint mandate_holder_kbo_fkey;

-- Only once: whether a register already holds what an application would have to prove. One narrow answer for one person with one
-- employer; the row scopes say of whom it is asked.
create function access.registers_with(of_worker text, of_employer text)
  returns table (dmfa boolean, limosa boolean, permits boolean)
  language sql stable security definer set search_path = pg_catalog
begin atomic
  select
    exists (select from cadastre.dmfa_line l where l.worker_id = of_worker and l.employer_kbo = of_employer),
    exists (select from cadastre.limosa_declaration l
      where l.worker_id = of_worker and l.clients @> array[of_employer] and not l.cancelled),
    exists (select from cadastre.permit p where p.worker_id = of_worker);
end;
revoke all on function access.registers_with from public;
grant execute on function access.registers_with to permit_dossiers, permit_steps;

-- Which persons exist, by internal id alone: an applicant asks about somebody before there is a dossier.
grant select on access.person to permit_dossiers;

-- What was decided lately, of a kind: what a forecast is made from.
create index dossier_by_decision on dossiers.dossier (kind, decided_at) where status in ('GRANTED', 'REFUSED');
