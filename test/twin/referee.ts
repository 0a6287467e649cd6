/**
 * What a principal may see of each table, as DOMAIN 2.2, 2.3, 8 and 9 are read here: from what the files say, and not from the
 * policy, the reference register or the scopes of the product, which it judges.
 */
import type { Kind, Relation } from '../../schema/policy.ts';
import { today } from '../cluster.ts';
import { categories, letter, reading } from '../referee.ts';

/** A row is seen on a ground, which says how much of it: as a column of DOMAIN 2.3 has it for a kind and a relation. */
const grounds: Readonly<Record<string, readonly [Kind, Relation]>> = {
  'REGION-own': ['REGION', 'OWN'],
  'REGION-former': ['REGION', 'INVOLVED'],
  'REGION-other': ['REGION', 'OTHER'],
  DVZ: ['RESIDENCE', 'OWN'],
  RSZ: ['PLATFORM', 'INVOLVED'],
  KSZ: ['IDENTITY', 'INVOLVED'],
  'INSPECTION-fed': ['INSPECTION_FED', 'INVOLVED'],
  'INSPECTION-reg': ['INSPECTION_REG', 'INVOLVED'],
  POST: ['POST', 'INVOLVED'],
  MUNICIPALITY: ['MUNICIPALITY', 'INVOLVED'],
  EMPLOYER: ['EMPLOYER', 'OWN'],
  WORKER: ['WORKER', 'OWN'],
  HOST: ['WORKER', 'INVOLVED'],
  COUNTER: ['ENTERPRISE_COUNTER', 'OWN'],
  HELPDESK: ['HELPDESK', 'INVOLVED'],
};

type Level = 'S' | 'M' | 'R';

/** Whether a ground gives a category, by its number in DOMAIN 2.3, at a level. */
export const gives = (ground: string, category: string, level: Level, purpose: boolean): boolean => {
  const column = grounds[ground];
  const name = categories[Number(category.slice(1)) - 1];
  if (!column || name === undefined) return false;
  const [kind, relation] = column;
  const { at, logged } = reading(letter(kind, relation, name), kind, name);
  return (purpose ? logged : at) >= '-SMR'.indexOf(level);
};

/** Rows of one table that a principal sees, and on which ground. */
type Sight = readonly (readonly [where: string, ground: string])[];
/** The grounds in a part of what somebody sees. */
export const groundsIn = (part: Sights[keyof Sights]): string[] =>
  (Array.isArray(part) ? part : []).flatMap((one: unknown) => (Array.isArray(one) ? [String(one[1])] : []));

/** What is seen of the tables that others hang from. */
export type Sights = Partial<
  Record<'dossier' | 'worker' | 'employer' | 'mandate' | 'permit' | 'dimona' | 'dmfa' | 'limosa' | 'a1' | 'hit', Sight>
> & {
  /** Whose side of a dossier it stands on, for what only the one who uploaded it may read; null for authorities. */
  side: readonly string[] | null;
  /** The authority whose notes it reads. */
  notes: string | null;
  /** Which messages about a dossier it sees, of those that it sees on a ground: a condition on the message. */
  letters: string;
  /** Operations whose answer the law gives although it rests on rows that are not shown. */
  released: readonly ('mayEmploy' | 'siteCheck' | 'priorOutcomes')[];
};

const nothing: Sights = { side: null, notes: null, letters: 'false', released: [] };
const all = (ground: string): Sight => [['true', ground]];
// A draft was never filed (3.2), nor was one that its applicant withdrew.
const filed = `submitted_at is not null`;
const from = (column: string, where: string) => `select ${column} from dossiers.dossier where ${where}`;
const withdrawal = `'I02', 'I03', 'I04', 'I05', 'I15'`;

/** Everything that was filed: the register of foreign employment belongs to the platform, and is what a federal inspector controls. */
const everything = (ground: string, released: Sights['released']): Sights => ({
  ...nothing,
  released,
  dossier: [[filed, ground]],
  ...Object.fromEntries(
    ['worker', 'employer', 'mandate', 'permit', 'dimona', 'dmfa', 'limosa', 'a1', 'hit'].map((name) => [
      name,
      all(ground),
    ]),
  ),
});

/** Dossiers, and with them their worker and their employer, and the permits of that worker. */
const byDossier = (where: string, ground: string): Sights => ({
  ...nothing,
  dossier: [[where, ground]],
  worker: [[`t.id in (${from('worker_id', where)})`, ground]],
  employer: [[`t.kbo in (${from('employer_kbo', where)})`, ground]],
  permit: [[`t.worker_id in (${from('worker_id', where)})`, ground]],
});

const region = (id: string): Sights => {
  const own = `${filed} and competent_authority = '${id}'`;
  const moved = `number in (select dossier_number from dossiers.transfer where from_authority = '${id}')`;
  const former = `${moved} and not (${own})`;
  const hosts = from('applicant_id', `${own} and applicant_kind = 'HOST_FAMILY'`);
  const workers = `${from('worker_id', own)} union ${hosts}`;
  return {
    ...nothing,
    notes: id,
    released: ['mayEmploy', 'priorOutcomes'],
    dossier: [
      [own, 'REGION-own'],
      [former, 'REGION-former'],
      [`${filed} and not (${own}) and not (${moved}) and worker_id in (${from('worker_id', own)})`, 'REGION-other'],
    ],
    worker: [
      [`t.id in (${workers})`, 'REGION-own'],
      [`t.id in (${from('worker_id', former)})`, 'REGION-former'],
    ],
    employer: [
      [`t.kbo in (${from('employer_kbo', own)})`, 'REGION-own'],
      [`t.kbo in (${from('employer_kbo', former)})`, 'REGION-former'],
    ],
    mandate: [
      [`t.giver_kbo in (${from('employer_kbo', own)})`, 'REGION-own'],
      [`t.giver_kbo in (${from('employer_kbo', former)})`, 'REGION-former'],
    ],
    permit: [
      [`t.worker_id in (${workers} union ${from('worker_id', former)}) and t.authority = '${id}'`, 'REGION-own'],
      [`t.worker_id in (${workers} union ${from('worker_id', former)})`, 'REGION-other'],
    ],
    dimona: [[`(t.worker_id, t.employer_kbo) in (${from('worker_id, employer_kbo', own)})`, 'REGION-own']],
    dmfa: [[`(t.worker_id, t.employer_kbo) in (${from('worker_id, employer_kbo', own)})`, 'REGION-own']],
    limosa: [[`t.worker_id in (${workers})`, 'REGION-own']],
    a1: [[`t.worker_id in (${workers})`, 'REGION-own']],
    hit: [[`t.authority = '${id}'`, 'REGION-own']],
  };
};

const immigration = (): Sights => {
  const sights = byDossier(`${filed} and coalesce(copied_to_dvz_at, forwarded_to_dvz_at) is not null`, 'DVZ');
  const [[worker]] = sights.worker as [[string, string]];
  return {
    ...sights,
    notes: 'FED-DVZ',
    released: ['mayEmploy'],
    hit: [[`t.rule in (${withdrawal}) and ${worker.replace('t.id', 't.worker_id')}`, 'DVZ']],
  };
};

/** Whom it met at work in its territory, the register says: the declarations themselves open for a purpose only. */
const regionalInspection = (who: string, territory: string): Sights => {
  const ground = 'INSPECTION-reg';
  const where = `${filed} and workplace_authority = '${territory}'`;
  const met = (kind: 'WORKER' | 'EMPLOYER') =>
    `select subject from access.involvement where party = '${who}' and subject_kind = '${kind}' and valid_from <= '${today}'`;
  const workers = `${from('worker_id', where)} union ${met('WORKER')}`;
  const firms = `${from('employer_kbo', where)} union ${met('EMPLOYER')}`;
  const here = `t.authority = '${territory}'`;
  return {
    ...byDossier(where, ground),
    released: ['mayEmploy', 'siteCheck'],
    worker: [[`t.id in (${workers})`, ground]],
    employer: [[`t.kbo in (${firms})`, ground]],
    mandate: [[`t.giver_kbo in (${firms})`, ground]],
    permit: [[`t.worker_id in (${workers})`, ground]],
    dimona: [[here, ground]],
    dmfa: [[here, ground]],
    limosa: [[`t.authorities @> array['${territory}']`, ground]],
    a1: [[`t.worker_id in (${workers})`, ground]],
    hit: [[here, ground]],
  };
};

/** Employers, as an array of their numbers in SQL; for a mandatary those that gave it a mandate. */
const employers = (them: string, mandates: string): Sights => {
  const ground = 'EMPLOYER';
  const clients = `t.clients && ${them}`;
  const employs: Sight = [[`t.employer_kbo = any(${them})`, ground]];
  return {
    ...nothing,
    side: ['EMPLOYER', 'MANDATARY'],
    released: ['mayEmploy'],
    dossier: [[`employer_kbo = any(${them})`, ground]],
    worker: [
      [
        `t.id in (${from('worker_id', `${filed} and employer_kbo = any(${them})`)}
          union select worker_id from cadastre.dimona_period where employer_kbo = any(${them})
          union select t.worker_id from cadastre.limosa_declaration t where ${clients})`,
        ground,
      ],
    ],
    employer: [[`t.kbo = any(${them})`, ground]],
    mandate: [[mandates, ground]],
    dimona: employs,
    dmfa: employs,
    limosa: [[clients, ground]],
    a1: [[`t.number in (select t.a1_number from cadastre.limosa_declaration t where ${clients})`, ground]],
  };
};

const quarter = `${today.slice(0, 4)}Q${Math.ceil(Number(today.slice(5, 7)) / 3)}`;

const person = (insz: string): Sights => {
  const ground = 'WORKER';
  const id = `(select a.worker_id from workers.insz_alias a where a.insz = '${insz}')`;
  const own = `worker_id = ${id} and (admissible_at is not null or applicant_kind in ('WORKER', 'SELF_EMPLOYED'))`;
  const mine: Sight = [[`t.worker_id = ${id}`, ground]];
  return {
    ...nothing,
    side: ['HOST_FAMILY'],
    dossier: [
      [own, ground],
      [`applicant_kind = 'HOST_FAMILY' and applicant_id = ${id}`, 'HOST'],
    ],
    worker: [[`t.id = ${id}`, ground]],
    employer: [
      [
        `t.kbo in (${from('employer_kbo', `${filed} and ${own}`)} union select employer_kbo from cadastre.dimona_period where worker_id = ${id})`,
        ground,
      ],
    ],
    permit: mine,
    dimona: mine,
    dmfa: mine,
    limosa: mine,
    a1: mine,
  };
};

const counter = (kbo: string): Sights => {
  const sights = byDossier(`${filed} and counter_kbo = '${kbo}'`, 'COUNTER');
  return { ...sights, permit: [], dossier: [[`counter_kbo = '${kbo}'`, 'COUNTER']] };
};

// [asm] Its own, and of a dossier that is its own all but what went to an inspection: that would tell of a hit (c19).
const lettersOf = (who: string): string => {
  const [kind = '', number = ''] = who.split(':');
  const worker = `(select 'WORKER:' || a.worker_id from workers.insz_alias a where a.insz = '${number}')`;
  const party = kind === 'WORKER' || kind === 'SELF_EMPLOYED' ? worker : `'${who}'`;
  return `t.recipient = ${party} or (s.ground in ('REGION-own', 'DVZ', 'RSZ') and t.recipient not like 'INS-%')`;
};

/** What a principal sees, by its name as `npm run token` takes it. */
export const sightsOf = (who: string): Sights => ({ ...rowsOf(who), letters: lettersOf(who) });

const rowsOf = (who: string): Sights => {
  const [kind = '', number = ''] = who.split(':');
  const ofPost = (ground: string, column: string, value: string) =>
    byDossier(`status = 'GRANTED' and ${column} = '${value}'`, ground);
  if (who.startsWith('POST-')) return ofPost('POST', 'diplomatic_post', who);
  if (who.startsWith('MUN-')) return ofPost('MUNICIPALITY', 'residence_municipality', who.slice(4));
  const territories: Record<string, string> = {
    'INS-VSI': 'VLA-DEM',
    'INS-BRU': 'BRU-BEW',
    'INS-WAL': 'WAL-SPW',
    'INS-DG': 'DG-MIN',
  };
  const territory = territories[who];
  if (territory) return regionalInspection(who, territory);
  if (['VLA-DEM', 'BRU-BEW', 'WAL-SPW', 'DG-MIN'].includes(who)) return region(who);
  if (who === 'FED-DVZ') return immigration();
  if (who === 'FED-RSZ') return everything('RSZ', ['mayEmploy']);
  if (who === 'FED-KSZ') return { ...nothing, worker: all('KSZ') };
  if (/^INS-/.test(who)) return everything('INSPECTION-fed', ['mayEmploy', 'siteCheck']);
  if (kind === 'EMPLOYER') {
    return employers(`array['${number}']`, `'${number}' in (t.giver_kbo, t.holder_kbo)`);
  }
  if (kind === 'MANDATARY') {
    const givers = `select giver_kbo from employers.mandate where holder_kbo = '${number}' and status = 'ACTIVE'
      and from_quarter <= '${quarter}' and coalesce(to_quarter, '9999') >= '${quarter}'`;
    return employers(`array(${givers})`, `'${number}' in (t.giver_kbo, t.holder_kbo)`);
  }
  if (kind === 'WORKER' || kind === 'SELF_EMPLOYED') return person(number);
  if (kind === 'ENTERPRISE_COUNTER') return counter(number);
  if (who === 'HELPDESK') return { ...nothing, dossier: [[filed, 'HELPDESK']] };
  return nothing;
};
