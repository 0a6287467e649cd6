/** Filters and sorts, executed: each keeps to the rows whose data the viewer may read, or is refused. */
import { coordinates } from './composed.ts';
import type { Graph } from './matrix-graph.ts';
import type { MatrixWorld } from './matrix-world.ts';
import { type Outcome, outcomeOf, purposes, relations } from './referee.ts';
import { type Asker, askers, found } from './referee-rows.ts';

const listed = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value))}]`;
const quoted = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

const statuses = ['GRANTED', 'REFUSED', 'IN_TREATMENT'];
const regions = ['VLA-DEM', 'WAL-SPW'];

/** Each part of a filter: a value of it, and the dossiers that it stands for, in SQL of the test's own. */
const parts: Readonly<Record<string, { value: string; where: string }>> = {
  status: { value: `[${statuses}]`, where: `status in (${quoted(statuses)})` },
  kind: { value: '[SP_LIM, PC_SELF, WA_AUPAIR]', where: `kind in ('SP_LIM', 'PC_SELF', 'WA_AUPAIR')` },
  applicationType: { value: '[FIRST]', where: `application_type = 'FIRST'` },
  category: { value: '["HIGHSKILL"]', where: `category = 'HIGHSKILL'` },
  authority: { value: listed(regions), where: `competent_authority in (${quoted(regions)})` },
  employer: { value: '"0123456749"', where: `employer_kbo = '0123456749'` },
  worker: { value: '"W-0000006"', where: `worker_id = 'W-0000006'` },
  nationality: { value: '["IN", "TR"]', where: `worker_nationality in ('IN', 'TR')` },
  deadlineUntil: { value: '"2027-01-01"', where: `next_deadline_on <= date '2027-01-01'` },
  submittedFrom: {
    value: '"2026-01-01"',
    where: `(submitted_at at time zone 'Europe/Brussels')::date >= date '2026-01-01'`,
  },
  submittedTo: {
    value: '"2025-12-31"',
    where: `(submitted_at at time zone 'Europe/Brussels')::date <= date '2025-12-31'`,
  },
  decidedFrom: {
    value: '"2026-01-01"',
    where: `(decided_at at time zone 'Europe/Brussels')::date >= date '2026-01-01'`,
  },
  decidedTo: { value: '"2025-12-31"', where: `(decided_at at time zone 'Europe/Brussels')::date <= date '2025-12-31'` },
};

/** What can be filtered and sorted by, as the composed schema has it. */
export const questions = coordinates
  .filter(({ place, categories }) => (place === 'filter' && !categories.includes('REFERENCE')) || place === 'sort')
  .map((field) => {
    const part = parts[field.name];
    if (field.place === 'filter' && !part) throw new Error(`no value to filter by: ${field.coordinate}`);
    return {
      field,
      call: field.place === 'sort' ? `sort: ${field.name}` : `filter: { ${field.name}: ${part?.value} }`,
      where: part?.where ?? 'true',
    };
  });

type Count = { totalCount: number } | null;

const matching = async (world: MatrixWorld, asker: Asker, where: string, open: readonly string[]): Promise<number> => {
  const rows = await found(world, asker, 'dossier');
  const keys = rows.filter(({ relation }) => open.includes(relation)).map(({ key }) => key);
  const [counted] = await world.rows<{ count: string }>(
    `select count(*) from dossiers.dossier where number = any($1) and ${where}`,
    [keys],
  );
  return Number(counted?.count);
};

/** Runs them all for each asker. Answers how many there were, and where the referee expected something else. */
export const runFilters = async (
  world: MatrixWorld,
  graph: Graph,
  { wanted = () => true }: { wanted?: (asker: Asker) => boolean } = {},
): Promise<{ cases: number; wrong: string[] }> => {
  let cases = 0;
  const wrong: string[] = [];
  const query = `{ ${questions.map(({ call }, i) => `q${i}: dossiers(first: 0, ${call}) { totalCount }`).join(' ')} }`;
  for (const asker of askers.filter(wanted)) {
    for (const stated of purposes[asker.kind].length > 0 ? [false, true] : [false]) {
      const [purpose] = purposes[asker.kind];
      const answer = await graph.as(
        asker.who,
        stated && purpose ? { purpose, reference: 'r' } : {},
      )<Record<string, Count>>(query);
      for (const [i, { field, where }] of questions.entries()) {
        cases += 1;
        const have =
          answer.data?.[`q${i}`]?.totalCount ?? answer.errors?.find(({ path }) => path?.[0] === `q${i}`)?.code;
        const openTo = (purposeful: boolean) =>
          relations.filter(
            (relation) => outcomeOf(asker.kind, field, { relation, choice: null, stated: purposeful }) === 'FULL',
          );
        const root = outcomeOf(asker.kind, listing, { relation: null, choice: null, stated });
        const refused: Outcome = openTo(true).length > 0 ? 'PURPOSE_REQUIRED' : 'FORBIDDEN';
        const want =
          root !== 'FULL'
            ? root
            : openTo(stated).length === 0
              ? refused
              : await matching(world, asker, where, openTo(stated));
        if (have !== want)
          wrong.push(`${asker.who}${stated ? '+' : ''} by ${field.coordinate}: ${have} and not ${want}`);
      }
    }
  }
  return { cases, wrong };
};

const [listing = { coordinate: 'Query.dossiers', type: 'Query', categories: [], from: 'READ', mask: null }] =
  coordinates.filter(({ coordinate }) => coordinate === 'Query.dossiers');
