/** The policy as a page for people. */
import { parse } from 'graphql';
import {
  accessTo,
  capOf,
  categories,
  ceilings,
  discretion,
  kinds,
  narrowPurposes,
  purposes,
  relations,
  roles,
  rowsFor,
  sources,
  tables,
} from './policy.ts';
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

const shownRoles = (category: string): string[] => roles.map((role) => capOf('REGION', [role], category).toLowerCase());

/** The tables of purposes, roles and limits that narrow what the matrix gives. */
const narrowed = (shown: readonly string[]): string => {
  const usual = shownRoles('');
  const special = shown.filter((category) => shownRoles(category).join() !== usual.join());
  return `## Purposes that may be claimed

A level "with a purpose" opens for a purpose of this list and a reference, both of which go on record. These purposes open less:
${Object.entries(narrowPurposes)
  .map(([purpose, opened]) => `${purpose} opens ${opened.join(', ') || 'nothing'}`)
  .join('; ')}.

${table(
  ['kind of principal', 'purposes'],
  kinds.map((kind) => [kind, purposes[kind].join(', ') || 'none needed']),
)}

## Roles inside an authority

The highest level that a role reaches, whatever its authority may; somebody with several roles has the best of them. Whoever has
none of these roles is a reader. Parties, the helpdesk and the auditor have no roles.

${table(
  ['category', ...roles],
  [['all others', ...usual], ...special.map((category) => [category, ...shownRoles(category)])],
)}

## Persons a day

A user may come across ${ceilings.usual} distinct persons a day, counting those of whom the record is not the user's own and those for
whom a purpose was stated; ${Object.entries(ceilings.kinds)
    .map(([kind, most]) => `${kind}: ${most ?? 'no limit'}`)
    .join('; ')}; a program: ${ceilings.system}. Each search in vain counts as a person (assumptions).

## What a person is told

A worker sees in \`accessLog\` which organisation looked, when, for which purpose and at which categories; of ${Object.entries(
    discretion,
  )
    .map(([kind, days]) => `${kind} after ${days} days`)
    .join(', of ')} (assumption).
`;
};

/** The access matrix in Markdown. */
export const accessPage = (): string => {
  const descriptions = described();
  const cited = Object.entries(sources)
    .map(([tag, title]) => `- ${tag}: ${title}`)
    .join('\n');
  const shown = categories.filter((category) => category !== 'STRUCTURE' && category !== 'REFERENCE');
  return `# Who sees what

Generated from \`schema/policy.ts\` by \`npm run generate\`; a test fails when it is stale.

A **data category** groups fields that are protected alike. What a caller may do with a category depends on the **kind of
principal** it is and on what the record is to it: its **own** (it decides on it, or is a party to it), one it is **involved** in
(it was named in it, has it in its territory, or had it before a transfer), or an**other**'s. Levels: none; status (status and dates only);
masked (the minimum, with what identifies a person masked); read; write. Behind a level stands its source; a level without one is
an assumption of least privilege.

${cited}

The running gateway answers the same: \`accessMatrix\` gives these tables as data, and \`explainAccess\` says of one field, and of one
record, why the caller may or may not see it. The tests execute every cell.

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
\`withdrawal\`: as register, for the rules that bear on a withdrawal; \`controlled\`: the caller's service controls what the rule finds, a
regional one in its territory; \`organisation\`: the caller's authority did it; \`consulted\`: it was
done to the caller.

${table(
  ['kind of principal', ...tables],
  kinds.map((kind) => [kind, ...tables.map((name) => rowsFor(kind, name))]),
)}

${narrowed(shown)}`;
};
