/**
 * The referee of the steps: who may take which, from where. DOMAIN 3.3 written out a second time, by hand and from the text, with
 * 3.1 for who applies and 11 for what 3.3 does not number. It shares nothing with schema/data/steps.json and what reads it.
 */
import type { Kind, Relation, Role } from '../schema/policy.ts';

// 3.3, column "actor", and what stands in the places of its words below. An open dossier is one without a final decision (T14).
const domain = `
step                  | by DOMAIN       | actor                          | from
createDraft           | T01             | applicant                      | nothing
duplicateDossier      | T01, 3.6        | applicant                      | DRAFT, open, final, UNDER_APPEAL
updateDraft           | c09 W (draft)   | applicant                      | DRAFT
addDocument           | T02, T05, no.10 | applicant                      | DRAFT, open
submitDossier         | T02             | applicant                      | DRAFT
submitDossiers        | T02, no. 60     | applicant                      | DRAFT
transferDossier       | T03, 3.6        | region own                     | SUBMITTED, ADMISSIBLE, IN_TREATMENT
requestInformation    | T04             | region own                     | SUBMITTED
completeDossier       | T05             | applicant                      | INFO_REQUESTED
declareInadmissible   | T06, T07        | region decides                 | INFO_REQUESTED, SUBMITTED
declareAdmissible     | T08             | region own                     | SUBMITTED
declareDossiersAdmissible | T08, no. 60 | region own                     | SUBMITTED
takeWorkDecision      | T10, T11        | region decides                 | IN_TREATMENT
takeWorkDecisions     | T10, no. 60     | region decides                 | IN_TREATMENT
takeResidenceDecision | T12, T13        | DVZ decides                    | IN_TREATMENT
takeResidenceDecisions| T12, no. 60     | DVZ decides                    | IN_TREATMENT
withdrawApplication   | T14             | applicant                      | DRAFT, open
closeWithoutObject    | T15             | region decides, DVZ decides    | open
lodgeAppeal           | T16             | applicant, staying worker      | REFUSED, GRANTED
decideAppeal          | T17             | region decides, DVZ decides    | UNDER_APPEAL
withdrawPermit        | T18             | region decides, DVZ decides    | GRANTED
notifyTermination     | T19             | employer                       | GRANTED
issueVisa             | T21             | post                           | GRANTED
registerArrival       | T21             | municipality                   | GRANTED
registerResidence     | T21             | municipality                   | GRANTED
issueCard             | T21             | municipality                   | GRANTED
issueAnnex49          | T21, 3.4        | municipality                   | ADMISSIBLE, IN_TREATMENT
sendMessage           | no. 11          | applicant, worker, region own  | open, final, UNDER_APPEAL
giveAdvice            | no. 54          | counter                        | DRAFT, open
consentWelcome        | no. 77          | worker                         | ADMISSIBLE, IN_TREATMENT, GRANTED
`;

/** Who stands behind a word of that table: of which kind, to which row, in which roles. */
type Actor = { kinds: readonly Kind[]; relations: readonly Relation[]; roles?: readonly Role[]; applies?: true };

const own = ['OWN'] as const;
// A reader changes nothing and an officer for data protection has no dossiers (2.3, roles [asm]); T10 asks for a decision-maker
// where a decision is written, and a region's own system is a client of its own (no. 60).
const works = ['HANDLER', 'DECISION_MAKER', 'SYSTEM'] as const;
const decides = ['DECISION_MAKER', 'SYSTEM'] as const;

const actors: Readonly<Record<string, Actor>> = {
  // 3.1, column "applicant", over all kinds of permit; a host family is a person, and only involved in its au pair's dossier.
  applicant: {
    kinds: ['EMPLOYER', 'MANDATARY', 'WORKER', 'SELF_EMPLOYED', 'ENTERPRISE_COUNTER'],
    relations: own,
    applies: true,
  },
  employer: { kinds: ['EMPLOYER', 'MANDATARY'], relations: own }, // "mandatary = employer rights" (2.3)
  worker: { kinds: ['WORKER', 'SELF_EMPLOYED'], relations: own }, // the same person, by two tokens [asm]
  'staying worker': { kinds: ['WORKER'], relations: own },
  counter: { kinds: ['ENTERPRISE_COUNTER'], relations: own },
  'region own': { kinds: ['REGION'], relations: own, roles: works },
  'region decides': { kinds: ['REGION'], relations: own, roles: decides },
  'DVZ decides': { kinds: ['RESIDENCE'], relations: own, roles: decides },
  // T21: the post and the municipality that the dossier names; of its own to neither (2.3, columns POST and MUN named).
  post: { kinds: ['POST'], relations: ['OWN', 'INVOLVED'], roles: works },
  municipality: { kinds: ['MUNICIPALITY'], relations: ['OWN', 'INVOLVED'], roles: works },
};

const statuses: Readonly<Record<string, readonly string[]>> = {
  nothing: [],
  open: ['SUBMITTED', 'INFO_REQUESTED', 'ADMISSIBLE', 'IN_TREATMENT'],
  final: ['INADMISSIBLE', 'GRANTED', 'REFUSED', 'APPLICANT_WITHDRAWN', 'WITHOUT_OBJECT'],
};

const lines = domain
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('|').map((cell) => cell.trim()));

const actorsOf = (text: string): Actor[] =>
  text.split(', ').map((name) => {
    const actor = actors[name];
    if (!actor) throw new Error(`no such actor: ${name}`);
    return actor;
  });

/** The mutations of a dossier's life: who takes each, and from which statuses. */
export const changes: ReadonlyMap<string, { readonly by: readonly Actor[]; readonly from: readonly string[] }> =
  new Map(
    lines.map(([name = '', , who = '', from = '']) => [
      name,
      { by: actorsOf(who), from: from.split(', ').flatMap((one) => statuses[one] ?? [one]) },
    ]),
  );

/** The kinds to whom a mutation is offered at all, by its coordinate. */
export const offers: Readonly<Record<string, readonly Kind[]>> = Object.fromEntries(
  [...changes].map(([name, { by }]) => [`Mutation.${name}`, [...new Set(by.flatMap(({ kinds }) => kinds))]]),
);

// 3.1, column "applicant". An intra-corporate transferee is filed for by the host entity and a researcher by the research body,
// both employers to us; a mandatary files wherever an employer does, and a host family is a person.
const applicants: Readonly<Record<string, readonly Kind[]>> = {
  ...Object.fromEntries(
    ['SP_LIM', 'SP_BLUE', 'SP_ICT', 'SP_ICT_MOB', 'SP_SEAS', 'SP_RES', 'SP_TRAINEE', 'WA_SHORT'].map((kind) => [
      kind,
      ['EMPLOYER', 'MANDATARY'] as const,
    ]),
  ),
  ...{ SP_UNL: ['WORKER'], WA_UNL: ['WORKER'] },
  PC_SELF: ['SELF_EMPLOYED', 'ENTERPRISE_COUNTER'],
  WA_AUPAIR: ['WORKER', 'SELF_EMPLOYED'],
};

/** Whether somebody may take a step on a dossier of a kind that is so much to it, whatever state it is in. */
export const mayTake = (
  name: string,
  { kind, roles, relation, permit }: { kind: Kind; roles: readonly string[]; relation: Relation; permit: string },
): boolean =>
  changes.get(name)?.by.some((actor) => {
    const applies = applicants[permit]?.includes(kind) === true;
    // The family that files for its au pair is involved in her dossier, which is hers; what others file for is their own.
    const relations = actor.applies !== true ? actor.relations : permit === 'WA_AUPAIR' ? ['INVOLVED'] : own;
    return (
      actor.kinds.includes(kind) &&
      relations.some((one) => one === relation) &&
      (actor.applies !== true || applies) &&
      (actor.roles === undefined || actor.roles.some((role) => roles.includes(role)))
    );
  }) === true;
