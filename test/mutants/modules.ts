/**
 * Loads modules of ours afresh with some texts changed: those that depend on a changed one are made anew, and forgotten after; all
 * others, and all packages, are the ones that this process has.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { transformSync } from '@swc/core';

const root = fileURLToPath(new URL('../..', import.meta.url));

const texts = new Map<string, string>();

/** The text of a file, named from the root of the project. */
export const textOf = (file: string): string => {
  const known = texts.get(file) ?? readFileSync(join(root, file), 'utf8');
  texts.set(file, known);
  return known;
};

const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(/^(?:import|export)(?! type)[^;]*?from '(\.[^']+)'/gm)].map(([, target = '']) =>
    relative(root, resolve(dirname(join(root, file)), target)),
  );

const dependencies = new Map<string, string[]>();

const dependenciesOf = (file: string): string[] => {
  const known = dependencies.get(file) ?? (existsSync(join(root, file)) ? importsOf(file, textOf(file)) : []);
  dependencies.set(file, known);
  return known;
};

const compiled = new Map<string, string>();

const compile = (file: string, text: string): string => {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const { code } = transformSync(text, { filename: file, jsc: { target: 'es2023', parser: { syntax: 'typescript' } } });
  // What was changed is compiled once; what was not, once for all.
  if (text === texts.get(file)) compiled.set(text, code);
  return code;
};

/** A text to put in the place of another, by the name of its file. */
export type Changes = Readonly<Record<string, string>>;

/** Modules with those changes in them. */
export type Modules = { load<Module>(file: string): Promise<Module> };

/** Makes them; nothing is loaded until it is asked for. */
export const modulesWith = (changes: Changes): Modules => {
  const touched = new Map<string, boolean>();
  const depends = (file: string): boolean => {
    const known = touched.get(file);
    if (known !== undefined) return known;
    touched.set(file, file in changes); // a circle of imports ends here
    const found = file in changes || dependenciesOf(file).some(depends);
    touched.set(file, found);
    return found;
  };

  const made = new Map<string, Promise<vm.Module>>();
  const existing = async (specifier: string): Promise<vm.Module> => {
    const namespace: Record<string, unknown> = await import(specifier);
    const names = Object.keys(namespace);
    const wrapped = new vm.SyntheticModule(names, () => {
      for (const name of names) wrapped.setExport(name, namespace[name]);
    });
    return wrapped;
  };
  const fresh = async (file: string): Promise<vm.Module> => {
    const url = pathToFileURL(join(root, file)).href;
    return new vm.SourceTextModule(compile(file, changes[file] ?? textOf(file)), {
      identifier: url,
      initializeImportMeta: (meta) => {
        meta.url = url;
      },
    });
  };
  const moduleOf = (specifier: string): Promise<vm.Module> => {
    const known = made.get(specifier);
    if (known) return known;
    const ours = specifier.endsWith('.ts') && !specifier.startsWith('node:');
    const one =
      ours && depends(specifier)
        ? fresh(specifier)
        : existing(ours ? pathToFileURL(join(root, specifier)).href : specifier);
    made.set(specifier, one);
    return one;
  };
  const link: vm.ModuleLinker = (specifier, from) =>
    moduleOf(
      specifier.startsWith('.')
        ? relative(root, resolve(dirname(fileURLToPath(from.identifier)), specifier))
        : specifier,
    );

  return {
    load: async <Module>(file: string) => {
      const one = await moduleOf(file);
      if (one.status === 'unlinked') await one.link(link);
      await one.evaluate();
      return one.namespace as Module; // who asks for a file knows what it exports
    },
  };
};
