/**
 * The mutations, executed against the real graph: each asker asks each of them, of dossiers that are so much and so little to it.
 * Nothing is ever done: what is asked is about a version that no dossier has, or states facts that are none.
 */
import { randomUUID } from 'node:crypto';
import { print } from 'graphql';
import { makeDossierNumber } from '../schema/identifiers.ts';
import { roles as everyRole, type Kind, type Relation } from '../schema/policy.ts';
import { kbo } from './cast.ts';
import { type Coordinate, objects } from './composed.ts';
import { type Asked, selectionOf, write } from './graph-questions.ts';
import { codesOf, factsOf, tiesOf, walkRow } from './graph-walk.ts';
import { type Graph, isTypical } from './matrix-graph.ts';
import type { MatrixWorld } from './matrix-world.ts';
import { kinds, purposes } from './referee.ts';
import { type Asker, askers, found } from './referee-rows.ts';
import { changes, mayTake } from './referee-steps.ts';

const all = objects.get('Mutation') ?? [];

/** The mutations of the composed schema that take a step of a dossier's life. */
export const mutations: readonly Coordinate[] = all.filter(({ returns }) => returns === 'StepPayload');

const text = { motivation: 'Why.', text: 'A word.' };

/** What a step is given beside the dossier and the key, so that it is a question that the contract takes. */
const more: Readonly<Record<string, Record<string, unknown>>> = {
  updateDraft: { facts: { category: 'NO SUCH' } },
  addDocument: { code: 'WRK_FORM', fileName: 'form.pdf', upload: 'of nobody' },
  requestInformation: { items: ['WRK_FORM'] },
  declareInadmissible: { grounds: ['FEE_UNPAID'] },
  transferDossier: { reason: 'It moves.', facts: { workplaces: [{ postalCode: '1000' }] } },
  takeWorkDecision: { outcome: 'GRANT' },
  takeResidenceDecision: { outcome: 'GRANT' },
  closeWithoutObject: { reason: 'WORKER_EXEMPT' },
  lodgeAppeal: { language: 'NL', motivation: text.motivation },
  decideAppeal: { outcome: 'REJECT' },
  withdrawPermit: { grounds: ['W4'], effectiveOn: '2026-12-01' },
  notifyTermination: { endedOn: '2026-11-01' },
  registerArrival: { enteredOn: '2026-11-01' },
  sendMessage: { text: text.text },
  giveAdvice: { text: text.text },
};

const several: Readonly<Record<string, string>> = {
  submitDossiers: 'submitDossier',
  declareDossiersAdmissible: 'declareAdmissible',
  takeWorkDecisions: 'takeWorkDecision',
  takeResidenceDecisions: 'takeResidenceDecision',
};

/** The input of a mutation about a dossier, of a version that it never had unless told; of those that take several, one of them. */
export const inputOf = (name: string, number: string, of: Record<string, unknown> = {}): unknown => {
  const one = { number, expectedVersion: 0, ...more[several[name] ?? name], idempotencyKey: randomUUID(), ...of };
  return name in several ? [one] : one;
};

/** How an application of a kind of permit is begun: with facts that are none, so that nothing begins. A mandatary says for whom. */
export const draftOf = (kind: string, by: Kind): Record<string, unknown> => ({
  kind,
  language: 'NL',
  facts: { category: 'NO SUCH', ...(by === 'MANDATARY' ? { employer: kbo.brewery } : {}) },
  idempotencyKey: randomUUID(),
});

/** A document that asks several mutations at once, each with an input of its own. */
export const documentOf = (
  asked: readonly { name: string; input: unknown }[],
  selection = 'dossier { number } problems { code }',
): { text: string; variables: Record<string, unknown> } => {
  const fields = asked.map(({ name }) => {
    const [argument] = all.find((one) => one.name === name)?.args ?? [];
    if (!argument) throw new Error(`no such mutation: ${name}`);
    return { name, argument: argument.name, type: print(argument.type) };
  });
  const head = fields.map(({ type }, i) => `$v${i}: ${type}`).join(', ');
  const body = fields.map(({ name, argument }, i) => `m${i}: ${name}(${argument}: $v${i}) { ${selection} }`).join(' ');
  return {
    text: `mutation(${head}) { ${body} }`,
    variables: Object.fromEntries(asked.map(({ input }, i) => [`v${i}`, input])),
  };
};

type Payload = { dossier: { number: string } | null; problems: { code: string }[] };

/** What came of one: a code of an error, of the problem, or that it was done. */
const outcomeOf = (payload: Payload | Payload[] | null | undefined, code: string | undefined): string => {
  const [one] = [payload].flat();
  if (!one) return `error ${code}`;
  if (code !== undefined) return `error ${code} beside a payload`;
  const [problem] = one.problems;
  return problem ? `${problem.code}${one.dossier ? '' : ', and no dossier'}` : 'done';
};

const taken = 'not refused as such';

/** Whether an outcome says no more than that the step, which the asker may take, does not go through as it was asked. */
const isTaken = (outcome: string): boolean => /^(BAD_STATE|BAD_USER_INPUT|STALE_VERSION)\b/.test(outcome);

/** The permit kinds of DOMAIN 3.1 that a draft is tried for: one of each sort of applicant. */
const permits = ['SP_LIM', 'SP_UNL', 'PC_SELF', 'WA_AUPAIR'];

type Dossier = { number: string; permit: string; relation: Relation | undefined };

/** Of what an asker has a file on, one dossier of each sort; and one that is another's, and one that is nobody's. */
const dossiersFor = async (world: MatrixWorld, asker: Asker): Promise<Dossier[]> => {
  const rows = await found(world, asker, 'dossier');
  const all = await world.rows<{ number: string; permit: string }>(
    'select number, kind as permit from dossiers.dossier order by number',
  );
  const each = all.map((one) => ({ ...one, relation: rows.find(({ key }) => key === one.number)?.relation }));
  const sorts = new Map(
    each.map((one) => [`${one.relation} ${one.relation && permits.includes(one.permit) ? one.permit : ''}`, one]),
  );
  return [...sorts.values(), { number: makeDossierNumber('SP', 2025, 9999999), permit: '', relation: undefined }];
};

const chunk = 15;

/** Who asks, in which role of an authority, and which steps: all of them unless told. */
type Selection = { wanted?: (asker: Asker) => boolean; role?: string; names?: readonly string[] };

/** Asks them all. Answers how many there were, and where the referee expected something else. */
export const runSteps = async (
  world: MatrixWorld,
  graph: Graph,
  { wanted = isTypical, role, names }: Selection = {},
  covered: (kind: Kind, coordinate: string, outcome: string) => void = () => undefined,
): Promise<{ cases: number; wrong: string[] }> => {
  let cases = 0;
  const wrong: string[] = [];
  for (const asker of askers.filter(wanted)) {
    const { kind, who } = asker;
    const held: readonly string[] = role === undefined ? everyRole : [role];
    const ask = graph.as(who, { roles: held });
    // An officer for data protection has no dossiers: none of what the organisation has is there for that role.
    const sees = role !== 'DATA_PROTECTION_OFFICER';
    const expected = (name: string, { permit, relation }: Dossier): string => {
      if (changes.get(name)?.by.some((actor) => actor.kinds.includes(kind)) !== true) return 'error FORBIDDEN';
      if (!sees || (relation === undefined && name !== 'createDraft')) return 'NOT_FOUND, and no dossier';
      const may = mayTake(name, { kind, roles: held, relation: relation ?? 'OWN', permit });
      return may ? taken : name === 'createDraft' ? 'FORBIDDEN, and no dossier' : 'FORBIDDEN';
    };
    const asked = [
      ...(await dossiersFor(world, asker)).flatMap((dossier) =>
        mutations
          .filter(({ name }) => name !== 'createDraft' && names?.includes(name) !== false)
          .map(({ name }) => ({ name, dossier, input: inputOf(name, dossier.number) })),
      ),
      ...permits
        .filter(() => names?.includes('createDraft') !== false)
        .map((permit) => ({
          name: 'createDraft',
          // A family is involved in the dossier of its au pair, and whoever else applies has its own.
          dossier: { number: permit, permit, relation: permit === 'WA_AUPAIR' ? ('INVOLVED' as const) : undefined },
          input: draftOf(permit, kind),
        })),
    ];
    for (let from = 0; from < asked.length; from += chunk) {
      const some = asked.slice(from, from + chunk);
      const { text: query, variables } = documentOf(some);
      const answer = await ask<Record<string, Payload | Payload[] | null>>(query, variables);
      const codes = codesOf(answer);
      for (const [i, { name, dossier }] of some.entries()) {
        cases += 1;
        const key = `m${i}`;
        // A field of a dossier that this role may not see is refused beside the payload: the payload is what counts here.
        const have = outcomeOf(answer.data?.[key], codes.get(key));
        const want = expected(name, dossier);
        covered(kind, `Mutation.${name}`, have);
        if (want === taken ? !isTaken(have) : have !== want) {
          wrong.push(`${who} ${role ?? ''} ${name} ${dossier.number} ${dossier.relation}: ${have} and not ${want}`);
        }
      }
    }
  }
  return { cases, wrong };
};

/** The way to a dossier through the payload of a mutation, which shows no more of it than a question does. */
export const runPayloads = async (
  world: MatrixWorld,
  graph: Graph,
  { wanted = isTypical }: Selection = {},
  covered: (kind: Kind, coordinate: string, outcome: string) => void = () => undefined,
): Promise<{ cases: number; wrong: string[] }> => {
  const facts = await factsOf(world);
  const payload = objects.get('StepPayload')?.find(({ name }) => name === 'dossier');
  if (!payload) throw new Error('a payload has no dossier');
  const below: Asked[] = [{ field: payload, key: 'dossier', below: selectionOf('Dossier', 0, undefined, true) }];
  let cases = 0;
  const wrong: string[] = [];
  for (const asker of askers.filter(wanted)) {
    const ties = await tiesOf(world, asker);
    const offered = mutations.filter(
      ({ name }) =>
        name !== 'createDraft' &&
        !(name in several) &&
        changes.get(name)?.by.some((actor) => actor.kinds.includes(asker.kind)) === true,
    );
    const [field] = offered;
    if (!field) continue;
    for (const stated of purposes[asker.kind].length > 0 ? [false, true] : [false]) {
      const [purpose] = purposes[asker.kind];
      const ask = graph.as(asker.who, stated && purpose ? { purpose, reference: 'r' } : {});
      for (const { number } of await dossiersFor(world, asker)) {
        cases += 1;
        const { text: query, variables } = documentOf(
          [{ name: field.name, input: inputOf(field.name, number) }],
          write(below, 'plain', 'StepPayload'),
        );
        const answer = await ask<Record<string, unknown>>(query, variables);
        if (!answer.data) {
          wrong.push(`${asker.who} ${field.name}: ${JSON.stringify(answer.errors).slice(0, 200)}`);
          continue;
        }
        const codes = new Map([...codesOf(answer)].map(([at, code]) => [`Mutation.${at}`, code]));
        walkRow(
          {
            asker,
            stated,
            ties,
            facts,
            codes,
            wrong,
            seen: (coordinate, outcome) => covered(asker.kind, coordinate, outcome),
          },
          [{ field, key: 'm0', below }],
          answer.data,
          { type: 'Mutation', relation: null, choice: null, graph: undefined, absent: false },
          'Mutation',
        );
      }
    }
  }
  return { cases, wrong };
};

/** The kinds that are offered some mutation, by the referee's reading. */
export const changers: readonly Kind[] = kinds.filter((kind) =>
  [...changes.values()].some(({ by }) => by.some((actor) => actor.kinds.includes(kind))),
);
