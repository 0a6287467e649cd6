/** One subgraph: its contract, its resolvers, its store, and the policy around them. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { type SubgraphName, sdl } from '../schema/subgraphs.ts';
import { resolvers as cadastre } from './cadastre/resolvers.ts';
import { cadastreStore } from './cadastre/store.ts';
import { commonResolvers } from './common.ts';
import { resolvers as decisions } from './decisions/resolvers.ts';
import { decisionStore } from './decisions/store.ts';
import { resolvers as dossiers } from './dossiers/resolvers.ts';
import { dossierSteps } from './dossiers/steps.ts';
import { dossierStore } from './dossiers/store.ts';
import { resolvers as employers } from './employers/resolvers.ts';
import { employerSteps } from './employers/steps.ts';
import { employerStore } from './employers/store.ts';
import { inOrder, mask } from './errors.ts';
import { guard, judgesOf } from './guard.ts';
import { observed } from './observe.ts';
import { type Readings, readingsOf } from './reading.ts';
import type { Ground } from './rows.ts';
import type { StepGround, Take } from './take.ts';
import type { Viewer } from './viewer.ts';
import { resolvers as workers } from './workers/resolvers.ts';
import { workerStore } from './workers/store.ts';

const parts = {
  dossiers: { resolvers: dossiers, store: dossierStore, steps: dossierSteps },
  employers: { resolvers: employers, store: employerStore, steps: employerSteps },
  workers: { resolvers: workers, store: workerStore },
  decisions: { resolvers: decisions, store: decisionStore },
  cadastre: { resolvers: cadastre, store: cadastreStore },
} as const;

export type GraphRequest = {
  query: string;
  variables?: Record<string, unknown> | null | undefined;
  operationName?: string | null | undefined;
};

/** A subgraph that answers. Errors in its results are masked: they can go to the caller as they are. */
export type Subgraph = {
  name: SubgraphName;
  /** `occasion` is the client's request: what is loaded once for it is not loaded again, and what is read is noted for it. */
  execute(request: GraphRequest, viewer: Viewer, occasion: object): Promise<ExecutionResult>;
  /** Whether its part of the database answers. */
  ready(): Promise<boolean>;
};

type Context = { viewer: Viewer; store: unknown; readings: Readings; steps?: unknown };

/**
 * Makes a subgraph over the connections of its role. `secret` seals cursors; `take` runs the steps that change something, and
 * without it nothing can be changed.
 */
export const subgraph = (
  name: SubgraphName,
  pool: pg.Pool,
  { secret, take }: { secret: string; take?: Take | undefined },
): Subgraph => {
  const part: { store(ground: Ground): unknown; steps?(ground: StepGround): unknown } = parts[name];
  const contract = parse(sdl(name));
  const resolvers = { ...commonResolvers, ...parts[name].resolvers } as unknown as GraphQLResolverMap<unknown>;
  const known = new Set(
    contract.definitions.flatMap((definition) =>
      'name' in definition && definition.name ? [definition.name.value] : [],
    ),
  );
  const own = Object.fromEntries(
    Object.entries(resolvers).filter(([type]) => known.has(type)),
  ) as GraphQLResolverMap<unknown>;
  const schema = buildSubgraphSchema({ typeDefs: contract, resolvers: own });
  const guarded = new LRUCache<string, GraphQLSchema>({ max: 100 });
  const documents = new LRUCache<string, { document: DocumentNode } | { errors: readonly GraphQLError[] }>({
    max: 2000,
  });
  const contexts = new WeakMap<object, { context: Context; changes: number }>();

  const schemaFor = ({ kind, roles }: Viewer): GraphQLSchema => {
    const standing = [kind, ...roles].join(' ');
    const known = guarded.get(standing);
    if (known) return known;
    const judges = judgesOf(schema, contract, { kind, roles });
    const made = observed(guard(schema, contract, { kind, roles }), contract, judges);
    guarded.set(standing, made);
    return made;
  };

  const read = (query: string) => {
    const met = documents.get(query);
    if (met) return met;
    const document = parse(query, { noLocation: true });
    const errors = validate(schema, document);
    const outcome = errors.length > 0 ? { errors } : { document };
    documents.set(query, outcome);
    return outcome;
  };

  const contextFor = (viewer: Viewer, occasion: object): Context => {
    const readings = readingsOf(occasion);
    const met = contexts.get(occasion);
    // What was loaded for one viewer is never shown to another, whatever the occasion; and nothing of before a change after it.
    if (met?.context.viewer === viewer && met.changes === readings.changes) return met.context;
    const ground: Ground = { pool, viewer, secret };
    const context: Context = { viewer, store: part.store(ground), readings };
    const made = { context, changes: readings.changes };
    if (part.steps) {
      const renew = () => {
        made.changes = readings.changed();
        context.store = part.store(ground);
      };
      context.steps = part.steps({ viewer, take, readings, renew });
    }
    contexts.set(occasion, made);
    return context;
  };

  return {
    name,
    execute: async ({ query, variables, operationName }, viewer, occasion) => {
      try {
        const outcome = read(query);
        if ('errors' in outcome) return { errors: outcome.errors.map((error) => mask(error, name)) };
        const result = await execute({
          schema: schemaFor(viewer),
          document: outcome.document,
          variableValues: variables ?? {},
          operationName: operationName ?? null,
          contextValue: contextFor(viewer, occasion),
        });
        if (!result.errors) return result;
        return { ...result, errors: inOrder(result.errors, result.data).map((error) => mask(error, name)) };
      } catch (error) {
        return { errors: [mask(error, name)] };
      }
    },
    ready: async () => {
      try {
        await pool.query('select 1');
        return true;
      } catch {
        return false;
      }
    },
  };
};
