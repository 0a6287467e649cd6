/** Walks an answer of the graph beside what the referee expects of each field of each row in it. */
import type { Kind, Relation } from '../schema/policy.ts';
import type { SubgraphName } from '../schema/subgraphs.ts';
import type { Coordinate } from './composed.ts';
import { type Asked, isKey, rowTypes } from './graph-questions.ts';
import type { MatrixWorld } from './matrix-world.ts';
import { choices, outcomeOf } from './referee.ts';
import { type Asker, found } from './referee-rows.ts';
import type { Answer } from './world.ts';

/** Facts that a row does not tell of itself, by its id. */
type Facts = { parts: Map<string, string>; papers: Map<string, { category: string; side: string }> };

export const factsOf = async (world: Pick<MatrixWorld, 'rows'>): Promise<Facts> => {
  const parts = await world.rows<{ id: string; part: string }>('select id, part from decisions.decision');
  const papers = await world.rows<{ id: string; code: string; side: string }>(
    'select id, code, uploaded_by_kind as side from dossiers.document',
  );
  // DOMAIN 3.9: which document is of which category; what serves the work part is a work document.
  const categories: Record<string, string> = {
    RES_PASSPORT: 'PASSPORT',
    ...{ RES_CRIMINAL_RECORD: 'CRIMINAL_MEDICAL', RES_MEDICAL: 'CRIMINAL_MEDICAL' },
    ...{ RES_MEANS: 'MEANS', RES_INSURANCE: 'MEANS', RES_FEE_PROOF: 'MEANS' },
  };
  return {
    parts: new Map(parts.map(({ id, part }) => [id, part])),
    papers: new Map(papers.map(({ id, code, side }) => [id, { category: categories[code] ?? 'WORK_DOCUMENTS', side }])),
  };
};

// What an event tells of, by its name; what is told of a dossier otherwise is its status and its dates (c01).
const tells: readonly (readonly [RegExp, string])[] = [
  [/^(TERMINATION_NOTIFIED|PERMIT_EXPIRING|ADVICE_GIVEN)$/, 'JOB'], // c09
  [/^MESSAGE_/, 'WORK_DOCUMENTS'], // c10
  [/^DOCUMENT_/, 'CRIMINAL_MEDICAL'], // c06: it does not say which
  [/^(WORK_DECIDED|APPEAL_.*|RELEVANT_CHANGE)$/, 'WORK_DECISION'], // c11
  [/^RESIDENCE_DECIDED$/, 'RESIDENCE_DECISION'], // c13
  [/^(JOBSEARCH|WELCOME)_/, 'PERMITS'], // c16
];
const toldBy = (event: unknown): string => tells.find(([name]) => name.test(String(event)))?.[1] ?? 'ENVELOPE';

const employerSide = ['EMPLOYER', 'MANDATARY'];

/** 2.3 "own upload only": to a party that is not the worker, another's paper is less than its own. */
export const paperRelation = (kind: Kind, relation: Relation | null, side: string): Relation | null => {
  if (employerSide.includes(kind)) return employerSide.includes(side) ? relation : 'INVOLVED';
  const isPerson = kind === 'WORKER' || kind === 'SELF_EMPLOYED';
  return isPerson && relation === 'INVOLVED' && side !== 'HOST_FAMILY' ? 'OTHER' : relation;
};

/** What an asker's rows are to it, by table and key. */
type Ties = (type: string, key: unknown) => Relation | undefined;

export const tiesOf = async (world: MatrixWorld, asker: Asker): Promise<Ties> => {
  const known = new Map<string, Relation>();
  for (const [type, { table }] of Object.entries(rowTypes)) {
    for (const { key, relation } of await found(world, asker, table)) known.set(`${type} ${key}`, relation);
  }
  const [employment] = await found(world, asker, 'dmfa');
  if (employment)
    for (const type of ['DimonaPeriod', 'DmfaLine', 'WageQuarter']) known.set(`${type} *`, employment.relation);
  const [hit] = await found(world, asker, 'hit');
  if (hit) known.set('InspectionHit *', hit.relation);
  return (type, key) => known.get(`${type} ${key}`) ?? known.get(`${type} *`);
};

export type Walk = {
  asker: Asker;
  stated: boolean;
  ties: Ties;
  facts: Facts;
  codes: ReadonlyMap<string, string>;
  /** Asked straight of a subgraph: whatever it answers is its own row, or a bare reference. */
  only?: SubgraphName;
  wrong: string[];
  seen: (coordinate: string, outcome: string) => void;
};

export type Parent = {
  type: string;
  relation: Relation | null;
  choice: string | null;
  graph: SubgraphName | undefined;
  absent: boolean;
};

const isMask = (mask: string, value: unknown): boolean => {
  const text = String(value);
  if (mask === 'INSZ') return /^\d\d\.\d\d\.\d\d-\*\*\*\.\*\*$/.test(text);
  return mask === 'YEAR' ? /^\d{4}$/.test(text) : /^(\S\. ?)+$/u.test(text);
};

export const walkRow = (
  walk: Walk,
  asked: readonly Asked[],
  row: Record<string, unknown>,
  parent: Parent,
  path: string,
): void => {
  const { asker, stated, ties, codes, wrong } = walk;
  const owned = rowTypes[parent.type];
  for (const { field, key, below } of asked) {
    const here = `${path}.${key}`;
    const value = row[key];
    const code = codes.get(here);
    const elsewhere = owned && !field.graphs.includes(owned.graph);
    // A reference is answered where it stands, by what its row is; what another register adds hangs from the key alone.
    const key_ = owned && isKey(field) && parent.graph !== undefined && parent.graph !== owned.graph;
    const own = owned ? ties(parent.type, row[asked.find((one) => isKey(one.field))?.key ?? '']) : parent.relation;
    const relation = elsewhere ? null : key_ ? parent.relation : owned ? (own ?? null) : parent.relation;
    if (owned && own === undefined && !key_ && !elsewhere) {
      if (value !== null && value !== undefined)
        wrong.push(`${asker.who} ${here}: ${field.coordinate} of a row that is not there`);
      continue;
    }
    const want = outcomeOf(asker.kind, field, { relation, choice: elsewhere ? null : parent.choice, stated });
    const empty = value === null || value === undefined;
    const masked = field.mask !== null && !empty && isMask(field.mask, value);
    const have = code ?? (empty ? 'EMPTY' : masked ? 'MASKED' : 'FULL');
    walk.seen(field.coordinate, have);
    const fits = have === want || (have === 'EMPTY' && (want === 'FULL' || want === 'MASKED') && code === undefined);
    if (!fits || (code !== undefined && !empty)) {
      wrong.push(
        `${asker.who}${stated ? '+' : ''} ${here} ${field.coordinate} ${relation} ${parent.choice ?? ''}: ${have} and not ${want}`,
      );
    }
    if (!empty && below.length > 0) walkValue(walk, field, below, value, { ...parent, relation }, here);
  }
};

export const choiceOf = (
  { facts }: Walk,
  type: string,
  row: Record<string, unknown>,
  index: number,
  asked: readonly Asked[],
): string | null => {
  if (!choices[type]) return null;
  const id = String(row[asked.find(({ field }) => field.name === 'id')?.key ?? 'id']);
  if (type === 'Decision') return facts.parts.get(id) ?? null;
  if (type === 'Document') return facts.papers.get(id)?.category ?? null;
  if (type === 'OutboxEvent') return toldBy((row.event as { code?: string } | null)?.code); // as it was asked
  return type === 'Track' ? (index === 0 ? 'WORK' : 'RESIDENCE') : String(row.part ?? row.own_part);
};

const walkValue = (
  walk: Walk,
  field: Coordinate,
  asked: readonly Asked[],
  value: unknown,
  parent: Parent,
  path: string,
): void => {
  const type = field.returns;
  const graph = walk.only ?? (field.graphs.length === 1 ? field.graphs[0] : parent.graph);
  for (const [index, one] of (Array.isArray(value) ? value : [value]).entries()) {
    const at = Array.isArray(value) ? `${path}.${index}` : path;
    if (one === null) continue;
    const row = one as Record<string, unknown>; // a value with fields below it is an object
    const paper = type === 'Document' ? walk.facts.papers.get(String(row.id ?? row.own_id)) : undefined;
    const relation = paper
      ? paperRelation(walk.asker.kind, parent.relation, paper.side)
      : type === 'PriorOutcome' || type === 'Prefill'
        ? 'OWN'
        : type === 'Inspection'
          ? 'INVOLVED'
          : type === 'OutboxEvent'
            ? (walk.ties('Dossier', (row.dossier as { number?: string } | null)?.number) ?? null)
            : (walk.ties(type, '*') ?? parent.relation);
    const reference = type === 'Worker' && ['Inspection', 'SiteCheckResult'].includes(field.type) ? 'workers' : graph;
    walkRow(
      walk,
      asked,
      row,
      { type, relation, choice: choiceOf(walk, type, row, index, asked), graph: reference, absent: false },
      at,
    );
  }
};

export const codesOf = ({ errors }: Answer): Map<string, string> =>
  new Map(errors?.map(({ path, code }) => [path?.join('.') ?? '', code]));
