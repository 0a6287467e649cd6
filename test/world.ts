/** The graph as a test asks it: as some principal, through the real gateway with the options it has in production. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { admit, door } from '../gateway/door.ts';
import { embedded } from '../gateway/embedded.ts';
import { type Gateway, gateway, type Reach } from '../gateway/gateway.ts';
import type { Pace } from '../gateway/streams.ts';
import type { SubgraphName } from '../schema/subgraphs.ts';
import { demoToken } from '../subgraphs/demo-issuer.ts';
import { documentFolder, type Env, readEnv } from '../subgraphs/env.ts';
import { log } from '../subgraphs/log.ts';
import { principalOf } from '../subgraphs/principal.ts';
import { viewers } from '../subgraphs/viewer.ts';
import { today } from './cluster.ts';

/** What a principal states besides who it is. */
export type Stated = { purpose?: string; reference?: string; roles?: readonly string[] };

/** An error as a caller sees it, its code in front. */
export type SeenError = { code: string; path?: (string | number)[]; message: string } & Record<string, unknown>;

/** A whole answer; a test that reads into the data says which shape it asked for. */
export type Answer<Data = unknown> = { data?: Data; errors?: SeenError[] };

/** Asks the graph. */
export type Ask = <Data = unknown>(query: string, variables?: Record<string, unknown>) => Promise<Answer<Data>>;

/** An environment of the test's own, in a folder of its own. */
export const testEnv = async (variables: Record<string, string> = {}): Promise<{ env: Env; drop(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'permits-env-'));
  const env = readEnv({ program: 'gateway' }, { DATA_DIR: folder, TODAY: today, PORT: '0', ...variables });
  return { env, drop: () => rm(folder, { recursive: true, force: true }) };
};

/** A demo token for a principal, written as `npm run token` takes it. */
export const tokenFor = async (env: Env, principal: string, roles?: readonly string[]): Promise<string> => {
  const named = principalOf(principal, today);
  if ('reason' in named) throw new Error(`${principal}: ${named.reason}`);
  return demoToken(env.DATA_DIR, named.principal, { roles });
};

type Told = { message: string; path?: (string | number)[]; extensions?: { code?: string } & Record<string, unknown> };

/** The answer as it leaves over HTTP, its errors flattened. */
export const seen = <Data>(answer: unknown): Answer<Data> => {
  const { data, errors }: { data?: Data; errors?: Told[] } = JSON.parse(JSON.stringify(answer));
  const flat = errors?.map(({ message, path, extensions: { code = '', ...details } = {} }) => ({
    code,
    ...(path ? { path } : {}),
    message,
    ...details,
  }));
  return { ...(data === undefined ? {} : { data }), ...(flat ? { errors: flat } : {}) };
};

/** Asks a gateway as a principal: with a real token, verified as any other. */
export const asker =
  (server: Gateway, admitted: ReturnType<typeof admit>, env: Env) =>
  (principal: string, { purpose, reference, roles }: Stated = {}): Ask => {
    const token = tokenFor(env, principal, roles);
    return async (query, variables) => {
      const authorization = `Bearer ${await token}`;
      try {
        const contextValue = await admitted({ authorization, 'x-purpose': purpose, 'x-reference': reference });
        const { body } = await server.executeOperation(
          { query, ...(variables ? { variables } : {}) },
          { contextValue },
        );
        if (body.kind !== 'single') throw new Error('an answer in parts');
        return seen(body.singleResult);
      } catch (error) {
        if (error instanceof GraphQLError) return seen({ errors: [error] });
        throw error;
      }
    };
  };

const secret = 'a secret of tests, and of tests alone';

/** A folder for who uploads nothing. */
export const noDocuments = join(tmpdir(), 'permits-no-documents');

type Source = { urlOf: (part: SubgraphName | 'steps') => string };

/** Without the daily ceiling, which a test that asks for hundreds of persons would reach. */
export const unlimited = (parts: Reach): Reach => ({
  ...parts,
  record: (context, { operation, readings }) =>
    parts.record(context, { operation, readings: readings.map((reading) => ({ ...reading, counts: false })) }),
});

/** The whole graph over a database: five subgraphs and the gateway in this process. */
export const graph = async (
  database: Source,
  variables: Record<string, string> = {},
): Promise<{ as: (principal: string, stated?: Stated) => Ask; env: Env; stop(): Promise<void> }> => {
  log.level = 'silent';
  const { env, drop } = await testEnv(variables);
  const parts = unlimited(embedded(database.urlOf, { secret, connections: 4, folder: documentFolder(env) }));
  const server = await gateway(parts);
  return {
    as: asker(server, admit(await viewers(env), parts.record), env),
    env,
    stop: async () => {
      await server.stop();
      await parts.stop();
      await drop();
    },
  };
};

/** The gateway behind its door, on a port of its own; its subgraphs are in this process unless told where they are. */
export const house = async (
  database: Source,
  { parts: given, variables = {}, pace }: { parts?: Reach; variables?: Record<string, string>; pace?: Pace } = {},
): Promise<{ url: string; env: Env; stop(): Promise<void> }> => {
  log.level = 'silent';
  const { env, drop } = await testEnv(variables);
  const parts = given ?? embedded(database.urlOf, { secret, connections: 4, folder: documentFolder(env) });
  const server = await gateway(parts);
  const app = await door(server, { identify: await viewers(env), ...parts, pace });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    url,
    env,
    stop: async () => {
      await app.close();
      await server.stop();
      await parts.stop();
      await drop();
    },
  };
};
