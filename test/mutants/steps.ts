/** The mutants of who may take a step: the actors of the life cycle, whom each step names, and what judges them. */
import type { Kind, Role } from '../../schema/policy.ts';
import { kinds } from '../referee.ts';
import { changes, offers } from '../referee-steps.ts';
import type { Killer, Mutant } from './data.ts';
import { textOf } from './modules.ts';

type Actor = { kinds: string[]; relations: string[]; roles?: string[]; applies?: boolean };
type Step = { step: string; several?: string; who: string[] };
type LifeCycle = { actors: Record<string, Actor[]>; steps: Step[] };

const file = 'schema/lifecycle.ts';
const lifeCycle = textOf(file);
const read = "json<{ open: DossierStatus[]; actors: Record<string, Actor[]>; steps: StepData[] }>('steps.json')";
// What is written of it is judged by the schema of the data elsewhere: here it is only changed.
const { actors, steps }: LifeCycle = JSON.parse(textOf('schema/data/steps.json'));

const changed = (find: string, put: string): Record<string, string> => {
  if (lifeCycle.split(find).length !== 2) throw new Error(`${file} has not once: ${find}`);
  return { [file]: lifeCycle.replace(find, () => put) };
};
/** The life cycle with its data changed by a statement over `d`. */
const with_ = (statement: string) => changed(read, `((d) => { ${statement}; return d; })(structuredClone(${read}))`);

const persons: readonly Kind[] = ['WORKER', 'SELF_EMPLOYED'];
const kindsOf = (name: string): readonly Kind[] =>
  name === 'HOST_FAMILY' ? persons : kinds.filter((kind) => kind === name);

/** The mutations of the steps that name an actor. */
const mutationsOf = (actor: string): string[] =>
  steps
    .filter(({ who }) => who.includes(actor))
    .flatMap(({ step, several }) => [step, ...(several === undefined ? [] : [several])])
    .filter((name) => changes.has(name));

/** What finds that a step is offered otherwise, or that it is taken otherwise: near and cheap first. */
const finders = (names: readonly string[], who: readonly Kind[], role?: Role): Killer[] => [
  {
    by: 'stubs',
    kinds: who,
    fields: { named: names.join(), wanted: ({ type, name }) => type === 'Mutation' && names.includes(name) },
  },
  { by: 'steps', kinds: who, names, ...(role === undefined ? {} : { role }) },
];

/** What a dossier is to those of a kind that have one at all; a family is involved in that of its au pair. */
const relationsOf: Readonly<Record<string, readonly string[]>> = {
  REGION: ['OWN', 'INVOLVED', 'OTHER'],
  ...{ POST: ['INVOLVED'], MUNICIPALITY: ['INVOLVED'], HOST_FAMILY: ['INVOLVED'] },
};

const roles: readonly Role[] = ['READER', 'HANDLER', 'DECISION_MAKER', 'SYSTEM'];

/** An actor with one kind, one relation or one role more or less, or without what it asks besides. */
const ofActors = (): Mutant[] =>
  Object.entries(actors)
    .filter(([name]) => name !== 'CLOCK')
    .flatMap(([name, entries]) =>
      entries.flatMap((entry, i): Mutant[] => {
        const names = mutationsOf(name);
        const at = `d.actors.${name}[${i}]`;
        const holders = entry.kinds.flatMap(kindsOf);
        const make = (what: string, statement: string, killers: readonly Killer[]): Mutant => ({
          name: `actors ${name} ${i}: ${what}`,
          changes: with_(statement),
          killers,
        });
        const near = [...new Set(entry.kinds.flatMap((kind) => relationsOf[kind] ?? ['OWN']))];
        const without = (list: readonly string[], one: string) => JSON.stringify(list.filter((each) => each !== one));
        // To a kind that applies for nothing, to be an applicant gives nothing; and an offer that stands already is no other.
        const others = kinds.filter(
          (kind) =>
            !holders.includes(kind) &&
            entry.applies !== true &&
            names.some((each) => !offers[`Mutation.${each}`]?.includes(kind)),
        );
        return [
          ...entry.kinds.map((kind) =>
            make(`without ${kind}`, `${at}.kinds = ${without(entry.kinds, kind)}`, finders(names, kindsOf(kind))),
          ),
          ...others.map((kind) => make(`also ${kind}`, `${at}.kinds.push('${kind}')`, finders(names, [kind]))),
          ...near.map((relation) =>
            entry.relations.includes(relation)
              ? make(
                  `not ${relation}`,
                  `${at}.relations = ${without(entry.relations, relation)}`,
                  finders(names, holders),
                )
              : make(`also ${relation}`, `${at}.relations.push('${relation}')`, finders(names, holders)),
          ),
          ...(entry.roles === undefined
            ? []
            : roles.map((role) =>
                entry.roles?.includes(role)
                  ? make(`no ${role}`, `${at}.roles = ${without(entry.roles, role)}`, finders(names, holders, role))
                  : make(`also ${role}`, `${at}.roles.push('${role}')`, finders(names, holders, role)),
              )),
          ...(entry.applies === true && name === 'APPLICANT' && i === 0
            ? [make('whoever applies for what', `delete ${at}.applies`, finders(names, holders))]
            : []),
        ];
      }),
    );

/** A step without one of those whom it names, or with one more; and one that stands for another. */
const ofSteps = (): Mutant[] =>
  steps
    .filter(({ step }) => changes.has(step))
    .flatMap(({ step, several, who }): Mutant[] => {
      const names = [step, ...(several === undefined ? [] : [several])];
      const at = `d.steps.find((one) => one.step === '${step}')`;
      const holdersOf = (actor: string) => [
        ...new Set((actors[actor] ?? []).flatMap((one) => one.kinds.flatMap(kindsOf))),
      ];
      const more = ['WORKER', 'EMPLOYER', 'REGION_HANDLES', 'MUNICIPALITY'].filter((actor) => {
        const [region] = who.filter((one) => one.startsWith('REGION'));
        return !who.includes(actor) && !(actor === 'EMPLOYER' && who.includes('APPLICANT')) && actor !== region;
      });
      return [
        ...who.map((actor) => ({
          name: `steps ${step}: without ${actor}`,
          changes: with_(`${at}.who = ${JSON.stringify(who.filter((one) => one !== actor))}`),
          killers: finders(names, holdersOf(actor)),
        })),
        ...more.map((actor) => ({
          name: `steps ${step}: also ${actor}`,
          changes: with_(`${at}.who.push('${actor}')`),
          killers: [
            ...finders(names, holdersOf(actor)),
            ...(actor === 'REGION_HANDLES' ? finders(names, ['REGION'], 'HANDLER').slice(1) : []),
          ],
        })),
        ...(several === undefined
          ? []
          : [
              {
                name: `steps ${step}: several by no name`,
                changes: with_(`delete ${at}.several`),
                killers: finders([several], kinds),
              },
            ]),
      ];
    });

const everyStep = [...changes.keys()];

/** The slips of what reads those data. */
const slips: readonly (readonly [name: string, find: string, put: string, killers: readonly Killer[]])[] = [
  ['any kind takes a step', 'kinds.includes(caller.kind) &&', '', finders(everyStep, ['SELF_EMPLOYED'])],
  ['any relation takes a step', 'relations.includes(caller.relation) &&', '', finders(everyStep, ['REGION', 'WORKER'])],
  [
    'any role takes a step',
    'roles.some((role) => caller.roles.includes(role))',
    'roles.length > 0',
    finders(everyStep, ['REGION'], 'READER'),
  ],
  [
    'whoever applies for anything',
    'applies !== true ||',
    'applies === true ||',
    finders(everyStep, ['WORKER', 'EMPLOYER']),
  ],
  ['several are one’s own business', 'own === name || several === name', 'own === name', finders(everyStep, kinds)],
];

/** All of them. */
export const stepMutants = (): Mutant[] => [
  ...ofActors(),
  ...ofSteps(),
  ...slips.map(([name, find, put, killers]) => ({ name: `${file}: ${name}`, changes: changed(find, put), killers })),
];
