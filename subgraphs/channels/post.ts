import { Agent, request } from 'undici';
import { failed, patience } from './carrier.ts';

/** Posts JSON to one address and answers the text of its answer. It follows no redirect, and waits no longer than it may. */
export type Post = {
  (path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<string>;
  stop(): Promise<void>;
};

/** Posts below an address; a user and a password that stand in it are shown as such. */
export const poster = (address: string): Post => {
  const { origin, pathname, search, username, password } = new URL(address);
  const urlOf = (path: string) =>
    `${origin}${path === '' ? pathname : `${pathname.replace(/\/$/, '')}${path}`}${search}`;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const agent = new Agent({ connections: 8, connect: { timeout: 3000 }, maxResponseSize: 1_000_000 });
  const post = async (path: string, body: string, headers = {}) => {
    const answer = await request(urlOf(path), {
      method: 'POST',
      body,
      dispatcher: agent,
      signal: AbortSignal.timeout(patience),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(username === '' ? {} : { authorization: `Basic ${login}` }),
        ...headers,
      },
    });
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer.body.text();
    await answer.body.dump({ limit: 4096 }).catch(() => undefined);
    throw failed(`STATUS_${answer.statusCode}`);
  };
  return Object.assign(post, { stop: () => agent.close() });
};
