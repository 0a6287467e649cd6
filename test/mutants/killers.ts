/** What finds a mutant: the executed matrix, the referee's lines and the probes, over modules that have the mutant in them. */
import { isDeepStrictEqual } from 'node:util';
import { pool } from '../../db/database.ts';
import { admit } from '../../gateway/door.ts';
import { type Gateway, gateway } from '../../gateway/gateway.ts';
import { local } from '../../gateway/local.ts';
import type { Kind } from '../../schema/policy.ts';
import { type SubgraphName, subgraphNames } from '../../schema/subgraphs.ts';
import type { Env } from '../../subgraphs/env.ts';
import type { Subgraph } from '../../subgraphs/subgraph.ts';
import { expectedOf, lines, queryOf, who } from '../access-lines.ts';
import type { Graph } from '../matrix-graph.ts';
import { type MatrixWorld, openMatrixWorld } from '../matrix-world.ts';
import { everyPurpose, purposes } from '../referee.ts';
import { askers, type TableName } from '../referee-rows.ts';
import { asker, testEnv, tokenFor } from '../world.ts';
import type { Killer, Mutant } from './data.ts';
import { type Changes, type Modules, modulesWith, textOf } from './modules.ts';
import { runProbes } from './probes.ts';

type Result = { wrong: string[] };

/** The tables that follow a line of the policy's table of rows, where they are not the one of its name. */
const groups: Readonly<Record<string, readonly TableName[]>> = {
  dossier: ['dossier', 'file', 'message', 'outbox'],
  worker: ['worker', 'person'],
  decision: ['decision', 'ruling'],
  employer: ['employer', 'establishment', 'enterprise'],
  employment: ['dimona', 'dmfa'],
  log: ['consultation'],
};

/** The ground on which mutants are tried: one world and one gateway, whose subgraphs are each mutant's own. */
export type Ground = {
  /** What a killer found, or null. */
  find(killer: Killer, modules: Modules): Promise<string | null>;
  stop(): Promise<void>;
};

/** Modules with a mutant in them; statements are built anew, as the old ones are kept by name. */
export const mutated = ({ changes }: { changes: Changes }): Modules =>
  modulesWith({ 'db/statement.ts': textOf('db/statement.ts'), ...changes });

const secret = 'of the mutants, and of them alone';

/** Makes it. */
export const openGround = async (): Promise<Ground> => {
  const world: MatrixWorld = await openMatrixWorld();
  const writing = pool(world.urlOf('steps'), { max: 2, name: 'steps' });
  const { env, drop }: { env: Env; drop(): Promise<void> } = await testEnv();
  const parts = new Map<SubgraphName, Subgraph>();
  const partOf = (name: SubgraphName): Subgraph => {
    const part = parts.get(name);
    if (!part) throw new Error(`no subgraph ${name}`);
    return part;
  };
  // The plan of a query does not hang on the policy: one gateway keeps them for all mutants.
  const record = async () => ({ tooMany: false }); // what goes on record has tests of its own
  const server: Gateway = await gateway({
    reach: (name) => ({ process: (asked) => local(partOf(name)).process(asked) }),
    record,
  });

  const graphOf = async (modules: Modules): Promise<Graph> => {
    const { subgraph } = await modules.load<typeof import('../../subgraphs/subgraph.ts')>('subgraphs/subgraph.ts');
    const { viewers } = await modules.load<typeof import('../../subgraphs/viewer.ts')>('subgraphs/viewer.ts');
    const { taker } = await modules.load<typeof import('../../subgraphs/take.ts')>('subgraphs/take.ts');
    const take = taker(writing, { secret });
    for (const name of subgraphNames) parts.set(name, subgraph(name, world.pools[name], { secret, take }));
    return { as: asker(server, admit(await viewers(env), record), env) };
  };

  const byLines = async (graph: Graph): Promise<string | null> => {
    for (const line of lines) {
      const [principal = '', stated] = who[line[0]] ?? [];
      const answer = await graph.as(principal, stated)(queryOf(line));
      if (!isDeepStrictEqual(answer, expectedOf(line)))
        return `${line.slice(0, 4).join(' | ')}: ${JSON.stringify(answer)}`;
    }
    return null;
  };

  const byPurposes = async (kinds: readonly string[], modules: Modules): Promise<string | null> => {
    const { viewers } = await modules.load<typeof import('../../subgraphs/viewer.ts')>('subgraphs/viewer.ts');
    const identify = await viewers(env);
    for (const one of askers.filter(({ kind }) => kinds.includes(kind))) {
      const authorization = `Bearer ${await tokenFor(env, one.who)}`;
      for (const purpose of everyPurpose) {
        const taken = await identify({ authorization, 'x-purpose': purpose, 'x-reference': 'r' }).then(
          ({ wrongPurpose }) => wrongPurpose === null,
          () => false,
        );
        if (taken !== purposes[one.kind].includes(purpose)) return `${one.who} with ${purpose}: ${taken}`;
      }
    }
    return null;
  };

  const first = (result: Result): string | null => result.wrong[0] ?? null;

  const find = async (killer: Killer, modules: Modules): Promise<string | null> => {
    switch (killer.by) {
      case 'stubs': {
        const { runStubs } = await modules.load<typeof import('../matrix-stubs.ts')>('test/matrix-stubs.ts');
        const { by: _, ...selection } = killer;
        return first(await runStubs({ paths: ['root'], ...selection }));
      }
      case 'table': {
        const { compareTables } = await modules.load<typeof import('../matrix-table.ts')>('test/matrix-table.ts');
        return first(compareTables(killer.kinds ? { kinds: killer.kinds } : {}));
      }
      case 'rows': {
        const { runRows } = await modules.load<typeof import('../matrix-rows.ts')>('test/matrix-rows.ts');
        const { kinds, group } = killer;
        const tables: readonly string[] | undefined = group === undefined ? undefined : (groups[group] ?? [group]);
        return first(
          await runRows(world, {
            wanted: ({ kind }, table) => (!kinds || kinds.includes(kind)) && (!tables || tables.includes(table)),
          }),
        );
      }
      case 'purposes':
        return byPurposes(killer.kinds, modules);
      case 'lines':
        return byLines(await graphOf(modules));
      case 'filters': {
        const { runFilters } = await modules.load<typeof import('../matrix-filters.ts')>('test/matrix-filters.ts');
        return first(await runFilters(world, await graphOf(modules)));
      }
      case 'steps': {
        const { runSteps } = await modules.load<typeof import('../matrix-steps.ts')>('test/matrix-steps.ts');
        const { kinds, role, names } = killer;
        const wanted = ({ kind }: { kind: Kind }) => !kinds || kinds.includes(kind);
        return first(
          await runSteps(world, await graphOf(modules), {
            wanted,
            ...(role ? { role } : {}),
            ...(names ? { names } : {}),
          }),
        );
      }
      case 'graph': {
        const { runGraph } = await modules.load<typeof import('../matrix-graph.ts')>('test/matrix-graph.ts');
        return first(await runGraph(world, await graphOf(modules), { paths: ['plain', 'entity'] }));
      }
      case 'probes': {
        const graph = await graphOf(modules);
        const { guard } = await modules.load<typeof import('../../subgraphs/guard.ts')>('subgraphs/guard.ts');
        const { viewerOf } = await modules.load<typeof import('../matrix-rows.ts')>('test/matrix-rows.ts');
        const viewer = (name: string) => {
          const one = askers.find((each) => each.who === name);
          if (!one) throw new Error(`nobody called ${name}`);
          return viewerOf(one);
        };
        return runProbes({ ...graph, part: partOf, viewer, guard });
      }
    }
  };

  return {
    // A mutant that breaks is found as well as one that answers wrong.
    find: (killer, modules) =>
      find(killer, modules).catch((error: unknown) => `breaks: ${String(error).slice(0, 200)}`),
    stop: async () => {
      await server.stop();
      await writing.end();
      await world.stop();
      await drop();
    },
  };
};

/** Which killer found a mutant, and what it said; null for one that survives. */
export const tryOut = async (ground: Ground, mutant: Mutant): Promise<{ by: Killer['by']; found: string } | null> => {
  const modules = mutated(mutant);
  for (const killer of mutant.killers) {
    const found = await ground.find(killer, modules);
    if (found !== null) return { by: killer.by, found };
  }
  return null;
};
