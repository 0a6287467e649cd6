/** The mutants of the policy's data: each table, list and cell of schema/policy.ts changed in one place. */
import type { Kind, Role } from '../../schema/policy.ts';
import { coordinates } from '../composed.ts';
import {
  categories,
  choices,
  everyPurpose,
  kinds,
  letter,
  operations,
  outcomeOf,
  purposeOpens,
  purposes,
  reading,
  relations,
  roles,
} from '../referee.ts';
import type { Fields } from '../stub-schemas.ts';
import type { Changes } from './modules.ts';
import { textOf } from './modules.ts';

/** What can find a mutant: cheap and near first. */
export type Killer =
  | { by: 'stubs'; kinds?: readonly Kind[]; role?: Role; fields?: Fields }
  | { by: 'table'; kinds?: readonly Kind[] }
  | { by: 'rows'; kinds?: readonly Kind[]; group?: string }
  | { by: 'purposes'; kinds: readonly Kind[] }
  | { by: 'steps'; kinds?: readonly Kind[]; role?: Role; names?: readonly string[] }
  | { by: 'lines' | 'graph' | 'filters' | 'probes' };

/** One change, and what should notice it. */
export type Mutant = { name: string; changes: Changes; killers: readonly Killer[] };

const file = 'schema/policy.ts';
const policy = textOf(file);

const changed = (text: string): Changes => {
  if (text === policy) throw new Error('a mutant that changes nothing');
  return { [file]: text };
};
const with_ = (line: string): Changes => changed(`${policy}\n${line}\n`);

/** A table of the policy, cell by cell. */
const cellsOf = (name: string) => {
  const [, body = ''] = new RegExp(`const ${name} = \`\\n([^\`]*)\``).exec(policy) ?? [];
  if (!body) throw new Error(`no table ${name} in ${file}`);
  const [head = '', ...lines] = body.trim().split('\n');
  const columns = head.split('|').map((one) => one.trim());
  return lines.flatMap((line) => {
    const cells = line.split('|');
    return cells.slice(1).map((cell, i) => ({
      row: cells[0]?.trim() ?? '',
      column: columns[i + 1] ?? '',
      value: cell.trim(),
      /** The policy with another value in this cell. */
      put: (value: string) =>
        changed(policy.replace(line, cells.map((one, j) => (j === i + 1 ? ` ${value} ` : one)).join('|'))),
    }));
  });
};

const alike: Partial<Record<string, readonly Kind[]>> = {
  EMPLOYER: ['EMPLOYER', 'MANDATARY'],
  WORKER: ['WORKER', 'SELF_EMPLOYED'],
};
const holdersOf = (column: string): readonly Kind[] => {
  const [kind = ''] = column.split(':');
  return alike[kind] ?? kinds.filter((one) => one === kind);
};

const about = (category: string): Fields => ({
  named: category,
  wanted: (field) => field.categories.includes(category),
});

// The nearest letters first: what finds a small change finds a large one.
const nearest: Record<string, readonly string[]> = {
  '-': ['S', 'L'],
  S: ['-', 'M', 'S/L'],
  M: ['S', 'R', 'L'],
  R: ['M', 'W', 'L'],
  W: ['R', '-'],
  L: ['-', 'S/L', 'R', 'W'],
  'S/L': ['S', 'L', 'R'],
};

const meaning = (kind: Kind, one: string, category: string): string => JSON.stringify(reading(one, kind, category));

const matrix = (): Mutant[] =>
  cellsOf('matrixTable').flatMap(({ row, column, value, put }) => {
    const [now = '-'] = value.split(' ');
    const holders = holdersOf(column);
    return (nearest[now] ?? [])
      .filter((other) => holders.some((kind) => meaning(kind, other, row) !== meaning(kind, now, row)))
      .map((other) => ({
        name: `matrix ${row} of ${column}: ${now} to ${other}`,
        changes: put(other),
        killers: [
          { by: 'stubs', kinds: holders, fields: about(row) },
          { by: 'table', kinds: holders },
        ] satisfies Killer[],
      }));
  });

const roleCaps = (): Mutant[] =>
  cellsOf('rolesTable').flatMap(({ row, column, value, put }) =>
    ['-', 'R', 'W']
      .filter((other) => other !== value)
      .map((other) => ({
        name: `roles ${row} of ${column}: ${value} to ${other}`,
        changes: put(other),
        killers: [
          { by: 'stubs', kinds: ['RESIDENCE'], role: column as Role, ...(row === '*' ? {} : { fields: about(row) }) },
          { by: 'table', kinds: ['RESIDENCE'] },
        ] satisfies Killer[],
      })),
  );

const opened = (): Mutant[] =>
  everyPurpose.flatMap((purpose) => {
    const own = categories.filter((category) => purposeOpens(purpose, category));
    return categories.map((category) => {
      const next = own.includes(category) ? own.filter((one) => one !== category) : [...own, category];
      return {
        name: `${purpose} opens ${category} the other way`,
        changes: with_(`Object.assign(narrowPurposes, { ${purpose}: ${JSON.stringify(next)} });`),
        killers: [{ by: 'table', kinds: [] }] satisfies Killer[],
      };
    });
  });

const rowScopes = (): Mutant[] =>
  cellsOf('rowsTable').flatMap(({ row, column, value, put }) =>
    ['everything', 'nothing']
      .filter((other) => other !== value)
      .map((other) => ({
        name: `rows ${column} of ${row}: ${value} to ${other}`,
        changes: put(other),
        killers: [
          { by: 'rows', kinds: holdersOf(row).filter((kind) => kind === row), group: column },
        ] satisfies Killer[],
      })),
  );

const fieldAt = (coordinate: string) => {
  const field = coordinates.find((one) => one.coordinate === coordinate);
  if (!field) throw new Error(`the contracts have no ${coordinate}`);
  return field;
};

/** Whether the matrix gives a kind anything of a field at all; where it gives nothing, to offer it changes nothing. */
const opens = (coordinate: string, kind: Kind): boolean =>
  outcomeOf(kind, { ...fieldAt(coordinate), coordinate: '' }, { relation: null, choice: null, stated: true }) !==
  'FORBIDDEN';

const offers = (): Mutant[] =>
  Object.entries(operations).flatMap(([coordinate, offered]) => {
    const set = (name: string, value: string, who: readonly Kind[]): Mutant => ({
      name: `operations ${coordinate}: ${name}`,
      changes: with_(`Object.assign(operations, { '${coordinate}': ${value} });`),
      killers: [
        { by: 'stubs', kinds: who, fields: { named: coordinate, wanted: (one) => one.coordinate === coordinate } },
      ],
    });
    const given = (kind: Kind) =>
      JSON.stringify(offered.includes(kind) ? offered.filter((one) => one !== kind) : [...offered, kind]);
    return [
      ...kinds
        .filter((kind) => opens(coordinate, kind))
        .map((kind) => set(`${offered.includes(kind) ? 'without' : 'also for'} ${kind}`, given(kind), [kind])),
      ...(kinds.some((kind) => !offered.includes(kind) && opens(coordinate, kind))
        ? [set('for everybody', 'undefined', kinds)]
        : []),
    ];
  });

const logged = (): Mutant[] => {
  const [text = '', inner = ''] = /const alwaysLogged[^[]*\[([^\]]*)\]/.exec(policy) ?? [];
  const listed = inner.split(',').map((one) => one.trim().replaceAll("'", ''));
  return categories.flatMap((category): Mutant[] => {
    const next = listed.includes(category) ? listed.filter((one) => one !== category) : [...listed, category];
    // Where nobody reads a category at once, to ask a purpose of all changes nothing.
    const bites = kinds.some((kind) =>
      relations.some((relation) => reading(letter(kind, relation, category), kind, category).logged > 0),
    );
    if (!bites) return [];
    return [
      {
        name: `alwaysLogged ${listed.includes(category) ? 'without' : 'with'} ${category}`,
        changes: changed(policy.replace(text, text.replace(inner, next.map((one) => `'${one}'`).join(', ')))),
        killers: [{ by: 'stubs', fields: about(category) }, { by: 'table' }],
      },
    ];
  });
};

const capacities: Readonly<Record<string, string>> = {
  ...{ COMPETENT: 'OWN', PARTY: 'OWN', MANDATE: 'OWN', FORWARDED: 'OWN', COPIED: 'OWN' },
  ...{ NAMED: 'INVOLVED', TERRITORY: 'INVOLVED', FORMER: 'INVOLVED', SAME_WORKER: 'OTHER' },
};

const ties = (): Mutant[] =>
  Object.entries(capacities).flatMap(([capacity, relation]) =>
    relations
      .filter((one) => one !== relation)
      .map((one) => ({
        name: `relationOf ${capacity}: ${relation} to ${one}`,
        changes: with_(`Object.assign(relationOf, { ${capacity}: '${one}' });`),
        killers: [{ by: 'rows' }] satisfies Killer[],
      })),
  );

/** Whether it makes a difference to anybody that a row of a type is of other categories than it was. */
const tells = (type: string, own: readonly string[], next: readonly string[]): boolean =>
  coordinates
    .filter((field) => field.type === type && field.categories.length > 1)
    .some((field) => {
      const of = (some: readonly string[]) => ({
        ...field,
        categories: field.categories.filter((one) => some.includes(one)),
      });
      return kinds.some((kind) =>
        relations.some((relation) =>
          [null, ...roles].some((role) =>
            [false, true].some((stated) => {
              const row = { relation, choice: null, stated, role };
              return outcomeOf(kind, of(own), row) !== outcomeOf(kind, of(next), row);
            }),
          ),
        ),
      );
    });

const rowKinds = (): Mutant[] =>
  Object.entries(choices).flatMap(([type, { of }]) => {
    const all = [...new Set(Object.values(of).flat())];
    const fields: Fields = { named: `${type} with a choice`, wanted: (field) => field.type === type };
    return Object.entries(of).flatMap(([choice, own]) =>
      all.flatMap((category): Mutant[] => {
        const next = own.includes(category) ? own.filter((one) => one !== category) : [...own, category];
        // Where whoever may read the other category may read the row's own, a row of both tells nobody more.
        if (!tells(type, own, next)) return [];
        return [
          {
            name: `rowCategories ${type} ${choice}: ${own.includes(category) ? 'without' : 'with'} ${category}`,
            changes: with_(`Object.assign(rowCategories.${type}.of, { ${choice}: ${JSON.stringify(next)} });`),
            killers: [{ by: 'stubs', fields }],
          },
        ];
      }),
    );
  });

const claims = (): Mutant[] =>
  kinds.flatMap((kind) =>
    everyPurpose.map((purpose) => {
      const own = purposes[kind];
      const next = own.includes(purpose) ? own.filter((one) => one !== purpose) : [...own, purpose];
      return {
        name: `purposes ${kind} ${own.includes(purpose) ? 'without' : 'with'} ${purpose}`,
        changes: with_(`purposes.${kind} = ${JSON.stringify(next)};`),
        killers: [{ by: 'purposes', kinds: [kind] }] satisfies Killer[],
      };
    }),
  );

const ruleNames = Array.from({ length: 23 }, (_, i) => `I${String(i + 1).padStart(2, '0')}`);

const withdrawals = (): Mutant[] =>
  ruleNames.map((rule) => ({
    name: `withdrawalRules, ${rule} the other way`,
    changes: with_(
      `{ const at = withdrawalRules.indexOf('${rule}'); if (at < 0) withdrawalRules.push('${rule}'); else withdrawalRules.splice(at, 1); }`,
    ),
    killers: [{ by: 'rows', kinds: ['RESIDENCE'], group: 'hit' }],
  }));

const stands = (): Mutant[] => {
  const [text = ''] = /const standsFor[^;]*;/.exec(policy) ?? [];
  const to = (body: string): string => `const standsFor: Partial<Record<Kind, Kind>> = ${body};`;
  const made = (name: string, body: string, kind: Kind): Mutant => ({
    name: `standsFor ${name}`,
    changes: changed(policy.replace(text, to(body))),
    killers: [{ by: 'stubs', kinds: [kind] }],
  });
  return [
    made('without MANDATARY', `{ SELF_EMPLOYED: 'WORKER' }`, 'MANDATARY'),
    made('without SELF_EMPLOYED', `{ MANDATARY: 'EMPLOYER' }`, 'SELF_EMPLOYED'),
    made('MANDATARY as WORKER', `{ MANDATARY: 'WORKER', SELF_EMPLOYED: 'WORKER' }`, 'MANDATARY'),
    made('SELF_EMPLOYED as EMPLOYER', `{ MANDATARY: 'EMPLOYER', SELF_EMPLOYED: 'EMPLOYER' }`, 'SELF_EMPLOYED'),
    made(
      'HELPDESK as ENTERPRISE_COUNTER',
      `{ MANDATARY: 'EMPLOYER', SELF_EMPLOYED: 'WORKER', HELPDESK: 'ENTERPRISE_COUNTER' }`,
      'HELPDESK',
    ),
  ];
};

const sides = (): Mutant[] => {
  const [text = '', inner = ''] = /const parties[^[]*\[([^\]]*)\]/.exec(policy) ?? [];
  const listed = inner.split(',').map((one) => one.trim().replaceAll("'", ''));
  // Whom a purpose would open something to, or of whom one is asked.
  const asked: readonly Kind[] = kinds.filter((kind) =>
    categories.some((category) =>
      relations.some(
        (relation) =>
          ['INSZ', 'PERMITS', 'DIMONA_DMFA', 'LIMOSA_A1', 'INSPECTION'].includes(category) &&
          letter(kind, relation, category) !== '-' &&
          letter(kind, relation, category) !== 'L',
      ),
    ),
  );
  return asked.map((kind) => {
    const next = listed.includes(kind) ? listed.filter((one) => one !== kind) : [...listed, kind];
    return {
      name: `parties ${listed.includes(kind) ? 'without' : 'with'} ${kind}`,
      changes: changed(policy.replace(text, text.replace(inner, next.map((one) => `'${one}'`).join(', ')))),
      killers: [
        { by: 'stubs', kinds: [kind] },
        { by: 'table', kinds: [kind] },
      ] satisfies Killer[],
    };
  });
};

const open = (): Mutant[] =>
  ['REFERENCE', 'STRUCTURE'].map((category) => ({
    name: `open without ${category}`,
    changes: changed(
      policy.replace(`['REFERENCE', 'STRUCTURE']`, category === 'REFERENCE' ? `['STRUCTURE']` : `['REFERENCE']`),
    ),
    killers: [{ by: 'stubs', kinds: ['REGION'] }],
  }));

/** All of them. */
export const dataMutants = (): Mutant[] => [
  ...[
    matrix,
    roleCaps,
    opened,
    rowScopes,
    offers,
    logged,
    ties,
    rowKinds,
    claims,
    withdrawals,
    stands,
    sides,
    open,
  ].flatMap((make) => make()),
];
