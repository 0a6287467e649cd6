/** The load: a fixed number of callers, each of whom asks again as soon as it is answered. */
import { Pool } from 'undici';

/** What is asked of a server: where, with which headers, and the bodies in turn. */
export type Target = { path: string; headers: Record<string, string>; bodies: readonly string[] };

/** What a window of time saw. */
export type Window = { requests: number; seconds: number; p50: number; p99: number };

/** Callers at the same time. */
export const connections = 32;

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** One request, whole; an answer with errors is none. */
export const ask = async (pool: Pool, { path, headers }: Target, body: string): Promise<Buffer> => {
  const response = await pool.request({ method: 'POST', path, headers, body });
  const answer = Buffer.from(await response.body.arrayBuffer());
  // The errors of an answer come before its data, in all of the servers that are asked here.
  if (response.statusCode !== 200 || !answer.subarray(0, 8).equals(dataFirst)) {
    throw new Error(`${path} answered ${response.statusCode}: ${answer.subarray(0, 500).toString()}`);
  }
  return answer;
};
const dataFirst = Buffer.from('{"data":');

/** Opens the connections to a server. */
export const connect = (origin: string): Pool =>
  new Pool(origin, { connections, pipelining: 1, headersTimeout: 10_000, bodyTimeout: 10_000 });

/** Asks for so many milliseconds, with the bodies in turn; what is under way then is waited for and counted. */
export const drive = async (pool: Pool, target: Target, milliseconds: number): Promise<Window> => {
  const { bodies } = target;
  const took: number[] = [];
  const start = performance.now();
  let next = 0;
  const caller = async (): Promise<void> => {
    let now = performance.now();
    while (now - start < milliseconds) {
      await ask(pool, target, bodies[next++ % bodies.length] ?? '');
      const then = performance.now();
      took.push(then - now);
      now = then;
    }
  };
  await Promise.all(Array.from({ length: connections }, caller));
  const seconds = (performance.now() - start) / 1000;
  took.sort((one, other) => one - other);
  return { requests: took.length, seconds, p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
};
