/** How a dossier begins: as a draft, of its own or after another. */
import type pg from 'pg';
import { statement } from '../../db/statement.ts';
import { step, type Transition } from '../../schema/lifecycle.ts';
import { noDossier } from '../../schema/step-facts.ts';
import type { Done } from '../take.ts';
import type { Viewer } from '../viewer.ts';
import { blank, columnsOf, duplicateDocuments, faultIn, insert, partiesOf } from './draft.ts';
import { known, locked, type Whole } from './locked.ts';
import { callerOf, judged, missing, problemOf, type Stepped, type Stepping, writtenBy, wrong } from './stepping.ts';
import { tie } from './ties.ts';
import type { CreateDraftInput, DuplicateDossierInput } from './types.ts';

const mandate = statement(`
  select from access.involvement m where m.party = $1 and m.subject_kind = 'EMPLOYER' and m.subject = $2 and m.capacity = 'MANDATE'
    and m.valid_from <= $3::date and coalesce(m.valid_to, 'infinity') >= $3::date`);
const addFirstEvent = statement(`
  insert into dossiers.event (dossier_number, sequence, at, type, actor_kind, actor, data) values ($1, 1, $2, $3, $4, $5, $6)`);

const visiblePermit = statement<{ id: string }>(`
  select p.id from cadastre.permit p where p.id = $1
    and (p.employer_kbo = $2 or p.worker_id = access.worker_of($3) or p.dossier_number in (
      select i.subject from access.involvement i where i.party = $4 and i.subject_kind = 'DOSSIER'))`);

/** The refusal of a permit that is not there for the caller. */
export const noPermit = wrong('There is no such permit to renew or to follow, or none for you.');

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

/** Whether a permit that a draft names is there for its applicant. */
export const hasPermit = async (
  client: pg.PoolClient,
  viewer: Viewer,
  id: string | null | undefined,
  employer: string | null,
): Promise<boolean> =>
  id == null || (await visiblePermit(client, [id, employer, viewer.insz ?? '', viewer.party])).length > 0;

/** The mutations that make a dossier. */
export const beginning = (viewer: Viewer, { run }: Stepping) => {
  const { today } = viewer;

  const mayBegin = (
    kind: string,
    applicationType: string,
    mandateInForce: boolean,
    name: 'createDraft' | 'duplicateDossier',
  ) =>
    step(name, {
      dossier: noDossier(kind, applicationType),
      caller: callerOf(viewer, kind, { relation: 'OWN', mandateInForce }),
    });

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
      viewer.kind,
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
      const answer = mayBegin(kind, input.applicationType ?? 'FIRST', isHeld.length > 0, 'createDraft');
      if ('refusal' in answer) return { problem: problemOf(answer.refusal, null) };
      const fault = faultIn(facts, today);
      if (fault !== null) return { problem: wrong(fault) };
      if (!(await hasPermit(client, viewer, facts?.previousPermit, parties.employerKbo))) return { problem: noPermit };
      const empty = blank(input, parties, now, today);
      const { done } = await begin(client, { ...empty, ...columnsOf(facts, empty) }, answer.transition, now);
      return { done };
    });

  const duplicateDossier = (input: DuplicateDossierInput): Promise<Stepped> =>
    run('duplicateDossier', input, async (client, now) => {
      const from = await locked(client, viewer, input.number);
      if (from === null) return { problem: missing };
      const found = await known(client, from, { viewer, today });
      const caller = callerOf(viewer, from.kind, { relation: from.relation, ...found.caller });
      const answer = judged(step('duplicateDossier', { dossier: found.dossier, caller }), from, input);
      if ('problem' in answer) return answer;
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
      const { dossier, done } = await begin(client, content, answer.transition, now);
      await duplicateDocuments(client, number, dossier.number, today);
      return { done };
    });

  return { createDraft, duplicateDossier };
};
