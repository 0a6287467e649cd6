/**
 * The guards of the life cycle, by the names that `data/steps.json` gives them. A guard answers null when it holds, else a
 * sentence that says why not; what a sentence names is the dossier's own, never another person's.
 */
import { addDays, addMonths, isDate } from './calendar.ts';
import { annualFloor, categoriesFor, salaryFloor } from './categories.ts';
import { json, validOn } from './data.ts';
import { type DeadlineId, deadline } from './deadlines.ts';
import { documentCode, forbiddenDocuments, missingDocuments } from './forms.ts';
import { channelRule, codeOf, groundsForWithdrawal } from './reference.ts';
import { type Asked, type DossierFacts, partsOf } from './step-facts.ts';

type Guard = (asked: Asked) => string | null;

type MaximumPeriod = {
  kinds: string[];
  categories: string[] | null;
  regions: string[] | null;
  term: { days: number } | { months: number };
  validFrom?: string;
  validTo?: string;
};

const data = json<{ maximumPeriods: MaximumPeriod[]; appealLanguages: { codes: string[] } }>('steps.json');

const unless = (holds: boolean, sentence: string): string | null => (holds ? null : sentence);

const written = (text: string | undefined): boolean => text !== undefined && text.trim() !== '';

/** What was given in the place of codes, as far as it looks like codes: a number of a person is never repeated. */
const codesIn = (given: readonly string[]): string =>
  given.map((one) => (/^[A-Z][A-Z0-9_]{0,40}$/.test(one) ? one : 'something that is no code')).join(', ');

const contains = (list: readonly string[] | null, value: string | null): boolean =>
  list === null || (value !== null && list.includes(value));

/** The last day that a permit may last which begins on a day; null where no maximum is known. */
export const lastDayAllowed = ({ kind, category, competentAuthority }: DossierFacts, from: string): string | null => {
  const row = data.maximumPeriods.find(
    (one) =>
      one.kinds.includes(kind) &&
      contains(one.categories, category) &&
      contains(one.regions, competentAuthority) &&
      validOn({ validFrom: one.validFrom ?? null, validTo: one.validTo ?? null }, from),
  );
  if (row === undefined) return null;
  const { term } = row;
  return addDays('days' in term ? addDays(from, term.days) : addMonths(from, term.months), -1);
};

const periodAllowed: Guard = ({ dossier, input }) => {
  const from = input.validFrom ?? dossier.periodFrom;
  const to = input.validTo === undefined ? dossier.periodTo : input.validTo;
  if (!isDate(from) || (to !== null && (!isDate(to) || to < from))) return 'The period granted is no period.';
  const { periodFrom, periodTo } = dossier;
  if (from < periodFrom || (periodTo !== null && (to === null || to > periodTo)))
    return `The period granted goes beyond the contract: ${periodFrom} to ${periodTo ?? 'no end'}.`;
  const last = lastDayAllowed(dossier, from);
  return unless(last === null || (to !== null && to <= last), `A permit of this kind lasts until ${last} at most.`);
};

const categoryConditions: Guard = ({ dossier, caller }) => {
  const { kind, category, competentAuthority: region, grossMonthly, floor } = dossier;
  const on = dossier.submittedOn ?? caller.today;
  if (category === null || region === null) return 'The admission category or the competent authority is not known.';
  if (!categoriesFor(region, on, kind).some(({ code }) => code === category))
    return `${region} has no admission category ${category} for this kind of permit.`;
  const least = salaryFloor(category, region, on, floor);
  if (least === null) return null;
  return unless(
    grossMonthly !== null && grossMonthly * 12 >= annualFloor(least),
    `The gross pay is below the floor of ${category}: ${least.amount} euro a ${least.unit.toLowerCase()}.`,
  );
};

const documentsPresent: Guard = ({ dossier, caller }) => {
  const missing = missingDocuments(dossier.documents, {
    kind: dossier.kind,
    // A draft is measured by the forms of the region that it will go to.
    region: (dossier.submittedOn === null ? dossier.derivedAuthority : dossier.competentAuthority) ?? '',
    category: dossier.category,
    applicationType: dossier.applicationType,
    at: dossier.submittedOn ?? caller.today,
    posted: dossier.posted,
    minor: dossier.workerMinor,
  });
  return unless(missing.length === 0, `These documents are missing: ${missing.join(', ')}.`);
};

const partiesKnown: Guard = ({ dossier }) => {
  const employed = codeOf('permitKinds', dossier.kind)?.applicants.includes('EMPLOYER') ?? false;
  if (employed && dossier.employerKbo === null) return 'The employer is not identified by a KBO number.';
  return unless(dossier.workerKnownBy !== null, 'The worker is not identified.');
};

const appealTerm = ({ contested, deadlines, ...dossier }: DossierFacts): string | null => {
  if (contested === null) return null;
  const id: DeadlineId = contested.part === 'WORK' ? 'D08' : 'D09';
  const running = deadlines.findLast(({ rule, metOn }) => rule === id && metOn === null);
  if (running) return running.dueOn;
  return deadline(id, {
    region: dossier.competentAuthority ?? '',
    submittedOn: dossier.submittedOn ?? contested.notifiedOn,
    kind: dossier.kind,
    from: contested.notifiedOn,
  });
};

const withinAppealTerm: Guard = ({ dossier, caller }) => {
  const last = appealTerm(dossier);
  return unless(last !== null && caller.today <= last, `The term of appeal ended on ${last ?? 'no known day'}.`);
};

const takenBack: readonly string[] = ['WITHDRAWN', 'LAPSED_RESIDENCE'];

const somethingToAppeal: Guard = ({ dossier: { contested, status, permit } }) =>
  unless(
    contested !== null && (status === 'REFUSED' || takenBack.includes(permit?.state ?? '')),
    'Only a refusal or a withdrawal can be appealed.',
  );

/** The deadlines that run, have passed, and were not yet reported; one rule only when it is named. */
export const overdue = ({ deadlines, reported }: DossierFacts, today: string, rule?: string | undefined) =>
  deadlines.filter(
    (one) =>
      one.metOn === null &&
      one.suspendedSince === null &&
      one.dueOn < today &&
      !reported.includes(`${one.rule} ${one.startsOn}`) &&
      (rule === undefined || one.rule === rule),
  );

const inForce: readonly string[] = ['GRANTED_NOT_STARTED', 'ACTIVE'];
const renewable: readonly string[] = [...inForce, 'EXPIRED'];

/** Guards that the dossier and the caller decide: a step that fails one is not open. */
export const stateGuards = {
  KIND_OFFERED: ({ dossier: { kind } }) => {
    const row = codeOf('permitKinds', kind);
    if (row === null) return 'There is no such kind of permit.';
    const open = row.feature === null || codeOf('features', row.feature)?.enabled === true;
    return unless(open, `The counter does not take ${kind} yet.`);
  },
  MANDATE_IN_FORCE: ({ caller }) =>
    unless(caller.kind !== 'MANDATARY' || caller.mandateInForce === true, 'The mandate is not in force today.'),
  CHANNEL_OPEN: ({ dossier: { channel, helpdeskTicket }, caller }) => {
    const { open, needsHelpdeskTicket } = channelRule(channel, caller.today);
    if (!open) return `Filing by ${channel} is not open today.`;
    return unless(!needsHelpdeskTicket || helpdeskTicket !== null, 'Filing by e-mail needs a ticket of the helpdesk.');
  },
  PARTIES_KNOWN: partiesKnown,
  POST_NAMED: ({ dossier: { workerAbroad, diplomaticPost, kind } }) =>
    unless(
      !workerAbroad || diplomaticPost !== null || !partsOf(kind).includes('RESIDENCE'),
      'The worker is abroad and no diplomatic post is named.',
    ),
  BELGIAN_MANDATARY: ({ dossier: { posted, mandataryKbo } }) =>
    unless(!posted || mandataryKbo !== null, 'A posting is filed through a Belgian mandatary.'),
  REGION_KNOWN: ({ dossier }) =>
    unless(dossier.derivedAuthority !== null, 'No competent authority follows from the facts.'),
  DOCUMENTS_PRESENT: documentsPresent,
  NOT_AFTER_DUE_DATE: ({ dossier: { request }, caller }) =>
    unless(request === null || caller.today <= request.dueOn, `The term to complete ended on ${request?.dueOn}.`),
  COMPLETED_IN_TIME: ({ dossier: { request }, caller }) =>
    unless(
      request !== null && (caller.today <= request.dueOn || request.missing.length === 0),
      `The term to complete ended on ${request?.dueOn}, and items are missing.`,
    ),
  DUE_DATE_PASSED: ({ dossier: { request }, caller }) =>
    unless(request !== null && request.dueOn < caller.today, `The term to complete runs until ${request?.dueOn}.`),
  ITEMS_MISSING: ({ dossier: { request } }) =>
    unless(request !== null && request.missing.length > 0, 'All that was asked for has come.'),
  NOT_YET_PROPOSED: ({ dossier: { request } }) => unless(request?.proposed !== true, 'This was proposed before.'),
  NOT_AFTER_WORK_DECISION: ({ dossier: { workTrack } }) =>
    unless(workTrack !== 'GRANTED' && workTrack !== 'REFUSED', `The work part is ${workTrack}.`),
  WORK_PART_OPEN: ({ dossier: { workTrack } }) => unless(workTrack === 'IN_PROGRESS', `The work part is ${workTrack}.`),
  RESIDENCE_PART_OPEN: ({ dossier: { residenceTrack } }) =>
    unless(residenceTrack === 'IN_PROGRESS', `The residence part is ${residenceTrack}.`),
  WORK_GRANTED: ({ dossier: { workTrack, handling } }) =>
    unless(
      handling === 'PARALLEL' || workTrack === 'GRANTED' || workTrack === 'NOT_APPLICABLE',
      `The residence part follows the work part, which is ${workTrack}.`,
    ),
  CATEGORY_CONDITIONS: categoryConditions,
  STAYS_LEGALLY: ({ caller, dossier: { kind } }) => {
    const own = codeOf('permitKinds', kind)?.applicants.includes('WORKER') ?? false;
    const free = caller.kind !== 'WORKER' || own || caller.staysLegally === true;
    return unless(free, 'A worker appeals from a legal stay.');
  },
  SOMETHING_TO_APPEAL: somethingToAppeal,
  WITHIN_APPEAL_TERM: withinAppealTerm,
  APPEAL_IS_YOURS: ({ dossier: { contested }, caller }) =>
    unless(
      contested?.part === (caller.kind === 'RESIDENCE' ? 'RESIDENCE' : 'WORK'),
      `The appeal is against the ${contested?.part.toLowerCase()} part.`,
    ),
  PERMIT_IN_FORCE: ({ dossier: { permit } }) =>
    // In which state it is then, is not for all who ask: the register tells it for a purpose, and an employer never.
    unless(inForce.includes(permit?.state ?? ''), 'The permit is not in force.'),
  PERMIT_RUN_OUT: ({ dossier: { permit }, caller }) =>
    unless(
      permit !== null &&
        permit.state === 'ACTIVE' &&
        permit.validTo !== null &&
        permit.validTo < caller.today &&
        permit.bridging === 'NONE',
      'The permit has not run out.',
    ),
  DEADLINE_OVERDUE: ({ dossier, caller, input }) =>
    unless(overdue(dossier, caller.today, input.rule).length > 0, 'No deadline has passed unreported.'),
  RENEWAL_PENDING: ({ dossier: { applicationType, previousPermit } }) =>
    unless(
      applicationType === 'RENEWAL' && renewable.includes(previousPermit?.state ?? ''),
      'Annex 49 bridges the renewal of a permit that stands or has run out.',
    ),
  PROFESSIONAL_CARD: ({ dossier: { kind } }) =>
    unless(kind === 'PC_SELF', 'An enterprise counter advises on professional cards.'),
} as const satisfies Record<string, Guard>;

/** The first day on which something can become of a permit: its own first, or today where it has not begun. */
const firstDay = (permit: DossierFacts['permit'], today: string): string =>
  permit !== null && permit.validFrom < today ? permit.validFrom : today;

/** Guards that what the step brings along decides: a step that fails one may be taken with other input. */
export const inputGuards = {
  DOCUMENT_ACCEPTED: ({ input: { document = '' } }) => {
    const forbidden = forbiddenDocuments.find(({ code }) => code === document);
    if (forbidden) return `${forbidden.labels.en}. ${forbidden.reasonLabels.en}.`;
    return unless(documentCode(document) !== null, 'There is no such document.');
  },
  NO_DUPLICATE: ({ dossier, input }) =>
    unless(
      !dossier.openDuplicate || written(input.reason),
      'The same application is open: a second one needs a reason.',
    ),
  TARGET_DERIVES: ({ dossier: { derivedAuthority, competentAuthority }, input: { toAuthority } }) => {
    if (derivedAuthority === null || derivedAuthority === competentAuthority)
      return 'The corrected facts lead to no other authority.';
    const agrees = toAuthority === undefined || toAuthority === derivedAuthority;
    return unless(agrees, `The corrected facts lead to ${derivedAuthority}.`);
  },
  ITEMS_NAMED: ({ input: { items = [] } }) => {
    if (items.length === 0) return 'A request names what is missing.';
    const unknown = items.filter((item) => documentCode(item) === null);
    return unless(unknown.length === 0, `These cannot be asked for: ${codesIn(unknown)}.`);
  },
  PERIOD_ALLOWED: periodAllowed,
  MOTIVATED: ({ input }) => unless(written(input.motivation), 'A motivation is needed.'),
  REASON_LISTED: ({ input }) =>
    unless(codeOf('closingReasons', input.reason ?? '') !== null, 'The reason is no code of the list closingReasons.'),
  LANGUAGE_OF_APPEAL: ({ input }) =>
    unless(
      data.appealLanguages.codes.includes(input.language ?? ''),
      `An appeal is in ${data.appealLanguages.codes.join(', ')}.`,
    ),
  EFFECTIVE_DATE: ({ dossier: { permit }, caller, input: { effectiveOn = '' } }) => {
    if (!isDate(effectiveOn)) return 'A withdrawal has a first day.';
    const last = permit?.validTo ?? null;
    const fits = effectiveOn >= firstDay(permit, caller.today) && (last === null || effectiveOn <= last);
    return unless(fits, 'A permit is withdrawn from a day on which it could still be used.');
  },
  END_BEFORE_PERMIT_END: ({ dossier: { permit }, caller, input: { endedOn = '' } }) => {
    const isBefore = isDate(endedOn) && permit !== null && (permit.validTo === null || endedOn < permit.validTo);
    if (!isBefore) return 'The employment ends before the permit.';
    return unless(endedOn >= firstDay(permit, caller.today), 'The employment does not end before it could begin.');
  },
  ENTRY_DATED: ({ input: { enteredOn = '' }, caller }) =>
    unless(isDate(enteredOn) && enteredOn <= caller.today, 'The entry has a day, which is not in the future.'),
  TEXT_GIVEN: ({ input }) => unless(written(input.text), 'There is no text.'),
} as const satisfies Record<string, Guard>;

/** The lists that grounds are taken from. */
export type GroundList = 'groundsInadmissible' | 'groundsRefusal' | 'groundsResidence' | 'groundsWithdrawal';

/** Whether the grounds of a decision are codes of its list; of a withdrawal, those that the authority has. */
export const groundsListed = (
  list: GroundList | undefined,
  { caller, input: { grounds = [] } }: Asked,
): string | null => {
  if (grounds.length === 0) return 'A ground is needed.';
  const known = (code: string): boolean =>
    list === 'groundsWithdrawal'
      ? groundsForWithdrawal(caller.authority ?? '').some((row) => row.code === code)
      : list !== undefined && codeOf(list, code) !== null;
  const unknown = grounds.filter((code) => !known(code));
  return unless(unknown.length === 0, `These are no grounds here: ${codesIn(unknown)}.`);
};

/** The name of a guard; GROUNDS_LISTED and OUTCOME_STATED need the step's own data as well. */
export type GuardName = keyof typeof stateGuards | keyof typeof inputGuards | 'GROUNDS_LISTED' | 'OUTCOME_STATED';
