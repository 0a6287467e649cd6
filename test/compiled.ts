/** The program as plain JavaScript beside its data, as jest compiles it: it starts in two thirds of the time. */
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = ['schema', 'db', 'subgraphs', 'gateway'];

/** Writes the whole program into a folder, whence `node gateway/main.js` starts it. */
export const compileInto = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  for (const name of folders) {
    const found = await readdir(join(root, name), { recursive: true, withFileTypes: true });
    for (const file of found.filter((one) => one.isFile())) {
      const from = join(file.parentPath, file.name);
      const to = join(folder, from.slice(root.length));
      await mkdir(dirname(to), { recursive: true });
      if (!file.name.endsWith('.ts')) {
        await cp(from, to);
        continue;
      }
      const { code } = await transformFile(from, { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } });
      // An import names the file as it is here; over there it has another ending.
      await writeFile(
        to.replace(/ts$/, 'js'),
        code.replace(/((?:from|import)\s*\(?\s*["']\.[^"']+\.)ts(["'])/g, '$1js$2'),
      );
    }
  }
};
