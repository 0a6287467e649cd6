/**
 * One subscriber: it pulls the outbox as itself, and for each event asks the graph what it subscribed to, as anybody would. So
 * the token, the limits, the policy and the read log count at each event as they are at that moment.
 */
import type { FormattedExecutionResult } from 'graphql';
import { mask, refuse } from '../subgraphs/errors.ts';
import type { Context, Gateway } from './gateway.ts';
import { type Asking, type Followed, followed } from './subscription.ts';
import type { Watch } from './watch.ts';

/** Where a stream is written. `write` answers once there is room again; false when nobody reads any more. */
export type Out = { write(text: string): Promise<boolean>; end(): void };

/** What a stream stands on: the graph, who asks (found out anew each time), and a watch on the outbox. */
export type Ground = { server: Gateway; admitted: () => Promise<Context>; watch: Watch };

/** What is subscribed to, from which event on, and when the token ends: a moment in milliseconds since 1970. */
export type Subscribing = { asking: Asking; after: string | null; until: number };

type Result = Pick<FormattedExecutionResult, 'data' | 'errors'>;
type Entry = { cursor: string; node: { record: { key: string } | null } };
type Page = { edges: readonly Entry[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };

const refusal = (error: unknown): Result => {
  const { message, extensions } = mask(error, 'gateway');
  return { errors: [{ message, extensions }] };
};

const written = ({ errors, data }: Result, id: string | null): string =>
  `event: next\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify({ ...(errors ? { errors } : {}), ...(data ? { data } : {}) })}\n\n`;

const pause = 1000; // before a register that did not answer is asked again, in milliseconds
const completed = 'event: complete\ndata: \n\n';

const feed = (
  leads: string,
  size: string,
): string => `query($after: String, $dossier: DossierNumber, $own: Boolean, $events: [String!]) {
  outbox(${size}, after: $after, dossier: $dossier, own: $own, events: $events) {
    ${leads === '' ? '' : `edges { cursor node { ${leads} } }`} pageInfo { hasNextPage endCursor }
  }
}`;

/** Of each record the last entry, in the order of those. */
const latest = (entries: readonly Entry[]): Entry[] => {
  const byKey = new Map<string | undefined, Entry>();
  for (const entry of entries) {
    const key = entry.node.record?.key;
    byKey.delete(key);
    byKey.set(key, entry);
  }
  return [...byKey.values()];
};

// A register that does not answer now answers later; any other refusal stands.
const isOutage = ({ data, errors }: Result): boolean =>
  data != null && errors?.every(({ extensions }) => extensions?.code === 'DEPENDENCY_UNAVAILABLE') === true;

const isEmpty = ({ data }: Result): boolean => Object.values(data ?? {}).every((one) => one === null);

const asking = ({ server, admitted }: Ground) => {
  /** Asks the graph as the subscriber, who is who its token says it is now. */
  const ask = async (request: { query: string; variables: Record<string, unknown> }): Promise<Result> => {
    try {
      const { body } = await server.executeOperation(request, { contextValue: await admitted() });
      if (body.kind !== 'single') throw new Error('an answer in parts');
      return body.singleResult;
    } catch (error) {
      return refusal(error);
    }
  };
  const pull = async (asked: Followed, after: string | null, size = 'first: 100', leads = asked.leads) => {
    const result = await ask({ query: feed(leads, size), variables: { ...asked.feed, after } });
    const page = result.data?.outbox as Page | null | undefined; // as the query has it
    return page ? { page } : { result };
  };
  return { ask, pull };
};

/** What happens after a cursor, for as long as there is news; or at last why nothing more is told. */
async function* events(
  { ask, pull }: ReturnType<typeof asking>,
  asked: Followed,
  after: string | null,
  { news, again }: { news(): Promise<boolean>; again(): void },
): AsyncGenerator<{ id: string; result: Result } | { refused: Result }> {
  let cursor = after;
  listening: while (await news()) {
    for (let more = true; more; ) {
      const { page, result } = await pull(asked, cursor);
      if (!page) {
        if (!isOutage(result)) return yield { refused: result };
        again();
        continue listening;
      }
      for (const { cursor: id, node } of asked.latestCounts ? latest(page.edges) : page.edges) {
        const answer = node.record ? await ask(asked.queryFor(node.record.key)) : {};
        // An answer that was withheld as a whole has no data.
        if (answer.errors && !answer.data) return yield { refused: answer };
        if (isEmpty(answer) && isOutage(answer)) {
          again();
          continue listening;
        }
        // What is no longer there for the subscriber is passed over.
        if (!isEmpty(answer) || answer.errors) yield { id, result: answer };
        cursor = id;
      }
      cursor = page.pageInfo.endCursor ?? cursor;
      more = page.pageInfo.hasNextPage;
    }
  }
}

/** Runs a stream until its reader leaves, its token ends, or an answer is withheld; `onStop` is given what ends it from outside. */
export const stream = async (
  ground: Ground,
  { asking: wanted, after, until }: Subscribing,
  out: Out,
  onStop: (stop: () => void) => void,
): Promise<void> => {
  const graph = asking(ground);
  let isOver = false;
  let hasNews = true; // what happened between the reader's last event and now
  let wake = (): void => undefined;

  const leave = (): void => {
    isOver = true;
    wake();
    out.end();
  };
  const finish = ({ errors = [] }: Result): void => {
    if (isOver) return;
    // Of a question that was ours no place is told.
    const plain = errors.map(({ message, extensions = {} }) => ({ message, extensions }));
    void out.write(`${written({ errors: plain }, null)}${completed}`);
    leave();
  };
  const notice = (): void => {
    hasNews = true;
    wake();
  };
  const again = () => void setTimeout(notice, pause).unref();
  const news = async (): Promise<boolean> => {
    if (!hasNews && !isOver) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    hasNews = false;
    return !isOver;
  };
  /** Where a new subscriber begins: at the end of its feed. */
  const start = async (asked: Followed): Promise<string | null> => {
    const { page, result } = await graph.pull(asked, null, 'last: 1', '');
    if (result) finish(result);
    return page?.pageInfo.endCursor ?? null;
  };

  const unwatch = ground.watch(notice);
  const end = setTimeout(() => finish(refusal(refuse('UNAUTHENTICATED', 'The token has ended'))), until - Date.now());
  onStop(leave);
  try {
    const asked = followed(ground.server.schema, wanted);
    const from = after ?? (await start(asked));
    // The first words say that what happens from here on is told.
    if (!isOver && !(await out.write(':\n\n'))) leave();
    for await (const event of events(graph, asked, from, { news, again })) {
      if ('refused' in event) finish(event.refused);
      else if (!isOver && !(await out.write(written(event.result, event.id)))) leave();
      if (isOver) break;
    }
  } catch (error) {
    finish(refusal(error));
  } finally {
    unwatch();
    clearTimeout(end);
  }
};
