/** One graph over databases that change places behind it: the same gateway, plans and schemas ask each world in its turn. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ExecutionResult } from 'graphql';
import type pg from 'pg';
import { pool } from '../../db/database.ts';
import { onStatement } from '../../db/statement.ts';
import { gateway } from '../../gateway/gateway.ts';
import { local } from '../../gateway/local.ts';
import { type SubgraphName, subgraphNames } from '../../schema/subgraphs.ts';
import { log } from '../../subgraphs/log.ts';
import { type GraphRequest, type Subgraph, subgraph } from '../../subgraphs/subgraph.ts';
import { momentOf, type Take } from '../../subgraphs/take.ts';
import type { Viewer } from '../../subgraphs/viewer.ts';

/** What is asked: of the graph, or of one subgraph directly. */
export type Question = { of: SubgraphName | 'graph'; query: string; variables: Record<string, unknown> };

/** The answer as it leaves, and the statements that were run for it. */
export type Heard = { text: string; statements: readonly string[] };

/** A database as the graph reaches it. */
export type World = {
  pools: Readonly<Record<SubgraphName, pg.Pool>>;
  /** Connections of the role that takes steps. */
  steps: pg.Pool;
  /** Waits for what still runs: an answer that a refusal has cut short leaves before everything that was begun for it has ended. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

/** Opens a database under the roles of the subgraphs. */
export const openPools = (urlOf: (part: string) => string): World => {
  const pools = Object.fromEntries(subgraphNames.map((name) => [name, pool(urlOf(name), { max: 1, name })])) as Record<
    SubgraphName,
    pg.Pool
  >; // one for each name
  const steps = pool(urlOf('steps'), { max: 1, name: 'steps' });
  const all = [...Object.values(pools), steps];
  const busy = () => all.some((one) => one.waitingCount > 0 || one.idleCount < one.totalCount);
  return {
    pools,
    steps,
    idle: async () => {
      // What one statement answers may lead to the next, a turn of the event loop later.
      for (let quiet = 0; quiet < 3; quiet = busy() ? 0 : quiet + 1) await new Promise(setImmediate);
    },
    close: async () => {
      await Promise.all(all.map((one) => one.end()));
    },
  };
};

/** What a test may put between the graph and its world, to plant a leak. */
export type Plant = {
  /** Changes the text of a statement. */
  statement?: (text: string) => string;
  /** Stands between a subgraph and its answer. */
  answer?: (asked: GraphRequest, answer: () => Promise<ExecutionResult>, pool: pg.Pool) => Promise<ExecutionResult>;
};

const secret = 'a secret of tests, and of tests alone';

/** Numbers that are drawn at random each time: all that may differ between two answers. */
const incident = /"incident":"[0-9a-f-]{36}"/g;

/** Makes the graph. `ask` answers from the world that stands behind it at that moment. */
export const twinGraph = async () => {
  log.level = 'silent';
  const asking = new AsyncLocalStorage<string[]>();
  const leave = onStatement(({ text }) => asking.getStore()?.push(text));
  let current: World | undefined;
  let planted: Plant = {};
  const behind = (): World => {
    if (!current) throw new Error('no world stands behind the graph');
    return current;
  };
  const pools = () => behind().pools;
  const rewritten = (query: { text: string; name?: string; values: unknown[] }) => {
    const text = planted.statement?.(query.text) ?? query.text;
    return text === query.text ? query : { text, values: query.values };
  };
  // Steps are taken as far as their answer, and undone: the worlds stay as they are.
  const take: Take = async (viewer, _asked, work) => {
    const client = await behind().steps.connect();
    try {
      await client.query('begin');
      // Of a connection, steps use this one function.
      const held = { query: (query: Parameters<typeof rewritten>[0]) => client.query(rewritten(query)) };
      const outcome = await work(held as unknown as pg.PoolClient, momentOf(viewer.today));
      return 'done' in outcome ? { answer: outcome.done.answer } : outcome;
    } finally {
      await client.query('rollback');
      client.release();
    }
  };
  const parts = Object.fromEntries(
    subgraphNames.map((name) => {
      // Of a pool, stores use this one function.
      const connected = { query: (query: Parameters<typeof rewritten>[0]) => pools()[name].query(rewritten(query)) };
      const part = subgraph(name, connected as unknown as pg.Pool, { secret, take });
      const execute: Subgraph['execute'] = (asked, viewer, occasion) => {
        const answer = () => part.execute(asked, viewer, occasion);
        return planted.answer ? planted.answer(asked, answer, pools()[name]) : answer();
      };
      return [name, { ...part, execute }];
    }),
  ) as Record<SubgraphName, Subgraph>; // one for each name
  // Nothing goes on record: two worlds with one log would not be twins.
  const server = await gateway({ reach: (name) => local(parts[name]), record: async () => ({ tooMany: false }) });

  const answerTo = async ({ of, query, variables }: Question, viewer: Viewer): Promise<unknown> => {
    if (of !== 'graph') return parts[of].execute({ query, variables }, viewer, {});
    const contextValue = { viewer, headers: {} };
    const { body } = await server.executeOperation({ query, variables }, { contextValue });
    return body.kind === 'single' ? body.singleResult : body;
  };

  return {
    /** What stands between the graph and its worlds from now on; nothing, unless told. */
    plant: (plant: Plant = {}) => {
      planted = plant;
    },
    /** Puts another world behind the graph. */
    turnTo: (world: World) => {
      current = world;
    },
    ask: async (question: Question, viewer: Viewer): Promise<Heard> => {
      for (let attempt = 1; ; attempt++) {
        const statements: string[] = [];
        const answer = await asking.run(statements, () => answerTo(question, viewer));
        const text = JSON.stringify(answer).replace(incident, '"incident":""');
        // A machine that is busy with other tests can let a statement run out of time: that is no answer of either world.
        if (attempt === 3 || !text.includes('DEPENDENCY_UNAVAILABLE')) return { text, statements };
      }
    },
    stop: async () => {
      leave();
      await server.stop();
    },
  };
};
export type TwinGraph = Awaited<ReturnType<typeof twinGraph>>;
