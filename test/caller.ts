import { request } from 'node:http';
import { connect } from 'node:net';

/** A request as it is written. */
export type Call = {
  method?: string;
  path?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
};

/** What came back. */
export type Reply = { status: number; headers: Record<string, unknown>; text: string };

/** Sends a request as it is written, with headers that fetch would not send. */
export const callTo = (url: string, { method = 'POST', path = '/graphql', headers = {}, body }: Call): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** What comes back for bytes that are sent as they are, until the other side hangs up. */
export const speakTo = (url: string, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (part) => {
      text += part;
    });
    socket.on('close', () => resolve(text)).on('error', reject);
  });

/** The errors of a reply. */
export const errorsOf = ({ text }: Reply): { message: string; extensions: { code: string; limit?: string } }[] =>
  JSON.parse(text).errors;

/** Status and code of a refusal, which is JSON, with one error and little else. */
export const refusal = (reply: Reply) => {
  expect(reply.headers['content-type']).toMatch(/^application\/json/);
  expect(reply.text.length).toBeLessThan(2000);
  const errors = errorsOf(reply);
  expect(errors).toHaveLength(1);
  return [reply.status, errors[0]?.extensions.code];
};
