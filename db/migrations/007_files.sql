-- What of a filed dossier the register of foreign employment needs: that an authority decides on this worker with this
-- employer, and by which floor a wage is measured. A draft is nobody's business but the applicant's.
create view access.file as
  select number, worker_id, employer_kbo, category, competent_authority as authority
  from dossiers.dossier
  where status <> 'DRAFT';
grant select on access.file to permit_cadastre;

-- It stands in for the function, which answered for every dossier, whoever asked.
drop function access.terms_of;

-- Whose an establishment unit is and in which territory it lies, as the KBO has it: an inspection asks about the site it is at,
-- also where nobody was declared.
create view access.site as
  select e.number, e.kbo, a.authority
  from employers.establishment e
  left join employers.address a on a.entity = e.number and a.type = 'BAET' and a.struck_off_on is null;
grant select on access.site to permit_cadastre;
