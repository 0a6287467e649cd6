import type { KboTable } from './kbo-layout.ts';

// Every name in these statements stands in `kbo-layout.ts`; what comes from a file goes through COPY or a parameter.

/** A statement with the values of its parameters. */
export type Statement = { readonly text: string; readonly values: readonly unknown[] };

/** The temporary tables of a file: what it brings, and the entities whose rows an update takes away first. */
export type Staging = 'incoming' | 'leaving';

type Extract = { readonly number: number; readonly type: 'full' | 'update'; readonly snapshot: string };

const entities = { enterprise: 'kbo', establishment: 'number', branch: 'id' } as const;

/** The table that a file of the register fills. */
export const tableOf = (name: string): string => `employers.${name === 'code' ? 'kbo_code' : name}`;

const columnsOf = ({ columns, derived }: KboTable): string[] => [
  ...columns.map(({ column }) => column),
  ...(derived ? [derived.column] : []),
];

const list = (columns: readonly string[], alias = ''): string =>
  columns.map((column) => `${alias}${column}`).join(', ');

const every = (columns: readonly string[], left: string, right: string): string =>
  columns.map((column) => `${left}.${column} = ${right}.${column}`).join(' and ');

// Entities that an extract named, or that came another way (extract_number null), or that ended.
const those = (condition: string, union: string): string =>
  Object.entries(entities)
    .map(([name, key]) => `select ${key} as entity from ${tableOf(name)} where ${condition}`)
    .join(` ${union} `);

/** Makes the temporary table of a file, without the constraints of the real one, as it holds bad rows too. */
export const staging = (table: KboTable, into: Staging): string => {
  const names = into === 'incoming' ? columnsOf(table) : [table.columns[0].column];
  return `create temp table ${into} on commit drop as
    select ${list(names)}, 0 as line, false as bad from ${tableOf(table.name)} with no data`;
};

/** Counts the rows that refer to an entity nobody knows. */
export const orphans = ({ owner }: KboTable): string => {
  const known = owner === 'kbo' ? `select kbo as entity from ${tableOf('enterprise')}` : those('true', 'union all');
  return `select count(*)::int as orphans from incoming i
    where not i.bad and not exists (select from (${known}) k where k.entity = i.${owner})`;
};

/** Ends the imported entities that a full extract no longer names, or that an update takes away and does not bring back. */
export const end = ({ name, key }: KboTable, { type, snapshot }: Extract): Statement => ({
  text: `update ${tableOf(name)} t set end_date = $1
    where t.extract_number is not null and t.end_date is null
    ${type === 'update' ? `and exists (select from leaving l where ${every(key, 'l', 't')} and not l.bad)` : ''}
    and not exists (select from incoming i where ${every(key, 'i', 't')})`,
  values: [snapshot],
});

/**
 * Takes away the details that their entity no longer has; the last statement is the one that deletes. Left alone are
 * entities that an import did not bring, that have a bad row in this file, or that ended: they keep what was last known.
 */
export const replace = ({ name, key, kept }: KboTable, { number, type }: Extract): readonly Statement[] => {
  const table = tableOf(name);
  const compared = key.filter((column) => column !== kept);
  const full = `${those('extract_number = $1', 'union')} union select entity from incoming`;
  const update = `select entity from leaving where not bad except (${those('end_date is not null', 'union all')})`;
  return [
    { text: 'create temp table named (entity text) on commit drop', values: [] },
    {
      text: `insert into named
        select entity from (
          (${type === 'full' ? full : update})
          except select entity from incoming where bad
          except (${those('extract_number is null', 'union all')})
        ) e where exists (select from ${table})`,
      values: type === 'full' ? [number] : [],
    },
    {
      text: `delete from ${table} t using named n
        where n.entity = t.entity ${kept ? `and t.${kept} is null` : ''}
        and not exists (
          select from incoming i where ${every(compared, 'i', 't')} ${kept ? `and i.${kept} is null` : ''}
        )`,
      values: [],
    },
  ];
};

/** Writes the rows that are new or different; of rows with one key the last in the file counts. */
export const upsert = (table: KboTable, { number }: Extract): Statement => {
  const { name, kind, key } = table;
  const names = columnsOf(table);
  const rest = names.filter((column) => !key.includes(column));
  const target = tableOf(name);
  if (kind !== 'entity' && rest.length === 0) {
    const text = `insert into ${target} (${list(names)}) select ${list(names)} from incoming where not bad on conflict do nothing`;
    return { text, values: [] };
  }
  const marks = kind === 'entity' ? ['end_date', 'extract_number'] : [];
  const values = kind === 'entity' ? 'null::date, $1::int' : '';
  const all = [...rest, ...marks];
  const text = `insert into ${target} as t (${list([...names, ...marks])})
    select distinct on (${list(key)}) ${list(names)}${values && `, ${values}`}
    from incoming where not bad order by ${list(key)}, line desc
    on conflict (${list(key)}) do update set ${all.map((column) => `${column} = excluded.${column}`).join(', ')}
    where (${list(all, 't.')}) is distinct from (${list(all, 'excluded.')})`;
  return { text, values: kind === 'entity' ? [number] : [] };
};
