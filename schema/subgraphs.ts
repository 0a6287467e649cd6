/** The five contracts: their names and their SDL, the shared part in front. */
import { readFileSync } from 'node:fs';

export const subgraphNames = ['dossiers', 'employers', 'workers', 'decisions', 'cadastre'] as const;
export type SubgraphName = (typeof subgraphNames)[number];

const file = (name: string): string => readFileSync(new URL(`${name}.graphql`, import.meta.url), 'utf8');

/** The SDL of one subgraph, complete. */
export const sdl = (name: SubgraphName): string => `${file('common')}\n${file(name)}`;

/** The composed graph, as committed. */
export const supergraph = (path: string | URL = new URL('supergraph.graphql', import.meta.url)): string =>
  readFileSync(path, 'utf8');
