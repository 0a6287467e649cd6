-- Mandates that two parties make and end.
alter table employers.mandate
  add proposed_by  text not null default 'GIVER' check (proposed_by in ('GIVER', 'HOLDER')),
  add confirmed_on date,                   -- null for what was taken over from before
  add ended_on     date,                   -- the last day on which it counts, where it was ended
  -- Whoever proposes names a number: whether an enterprise stands behind it is not told that way.
  drop constraint mandate_holder_kbo_fkey;
