/**
 * The matrix, executed over rows that a store might give: the guarded schemas of the five subgraphs, one for each kind of
 * principal, with rows of every relation, those included that no world shows.
 */
import { execute, type GraphQLError } from 'graphql';
import { type Kind, type Relation, type Role, roles } from '../schema/policy.ts';
import { type SubgraphName, subgraphNames } from '../schema/subgraphs.ts';
import { guard } from '../subgraphs/guard.ts';
import type { Viewer } from '../subgraphs/viewer.ts';
import { type Coordinate, objects } from './composed.ts';
import { choices, kinds, type Outcome, outcomeOf, purposes, relations } from './referee.ts';
import {
  type Fields,
  isRoot,
  masks,
  noChoice,
  plantedOf,
  questionAbout,
  type StubPath,
  stubOperations,
  stubPaths,
} from './stub-schemas.ts';

/** One case: who asks, in which role (null: all that there are), for which field, of which row, whether a purpose is stated, and on which path. */
export type Case = {
  kind: Kind;
  role: Role | null;
  subgraph: SubgraphName;
  coordinate: string;
  relation: Relation | null;
  choice: string | null;
  stated: boolean;
  path: StubPath;
};

const viewerOf = (kind: Kind, held: readonly Role[], stated: boolean): Viewer => ({
  ...{ kind, party: 'nobody', authority: null, kbo: null, insz: null, territory: null, id: 'nobody', roles: held },
  wrongPurpose: null,
  purpose: stated ? (purposes[kind][0] ?? null) : null,
  reference: stated ? 'r' : null,
  today: '2026-11-02',
});

const at = (data: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, step) => (inner === null || inner === undefined ? inner : Object(inner)[step]), data);

const codeOf = (error: GraphQLError): string => {
  const original = error.originalError ?? error;
  return String((original as { extensions?: { code?: unknown } }).extensions?.code ?? error.message);
};

/** What came back for a field: a code, a value as it is or masked, or a null that nothing explains. */
const got = (field: Coordinate, value: unknown, code: string | undefined, ran: boolean): string => {
  if (field.type === 'Mutation' && ran === (code !== undefined)) return ran ? `${code}, and done` : 'not done';
  if (code !== undefined) return value === null || value === undefined ? code : `${code} beside a value`;
  if (isRoot(field.type)) return 'FULL'; // what it leads to was not arranged: that it is not refused is the answer
  if (value === null || value === undefined) return 'ABSENT';
  if (!field.mask) return 'FULL';
  if (value === masks[field.mask]?.raw) return 'FULL';
  return value === masks[field.mask]?.masked ? 'MASKED' : `unexpected ${JSON.stringify(value)}`;
};

/** Whether a field is only the way to rows, which are judged themselves. */
const leads = (field: Coordinate): boolean =>
  field.coordinate === 'Worker.availableProcedures' || holdsRows(field.returns, []);
const holdsRows = (type: string, met: readonly string[]): boolean =>
  !met.includes(type) &&
  (objects.get(type) ?? []).some(
    (one) => !one.categories.includes('STRUCTURE') || holdsRows(one.returns, [...met, type]),
  );

/** What a row that says too little of itself still shows: what would be shown whatever it was, without a purpose. */
const whateverItIs = (kind: Kind, role: Role | null, field: Coordinate): Outcome => {
  const everywhere = relations.every((relation) =>
    field.categories.every(
      (category) =>
        outcomeOf(kind, { ...field, categories: [category] }, { relation, choice: null, stated: false, role }) ===
        'FULL',
    ),
  );
  return everywhere ? 'FULL' : 'FORBIDDEN';
};

/** What the referee expects of a case. */
const expected = (
  field: Coordinate,
  { kind, role, relation, choice, stated }: Omit<Case, 'subgraph' | 'coordinate' | 'path'>,
): Outcome | 'ABSENT' => {
  if (relation !== null && choice === noChoice && field.categories.length > 1) {
    const shown = whateverItIs(kind, role, field);
    return shown === 'FULL' && choices[field.type]?.by === field.name ? 'ABSENT' : shown;
  }
  if (relation !== null || isRoot(field.type)) return outcomeOf(kind, field, { relation, choice, stated, role });
  const best = outcomeOf(kind, field, { relation: null, choice: null, stated, role });
  if (best === 'FORBIDDEN' || leads(field)) return best;
  const shown = whateverItIs(kind, role, field);
  return shown === 'FULL' && choice === noChoice && choices[field.type]?.by === field.name ? 'ABSENT' : shown;
};

/** Which cases to run; all, unless told, of somebody with every role. */
export type Selection = { role?: Role; kinds?: readonly Kind[]; fields?: Fields; paths?: readonly StubPath[] };

/** Runs the cases. Answers how many there were, and those in which the referee expected something else. */
export const runStubs = async (
  selection: Selection = {},
  covered?: (one: Case) => void,
): Promise<{ cases: number; wrong: string[] }> => {
  // Most cases are refusals, and a refusal is an error: where each was made is of no interest here, and costs the most.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await run(selection, covered);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};

const run = async (
  { role, kinds: who = kinds, fields, paths = stubPaths }: Selection,
  covered?: (one: Case) => void,
): Promise<{ cases: number; wrong: string[] }> => {
  const held = role === undefined ? roles : [role];
  let cases = 0;
  const wrong: string[] = [];
  for (const subgraph of subgraphNames) {
    const asked = paths.flatMap((path) =>
      stubOperations.flatMap((operation) => {
        const question = questionAbout(subgraph, { path, operation }, fields);
        return question ? [{ path, question }] : [];
      }),
    );
    if (asked.length === 0) continue;
    const { schema, contract } = plantedOf(subgraph);
    for (const kind of who) {
      const guarded = guard(schema, contract, { kind, roles: held });
      for (const { path, question } of asked) {
        const purposeful = purposes[kind].length > 0 ? [false, true] : [false];
        // On the plainest path both with a purpose and without; how a field is written is tried once, with all that may be stated.
        for (const stated of path === 'root' ? purposeful : purposeful.slice(-1)) {
          const ran = new Set<string>();
          const result = await execute({
            schema: guarded,
            document: question.document,
            variableValues: question.variables,
            contextValue: { viewer: viewerOf(kind, held, stated), ran },
          });
          const codes = new Map(result.errors?.map((error) => [error.path?.join('.') ?? '', codeOf(error)]));
          for (const { at: where, cell } of question.asked) {
            cases += 1;
            const { field, relation, choice } = cell;
            const { coordinate } = field;
            const one: Case = { kind, role: role ?? null, subgraph, coordinate, relation, choice, stated, path };
            covered?.(one);
            const want = expected(field, one);
            const have = got(field, at(result.data, where), codes.get(where.join('.')), ran.has(String(where[0])));
            if (have !== want) {
              wrong.push(
                `${kind} ${role ?? ''}${stated ? '+' : ''} ${coordinate} ${relation} ${choice ?? ''} by ${subgraph} ${path}: ${have} and not ${want}`,
              );
            }
          }
        }
      }
    }
  }
  return { cases, wrong };
};
