-- A dossier is filed once it was submitted. A draft that its applicant withdraws was never filed, whatever its status says.
create or replace view access.file as
  select number, worker_id, employer_kbo, category, competent_authority as authority
  from dossiers.dossier
  where submitted_at is not null;
