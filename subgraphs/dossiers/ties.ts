/** What a step writes into the reference register: who is tied to a dossier, to its worker and to its employer. */
import type pg from 'pg';
import { statement } from '../../db/statement.ts';
import { inspectionOf } from '../../schema/authorities.ts';
import type { Effect } from '../../schema/lifecycle.ts';
import type { Capacity } from '../../schema/policy.ts';
import type { Whole } from './locked.ts';
import { turn } from './turns.ts';

type Subject = readonly [kind: 'DOSSIER' | 'WORKER' | 'EMPLOYER', subject: string];
type Tie = { party: string; kind: Subject[0]; subject: string; capacity: Capacity };

// One row per party and subject: the strongest capacity, over the whole time that any of them covers. In one order for all
// steps, so that two of them do not wait for each other.
const put = statement(`
  insert into access.involvement as i (party, subject_kind, subject, capacity, valid_from)
  select t.party, t.kind::access.subject_kind, t.subject, min(t.capacity::access.capacity), $2::date
  from json_to_recordset($1::json) as t(party text, kind text, subject text, capacity text)
  group by t.party, t.kind, t.subject order by t.party, t.kind, t.subject
  on conflict (party, subject_kind, subject) do update
    set capacity = least(excluded.capacity, i.capacity), valid_from = least(excluded.valid_from, i.valid_from), valid_to = null`);

/** A party's ties to a dossier and to the persons and firms in it. */
const toAll = (party: string, capacity: Capacity, { number, workerId, employerKbo }: Whole): Tie[] => [
  { party, kind: 'DOSSIER', subject: number, capacity },
  ...(workerId === null ? [] : [{ party, kind: 'WORKER' as const, subject: workerId, capacity }]),
  ...(employerKbo === null ? [] : [{ party, kind: 'EMPLOYER' as const, subject: employerKbo, capacity }]),
];

const party = (name: string, kind: Subject[0], subject: string): Tie => ({
  party: name,
  kind,
  subject,
  capacity: 'PARTY',
});

/** Whether an employer applies, itself or through a mandatary: whom others name as the employer hears of it once it is filed. */
const isFiledFor = ({ applicantKind }: Whole): boolean => applicantKind === 'EMPLOYER' || applicantKind === 'MANDATARY';

const applicant = (dossier: Whole): Tie[] => {
  const { number, employerKbo, counterKbo, applicantKind, applicantId } = dossier;
  const isPerson = ['WORKER', 'SELF_EMPLOYED', 'HOST_FAMILY'].includes(applicantKind);
  return [
    ...(employerKbo === null || !isFiledFor(dossier) ? [] : [party(`EMPLOYER:${employerKbo}`, 'DOSSIER', number)]),
    ...(counterKbo === null ? [] : [party(`ENTERPRISE_COUNTER:${counterKbo}`, 'DOSSIER', number)]),
    ...(isPerson ? [party(`WORKER:${applicantId}`, 'DOSSIER', number)] : []),
  ];
};

const region = (dossier: Whole): Tie[] => {
  const { number, competentAuthority, workplaceAuthority, workerId, employerKbo, counterKbo } = dossier;
  const { applicantKind, applicantId } = dossier;
  const inspection = workplaceAuthority === null ? null : inspectionOf(workplaceAuthority);
  return [
    ...(competentAuthority === null ? [] : toAll(competentAuthority, 'COMPETENT', dossier)),
    ...(competentAuthority !== null && applicantKind === 'HOST_FAMILY'
      ? [{ party: competentAuthority, kind: 'WORKER' as const, subject: applicantId, capacity: 'COMPETENT' as const }]
      : []),
    ...(inspection === null ? [] : toAll(inspection.id, 'TERRITORY', dossier)),
    ...(employerKbo === null ? [] : [party(`EMPLOYER:${employerKbo}`, 'DOSSIER', number)]),
    // From here on the employer may know the person, and the counter both.
    ...(workerId === null || employerKbo === null ? [] : [party(`EMPLOYER:${employerKbo}`, 'WORKER', workerId)]),
    ...(counterKbo === null || workerId === null
      ? []
      : [party(`ENTERPRISE_COUNTER:${counterKbo}`, 'WORKER', workerId)]),
    ...(counterKbo === null || employerKbo === null
      ? []
      : [party(`ENTERPRISE_COUNTER:${counterKbo}`, 'EMPLOYER', employerKbo)]),
  ];
};

const worker = ({ number, workerId, employerKbo }: Whole): Tie[] =>
  workerId === null
    ? []
    : [
        party(`WORKER:${workerId}`, 'DOSSIER', number),
        ...(employerKbo === null ? [] : [party(`WORKER:${workerId}`, 'EMPLOYER', employerKbo)]),
      ];

const municipality = (dossier: Whole): Tie[] =>
  dossier.residenceMunicipality === null ? [] : toAll(`MUN-${dossier.residenceMunicipality}`, 'NAMED', dossier);

const followers = (dossier: Whole): Tie[] => [
  ...(dossier.diplomaticPost === null ? [] : toAll(dossier.diplomaticPost, 'NAMED', dossier)),
  ...municipality(dossier),
];

const tiesOf: Partial<Record<Effect, (dossier: Whole) => Tie[]>> = {
  TIE_APPLICANT: applicant,
  TIE_REGION: region,
  TIE_WORKER: worker,
  TIE_MUNICIPALITY: municipality,
  TIE_FOLLOWERS: followers,
  COPY_TO_DVZ: (dossier) => toAll('FED-DVZ', 'COPIED', dossier),
  FORWARD_TO_DVZ: (dossier) => toAll('FED-DVZ', 'FORWARDED', dossier),
};

const others = statement<{ number: string; authority: string }>(`
  select d.number, d.competent_authority as authority from dossiers.dossier d
  where d.worker_id = $1 and d.number <> $2 and d.submitted_at is not null and d.competent_authority <> $3`);

/** Regions with dossiers on one worker know of each other's (DOMAIN 2.3, column "other"). */
const sameWorker = async (client: pg.PoolClient, { number, workerId, competentAuthority }: Whole): Promise<Tie[]> => {
  if (workerId === null || competentAuthority === null) return [];
  const met = await others(client, [workerId, number, competentAuthority]);
  return met.flatMap(({ number: other, authority }): Tie[] => [
    { party: competentAuthority, kind: 'DOSSIER', subject: other, capacity: 'SAME_WORKER' },
    { party: authority, kind: 'DOSSIER', subject: number, capacity: 'SAME_WORKER' },
  ]);
};

const keepFormer = statement(`
  update access.involvement i set capacity = 'FORMER'
  where i.party = $1 and i.capacity = 'COMPETENT' and (
    (i.subject_kind = 'DOSSIER' and i.subject = $2)
    or (i.subject_kind = 'WORKER' and i.subject = $3 and not exists (select from dossiers.dossier d
      where d.worker_id = $3 and d.competent_authority = $1 and d.submitted_at is not null))
    or (i.subject_kind = 'EMPLOYER' and i.subject = $4 and not exists (select from dossiers.dossier d
      where d.employer_kbo = $4 and d.competent_authority = $1 and d.submitted_at is not null)))`);

/** Writes the ties that a step's effects make, from today on; the dossier is as it stands after the step. */
export const tie = async (
  client: pg.PoolClient,
  dossier: Whole,
  { effects, today, before }: { effects: readonly Effect[]; today: string; before: string | null },
): Promise<void> => {
  const isRouted = effects.includes('TIE_REGION');
  // Two regions that get a dossier of one worker at once must each find the other's.
  if (isRouted && dossier.workerId !== null) await turn(client, 'REGIONS_OF_WORKER', dossier.workerId);
  if (effects.includes('KEEP_FORMER_REGION') && before !== null) {
    await keepFormer(client, [before, dossier.number, dossier.workerId, dossier.employerKbo]);
  }
  const own = effects.flatMap((effect) => tiesOf[effect]?.(dossier) ?? []);
  const ties = isRouted ? [...own, ...(await sameWorker(client, dossier))] : own;
  if (ties.length > 0) await put(client, [JSON.stringify(ties), today]);
};
