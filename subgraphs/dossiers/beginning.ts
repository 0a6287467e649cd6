/** How a dossier begins: as a draft, of its own or after another. */
import type pg from 'pg';
import { statement } from '../../db/statement.ts';
import { step, type Transition } from '../../schema/lifecycle.ts';
import { noDossier } from '../../schema/step-facts.ts';
import type { Done } from '../take.ts';
import type { Viewer } from '../viewer.ts';
import { blank, columnsOf, duplicateDocuments, faultIn, insert, partiesOf } from './draft.ts';
import type { Whole } from './locked.ts';
import { callerOf, problemOf, type Stepped, type Stepping, writtenBy, wrong } from './stepping.ts';
import { tie } from './ties.ts';
import type { CreateDraftInput, DraftFacts, DuplicateDossierInput } from './types.ts';

const mandate = statement(`
  select from access.involvement m where m.party = $1 and m.subject_kind = 'EMPLOYER' and m.subject = $2 and m.capacity = 'MANDATE'
    and m.valid_from <= $3::date and coalesce(m.valid_to, 'infinity') >= $3::date`);
const addFirstEvent = statement(`
  insert into dossiers.event (dossier_number, sequence, at, type, actor_kind, actor, data) values ($1, 1, $2, $3, $4, $5, $6)`);

const visiblePermit = statement<{ id: string }>(`
  select p.id from cadastre.permit p where p.id = $1
    and (p.employer_kbo = $2 or p.worker_id = access.worker_of($3) or p.dossier_number in (
      select i.subject from access.involvement i where i.party = $4 and i.subject_kind = 'DOSSIER'))`);
const ownUnit = statement(`select from employers.establishment where number = $1 and kbo = $2`);
const enterprise = statement(`select from employers.enterprise where kbo = $1`);

const employers = ['EMPLOYER', 'MANDATARY'];
const persons = ['WORKER', 'SELF_EMPLOYED'];

/** What is wrong with whom and what a draft names, in a sentence; null where all of it is there for its applicant. */
export const unknownIn = async (
  client: pg.PoolClient,
  viewer: Viewer,
  facts: DraftFacts | null | undefined,
  { employerKbo: employer, applicantKind }: Pick<Whole, 'employerKbo' | 'applicantKind'>,
): Promise<string | null> => {
  const { previousPermit: permit, establishment: unit } = facts ?? {};
  if (facts?.worker != null && persons.includes(applicantKind))
    return 'You file for yourself: what there is to know of you stands in the registers.';
  // Whoever is no employer names one by a number that everybody knows: that opens nothing of the employer's.
  const own = employers.includes(viewer.kind) ? employer : null;
  if (permit != null && (await visiblePermit(client, [permit, own, viewer.insz ?? '', viewer.party])).length === 0)
    return 'There is no such permit to renew or to follow, or none for you.';
  if (employer !== null && (await enterprise(client, [employer])).length === 0) return 'There is no such enterprise.';
  if (unit != null && (await ownUnit(client, [unit, employer])).length === 0)
    return 'The employer has no such establishment unit.';
  return null;
};

/** What belongs to the course of a dossier, and not to what was applied for. */
const decided = [
  ...([
    'workTrack',
    'residenceTrack',
    'handling',
    'channel',
    'helpdeskTicket',
    'ruleSet',
    'competentAuthority',
  ] as const),
  ...(['competenceRule', 'competenceInputs', 'workplaceAuthority', 'regionReference', 'dvzReference'] as const),
  ...([
    'welcomeConsentOn',
    'submittedAt',
    'admissibleAt',
    'copiedToDvzAt',
    'forwardedToDvzAt',
    'decidedAt',
    'nextDeadlineOn',
  ] as const),
] satisfies readonly (keyof Whole)[];

/** The mutations that make a dossier. */
export const beginning = (viewer: Viewer, { run, hold }: Stepping) => {
  const { today } = viewer;

  const mayBegin = (kind: string, applicationType: string, mandateInForce: boolean) => {
    // Who files for a family does so for another, in whose dossier it is then involved.
    const relation = kind === 'WA_AUPAIR' ? 'INVOLVED' : 'OWN';
    return step('createDraft', {
      dossier: noDossier(kind, applicationType),
      caller: callerOf(viewer, kind, { relation, mandateInForce }),
    });
  };

  const begin = async (
    client: pg.PoolClient,
    content: Omit<Whole, 'number' | 'version'>,
    transition: Transition,
    now: Date,
  ): Promise<{ dossier: Whole; done: Done<{ number: string }> }> => {
    const dossier = await insert(client, content, today);
    const { employerKbo, workerId: worker } = dossier;
    await tie(client, dossier, { effects: transition.effects, today, before: null });
    const told = transition.events.map(({ type, data }) => ({ type, data }));
    await addFirstEvent(client, [
      dossier.number,
      now,
      told[0]?.type,
      dossier.applicantKind,
      viewer.authority,
      JSON.stringify(told[0]?.data),
    ]);
    const events = told.map(({ type }) => ({ event: type, data: {}, notify: false }));
    return {
      dossier,
      done: {
        answer: { number: dossier.number },
        announcements: [{ at: now, dossier: dossier.number, worker, employer: employerKbo, events }],
        subject: worker,
        written: writtenBy(transition).sort(),
      },
    };
  };

  const createDraft = (input: CreateDraftInput): Promise<Stepped> =>
    run('createDraft', input, async (client, now) => {
      const { kind, facts } = input;
      const parties = await partiesOf(client, viewer, kind, facts);
      if (typeof parties === 'string') return { problem: wrong(parties) };
      const isHeld = await mandate(client, [viewer.party, parties.employerKbo, today]);
      const answer = mayBegin(kind, input.applicationType ?? 'FIRST', isHeld.length > 0);
      if ('refusal' in answer) return { problem: problemOf(answer.refusal, null) };
      const fault = faultIn(input, today);
      if (fault !== null) return { problem: wrong(fault) };
      const unknown = await unknownIn(client, viewer, facts, parties);
      if (unknown !== null) return { problem: wrong(unknown) };
      const empty = blank(input, parties, now, today);
      const { done } = await begin(client, { ...empty, ...columnsOf(facts, empty) }, answer.transition, now);
      return { done };
    });

  const duplicateDossier = (input: DuplicateDossierInput): Promise<Stepped> =>
    run('duplicateDossier', input, async (client, now) => {
      const held = await hold(client, 'duplicateDossier', input);
      if ('problem' in held) return held;
      const { before: from, transition } = held;
      const parties = await partiesOf(client, viewer, from.kind, {
        employer: from.employerKbo,
        counter: from.counterKbo,
      });
      if (typeof parties === 'string') return { problem: wrong(parties) };
      const { relation: _, number, version: __, ...data } = from;
      const empty = blank(from, parties, now, today);
      const kept = { ...data, ...Object.fromEntries(decided.map((name) => [name, empty[name]])), ...parties };
      const worker = { workerId: from.workerId ?? parties.workerId, workerNationality: from.workerNationality };
      const content = { ...kept, ...worker, status: 'DRAFT' as const, duplicatedFrom: number, createdAt: now };
      const { dossier, done } = await begin(client, content, transition, now);
      await duplicateDocuments(client, number, dossier.number, today);
      return { done };
    });

  return { createDraft, duplicateDossier };
};
