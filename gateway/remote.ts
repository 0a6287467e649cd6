/** Reaches a subgraph that runs as a process of its own. */
import { type Dispatcher, Pool } from 'undici';
import type { SubgraphName } from '../schema/subgraphs.ts';
import { traceOf, unavailable } from '../subgraphs/errors.ts';
import { log } from '../subgraphs/log.ts';
import { type Reading, type Readings, readingsOf } from '../subgraphs/reading.ts';
import { sign, signatureHeader } from '../subgraphs/signature.ts';
import { type FetchAnswer, type FetchRequest, failedFetch } from './fetch.ts';
import type { Context, DataSource, Reach } from './gateway.ts';
import { errorOf, isRecord, isReset, unfit } from './heard.ts';
import { remoteContents } from './remote-contents.ts';

/** How long a subgraph may take, in milliseconds. */
export type Patience = { connect: number; silence: number; whole: number; health: number };

const patient: Patience = { connect: 2000, silence: 8000, whole: 12_000, health: 2000 };
const largestAnswer = 32_000_000; // bytes
const mostErrors = 1000;

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const outcomes: readonly unknown[] = ['READ', 'REFUSED', 'NOTHING'] satisfies Reading['outcome'][];

const isReading = (value: unknown): value is Reading =>
  isRecord(value) &&
  (value.subject === null || typeof value.subject === 'string') &&
  isNames(value.read) &&
  isNames(value.refused) &&
  outcomes.includes(value.outcome) &&
  typeof value.counts === 'boolean';

/** What an answer says that it was read from; without, it cannot go on record and is not taken. */
const readingsIn = (extensions: unknown): Reading[] => {
  const readings = isRecord(extensions) ? extensions.readings : undefined;
  if (!Array.isArray(readings) || !readings.every(isReading)) throw unfit('READINGS');
  return readings;
};

/** Reads an answer, and takes it only if it is one to what was asked: a wrong number of entities would mix them up. */
const read = (text: string, { variables }: FetchRequest, readings: Readings): FetchAnswer => {
  const answer: unknown = JSON.parse(text);
  if (!isRecord(answer)) throw unfit('NOT_AN_ANSWER');
  const { data = null, errors = [] } = answer;
  readings.add(readingsIn(answer.extensions));
  if (!Array.isArray(errors) || errors.length > mostErrors) throw unfit('ERRORS');
  const told = errors.map(errorOf);
  if (data === null && told.length > 0) return { errors: told };
  if (!isRecord(data)) throw unfit('DATA');
  const asked = variables?.representations;
  if (Array.isArray(asked)) {
    const { _entities: entities } = data;
    const fits = Array.isArray(entities) && entities.length === asked.length;
    if (!fits || !entities.every((entity) => entity === null || isRecord(entity))) throw unfit('ENTITIES');
  }
  return { data, ...(told.length > 0 ? { errors: told } : {}) };
};

const textOf = async ({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<string> => {
  const type = headers['content-type'];
  const isJson = typeof type === 'string' && type.startsWith('application/json');
  if (statusCode === 200 && isJson && headers['content-encoding'] === undefined) return body.text();
  await body.dump({ limit: 4096 }).catch(() => undefined);
  throw unfit(`STATUS_${statusCode}`);
};

const isMutation = (query: string): boolean => /^\s*mutation\b/.test(query);

type Peer = { source: DataSource } & Omit<Reach, 'reach'>;

const peer = (name: SubgraphName, url: string, secret: string, timeouts: Patience): Peer => {
  const { origin, pathname } = new URL(url);
  const path = pathname === '/' ? '/graphql' : pathname;
  const beside = (name: string): string => new URL(name, new URL(path, origin)).pathname;
  const pool = new Pool(origin, {
    connections: 64,
    pipelining: 1,
    connect: { timeout: timeouts.connect },
    headersTimeout: timeouts.silence,
    bodyTimeout: timeouts.silence,
    maxResponseSize: largestAnswer,
  });

  /** The caller's own words, and no other header of the caller's; and the signature on what is asked. */
  const signed = (body: string, { authorization, purpose, reference }: Context['headers']): Record<string, string> => ({
    [signatureHeader]: sign(secret, { subgraph: name, body, authorization, purpose, reference }),
    ...(authorization === undefined ? {} : { authorization }),
    ...(purpose === undefined ? {} : { 'x-purpose': purpose }),
    ...(reference === undefined ? {} : { 'x-reference': reference }),
  });

  const post = (path: string, body: string, caller: Context['headers'], signal: AbortSignal) =>
    pool.request({
      method: 'POST',
      path,
      body,
      signal,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        accept: 'application/json',
        ...signed(body, caller),
      },
    });

  const contents = remoteContents({ register: name, origin, path: beside('contents'), timeouts, signed });

  const ask = async (request: FetchRequest, context: Context): Promise<FetchAnswer> => {
    const { headers } = context;
    const { query = '', variables } = request;
    const body = JSON.stringify({ query, ...(variables ? { variables } : {}) });
    const signal = AbortSignal.timeout(timeouts.whole);
    // A query may be asked again.
    const response = await post(path, body, headers, signal).catch((error: unknown) => {
      if (isReset(error) && !isMutation(query)) return post(path, body, headers, signal);
      throw error;
    });
    return read(await textOf(response), request, readingsOf(context));
  };

  return {
    source: {
      process: async ({ request, context }) => {
        try {
          return await ask(request, context as Context); // the gateway asks nothing before a caller does
        } catch (error) {
          log.warn({ register: name, ...traceOf(error) }, 'register unavailable');
          return failedFetch(unavailable(name), name, request);
        }
      },
    },
    record: async ({ headers }, asked) => {
      const signal = AbortSignal.timeout(timeouts.whole);
      const answer: unknown = JSON.parse(
        await textOf(await post(beside('read-log'), JSON.stringify(asked), headers, signal)),
      );
      if (!isRecord(answer) || typeof answer.tooMany !== 'boolean') throw unfit('NOT_AN_ANSWER');
      return { tooMany: answer.tooMany };
    },
    head: async () => {
      const nobody = { authorization: undefined, purpose: undefined, reference: undefined };
      const response = await pool.request({
        method: 'GET',
        path: beside('outbox/head'),
        headers: {
          accept: 'application/json',
          [signatureHeader]: sign(secret, { subgraph: name, body: '', ...nobody }),
        },
        signal: AbortSignal.timeout(timeouts.whole),
      });
      const answer: unknown = JSON.parse(await textOf(response));
      if (!isRecord(answer) || typeof answer.position !== 'number') throw unfit('NOT_AN_ANSWER');
      return answer.position;
    },
    upload: contents.upload,
    content: contents.content,
    ready: async () => {
      const signal = AbortSignal.timeout(timeouts.health);
      const { statusCode, body } = await pool.request({ method: 'GET', path: '/health/ready', signal });
      await body.dump();
      return statusCode === 200;
    },
    stop: async () => void (await Promise.all([pool.close(), contents.stop()])),
  };
};

/** The five subgraphs at their addresses. */
export const remote = (
  urls: Readonly<Record<SubgraphName, string>>,
  { secret, patience = patient }: { secret: string; patience?: Patience },
): Reach => {
  const peers = new Map<string, Peer>(
    Object.entries(urls).map(([name, url]) => [name, peer(name as SubgraphName, url, secret, patience)]), // its keys are the names
  );
  const peerOf = (name: SubgraphName): Peer => {
    const found = peers.get(name);
    if (!found) throw new Error(`no address of ${name}`);
    return found;
  };
  return {
    reach: (name) => peerOf(name).source,
    record: (context, asked) => peerOf('cadastre').record(context, asked),
    head: () => peerOf('dossiers').head(),
    upload: (context, content, mime) => peerOf('dossiers').upload(context, content, mime),
    content: (context, id) => peerOf('dossiers').content(context, id),
    ready: async () => {
      const answers = await Promise.all([...peers.values()].map((one) => one.ready().catch(() => false)));
      return answers.every(Boolean);
    },
    stop: async () => void (await Promise.all([...peers.values()].map((one) => one.stop()))),
  };
};
