/** The gateway as a program of its own, on a day of the story, and its callers over HTTP. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { demoToken } from '../../subgraphs/demo-issuer.ts';
import { principalOf } from '../../subgraphs/principal.ts';

const program = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

/** A gateway that runs on one day. */
export type Counter = {
  url: string;
  ebox: string;
  day: string;
  token(who: string): Promise<string>;
  close(): Promise<void>;
};

/** Starts the gateway over a folder; the clock stands on the day. */
export const opened = async (folder: string, day: string): Promise<Counter> => {
  const variables = { DATA_DIR: folder, PORT: '0', TODAY: day, SEED_PROFILE: 'small', LOG_LEVEL: 'error' };
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let url = '';
  let ebox = '';
  for await (const line of createInterface({ input: child.stdout })) {
    url ||= /is ready: (\S+)/.exec(line)?.[1] ?? '';
    ebox = /e-Box stands in at (\S+)/.exec(line)?.[1] ?? '';
    if (ebox !== '') break;
  }
  if (ebox === '') throw new Error('The gateway did not start');
  child.stdout.resume();
  return {
    url,
    ebox,
    day,
    token: async (who) => {
      const named = principalOf(who, day);
      if ('reason' in named) throw new Error(`${who}: ${named.reason}`);
      return demoToken(folder, named.principal);
    },
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

/** What a caller states besides who it is. */
export type Purpose = { 'x-purpose': string; 'x-reference': string };

type Answer<Data> = { data?: Data | null; errors?: { message: string; extensions: { code: string } }[] };

/** Asks the graph as somebody. */
export const ask = async <Data>(
  counter: Counter,
  who: string,
  query: string,
  variables: Record<string, unknown> = {},
  purpose?: Purpose,
): Promise<Answer<Data>> => {
  const response = await fetch(`${counter.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await counter.token(who)}`, 'content-type': 'application/json', ...purpose },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer<Data>; // the shape is what the query asks for
};

/** Speaks to the e-Box that stands in for the real one. */
export const mailbox = async <Data>({ ebox }: Counter, path: string, body: Record<string, unknown>): Promise<Data> => {
  const response = await fetch(`${ebox}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Data; // as the stand-in answers that path
};

const small = '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';

/** Sends content as somebody, and answers the id that it was given. */
export const upload = async (counter: Counter, who: string): Promise<string> => {
  const response = await fetch(`${counter.url}/documents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await counter.token(who)}`, 'content-type': 'application/pdf' },
    body: `${small}% ${randomUUID()}\n`,
  });
  const { id } = (await response.json()) as { id?: string };
  if (id === undefined) throw new Error(`The upload was refused: ${response.status}`);
  return id;
};
