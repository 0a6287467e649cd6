/** What comes from a subgraph over the network, taken only in the form that we know. */
import { isError, isErrorCode } from '../subgraphs/errors.ts';
import type { FetchError } from './fetch.ts';

/** Whether it is an object with names. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What makes an answer unusable; for the log, where nothing of the answer itself may go. */
export const unfit = (reason: string): Error => Object.assign(new Error(reason), { code: reason });

const isPlain = (value: unknown): boolean =>
  (typeof value === 'string' && value.length <= 200) || typeof value === 'number' || typeof value === 'boolean';

const isDetail = ([name, value]: [string, unknown]): boolean =>
  /^[a-z]\w{0,29}$/i.test(name) &&
  (isPlain(value) || (Array.isArray(value) && value.length <= 50 && value.every(isPlain)));

const isPath = (path: unknown): path is (string | number)[] =>
  Array.isArray(path) && path.length <= 50 && path.every((part) => typeof part === 'string' || Number.isInteger(part));

/** An error of a subgraph is told in our own codes; one that has none says nothing, whoever wrote it. */
export const errorOf = (error: unknown): FetchError => {
  const { message, path, extensions }: Record<string, unknown> = isRecord(error) ? error : {};
  if (!isRecord(extensions) || !isErrorCode(extensions.code)) throw unfit('UNKNOWN_ERROR');
  return {
    message: typeof message === 'string' ? message.slice(0, 500) : '',
    ...(isPath(path) ? { path } : {}),
    extensions: Object.fromEntries(Object.entries(extensions).filter(isDetail)),
  };
};

/** Whether a connection that was kept open was closed from the other side just as it was used. */
export const isReset = (error: unknown): boolean =>
  isError(error) && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'UND_ERR_SOCKET');
