import { noDossier } from '../../schema/step-facts.ts';
import type { Cohort } from './cohort.ts';
import { type Day, officeClock } from './days.ts';
import { dossierNumberOf } from './dossiers.ts';
import type { Course, Filing } from './filing.ts';
import { permitOf } from './permits.ts';
import type { Chance } from './random.ts';
import { type Decision, type Dossier, immigrationOffice, regionOf, system, take } from './steps.ts';
import { kinds } from './work.ts';

function begun(cohort: Cohort, filing: Filing): Dossier {
  const { course, kind, worker, region } = filing;
  const clock = officeClock(cohort.chance);
  const { status, workTrack, residenceTrack, handling, competentAuthority, deadlines } = noDossier(kind);
  const lives = worker.home && filing.post === null ? worker.home.place.nis : null;
  const dossier: Dossier = {
    filing,
    number: dossierNumberOf(cohort, filing),
    today: cohort.today,
    clock,
    state: { status, workTrack, residenceTrack, handling, competentAuthority, deadlines },
    authority: course.transfer?.from ?? region,
    former: null,
    created: clock(course.created),
    submitted: null,
    admissible: null,
    copied: null,
    forwarded: null,
    decided: null,
    municipality: lives === null ? null : { nis: lives, since: course.submitted ?? course.created },
    events: [],
    decisions: [],
    requests: [],
    appeals: [],
    milestones: [],
    permit: null,
  };
  take(dossier, 'createDraft', course.created, filing.applicant);
  return dossier;
}

/** The last day of the term of a rule that runs; null where none does. */
function dueOf({ state }: Dossier, rule: string): string | null {
  return state.deadlines.findLast((one) => one.rule === rule && one.metOn === null)?.dueOn ?? null;
}

function request(dossier: Dossier, day: Day, chance: Chance, answered: Day | null): void {
  const items = [chance.pick(['WRK_CONTRACT', 'WRK_DIPLOMA', 'WRK_FORM', 'RES_INSURANCE', 'RES_MEANS'])];
  if (chance.happens(0.3)) items.push(chance.pick(['RES_FEE_PROOF', 'RES_PASSPORT']));
  const asked = kinds[dossier.filing.kind].residence ? items : ['WRK_FORM'];
  take(dossier, 'requestInformation', day, regionOf(dossier), { items: asked });
  dossier.requests.push({ day, due: dueOf(dossier, 'D02') ?? '', answered, items: asked });
  if (answered !== null) take(dossier, 'completeDossier', answered, dossier.filing.applicant);
}

type Reached = (day: Day | null | undefined) => day is Day;

/** Lets a dossier be transferred and asked for more; answers whether it can go on. */
function check({ chance }: Cohort, dossier: Dossier, reached: Reached): boolean {
  const { transfer, request: asked } = dossier.filing.course;
  if (transfer && reached(transfer.day)) {
    dossier.former = dossier.authority;
    take(dossier, 'transferDossier', transfer.day, regionOf(dossier));
  }
  if (!asked || !reached(asked.day)) return true;
  const answered = reached(asked.answered) ? asked.answered : null;
  request(dossier, asked.day, chance, answered);
  return answered !== null;
}

function admit({ chance, today }: Cohort, dossier: Dossier, day: Day): void {
  dossier.admissible = take(dossier, 'declareAdmissible', day, regionOf(dossier));
  // The step to treatment is automatic; right after admission it may not have been taken yet.
  if (dossier.filing.course.untreated || (day === today && chance.happens(0.5))) return;
  take(dossier, 'beginTreatment', day, system);
}

function decideOn(
  dossier: Dossier,
  part: Decision['part'],
  { day, ground }: { day: Day; ground: string | null },
): void {
  const { periodFrom: from, periodTo: to } = dossier.filing;
  const brought =
    ground === null ? { outcome: 'GRANT', valid: { from, to } } : { outcome: 'REFUSE', grounds: [ground] };
  if (part === 'WORK') take(dossier, 'takeWorkDecision', day, regionOf(dossier), brought);
  else take(dossier, 'takeResidenceDecision', day, immigrationOffice, brought);
}

/** Takes an appeal against the refusal of a part as far as it went. */
function appeal(dossier: Dossier, part: Decision['part'], reached: Reached): void {
  const { applicant, course, periodFrom: from, periodTo: to } = dossier.filing;
  if (!course.appeal || !reached(course.appeal.lodged)) return;
  const { lodged, decided, upheld } = course.appeal;
  take(dossier, 'lodgeAppeal', lodged, applicant);
  const due = dueOf(dossier, 'D12');
  // Of refusals of residence none is annulled here; what the council says the Immigration Office enters.
  const outcome = part === 'WORK' && upheld ? 'UPHOLD' : 'REJECT';
  const isDecided = reached(decided);
  dossier.appeals.push({ part, lodged, due, ...(isDecided ? { decided, outcome } : { decided: null, outcome: null }) });
  const decider = part === 'WORK' ? regionOf(dossier) : immigrationOffice;
  if (isDecided) take(dossier, 'decideAppeal', decided, decider, { outcome, valid: { from, to } });
}

/** Takes the steps of a course as far as they were taken; answers whether it came to its end. */
function run(cohort: Cohort, dossier: Dossier, reached: Reached): boolean {
  const { course, kind, applicant, workplace } = dossier.filing;
  const { submitted, transfer, inadmissible, admissible, work, residence } = course;
  if (!reached(submitted)) return false;
  dossier.submitted = take(dossier, 'submitDossier', submitted, applicant);
  // Whoever is not said to live somewhere is taken to live near the work.
  if (workplace) dossier.municipality ??= { nis: workplace.nis, since: dossier.submitted.day };
  // A region may find only in treatment that a dossier is another's, which then checks it anew.
  const isLate = transfer && admissible && transfer.day > admissible;
  if (!isLate && !check(cohort, dossier, reached) && !reached(inadmissible?.day)) return false;
  if (inadmissible && reached(inadmissible.day)) {
    take(dossier, 'declareInadmissible', inadmissible.day, regionOf(dossier), { grounds: [inadmissible.ground] });
    return true;
  }
  if (!reached(admissible)) return false;
  admit(cohort, dossier, admissible);
  if (isLate && reached(transfer.day)) {
    check(cohort, dossier, reached);
    return false;
  }
  if (kinds[kind].work) {
    if (!work || !reached(work.day)) return false;
    decideOn(dossier, 'WORK', work);
    if (work.ground !== null) appeal(dossier, 'WORK', reached);
    if (dossier.state.status !== 'IN_TREATMENT') return true;
  }
  if (!residence || !reached(residence.day)) return false;
  decideOn(dossier, 'RESIDENCE', residence);
  if (residence.ground !== null) appeal(dossier, 'RESIDENCE', reached);
  return true;
}

/** Ends a dossier before its course did. */
function stop(dossier: Dossier, { day, status }: NonNullable<Course['stop']>, chance: Chance): void {
  if (status === 'APPLICANT_WITHDRAWN') {
    take(dossier, 'withdrawApplication', day, dossier.filing.applicant);
    return;
  }
  const { workTrack, residenceTrack } = dossier.state;
  const atResidence = workTrack !== 'IN_PROGRESS' && residenceTrack === 'IN_PROGRESS';
  const reason = chance.pick(['WORKER_EXEMPT', 'MERGED_DUPLICATE']);
  take(dossier, 'closeWithoutObject', day, atResidence ? immigrationOffice : regionOf(dossier), { reason });
}

/** Lets a dossier take its course up to the day of seeding. */
export function live(cohort: Cohort, filing: Filing): Dossier {
  const { chance, today } = cohort;
  const dossier = begun(cohort, filing);
  const end = filing.course.stop && filing.course.stop.day <= today ? filing.course.stop : null;
  const last = end === null ? today : end.day - 1;
  const hasEnded = run(cohort, dossier, (day): day is Day => day !== null && day !== undefined && day <= last);
  if (!hasEnded && end !== null && dossier.submitted !== null) stop(dossier, end, chance);
  if (dossier.state.status === 'GRANTED' && dossier.decided)
    dossier.permit = permitOf(cohort, dossier, dossier.decided.day);
  return dossier;
}
