/** Reaches the contents of documents where the subgraph that keeps them runs as a process of its own. */
import { Readable } from 'node:stream';
import { GraphQLError } from 'graphql';
import { type Dispatcher, Pool } from 'undici';
import type { Upload } from '../subgraphs/dossiers/uploads.ts';
import { refuseWith, traceOf, unavailable } from '../subgraphs/errors.ts';
import { log } from '../subgraphs/log.ts';
import { headOf } from '../subgraphs/signature.ts';
import type { Context, Reach } from './gateway.ts';
import { errorOf, isRecord, isReset, unfit } from './heard.ts';
import type { Patience } from './remote.ts';

const patience = 130_000; // milliseconds, for content that comes as slowly as the gateway lets it
const largestAnswer = 10_000; // bytes of an answer that is no content

type Answer = Dispatcher.ResponseData;

const jsonOf = async ({ headers, body }: Answer): Promise<Record<string, unknown>> => {
  if (!String(headers['content-type']).startsWith('application/json')) throw unfit('NO_JSON');
  let text = '';
  for await (const part of body.setEncoding('utf8')) {
    text += part;
    if (text.length > largestAnswer) throw unfit('TOO_LONG');
  }
  const answer: unknown = JSON.parse(text);
  if (!isRecord(answer)) throw unfit('NOT_AN_ANSWER');
  return answer;
};

/** What the subgraph refuses, in its own words; anything else that is no answer is an outage. */
const refusalIn = async (answer: Answer): Promise<GraphQLError> => {
  const { statusCode } = answer;
  if (statusCode < 400 || statusCode >= 500 || statusCode === 401) throw unfit(`STATUS_${statusCode}`);
  const { errors } = await jsonOf(answer);
  const { message, extensions } = errorOf(Array.isArray(errors) ? errors[0] : undefined);
  const { code, ...details } = extensions;
  return refuseWith(statusCode, code as Parameters<typeof refuseWith>[1], message, details); // errorOf takes no other code
};

const uploadIn = ({ id, mime, sizeBytes, sha256 }: Record<string, unknown>): Upload => {
  const isUpload =
    typeof id === 'string' &&
    typeof mime === 'string' &&
    typeof sha256 === 'string' &&
    typeof sizeBytes === 'number' &&
    Number.isSafeInteger(sizeBytes);
  if (!isUpload) throw unfit('NOT_AN_ANSWER');
  return { id, mime, sizeBytes, sha256 };
};

type Ground = {
  register: string;
  origin: string;
  path: string;
  timeouts: Pick<Patience, 'connect' | 'silence'>;
  /** The headers of a request: the caller's own, and the signature on what is asked. */
  signed(asked: string, caller: Context['headers']): Record<string, string>;
};

/** Contents, over connections of their own: what comes slowly keeps no question waiting. */
export const remoteContents = (ground: Ground): Pick<Reach, 'upload' | 'content' | 'stop'> => {
  const { register, origin, path, timeouts, signed } = ground;
  const pool = new Pool(origin, {
    connections: 64,
    pipelining: 1,
    connect: { timeout: timeouts.connect },
    headersTimeout: timeouts.silence,
    bodyTimeout: timeouts.silence,
  });

  /** Refusals are passed on; what cannot be had, or is none, is an outage of the register. */
  const asking = async <Found>(ask: () => Promise<Found | GraphQLError>): Promise<Found> => {
    const outcome = await ask().catch((error: unknown) => {
      log.warn({ register, ...traceOf(error) }, 'register unavailable');
      return unavailable(register);
    });
    if (outcome instanceof GraphQLError) throw outcome;
    return outcome;
  };

  const get = (id: string, caller: Context['headers'], signal: AbortSignal) =>
    pool.request({
      method: 'GET',
      path: `${path}/${encodeURIComponent(id)}`,
      signal,
      headers: signed(headOf('GET', `/contents/${id}`), caller),
    });

  return {
    upload: ({ headers }, content, mime) =>
      asking(async () => {
        const answer = await pool.request({
          method: 'POST',
          path,
          body: Readable.from(content),
          signal: AbortSignal.timeout(patience),
          headers: { 'content-type': mime, ...signed(headOf('POST', '/contents', mime), headers) },
        });
        return answer.statusCode === 201 ? uploadIn(await jsonOf(answer)) : refusalIn(answer);
      }),
    content: ({ headers }, id) =>
      asking(async () => {
        const signal = AbortSignal.timeout(patience);
        const answer = await get(id, headers, signal).catch((error: unknown) => {
          if (isReset(error)) return get(id, headers, signal);
          throw error;
        });
        if (answer.statusCode === 200) return answer.body;
        const refusal = await refusalIn(answer);
        return answer.statusCode === 404 ? null : refusal;
      }),
    stop: () => pool.close(),
  };
};
