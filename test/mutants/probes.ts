/** Answers that no table tells: cursors, look-ups, occasions, what is computed from rows that are not shown. */
import { isDeepStrictEqual } from 'node:util';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import { execute, parse } from 'graphql';
import type { Kind } from '../../schema/policy.ts';
import { type SubgraphName, sdl } from '../../schema/subgraphs.ts';
import type { guard } from '../../subgraphs/guard.ts';
import type { Subgraph } from '../../subgraphs/subgraph.ts';
import type { Viewer } from '../../subgraphs/viewer.ts';
import { insz, kbo, number, unit } from '../cast.ts';
import type { Graph } from '../matrix-graph.ts';

/** What the probes reach the graph by. */
export type Reached = Graph & {
  part: (name: SubgraphName) => Subgraph;
  viewer: (who: string) => Viewer;
  guard: typeof guard;
};

const treating = { purpose: 'TREAT_DOSSIER', reference: 'r' };
const inspecting = { purpose: 'INSPECTION_COMPLAINT', reference: 'r' };
const brewery = `EMPLOYER:${kbo.brewery}`;

type Probe = readonly [name: string, (reached: Reached) => Promise<unknown>, expected: unknown];
type Page = { list: { edges: { cursor: string }[] } | null };
type Told = { errors?: { code: string }[] };

const codes = ({ errors = [] }: Told): string[] => errors.map(({ code }) => code);
const pageOf = (args: string): string => `{ list: dossiers(first: 1${args}) { edges { cursor } } }`;
const cursorOf = async ({ as }: Reached): Promise<string> =>
  (await as('VLA-DEM')<Page>(pageOf(''))).data?.list?.edges[0]?.cursor ?? '';

const masked = async ({ guard: guarded, viewer }: Reached, kind: Kind, row: unknown): Promise<unknown> => {
  const contract = parse(sdl('workers'));
  const resolvers = { Query: { worker: () => row } } as unknown as GraphQLResolverMap<unknown>; // as subgraph.ts gives them
  const schema = guarded(buildSubgraphSchema({ typeDefs: contract, resolvers }), contract, { kind, roles: [] });
  const { data } = await execute({
    schema,
    document: parse('{ worker(id: "W") { insz } }'),
    contextValue: { viewer: viewer(brewery) },
  });
  return JSON.parse(JSON.stringify(data));
};

const underEmployer = (of: string, after = ''): string =>
  `{ employer(kbo: "${of}") { dossiers(first: 1${after}) { edges { cursor } } } }`;
type Under = { employer: { dossiers: { edges: { cursor: string }[] } | null } | null };

/** Each asks one thing, and the answer is the whole of it. */
const probes: readonly Probe[] = [
  [
    'a cursor is refused to others, elsewhere, and when it was touched',
    async (reached) => {
      const cursor = await cursorOf(reached);
      const asks: [string, string][] = [
        ['BRU-BEW', pageOf(`, after: "${cursor}"`)],
        ['FED-DVZ', pageOf(`, after: "${cursor}"`)],
        ['VLA-DEM', `{ myDossiers(first: 1, after: "${cursor}") { totalCount } }`],
        ['VLA-DEM', pageOf(`, after: "${cursor}", filter: { kind: SP_LIM }`)],
        ['VLA-DEM', pageOf(`, after: "${cursor}="`)],
        ['VLA-DEM', pageOf(`, after: "${cursor.slice(0, 30)}${cursor[30] === 'A' ? 'B' : 'A'}${cursor.slice(31)}"`)],
        ['VLA-DEM', pageOf(`, after: "${cursor}"`)],
      ];
      return Promise.all(asks.map(async ([who, query]) => codes(await reached.as(who)(query)).join()));
    },
    ['BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT', ''],
  ],
  [
    'a cursor made under one employer is refused under another',
    async ({ as }) => {
      const { data } = await as('FED-RSZ')<Under>(underEmployer(kbo.brewery));
      const cursor = data?.employer?.dossiers?.edges[0]?.cursor ?? '';
      return codes(await as('FED-RSZ')(underEmployer(kbo.waterloo, `, after: "${cursor}"`)));
    },
    ['BAD_USER_INPUT'],
  ],
  [
    'a value that cannot be masked is not shown',
    (reached) => masked(reached, 'EMPLOYER', { id: 'W', relation: 'OWN', insz: 91451799839 }),
    { worker: { insz: null } },
  ],
  [
    'a person is looked up by number with a purpose',
    async ({ as }) => [
      codes(await as('VLA-DEM')(`{ worker(insz: "${insz.ayse}") { id } }`)),
      (await as('VLA-DEM', treating)(`{ worker(insz: "${insz.ayse}") { id } }`)).data,
    ],
    [['PURPOSE_REQUIRED'], { worker: { id: 'W-0000001' } }],
  ],
  [
    'what was loaded for one viewer is not there for another on the same occasion',
    async ({ part, viewer }) => {
      const occasion = {};
      const query = `{ dossier(number: "${number.ayse}") { status } }`;
      await part('dossiers').execute({ query }, viewer('VLA-DEM'), occasion);
      return JSON.parse(JSON.stringify(await part('dossiers').execute({ query }, viewer('DG-MIN'), occasion)));
    },
    { data: { dossier: null } },
  ],
  [
    'a purpose and a reference come together, and only a fitting purpose',
    async ({ as }) => {
      const stated = [{ purpose: 'TREAT_DOSSIER' }, { reference: 'r' }, { purpose: 'AUDIT', reference: 'r' }, treating];
      return Promise.all(stated.map(async (one) => codes(await as('VLA-DEM', one)('{ codeLists }')).join()));
    },
    ['BAD_USER_INPUT', 'BAD_USER_INPUT', 'FORBIDDEN', ''],
  ],
  [
    'who asks whether somebody may work asks for itself or its mandators',
    async ({ as }) => {
      const query = (of: string) => `{ mayEmploy(insz: "${insz.rahul}", kbo: "${of}") { allowed } }`;
      const asks: [string, string][] = [
        [brewery, kbo.brewery],
        [brewery, kbo.ukkel],
        [`MANDATARY:${kbo.mandatary}`, kbo.brewery],
        [`MANDATARY:${kbo.formerMandatary}`, kbo.brewery],
      ];
      return Promise.all(asks.map(async ([who, of]) => JSON.stringify((await as(who)(query(of))).data)));
    },
    ['{"mayEmploy":{"allowed":true}}', '{"mayEmploy":null}', '{"mayEmploy":{"allowed":true}}', '{"mayEmploy":null}'],
  ],
  [
    'an inspection has no site of another territory',
    async ({ as }) =>
      (await as('INS-BRU', inspecting)(`{ siteCheck(number: "${unit.brewery}", insz: ["${insz.rahul}"]) { allowed } }`))
        .data,
    { siteCheck: null },
  ],
  [
    'a request tells of the papers that one may know of',
    async ({ as }) => {
      const query = `{ dossier(number: "${number.priya}") { requests { items { code } } } }`;
      return Promise.all(
        [as('INS-VSI', inspecting), as('FED-RSZ'), as(brewery)].map(
          async (ask) => JSON.stringify((await ask(query)).data).match(/(RES|WRK|NEW)_\w+/g) ?? [],
        ),
      );
    },
    [['WRK_DIPLOMA'], [], ['RES_MEDICAL', 'WRK_DIPLOMA', 'NEW_PAPER']],
  ],
  [
    'outcomes elsewhere are for a region with a file of its own, begun',
    async ({ as }) => {
      const query = '{ priorOutcomes(worker: "W-0000006") { outcome } }';
      const found = await Promise.all(
        ['BRU-BEW', 'WAL-SPW', 'DG-MIN'].map(
          async (who) => (await as(who)<{ priorOutcomes: unknown[] }>(query)).data?.priorOutcomes.length,
        ),
      );
      return found;
    },
    [2, 0, 0],
  ],
  [
    'a wage is measured for who may know the job of the dossier',
    async ({ as }) => {
      const query = `{ wageCompliance(dossier: "${number.rahul}") { quarter } }`;
      const asks = [as('VLA-DEM', treating), as('BRU-BEW', treating)];
      return Promise.all(
        asks.map(
          async (ask) => ((await ask<{ wageCompliance: unknown[] }>(query)).data?.wageCompliance.length ?? 0) > 0,
        ),
      );
    },
    [true, false],
  ],
  [
    'a region lists as its own what it decides on',
    async ({ as }) => {
      const of = (list: string) => `${list}(first: 0, filter: { worker: "W-0000002" }) { totalCount }`;
      return (await as('BRU-BEW')(`{ ${of('dossiers')} ${of('myDossiers')} }`)).data;
    },
    { dossiers: { totalCount: 2 }, myDossiers: { totalCount: 1 } },
  ],
];

/** The first probe that finds something else, or null. */
export const runProbes = async (reached: Reached): Promise<string | null> => {
  for (const [name, ask, expected] of probes) {
    const found = await ask(reached);
    if (!isDeepStrictEqual(found, expected)) return `${name}: ${JSON.stringify(found)}`;
  }
  return null;
};
