import { pool } from '../db/database.ts';
import { type SubgraphName, subgraphNames } from '../schema/subgraphs.ts';
import { head } from '../subgraphs/head.ts';
import { keptLog } from '../subgraphs/read-log.ts';
import { consultation } from '../subgraphs/reading.ts';
import { subgraph } from '../subgraphs/subgraph.ts';
import { taker } from '../subgraphs/take.ts';
import { work } from '../subgraphs/work.ts';
import type { Reach } from './gateway.ts';
import { local } from './local.ts';

/** The five subgraphs in this process, each on connections under its own role. `work` begins what is done beside requests. */
export const embedded = (
  urlOf: (part: SubgraphName | 'steps') => string,
  options: { secret: string; connections?: number },
): Reach & { work(today: () => string): { stop(): Promise<void> } } => {
  const { secret, connections = 10 } = options;
  // Steps run under the one role that may write; reads never do.
  const writing = pool(urlOf('steps'), { max: connections, name: 'steps' });
  const take = taker(writing, { secret });
  const parts = subgraphNames.map((name) => {
    const connected = pool(urlOf(name), { max: connections, name });
    return { name, connected, subgraph: subgraph(name, connected, { secret, take }) };
  });
  // The platform that runs the register keeps the log.
  const log = keptLog(urlOf('cadastre'), { secret });
  return {
    work: (today) => work(writing, take, { today }),
    record: ({ viewer }, asked) => log.append(consultation(viewer, asked)),
    reach: (name) => {
      const part = parts.find((one) => one.name === name);
      if (!part) throw new Error(`no subgraph ${name}`);
      return local(part.subgraph);
    },
    head: () => {
      const dossiers = parts.find(({ name }) => name === 'dossiers');
      if (!dossiers) throw new Error('no subgraph dossiers');
      return head(dossiers.connected);
    },
    ready: async () => (await Promise.all(parts.map((part) => part.subgraph.ready()))).every(Boolean),
    stop: async () =>
      void (await Promise.all([log.stop(), writing.end(), ...parts.map(({ connected }) => connected.end())])),
  };
};
