import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { subgraphNames } from '../schema/subgraphs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = ['schema', 'db', 'subgraphs', 'gateway', 'test'];

const filesBelow = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return path.endsWith('.ts') ? [path] : [];
  });

const sources = rooms.flatMap((room) => filesBelow(join(root, room)).map((path) => ({ path, room })));

/** The files of ours that a file imports, from the root of the project. */
const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, target = '']) =>
    relative(root, resolve(dirname(path), target)),
  );

test('imports point up the list of rooms only: schema, db, subgraphs, gateway, test', () => {
  const wrong = sources.flatMap(({ path, room }) =>
    importsOf(path)
      .filter((target) => rooms.indexOf(target.split('/')[0] ?? '') > rooms.indexOf(room))
      .map((target) => `${relative(root, path)} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('a subgraph never imports another subgraph', () => {
  const wrong = sources.flatMap(({ path }) => {
    const [room, own = ''] = relative(root, path).split('/');
    if (room !== 'subgraphs' || !subgraphNames.some((name) => name === own)) return [];
    return importsOf(path)
      .filter((target) => {
        const [there, other = ''] = target.split('/');
        return there === 'subgraphs' && other !== own && subgraphNames.some((name) => name === other);
      })
      .map((target) => `${relative(root, path)} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test('the five subgraphs are of one shape: resolvers, a store, and generated types', () => {
  const shapes = subgraphNames.map((name) =>
    readdirSync(join(root, 'subgraphs', name)).filter((file) =>
      ['resolvers.ts', 'store.ts', 'types.ts'].includes(file),
    ),
  );
  expect(shapes).toEqual(subgraphNames.map(() => ['resolvers.ts', 'store.ts', 'types.ts']));
});

test('a source file holds one thing: at most 400 lines, generated types aside', () => {
  const long = sources
    .filter(({ path }) => !path.endsWith('/types.ts') && readFileSync(path, 'utf8').split('\n').length > 401)
    .map(({ path }) => relative(root, path));
  expect(long).toEqual([]);
});
