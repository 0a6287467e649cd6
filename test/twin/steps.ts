/** Steps as questions: each mutation of a dossier that is seen, hidden or nobody's, taken as far as its answer and undone. */
import type { Kind } from '../../schema/policy.ts';
import { documentOf, draftOf, inputOf, mutations } from '../matrix-steps.ts';
import { changes } from '../referee-steps.ts';
import type { Question } from './graph.ts';
import type { Draw, Pools } from './questions.ts';

const whole = 'dossier { number status version } problems { code message guard status version }';

const question = (name: string, input: unknown): Question => {
  const { text: query, variables } = documentOf([{ name, input }], whole);
  return { of: 'graph', query, variables };
};

const endOf = (mandate: unknown): Question => {
  const input = { mandate, idempotencyKey: 'end of a mandate' };
  const { text: query, variables } = documentOf(
    [{ name: 'endMandate', input }],
    'mandate { id status } problems { code message }',
  );
  return { of: 'graph', query, variables };
};

/** The number of a worker, of whom an application is begun. */
const worker = (insz: unknown) => ({
  insz,
  lastName: 'Somebody',
  firstNames: 'A.',
  birthDate: '1990',
  nationalities: ['IN'],
});

/** The steps that one kind asks: of those that it is offered, several; of the others one each, which is refused outright. */
export const stepsFor = (draw: Draw, { kind, pools }: { kind: Kind; pools: Pools }): Question[] => {
  // Eight that are seen come first, then eight that are hidden, and one that is nobody's; who sees none has no eight.
  const numbers = (pools.DossierNumber ?? []).map(String);
  const nobodys = numbers.at(-1) ?? '';
  const hidden = numbers.slice(-9, -1);
  const steps = mutations.flatMap(({ name }) => {
    const isOffered = changes.get(name)?.by.some(({ kinds }) => kinds.includes(kind)) === true;
    if (name === 'createDraft') {
      const known = Array.from({ length: isOffered ? 4 : 1 }, () => draw.pick(pools.Insz ?? []));
      return known.map((insz) => {
        const draft = draftOf('SP_LIM', kind);
        return question(name, {
          ...draft,
          facts: { ...Object(draft.facts), category: 'HIGHSKILL', worker: worker(insz) },
        });
      });
    }
    const about = isOffered ? [draw.pick(numbers), draw.pick(hidden), draw.pick(hidden), nobodys] : [draw.pick(hidden)];
    return about.map((number) => question(name, inputOf(name, number)));
  });
  const mandates = ['EMPLOYER', 'MANDATARY'].includes(kind) ? (pools.mandate ?? []).slice(-9) : ['NOBODY'];
  return [...steps, ...mandates.map((mandate) => endOf(mandate))];
};

/** Whether an answer refuses a step as nobody's or as not the caller's; of an application that begins, any answer counts. */
export const isRefused = ({ query }: Question, answer: string): boolean =>
  query.includes('createDraft') || /"code":"(FORBIDDEN|NOT_FOUND)"/.test(answer);
