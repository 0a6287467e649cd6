/** Turns the policy into what enforces it on rows: a condition in SQL from which every query of every store starts. */
import type { Knex } from 'knex';
import { param } from '../db/statement.ts';
import { authorities } from '../schema/authorities.ts';
import { controlledRules } from '../schema/inspection.ts';
import { eventsTelling } from '../schema/outbox.ts';
import {
  accessTo,
  discretion,
  type Kind,
  type Level,
  type Relation,
  reaches,
  relationOf,
  relations,
  rowsFor,
  type Scope,
  withdrawalRules,
} from '../schema/policy.ts';
import type { Viewer } from './viewer.ts';

type Source = {
  from: string;
  /** Whose line in the policy's table of rows it follows. */
  rows: string;
  /** The column that names the register's subject. */
  subject?: { kind: 'DOSSIER' | 'WORKER' | 'EMPLOYER'; column: string };
  worker?: string;
  employer?: string;
  /** Several employers, or several authorities, in one row. */
  employers?: string;
  /** Where they stand in another table: the condition on it becomes one on the row. */
  through?: (condition: string) => string;
  authority?: string;
  authorities?: string;
  /** What `everything` leaves out. */
  filed?: string;
  /** From which level a row is known to be there, where its category can be closed to who has the row in its scope. */
  known?: { from: Level; category: string } | { from: Level; part: Readonly<Record<string, string>> };
};

/** Names of our own as a list in SQL. */
const listed = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

const tellings = [...eventsTelling].map(
  ([category, events]) => `when o.event in (${listed(events)}) then '${category}'`,
);

const sources = {
  dossier: {
    from: 'dossiers.dossier',
    rows: 'dossier',
    subject: { kind: 'DOSSIER', column: 'number' },
    worker: 'worker_id',
    filed: 't.submitted_at is not null',
  },
  file: {
    from: 'access.file',
    rows: 'dossier',
    subject: { kind: 'DOSSIER', column: 'number' },
    worker: 'worker_id',
  },
  message: {
    from: '(select m.*, d.worker_id, d.submitted_at from dossiers.message m join dossiers.dossier d on d.number = m.dossier_number)',
    rows: 'dossier',
    subject: { kind: 'DOSSIER', column: 'dossier_number' },
    worker: 'worker_id',
    filed: 't.submitted_at is not null',
    known: { from: 'READ', category: 'WORK_DOCUMENTS' },
  },
  outbox: {
    from: `(select o.position, o.at, o.event, o.dossier_number, o.message_id, d.worker_id, d.submitted_at, case ${tellings.join(' ')} end as category
      from steps.outbox o join dossiers.dossier d on d.number = o.dossier_number)`,
    rows: 'dossier',
    subject: { kind: 'DOSSIER', column: 'dossier_number' },
    worker: 'worker_id',
    filed: 't.submitted_at is not null',
  },
  decision: {
    from: 'decisions.decision',
    rows: 'decision',
    subject: { kind: 'DOSSIER', column: 'dossier_number' },
    worker: 'worker_id',
    known: { from: 'STATUS', part: { WORK: 'WORK_DECISION', RESIDENCE: 'RESIDENCE_DECISION' } },
  },
  worker: { from: 'workers.worker', rows: 'worker', subject: { kind: 'WORKER', column: 'id' }, worker: 'id' },
  person: { from: 'access.person', rows: 'worker', subject: { kind: 'WORKER', column: 'id' }, worker: 'id' },
  employer: {
    from: 'employers.enterprise',
    rows: 'employer',
    subject: { kind: 'EMPLOYER', column: 'kbo' },
    employer: 'kbo',
  },
  establishment: {
    from: 'employers.establishment',
    rows: 'employer',
    subject: { kind: 'EMPLOYER', column: 'kbo' },
    employer: 'kbo',
  },
  mandate: {
    from: 'employers.mandate',
    rows: 'mandate',
    subject: { kind: 'EMPLOYER', column: 'giver_kbo' },
    employers: 'array[t.giver_kbo, t.holder_kbo]',
    known: { from: 'READ', category: 'EMPLOYER' },
  },
  permit: {
    from: 'cadastre.permit',
    rows: 'permit',
    subject: { kind: 'WORKER', column: 'worker_id' },
    worker: 'worker_id',
    authority: 'authority',
  },
  dimona: {
    from: 'cadastre.dimona_period',
    rows: 'employment',
    worker: 'worker_id',
    employer: 'employer_kbo',
    authority: 'authority',
  },
  dmfa: {
    from: 'cadastre.dmfa_line',
    rows: 'employment',
    worker: 'worker_id',
    employer: 'employer_kbo',
    authority: 'authority',
  },
  limosa: {
    from: 'cadastre.limosa_declaration',
    rows: 'limosa',
    worker: 'worker_id',
    employers: 't.clients',
    authorities: 't.authorities',
  },
  a1: {
    from: 'cadastre.a1_certificate',
    rows: 'a1',
    subject: { kind: 'WORKER', column: 'worker_id' },
    worker: 'worker_id',
    // A certificate tells of a posting: it is for the clients of that posting, and not for others of the same worker.
    employers: 'l.clients',
    through: (condition) => `t.number in (select l.a1_number from cadastre.limosa_declaration l where ${condition})`,
  },
  site: { from: 'access.site', rows: 'site', authority: 'authority' },
  hit: {
    from: 'cadastre.inspection_hit',
    rows: 'hit',
    subject: { kind: 'WORKER', column: 'worker_id' },
    authority: 'authority',
  },
  // What a decision is to a viewer, where only the register can be read.
  ruling: {
    from: 'access.file',
    rows: 'decision',
    subject: { kind: 'DOSSIER', column: 'number' },
    worker: 'worker_id',
  },
  enterprise: {
    from: `(select distinct subject as kbo from access.involvement where subject_kind = 'EMPLOYER')`,
    rows: 'employer',
    subject: { kind: 'EMPLOYER', column: 'kbo' },
    employer: 'kbo',
  },
  // An entry whose content was erased tells nobody anything.
  consultation: { from: 'read_log.entry', rows: 'log', worker: 'subject', filed: 't.outcome is not null' },
} as const satisfies Record<string, Source>;

/** A table that has a row scope. */
export type Table = keyof typeof sources;

const cases = Object.entries(relationOf).map(([capacity, relation]) => `when '${capacity}' then '${relation}'`);
const relationOfTie = `case i.capacity ${cases.join(' ')} end`;
const mandateInForce = `m.subject_kind = 'EMPLOYER' and m.capacity = 'MANDATE' and m.valid_from <= ? and coalesce(m.valid_to, 'infinity') >= ?`;
const begun = `i.valid_from <= ?`;
const mandators = `select m.subject from access.involvement m where m.party = ? and ${mandateInForce}`;
const today = param('today');

/**
 * Authorities that are few, and each tied to a large part of all rows: their id stands in the text, so that PostgreSQL plans
 * for that part. A plan for the average party would read and sort every row of theirs for one page.
 */
const large: ReadonlySet<Kind> = new Set(['REGION', 'RESIDENCE', 'INSPECTION_REG']);

type Who = Pick<Viewer, 'kind' | 'party'>;

/** What the text of a scope depends on: part of the key of every statement that starts from it. */
export const scopeKey = ({ kind, party }: Who): string => (large.has(kind) ? `${kind} ${party}` : kind);

/** The viewer as the register names it. A worker's token holds an INSZ; the register knows the internal id only. */
export const partyOf = ({ kind, party }: Who): { sql: string; values: Knex.Value[] } => {
  if (kind === 'WORKER' || kind === 'SELF_EMPLOYED') {
    return { sql: `'WORKER:' || access.worker_of(?)`, values: [param('insz')] };
  }
  if (!large.has(kind)) return { sql: '?', values: [param('party')] };
  // Never what a caller wrote: the id as our own list has it.
  const known = authorities.find(({ id }) => id === party);
  if (!known) throw new Error('an authority that is not on the list');
  return { sql: `'${known.id}'`, values: [] };
};

/** A join or a condition, and what the row then is to the viewer. */
type Narrowed = { join?: string; where?: string; values: Knex.Value[]; relation: string };

const subjectOf = (source: Source) => {
  if (!source.subject) throw new Error(`${source.from} has no subject in the register`);
  return { kind: source.subject.kind, column: `t.${source.subject.column}` };
};

const registered = (source: Source, who: Who): Narrowed => {
  const { kind } = who;
  const subject = subjectOf(source);
  const me = partyOf(who);
  // A mandate counts while it is in force; any other file, once begun, leaves a right to see what one had.
  const stillRuns = kind === 'MANDATARY' ? ` and coalesce(i.valid_to, 'infinity') >= ?` : '';
  return {
    join: `join access.involvement i on i.party = ${me.sql} and i.subject_kind = '${subject.kind}' and i.subject = ${subject.column} and ${begun}${stillRuns}`,
    values: kind === 'MANDATARY' ? [...me.values, today, today] : [...me.values, today],
    relation: relationOfTie,
  };
};

const namesEmployers = ({ employers, through }: Source, condition: (employers: string) => string) =>
  employers && (through ?? ((text: string) => text))(condition(employers));

const ownRows = (source: Source, { kind }: Who): Narrowed => {
  if (kind === 'WORKER' || kind === 'SELF_EMPLOYED') {
    return { where: `t.${source.worker} = access.worker_of(?)`, values: [param('insz')], relation: `'OWN'` };
  }
  const where = namesEmployers(source, (employers) => `${employers} @> array[?::text]`) ?? `t.${source.employer} = ?`;
  return { where, values: [param('kbo')], relation: `'OWN'` };
};

const conditions: Record<Scope, (source: Source, who: Who) => Narrowed> = {
  nothing: () => ({ where: 'false', values: [], relation: `'OTHER'` }),
  everything: (source) => ({ ...(source.filed ? { where: source.filed } : {}), values: [], relation: `'INVOLVED'` }),
  register: registered,
  regional: (source, who) => ({
    ...registered(source, who),
    relation: `case when i.party = t.${source.authority} then 'OWN' else 'OTHER' end`,
  }),
  personal: (source, who) => ({
    ...registered(source, who),
    relation: `case when i.party = 'WORKER:' || t.${source.worker} then 'OWN' else 'INVOLVED' end`,
  }),
  mandated: (source) => {
    const subject = subjectOf(source);
    return {
      join: `join lateral (select i.capacity from access.involvement m join access.involvement i on i.party = 'EMPLOYER:' || m.subject and i.subject_kind = '${subject.kind}' and i.subject = ${subject.column} and ${begun} where m.party = ? and ${mandateInForce} order by i.capacity limit 1) i on true`,
      values: [today, param('party'), today, today],
      relation: relationOfTie,
    };
  },
  own: ownRows,
  clients: (source) => ({
    where:
      namesEmployers(source, (employers) => `${employers} && array(${mandators})`) ??
      `t.${source.employer} in (${mandators})`,
    values: [param('party'), today, today],
    relation: `'OWN'`,
  }),
  pair: (source) => {
    // The register ties an authority to the worker and to the employer; that it is in one dossier, only the dossiers tell.
    const together = source.employer
      ? ` join lateral (select from access.file f where f.authority = i.party and f.worker_id = i.subject and f.employer_kbo = t.${source.employer} limit 1) f on true`
      : '';
    return {
      join: `join access.involvement i on i.party = ? and i.subject_kind = 'WORKER' and i.subject = t.${source.worker} and i.capacity = 'COMPETENT' and ${begun}${together}`,
      values: [param('party'), today],
      relation: relationOfTie,
    };
  },
  territory: (source, { kind }) => ({
    where: source.authorities ? `${source.authorities} @> array[?::text]` : `t.${source.authority} = ?`,
    values: [param('territory')],
    relation: kind === 'REGION' ? `'OWN'` : `'INVOLVED'`,
  }),
  organisation: () => ({ where: 't.party = ?', values: [param('party')], relation: `'OWN'` }),
  consulted: (source) => {
    const told = Object.entries(discretion).map(
      ([kind, days]) => `(t.kind <> '${kind}' or t.at < now() - interval '${days} days')`,
    );
    return {
      where: [`t.${source.worker} = access.worker_of(?)`, ...told].join(' and '),
      values: [param('insz')],
      relation: `'OWN'`,
    };
  },
  controlled: (source, { kind }) => {
    const here = kind === 'INSPECTION_REG';
    return {
      where: `t.rule = any(?::text[])${here ? ` and t.${source.authority} = ?` : ''}`,
      values: here ? [param('rules'), param('territory')] : [param('rules')],
      relation: `'INVOLVED'`,
    };
  },
  withdrawal: (source, who) => ({
    ...registered(source, who),
    where: `t.rule in (${listed(withdrawalRules)})`,
  }),
};

/** The condition that a viewer may know at least that the row is there; none where that goes without saying. */
const knownTo = (table: Table, viewer: Who): string | undefined => {
  const { known }: Source = sources[table];
  if (!known) return undefined;
  const openTo = (category: string) =>
    // A purpose opens values: that it has to be stated is told at the field.
    relations.filter((relation) => reaches(accessTo(viewer.kind, relation, category).logged, known.from));
  const narrowed = (category: string) =>
    openTo(category).length === relations.length ? 'true' : related(table, viewer, openTo(category));
  const each =
    'category' in known
      ? [narrowed(known.category)]
      : Object.entries(known.part).map(([part, category]) => {
          const condition = narrowed(category);
          return condition === 'true' ? condition : `(t.part <> '${part}' or ${condition})`;
        });
  const conditions = each.filter((condition) => condition !== 'true');
  return conditions.length > 0 ? conditions.join(' and ') : undefined;
};

/**
 * The rows of a table that exist for a kind of principal, as `t`, each with its `relation` to the viewer. Runs with
 * `scopeValues`. Every query of every store starts here: lists, counts, look-ups by key and references alike.
 */
export const visible = (knex: Knex, table: Table, viewer: Who): Knex.QueryBuilder => {
  const source: Source = sources[table];
  const { join, where, values, relation } = conditions[rowsFor(viewer.kind, source.rows)](source, viewer);
  const query = knex.queryBuilder().fromRaw(`${source.from} as t`);
  if (join) query.joinRaw(join, values);
  if (where) query.whereRaw(where, join ? [] : values);
  const known = knownTo(table, viewer);
  if (known) query.whereRaw(known);
  return query.select(knex.raw(`${relation} as relation`));
};

/** The condition that a row of `visible` is one of these to the viewer. */
export const related = (table: Table, viewer: Who, wanted: readonly Relation[]): string => {
  if (wanted.length === 0) return 'false';
  const source: Source = sources[table];
  const { relation } = conditions[rowsFor(viewer.kind, source.rows)](source, viewer);
  if (relation !== relationOfTie) return `${relation} in (${listed(wanted)})`;
  // PostgreSQL knows how often a capacity occurs, and can only guess what a `case` makes of it.
  const capacities = Object.entries(relationOf).filter(([, one]) => wanted.includes(one));
  return `i.capacity in (${listed(capacities.map(([capacity]) => capacity))})`;
};

/** The values that a scope's conditions ask for. */
export const scopeValues = ({ kind, party, authority, kbo, insz, territory, today }: Viewer) => ({
  party,
  kbo,
  insz,
  territory,
  today,
  rules: controlledRules(kind, authority),
});
