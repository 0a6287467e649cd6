/**
 * The matrix, executed against the real graph: rows of the world, every field of them, by every way that leads there, through the
 * gateway and straight to each subgraph.
 */
import { makeDossierNumber, makeEstablishment, makeKbo } from '../schema/identifiers.ts';
import type { Kind, Relation } from '../schema/policy.ts';
import { type SubgraphName, subgraphNames } from '../schema/subgraphs.ts';
import { type Subgraph, subgraph } from '../subgraphs/subgraph.ts';
import { insz, kbo } from './cast.ts';
import { coordinates } from './composed.ts';
import {
  entities,
  type GraphPath,
  graphPaths,
  isKey,
  type Owned,
  type Question,
  questionOf,
  roots,
  rowTypes,
  selectionOf,
  write,
} from './graph-questions.ts';
import { choiceOf, codesOf, factsOf, type Parent, tiesOf, type Walk, walkRow } from './graph-walk.ts';
import { viewerOf } from './matrix-rows.ts';
import type { MatrixWorld } from './matrix-world.ts';
import { purposes } from './referee.ts';
import { type Asker, askers, found } from './referee-rows.ts';
import { type Answer, type Ask, type Stated, seen } from './world.ts';

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
/** Whether somebody is one of the few who show all that the world has for a kind. */
export const isTypical = ({ who, kind }: Asker): boolean => typical.includes(who) || !several.includes(kind);

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
            if (path !== 'plain' && (i > 0 || stated !== purposes[asker.kind].length > 0)) continue;
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
