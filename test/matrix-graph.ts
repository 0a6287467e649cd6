/**
 * The matrix, executed against the real graph: rows of the world, every field of them, by every way that leads there. What comes
 * back is walked beside what the referee expects of each field of each row.
 */
import { makeDossierNumber, makeEstablishment, makeKbo } from '../schema/identifiers.ts';
import type { Kind, Relation } from '../schema/policy.ts';
import { type SubgraphName, subgraphNames } from '../schema/subgraphs.ts';
import { type Subgraph, subgraph } from '../subgraphs/subgraph.ts';
import { insz, kbo } from './cast.ts';
import { type Coordinate, coordinates, objects } from './composed.ts';
import { viewerOf } from './matrix-rows.ts';
import type { MatrixWorld } from './matrix-world.ts';
import { choices, outcomeOf, purposes } from './referee.ts';
import { type Asker, askers, found, type TableName } from './referee-rows.ts';
import { type Answer, type Ask, type Stated, seen } from './world.ts';

/** The ways to a field through the gateway, and straight to a subgraph. */
export const graphPaths = ['plain', 'alias', 'fragment', 'inline', 'when', 'entity'] as const;
export type GraphPath = (typeof graphPaths)[number];

type Owned = { table: TableName; key: string; graph: SubgraphName };

/** Types whose rows have a table of their own: where the referee finds them, and by which field. */
const rowTypes: Readonly<Record<string, Owned>> = {
  Dossier: { table: 'dossier', key: 'number', graph: 'dossiers' },
  Employer: { table: 'employer', key: 'kbo', graph: 'employers' },
  Establishment: { table: 'establishment', key: 'number', graph: 'employers' },
  Mandate: { table: 'mandate', key: 'id', graph: 'employers' },
  Worker: { table: 'worker', key: 'id', graph: 'workers' },
  Decision: { table: 'decision', key: 'id', graph: 'decisions' },
  Permit: { table: 'permit', key: 'id', graph: 'cadastre' },
  LimosaDeclaration: { table: 'limosa', key: 'number', graph: 'cadastre' },
  A1Certificate: { table: 'a1', key: 'number', graph: 'cadastre' },
};
const entities = ['Dossier', 'Employer', 'Establishment', 'Worker', 'Decision', 'Permit', 'LimosaDeclaration'];

/** A field as it is asked: under which name, and what below it. */
type Asked = { field: Coordinate; key: string; below: Asked[] };

const isKey = (field: Coordinate): boolean =>
  rowTypes[field.type]?.key === field.name || field.coordinate === 'Mandatary.kbo';

/** What is asked of a type: everything at the top; of another row on the way, what is its own; nothing that leads on from there. */
const selectionOf = (
  type: string,
  depth: number,
  only?: SubgraphName,
  light = false,
  met: readonly string[] = [],
): Asked[] => {
  const whole = (objects.get(type) ?? []).flatMap((field) => {
    if (only && !field.graphs.includes(only)) return [];
    const owner = rowTypes[type]?.graph;
    if (depth > 0 && owner && !field.graphs.includes(owner) && !isKey(field)) return [];
    if (!objects.has(field.returns)) return [{ field, key: field.name, below: [] }];
    const isRow = field.returns in rowTypes || field.returns.endsWith('Connection');
    if (met.includes(field.returns) || (depth > 0 && rowTypes[type] && isRow)) return [];
    const inner = depth + (type in rowTypes || depth > 0 ? 1 : 0);
    const below = selectionOf(field.returns, inner, only, light, [...met, type]).filter(
      ({ field: one }) => !(depth > 1 && objects.has(one.returns) && one.returns in rowTypes),
    );
    return below.length > 0 ? [{ field, key: field.name, below }] : [];
  });
  return light && depth > 0 && type in rowTypes ? whole.filter(({ below }) => below.length === 0).slice(0, 6) : whole;
};

const calls: Readonly<Record<string, string>> = {
  headcount: '(quarter: "2026Q1")',
  dossiers: '(first: 2)',
  establishments: '(first: 2)',
};

/** Writes a selection on one of the paths. */
const write = (selection: readonly Asked[], path: GraphPath, type: string, top = true): string => {
  const text = selection
    .map(({ field, key, below }) => {
      const name = `${key === field.name ? '' : `${key}: `}${field.name}`;
      const pages = field.args.some(({ name: arg }) => arg === 'first' || arg === 'quarter');
      const when = top && path === 'when' ? (key.length % 2 ? ' @include(if: $yes)' : ' @skip(if: $no)') : '';
      return `${name}${pages ? (calls[field.name] ?? '') : ''}${when}${below.length > 0 ? ` { ${write(below, path, field.returns, false)} }` : ''}`;
    })
    .join(' ');
  return top && path === 'inline' ? `... on ${type} { ${text} }` : `__typename ${text}`;
};

/** A way in: a field of Query, what it is called with, and the table whose rows it leads to. */
type Root = { field: string; args?: string };
const roots: readonly (readonly Root[])[] = [
  [{ field: 'dossier', args: 'number: $dossier' }],
  [
    { field: 'decision', args: 'id: $decision' },
    { field: 'employer', args: 'kbo: $employer' },
    { field: 'establishment', args: 'number: $establishment' },
    { field: 'worker', args: 'id: $worker' },
  ],
  [
    { field: 'dossiers', args: 'first: 2, filter: { worker: $worker }' },
    { field: 'employers', args: 'first: 2' },
    { field: 'mandates' },
    { field: 'myFile' },
    { field: 'openRequests' },
    { field: 'priorOutcomes', args: 'worker: $worker' },
  ],
  [
    { field: 'permits', args: 'first: 2, worker: $worker' },
    { field: 'cadastre', args: 'worker: $worker' },
    { field: 'limosa', args: 'worker: $worker' },
    { field: 'a1', args: 'worker: $worker' },
    { field: 'wageCompliance', args: 'dossier: $dossier' },
  ],
  [
    { field: 'dimona', args: 'worker: $worker' },
    { field: 'dmfa', args: 'worker: $worker' },
    { field: 'inspectionHits', args: 'first: 2' },
  ],
  [
    { field: 'inspectEstablishment', args: 'number: $establishment' },
    { field: 'siteCheck', args: 'number: $establishment, insz: ["88020399796"]' },
  ],
  [
    { field: 'myDossiers', args: 'first: 2' },
    { field: 'postWorklist' },
    { field: 'municipalWorklist' },
    { field: 'counterWorklist' },
    { field: 'inspectWorker', args: `insz: "${insz.rahul}"` },
    { field: 'inspectEmployer', args: 'kbo: $employer' },
    { field: 'mayEmploy', args: `insz: "${insz.rahul}", kbo: $employer` },
    { field: 'limosaWithoutPermit', args: 'from: "2026-01-01", to: "2026-12-31"' },
  ],
];

const declared =
  '$dossier: DossierNumber!, $decision: ID!, $employer: KboNumber!, $establishment: EstablishmentNumber!, $worker: ID!, $yes: Boolean!, $no: Boolean!';

const queryField = (name: string): Coordinate => {
  const one = objects.get('Query')?.find((field) => field.name === name);
  if (!one) throw new Error(`no such operation: ${name}`);
  return one;
};

type Question = { text: string; asked: Asked[] };

/** What a document does not use it may not declare. */
const withDeclarations = (body: string): string => {
  const used = declared.split(', ').filter((one) => new RegExp(`\\${one.split(':')[0]}\\b`).test(body));
  return `query(${used.join(', ')}) ${body}`.replace('query() ', '');
};

const questionOf = (group: readonly Root[], path: GraphPath): Question => {
  let names = 45; // the gateway takes fifty of a caller's own
  const asked = group.map(({ field: name }): Asked => {
    const field = queryField(name);
    const deep = /ossiers$|Worklist$|^inspect|^employers$|^openRequests$|^limosaW/.test(name) ? 1 : 0;
    const below = selectionOf(field.returns, deep, undefined, group !== roots[0]);
    const renamed =
      path === 'alias' ? below.map((one) => (names-- > 0 ? { ...one, key: `own_${one.key}` } : one)) : below;
    return { field, key: name, below: renamed };
  });
  const fragments = asked.map(
    ({ field, key, below }) => `fragment F_${key} on ${field.returns} { ${write(below, path, field.returns)} }`,
  );
  const body = asked.map(({ field, key, below }, i) => {
    const args = group[i]?.args;
    return `${key}${args ? `(${args})` : ''} { ${path === 'fragment' ? `...F_${key}` : write(below, path, field.returns)} }`;
  });
  return { text: withDeclarations(`{ ${body.join(' ')} } ${path === 'fragment' ? fragments.join(' ') : ''}`), asked };
};

/** Facts that a row does not tell of itself, by its id. */
type Facts = { parts: Map<string, string>; papers: Map<string, { category: string; side: string }> };

const factsOf = async (world: MatrixWorld): Promise<Facts> => {
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

const employerSide = ['EMPLOYER', 'MANDATARY'];

/** 2.3 "own upload only": to a party that is not the worker, another's paper is less than its own. */
const paperRelation = (kind: Kind, relation: Relation | null, side: string): Relation | null => {
  if (employerSide.includes(kind)) return employerSide.includes(side) ? relation : 'INVOLVED';
  const isPerson = kind === 'WORKER' || kind === 'SELF_EMPLOYED';
  return isPerson && relation === 'INVOLVED' && side !== 'HOST_FAMILY' ? 'OTHER' : relation;
};

/** What an asker's rows are to it, by table and key. */
type Ties = (type: string, key: unknown) => Relation | undefined;

const tiesOf = async (world: MatrixWorld, asker: Asker): Promise<Ties> => {
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

type Walk = {
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

type Parent = {
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

const walkRow = (
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

const choiceOf = (
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
      : type === 'PriorOutcome'
        ? 'OWN'
        : type === 'Inspection'
          ? 'INVOLVED'
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

const codesOf = ({ errors }: Answer): Map<string, string> =>
  new Map(errors?.map(({ path, code }) => [path?.join('.') ?? '', code]));

const preferred = [
  'SP-2025-0000002-37',
  'AK-2026-0000023-37',
  'SP-2026-0000009-51',
  'SP-2026-0000007-53',
  'W-0000002',
  'W-0000007',
  'W-0000006',
  '0123456749',
  '8900000121',
  'DEC-SAMUEL',
  'DEC-SP-2026-0000009-51',
];
const rank = (key: string): number => (preferred.includes(key) ? preferred.indexOf(key) : preferred.length);

const nothing: Record<string, string> = {
  dossier: makeDossierNumber('SP', 2026, 9999999),
  decision: 'DEC-NOBODY',
  employer: makeKbo('09999999'),
  establishment: makeEstablishment('29999999'),
  worker: 'W-NOBODY',
};

/** For each relation that the asker has to some row, the rows to ask about; and once a set of rows that are not there for it. */
const rounds = async (world: MatrixWorld, asker: Asker): Promise<Record<string, string>[]> => {
  const anchors = {
    dossier: 'Dossier',
    decision: 'Decision',
    employer: 'Employer',
    establishment: 'Establishment',
    worker: 'Worker',
  } as const;
  const keys = new Map<string, Map<Relation, string>>();
  for (const [name, type] of Object.entries(anchors)) {
    const { table } = rowTypes[type] as Owned; // the anchors are all of them rows
    const each = [...(await found(world, asker, table))].sort(
      (a, b) => rank(b.key) - rank(a.key) || (a.key < b.key ? 1 : -1),
    );
    keys.set(name, new Map(each.map(({ key, relation }) => [relation, key])));
  }
  const met = new Set([...keys.values()].flatMap((one) => [...one.keys()]));
  const made = [...met].map((relation) =>
    Object.fromEntries(
      Object.keys(anchors).map((name) => [name, keys.get(name)?.get(relation) ?? nothing[name] ?? '']),
    ),
  );
  return made.length > 0 ? made : [nothing];
};

const questions = new Map<string, Question>();
const cached = (name: string, make: () => Question): Question => {
  const known = questions.get(name) ?? make();
  questions.set(name, known);
  return known;
};

// Of each kind one, and of a kind whose rows are more to one than to another, as many as show every relation.
const typical = [
  'VLA-DEM',
  'BRU-BEW',
  'INS-VSI',
  `EMPLOYER:${kbo.brewery}`,
  `MANDATARY:${kbo.mandatary}`,
  `WORKER:${insz.rahul}`,
  `WORKER:${insz.katrien}`,
  `SELF_EMPLOYED:${insz.grace}`,
];
const several: readonly Kind[] = ['REGION', 'INSPECTION_REG', 'EMPLOYER', 'MANDATARY', 'WORKER', 'SELF_EMPLOYED'];
const isTypical = ({ who, kind }: Asker): boolean => typical.includes(who) || !several.includes(kind);

/** Who can be asked. */
export type Graph = { as: (principal: string, stated?: Stated) => Ask };

const subgraphs = new WeakMap<MatrixWorld, Map<SubgraphName, Subgraph>>();
const partsOf = (world: MatrixWorld): Map<SubgraphName, Subgraph> => {
  const known =
    subgraphs.get(world) ??
    new Map(subgraphNames.map((name) => [name, subgraph(name, world.pools[name], { secret: 'of the matrix' })]));
  subgraphs.set(world, known);
  return known;
};

/** The rows of a round, asked for by key, straight of each subgraph that knows their type. */
const viaEntities = async (world: MatrixWorld, walk: Walk, keys: Record<string, string>): Promise<number> => {
  let cases = 0;
  for (const type of entities) {
    const { key, table } = rowTypes[type] as Owned; // entities are rows
    const [first] = table in keys ? [] : await found(world, walk.asker, table);
    const value = keys[table] ?? first?.key ?? 'nobody';
    for (const [name, part] of partsOf(world)) {
      const selection = selectionOf(type, 0, name);
      if (selection.length === 0) continue;
      const text = cached(`${name} ${type}`, () => ({
        text: `query($r: [_Any!]!) { _entities(representations: $r) { ... on ${type} { ${write(selection, 'plain', type)} } } }`,
        asked: selection,
      })).text;
      const viewer = viewerOf(walk.asker, walk.stated ? (purposes[walk.asker.kind][0] ?? null) : null);
      const result = seen<{ _entities: (Record<string, unknown> | null)[] }>(
        await part.execute(
          { query: text, variables: { r: [{ __typename: type, [key]: value, relation: 'OWN' }] } },
          viewer,
          {},
        ),
      );
      const [row] = result.data?._entities ?? [];
      cases += 1;
      const codes = codesOf(result as Answer);
      // Elsewhere than with its owner a row is a key without a relation: nothing but what leads on from it is answered.
      const isOwner = rowTypes[type]?.graph === name;
      const answered = isOwner ? selection : selection.filter(({ field }) => !isKey(field));
      if (row)
        walkRow(
          { ...walk, codes, only: name },
          answered,
          row,
          {
            type,
            relation: null,
            choice: isOwner ? choiceOf(walk, type, row, 0, selection) : null,
            graph: name,
            absent: false,
          },
          '_entities.0',
        );
      else if (isOwner && walk.ties(type, value) !== undefined && codes.size === 0)
        walk.wrong.push(`${walk.asker.who} _entities ${type} ${value}: not there`);
    }
  }
  return cases;
};

/** Runs the world's rows. Answers how many operations there were, and where the referee expected something else. */
export const runGraph = async (
  world: MatrixWorld,
  graph: Graph,
  {
    wanted = isTypical,
    paths = graphPaths,
    covered = () => undefined,
  }: {
    wanted?: (asker: Asker) => boolean;
    paths?: readonly GraphPath[];
    covered?: (kind: Kind, coordinate: string, outcome: string) => void;
  } = {},
): Promise<{ cases: number; wrong: string[] }> => {
  const facts = await factsOf(world);
  let cases = 0;
  const wrong: string[] = [];
  for (const asker of askers.filter(wanted)) {
    const ties = await tiesOf(world, asker);
    const each = await rounds(world, asker);
    for (const stated of purposes[asker.kind].length > 0 ? [false, true] : [false]) {
      const [purpose] = purposes[asker.kind];
      const ask = graph.as(asker.who, stated && purpose ? { purpose, reference: 'r' } : {});
      const walk = {
        asker,
        stated,
        ties,
        facts,
        codes: new Map<string, string>(),
        wrong,
        seen: (coordinate: string, outcome: string) => covered(asker.kind, coordinate, outcome),
      };
      for (const keys of each) {
        if (paths.includes('entity')) cases += await viaEntities(world, walk, keys);
        for (const path of paths.filter((one) => one !== 'entity')) {
          for (const [i, group] of roots.entries()) {
            // The ways of writing a field are tried where a row has most of them, and once.
            if (path !== 'plain' && (i > 1 || stated !== purposes[asker.kind].length > 0)) continue;
            const { text, asked } = cached(`${path} ${i}`, () => questionOf(group, path));
            const answer = await ask<Record<string, unknown>>(text, { ...keys, yes: true, no: false });
            cases += 1;
            const codes = codesOf(answer);
            if (!answer.data) {
              wrong.push(`${asker.who} ${path} ${i}: ${JSON.stringify(answer.errors).slice(0, 200)}`);
              continue;
            }
            const root: Parent = { type: 'Query', relation: null, choice: null, graph: undefined, absent: false };
            walkRow(
              { ...walk, codes: new Map([...codes].map(([at, code]) => [`Query.${at}`, code])) },
              asked,
              answer.data,
              root,
              'Query',
            );
          }
        }
      }
    }
  }
  return { cases, wrong };
};

/** The fields that a caller can reach on rows; what is public, or holds an answer together, is not among them. */
export const protectedFields: readonly string[] = coordinates
  .filter(
    ({ place, categories }) =>
      place === 'field' && !categories.includes('REFERENCE') && !categories.includes('STRUCTURE'),
  )
  .map(({ coordinate }) => coordinate);
