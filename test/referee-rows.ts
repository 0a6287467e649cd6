/**
 * The referee of the rows: for each principal and table the keys that exist for it, and what each is to it. SQL of its own, from
 * DOMAIN 2.3, 3.3 and 8, over the reference register as the steps of a dossier write it; it shares no text with subgraphs/access.ts.
 */
import type { Kind, Relation } from '../schema/policy.ts';
import { insz, kbo } from './cast.ts';
import { today } from './cluster.ts';
import type { MatrixWorld } from './matrix-world.ts';

/** Somebody of the world who asks: as a token names it, and as the register does. */
export type Asker = {
  who: string;
  kind: Kind;
  /** In the register; of a worker, its internal id. */
  party: string;
  kbo?: string;
  worker?: string;
  territory?: string;
};

const authority = (kind: Kind, who: string, territory?: string): Asker => ({
  who,
  kind,
  party: who,
  ...(territory ? { territory } : {}),
});
const enterprise = (kind: Kind, number: string): Asker => ({
  who: `${kind}:${number}`,
  kind,
  party: `${kind}:${number}`,
  kbo: number,
});
const person = (kind: Kind, number: string, worker: string): Asker => ({
  who: `${kind}:${number}`,
  kind,
  party: `WORKER:${worker}`,
  worker,
});

/** Whom the world is asked as: of each kind one at least, and where rows differ between them, several. */
export const askers: readonly Asker[] = [
  ...['VLA-DEM', 'BRU-BEW', 'WAL-SPW', 'DG-MIN'].map((one) => authority('REGION', one, one)),
  authority('RESIDENCE', 'FED-DVZ'),
  authority('PLATFORM', 'FED-RSZ'),
  authority('IDENTITY', 'FED-KSZ'),
  authority('INSPECTION_FED', 'INS-TSW'),
  authority('INSPECTION_FED', 'INS-RSVZ'),
  authority('INSPECTION_REG', 'INS-VSI', 'VLA-DEM'),
  authority('INSPECTION_REG', 'INS-BRU', 'BRU-BEW'),
  authority('POST', 'POST-IN-1'),
  authority('MUNICIPALITY', 'MUN-23100'),
  enterprise('EMPLOYER', kbo.brewery),
  enterprise('EMPLOYER', kbo.ukkel),
  enterprise('MANDATARY', kbo.mandatary),
  enterprise('MANDATARY', kbo.formerMandatary),
  person('WORKER', insz.rahul, 'W-0000002'),
  person('WORKER', insz.samuel, 'W-0000006'),
  person('WORKER', insz.john, 'W-0000010'),
  person('WORKER', insz.katrien, 'W-0000022'),
  person('WORKER', insz.joy, 'W-0000021'),
  person('SELF_EMPLOYED', insz.rahul, 'W-0000002'),
  person('SELF_EMPLOYED', insz.grace, 'W-0000008'),
  person('SELF_EMPLOYED', insz.katrien, 'W-0000022'),
  enterprise('ENTERPRISE_COUNTER', kbo.counter),
  authority('HELPDESK', 'HELPDESK'),
  authority('AUDITOR', 'AUDITOR'),
  authority('COORDINATION', 'COO-SIOD'),
  authority('RECIPIENT', 'EU-COM'),
];

/** The tables that have rows for somebody: where they stand, by what each row is known, and whom or what each is about. */
export const tables = {
  dossier: { at: 'dossiers.dossier', key: 'x.number', about: ['DOSSIER', 'x.number'] },
  file: { at: 'access.file', key: 'x.number', about: ['DOSSIER', 'x.number'] },
  message: {
    at: '(select m.*, d.worker_id, d.submitted_at from dossiers.message m, dossiers.dossier d where m.dossier_number = d.number)',
    key: 'x.id',
    about: ['DOSSIER', 'x.dossier_number'],
  },
  outbox: {
    at: '(select o.position, o.dossier_number, d.worker_id, d.submitted_at from steps.outbox o, dossiers.dossier d where o.dossier_number = d.number)',
    key: 'x.position::text',
    about: ['DOSSIER', 'x.dossier_number'],
  },
  decision: { at: 'decisions.decision', key: 'x.id', about: ['DOSSIER', 'x.dossier_number'] },
  worker: { at: 'workers.worker', key: 'x.id', about: ['WORKER', 'x.id'] },
  person: { at: 'access.person', key: 'x.id', about: ['WORKER', 'x.id'] },
  employer: { at: 'employers.enterprise', key: 'x.kbo', about: ['EMPLOYER', 'x.kbo'] },
  establishment: { at: 'employers.establishment', key: 'x.number', about: ['EMPLOYER', 'x.kbo'] },
  mandate: { at: 'employers.mandate', key: 'x.id', about: ['EMPLOYER', 'x.giver_kbo'] },
  permit: { at: 'cadastre.permit', key: 'x.id', about: ['WORKER', 'x.worker_id'] },
  dimona: { at: 'cadastre.dimona_period', key: 'x.id', about: ['WORKER', 'x.worker_id'] },
  dmfa: {
    at: 'cadastre.dmfa_line',
    key: `concat_ws('/', x.worker_id, x.employer_kbo, x.quarter, x.joint_committee)`,
    about: ['WORKER', 'x.worker_id'],
  },
  limosa: { at: 'cadastre.limosa_declaration', key: 'x.number', about: ['WORKER', 'x.worker_id'] },
  a1: { at: 'cadastre.a1_certificate', key: 'x.number', about: ['WORKER', 'x.worker_id'] },
  site: { at: 'access.site', key: 'x.number', about: ['EMPLOYER', 'x.kbo'] },
  ruling: { at: 'access.file', key: 'x.number', about: ['DOSSIER', 'x.number'] },
  enterprise: {
    at: `(select distinct subject as kbo from access.involvement where subject_kind::text = 'EMPLOYER')`,
    key: 'x.kbo',
    about: ['EMPLOYER', 'x.kbo'],
  },
  consultation: { at: 'read_log.entry', key: 'x.seq', about: ['WORKER', 'x.subject'] },
  hit: { at: 'cadastre.inspection_hit', key: 'x.id', about: ['WORKER', 'x.worker_id'] },
} as const;
export type TableName = keyof typeof tables;

/** What a row is to whom: an expression in SQL, over `x` and the tie `tie` where there is one; and which rows. */
type Rows = { is: string; where: string; tie?: string } | null;

const own = `'OWN'`;
const involved = `'INVOLVED'`;
// 2.3 "own": decides on it, or is named in it as a party; the Immigration Office on its copy and what was forwarded to it.
const byTie = `case when tie.capacity::text in ('COMPETENT', 'PARTY', 'MANDATE', 'FORWARDED', 'COPIED') then 'OWN'
  when tie.capacity::text in ('NAMED', 'TERRITORY', 'FORMER') then 'INVOLVED' else 'OTHER' end`;

/** The rows whose subject a party is tied to; a tie counts from its first day on, and one that ended leaves what it gave. */
const tiedTo = (
  party: string,
  table: TableName,
  more: Partial<{ is: string; capacity: string; and: string }> = {},
): Rows => {
  const [kind, column] = tables[table].about;
  const capacity = more.capacity ? ` and tie.capacity::text = '${more.capacity}'` : '';
  return {
    tie: 'access.involvement tie',
    is: more.is ?? byTie,
    where: `tie.party = '${party}' and tie.subject_kind::text = '${kind}' and tie.subject = ${column} and not (tie.valid_from > date '${today}')${capacity}${more.and ? ` and ${more.and}` : ''}`,
  };
};

/** The employers for whom a mandatary may act today: begun, and not ended. */
const mandators = (party: string): string =>
  `(select g.subject from access.involvement g where g.party = '${party}' and g.capacity::text = 'MANDATE' and g.subject_kind::text = 'EMPLOYER'
     and date '${today}' >= g.valid_from and (g.valid_to is null or g.valid_to >= date '${today}'))`;

const all = (table: TableName): Rows => ({
  is: involved,
  where: ['dossier', 'message', 'outbox'].includes(table)
    ? `x.submitted_at is not null`
    : table === 'consultation'
      ? 'x.at is not null'
      : 'true',
});

const employment = ['dimona', 'dmfa'];

const forRegion = ({ party }: Asker, table: TableName): Rows => {
  if (table === 'site') return null;
  if (table === 'hit') return { is: own, where: `x.authority = '${party}'` }; // c19: own-region hits
  if (table === 'permit')
    return tiedTo(party, table, { is: `case when x.authority = '${party}' then 'OWN' else 'OTHER' end` });
  // c17, c18: own dossiers. Employment is of a pair, and the dossier must be of that pair.
  if (employment.includes(table)) {
    const pair = `exists (select from dossiers.dossier d where d.submitted_at is not null and d.competent_authority = '${party}' and d.worker_id = x.worker_id and d.employer_kbo = x.employer_kbo)`;
    return tiedTo(party, table, { capacity: 'COMPETENT', and: pair });
  }
  if (table === 'limosa' || table === 'a1') return tiedTo(party, table, { capacity: 'COMPETENT' });
  // c08 REGION other M: of a former file an employer's name is left, and no mandate.
  // c10 REGION own R, other -: and so it is with a message, which is as closely kept.
  if (table === 'mandate' || table === 'message') return tiedTo(party, table, { and: `${byTie} = 'OWN'` });
  return tiedTo(party, table);
};

const followsDossiers: readonly TableName[] = [
  'dossier',
  'file',
  'decision',
  'worker',
  'person',
  'employer',
  'establishment',
  'ruling',
  'enterprise',
  'message',
  'outbox',
];

const forEmployer = ({ party, kbo: number }: Asker, table: TableName): Rows => {
  if (['employer', 'establishment', 'enterprise'].includes(table)) return { is: own, where: `x.kbo = '${number}'` };
  if (table === 'mandate') return { is: own, where: `'${number}' in (x.giver_kbo, x.holder_kbo)` };
  if (employment.includes(table)) return { is: own, where: `x.employer_kbo = '${number}'` };
  if (table === 'limosa') return { is: own, where: `'${number}' = any(x.clients)` };
  if (table === 'a1')
    return {
      is: own,
      where: `exists (select from cadastre.limosa_declaration l where l.a1_number = x.number and '${number}' = any(l.clients))`,
    };
  return followsDossiers.includes(table) ? tiedTo(party, table) : null;
};

const forMandatary = ({ party, kbo: number }: Asker, table: TableName): Rows => {
  const given = mandators(party);
  if (['employer', 'establishment', 'enterprise'].includes(table)) return { is: own, where: `x.kbo in ${given}` };
  if (table === 'mandate') return { is: own, where: `'${number}' in (x.giver_kbo, x.holder_kbo)` };
  if (employment.includes(table)) return { is: own, where: `x.employer_kbo in ${given}` };
  const client = `exists (select from unnest(l.clients) c where c in ${given})`;
  if (table === 'limosa') return { is: own, where: client.replace('l.', 'x.') };
  if (table === 'a1')
    return {
      is: own,
      where: `exists (select from cadastre.limosa_declaration l where l.a1_number = x.number and ${client})`,
    };
  if (!followsDossiers.includes(table)) return null;
  const [kind, column] = tables[table].about;
  return {
    is: own,
    where: `exists (select from access.involvement e where e.party in (select 'EMPLOYER:' || g.subject from ${given} g) and e.subject_kind::text = '${kind}' and e.subject = ${column} and e.valid_from <= date '${today}')`,
  };
};

const forWorker = ({ party, worker }: Asker, table: TableName): Rows => {
  if (table === 'worker' || table === 'person') return { is: own, where: `x.id = '${worker}'` };
  // (3.1 WA_AUPAIR) Who files for another is involved in it; a worker's own is about the worker.
  if (['dossier', 'file', 'decision', 'ruling', 'message', 'outbox'].includes(table)) {
    return tiedTo(party, table, { is: `case x.worker_id when '${worker}' then 'OWN' else 'INVOLVED' end` });
  }
  if (['employer', 'establishment', 'enterprise'].includes(table)) return tiedTo(party, table);
  return ['permit', ...employment, 'limosa', 'a1'].includes(table)
    ? { is: own, where: `x.worker_id = '${worker}'` }
    : null;
};

const forInspection = ({ party, territory }: Asker, table: TableName): Rows => {
  if (table === 'hit') {
    // DOMAIN 8: all rules whose column "who" has REG, at a workplace in the territory.
    return { is: involved, where: `x.authority = '${territory}' and x.rule not in ('I10', 'I17', 'I23')` };
  }
  if ([...employment, 'site'].includes(table)) return { is: involved, where: `x.authority = '${territory}'` };
  if (table === 'limosa') return { is: involved, where: `'${territory}' = any(x.authorities)` };
  return tiedTo(party, table);
};

// c19 of the Immigration Office: what can lead to a withdrawal, by the rules of DOMAIN 8 [asm].
const onWithdrawal = `x.rule in ('I02', 'I03', 'I04', 'I05', 'I15')`;

// DOMAIN 8, column "who": FED, and what it names one service for.
const federal = ['I01', 'I02', 'I03', 'I04', 'I05', 'I08', 'I10', 'I13', 'I19', 'I23'];
const besides: Readonly<Record<string, string>> = { 'INS-TSW': 'I14', 'INS-RSVZ': 'I20' };
const forFederal = ({ who }: Asker, table: TableName): Rows => {
  const rules = [...federal, besides[who] ?? ''].map((rule) => `'${rule}'`);
  return table === 'hit' ? { is: involved, where: `x.rule in (${rules})` } : all(table);
};

// c10 POST named -, MUN named -
const afterGrant = ({ party }: Asker, table: TableName): Rows =>
  [...followsDossiers, 'permit'].includes(table) && table !== 'message' ? tiedTo(party, table) : null;

const rowsFor: Readonly<Record<Kind, (asker: Asker, table: TableName) => Rows>> = {
  REGION: forRegion,
  RESIDENCE: ({ party }, table) =>
    table === 'hit'
      ? tiedTo(party, table, { and: onWithdrawal })
      : [...followsDossiers, 'permit'].includes(table)
        ? tiedTo(party, table)
        : null,
  PLATFORM: (_, table) => (table === 'message' ? null : all(table)), // (e)
  IDENTITY: (_, table) => (table === 'worker' || table === 'person' ? all(table) : null),
  INSPECTION_FED: forFederal,
  INSPECTION_REG: forInspection,
  POST: afterGrant,
  MUNICIPALITY: afterGrant,
  EMPLOYER: forEmployer,
  MANDATARY: forMandatary,
  WORKER: forWorker,
  SELF_EMPLOYED: forWorker,
  // (b), and the columns c13 and c14 that it lacks: of the residence part there is nothing.
  ENTERPRISE_COUNTER: ({ party }, table) =>
    followsDossiers.includes(table) && table !== 'message' // no papers
      ? tiedTo(party, table, table === 'decision' ? { and: `x.part = 'WORK'` } : {})
      : null,
  HELPDESK: (_, table) => (['dossier', 'file', 'outbox'].includes(table) ? all(table) : null),
  AUDITOR: (_, table) => (table === 'consultation' ? all(table) : null),
  COORDINATION: () => null,
  RECIPIENT: () => null,
};

// c21: the own organisation; a worker who looked, and of an investigation half a year later [asm]. RSZ and the auditor see all.
const organisations: readonly Kind[] = [
  ...(['REGION', 'RESIDENCE', 'IDENTITY', 'INSPECTION_FED', 'INSPECTION_REG', 'POST', 'MUNICIPALITY'] as const),
];
const ofOwnLog = ({ kind, who, worker }: Asker): Rows => {
  if (organisations.includes(kind)) return { is: own, where: `x.party = '${who}'` };
  const soon = `x.kind like 'INSPECTION%' and x.at >= now() - interval '180 days'`;
  return worker ? { is: own, where: `x.subject = '${worker}' and not (${soon})` } : null;
};

/** The rows of a table that exist for an asker, as `key` and `relation`; null where the table has none for that kind. */
const rowsOf = (asker: Asker, table: TableName): string | null => {
  const rows = (table === 'consultation' && ofOwnLog(asker)) || rowsFor[asker.kind](asker, table);
  if (rows === null) return null;
  const { at, key } = tables[table];
  return `select ${key} as key, ${rows.is} as relation from ${at} x${rows.tie ? `, ${rows.tie}` : ''} where ${rows.where}`;
};

/** A row that is there for somebody, and what it is to it. */
export type Found = { key: string; relation: Relation };

/** What the referee asks a world for. */
type Owned = Pick<MatrixWorld, 'rows'>;

const findings = new WeakMap<Owned, Map<string, Promise<Found[]>>>();

/** The rows that the referee finds for an asker; asked of the world once. */
export const found = (world: Owned, asker: Asker, table: TableName): Promise<Found[]> => {
  const known = findings.get(world) ?? new Map<string, Promise<Found[]>>();
  findings.set(world, known);
  const key = `${asker.who} ${table}`;
  const text = rowsOf(asker, table);
  const made = known.get(key) ?? (text === null ? Promise.resolve([]) : world.rows<Found>(text));
  known.set(key, made);
  return made;
};
