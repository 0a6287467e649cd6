import { request } from 'node:http';

/** An event as it comes over the wire. */
export type Sent = { event: string; id: string | null; data: unknown };

/** A stream that is read event by event, or the answer of who refused to open it. */
export type Reader = {
  status: number;
  headers: Record<string, unknown>;
  /** The next event; null when the stream is over. */
  next(): Promise<Sent | null>;
  /** All bytes so far. */
  text(): string;
  close(): void;
};

const parsed = (block: string): Sent | null => {
  const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s).slice(0, 2) as [string, string]));
  const event = fields.get('event');
  if (event === undefined) return null; // a comment
  const data = fields.get('data');
  return { event, id: fields.get('id') ?? null, data: data ? JSON.parse(data) : null };
};

/** Opens a stream as any client would that writes its own requests. */
export const readStream = (
  url: string,
  { headers, body }: { headers: Record<string, string>; body: unknown },
): Promise<Reader> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, method: 'POST', path: '/graphql/stream', headers }, (response) => {
      let text = '';
      let read = 0;
      let isOver = false;
      let wake = (): void => undefined;
      const over = (): void => {
        isOver = true;
        wake();
      };
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        wake();
      });
      response.on('end', over).on('error', over).on('close', over);
      const next = async (): Promise<Sent | null> => {
        for (;;) {
          const end = text.indexOf('\n\n', read);
          if (end >= 0) {
            const event = parsed(text.slice(read, end));
            read = end + 2;
            if (event) return event;
          } else if (isOver) return null;
          else
            await new Promise<void>((again) => {
              wake = again;
            });
        }
      };
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        next,
        text: () => text,
        close: () => sent.destroy(),
      });
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
