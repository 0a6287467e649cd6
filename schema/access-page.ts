/** The policy as a page for people. */
import { parse } from 'graphql';
import { accessTo, categories, kinds, purposes, relations, rowsFor, tables } from './policy.ts';
import { sdl, subgraphNames } from './subgraphs.ts';
import { classify } from './verdict.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const cellOf = (kind: (typeof kinds)[number], category: string): string => {
  const each = relations.map((relation) => {
    const { plain, logged, source } = accessTo(kind, relation, category);
    const level =
      plain === logged ? plain.toLowerCase() : `${plain.toLowerCase()}; ${logged.toLowerCase()} with a purpose`;
    return `${level}${level === 'none' || source === 'assumption' ? '' : ` (${source})`}`;
  });
  const [own, ...others] = each;
  if (others.every((other) => other === own)) return own ?? 'none';
  return relations.map((relation, i) => `${relation.toLowerCase()}: ${each[i]}`).join('<br>');
};

const described = (): Map<string, string> => {
  const [name] = subgraphNames;
  const found = parse(sdl(name)).definitions.find(
    (definition) => definition.kind === 'EnumTypeDefinition' && definition.name.value === 'DataCategory',
  );
  if (found?.kind !== 'EnumTypeDefinition') return new Map();
  return new Map(found.values?.map(({ name, description }) => [name.value, description?.value ?? '']));
};

const fieldsOf = (category: string): string => {
  const fields = subgraphNames.flatMap((name) =>
    [...classify(parse(sdl(name))).known.values()].filter(({ categories }) => categories.includes(category)),
  );
  const coordinates = [...new Set(fields.map(({ coordinate }) => coordinate))].sort();
  return coordinates.map((coordinate) => `\`${coordinate}\``).join(', ') || 'none yet';
};

/** The access matrix in Markdown. */
export const accessPage = (): string => {
  const descriptions = described();
  const shown = categories.filter((category) => category !== 'STRUCTURE' && category !== 'REFERENCE');
  return `# Who sees what

Generated from \`schema/policy.ts\` by \`npm run generate\`; a test fails when it is stale.

A **data category** groups fields that are protected alike. What a caller may do with a category depends on the **kind of
principal** it is and on what the record is to it: its **own** (it decides on it, or is a party to it), one it is **involved** in
(it was named in it, has it in its territory, or had it before a transfer), or an**other**'s. Levels: none; status (status and dates only);
masked (the minimum, with what identifies a person masked); read; write. Behind a level stands its source: S0-S4 are the documents the system was asked for from,
W12 and W13b are press notes on the agreements; a level without one is an assumption of least privilege.

A record outside a caller's rows does not exist for that caller. A refused field is null with the code \`FORBIDDEN\`, or
\`PURPOSE_REQUIRED\` where the headers \`x-purpose\` and \`x-reference\` would open it. Public reference data is open to every caller.

${shown
  .map(
    (category) => `## ${category}

${descriptions.get(category)}

${table(
  ['kind of principal', 'level'],
  kinds.map((kind) => [kind, cellOf(kind, category)]),
)}

Fields: ${fieldsOf(category)}
`,
  )
  .join('\n')}
## Which rows exist for whom

\`register\`: the reference register ties the caller to the record; \`everything\`: every record that was filed; \`own\`: the record names
the caller; \`mandated\`, \`clients\`: an employer that gave the caller a mandate is tied to it, or named by it; \`pair\`: the caller
decides, or decided, on a dossier of this worker with this employer; \`territory\`: the work is done in the caller's territory; \`regional\`: as register, and own only
where the caller is its authority; \`personal\`: as register, and own only where it is about the caller, as a host family files for another;
\`withdrawal\`: as register, for the rules that bear on a withdrawal.

${table(
  ['kind of principal', ...tables],
  kinds.map((kind) => [kind, ...tables.map((name) => rowsFor(kind, name))]),
)}

## Purposes that may be claimed

${table(
  ['kind of principal', 'purposes'],
  kinds.map((kind) => [kind, purposes[kind].join(', ') || 'none needed']),
)}
`;
};
