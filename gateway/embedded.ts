import { pool } from '../db/database.ts';
import { type SubgraphName, subgraphNames } from '../schema/subgraphs.ts';
import { folderContents } from '../subgraphs/dossiers/contents.ts';
import { documents } from '../subgraphs/dossiers/documents.ts';
import { head } from '../subgraphs/head.ts';
import { keptLog } from '../subgraphs/read-log.ts';
import { consultation } from '../subgraphs/reading.ts';
import { subgraph } from '../subgraphs/subgraph.ts';
import { taker } from '../subgraphs/take.ts';
import { work } from '../subgraphs/work.ts';
import type { Reach } from './gateway.ts';
import { local } from './local.ts';

/**
 * The five subgraphs in this process, each on connections under its own role; contents of documents stand in `folder`. `work`
 * begins what is done beside requests.
 */
export const embedded = (
  urlOf: (part: SubgraphName | 'steps') => string,
  options: { secret: string; folder: string; connections?: number },
): Reach & { work(of: { today: () => string; ownerUrl: string | undefined }): { stop(): Promise<void> } } => {
  const { secret, folder, connections = 10 } = options;
  // Steps run under the one role that may write; reads never do.
  const writing = pool(urlOf('steps'), { max: connections, name: 'steps' });
  const take = taker(writing, { secret });
  const parts = subgraphNames.map((name) => {
    const connected = pool(urlOf(name), { max: connections, name });
    return { name, connected, subgraph: subgraph(name, connected, { secret, take }) };
  });
  const partOf = (name: SubgraphName) => {
    const part = parts.find((one) => one.name === name);
    if (!part) throw new Error(`no subgraph ${name}`);
    return part;
  };
  const dossiers = partOf('dossiers');
  const contents = folderContents(folder);
  const kept = documents({ pool: writing, contents, execute: dossiers.subgraph.execute });
  // The platform that runs the register keeps the log.
  const log = keptLog(urlOf('cadastre'), { secret });
  return {
    work: (of) => work({ ...of, pool: writing, take, contents }),
    record: ({ viewer }, asked) => log.append(consultation(viewer, asked)),
    reach: (name) => local(partOf(name).subgraph),
    head: () => head(dossiers.connected),
    upload: ({ viewer }, content, mime) => kept.receive(viewer, content, mime),
    content: ({ viewer }, id) => kept.content(viewer, id),
    ready: async () => (await Promise.all(parts.map((part) => part.subgraph.ready()))).every(Boolean),
    stop: async () =>
      void (await Promise.all([log.stop(), writing.end(), ...parts.map(({ connected }) => connected.end())])),
  };
};
