import type { Cohort } from './cohort.ts';
import { type Day, dateOf, type Moment, officeClock, workingDaysAfter } from './days.ts';
import { dossierNumberOf } from './dossiers.ts';
import type { Filing } from './filing.ts';
import { type Permit, permitOf } from './permits.ts';
import type { Chance } from './random.ts';
import { regions, secondRuleSetFrom } from './shape.ts';
import { kinds } from './work.ts';

/** An entry of the timeline. */
export type TimelineEvent = {
  readonly at: string;
  readonly type: string;
  readonly actorKind: string;
  readonly actor: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};

/** A decision in one part of a dossier. */
export type Decision = {
  readonly id: string;
  readonly part: 'WORK' | 'RESIDENCE';
  readonly outcome: 'GRANT' | 'REFUSE' | 'WITHDRAW' | 'END' | 'INADMISSIBLE' | 'WITHOUT_OBJECT';
  readonly authority: string;
  readonly day: Day;
  readonly grounds: readonly string[];
  readonly version: number;
  readonly supersedes: string | null;
  readonly valid: { readonly from: Day; readonly to: Day | null } | null;
};

/** A deadline of a dossier. */
export type Deadline = { readonly rule: string; readonly starts: Day; met: Day | null };

/** A dossier and all that happened in it up to the day of seeding. */
export type Dossier = {
  readonly filing: Filing;
  readonly number: string;
  readonly ruleSet: 'RS2019' | 'RS2026';
  readonly handling: 'SERIAL' | 'PARALLEL';
  readonly clock: (day: Day) => Moment;
  status: string;
  workTrack: string;
  residenceTrack: string;
  authority: string;
  former: string | null;
  readonly created: Moment;
  submitted: Moment | null;
  admissible: Moment | null;
  copied: Moment | null;
  forwarded: Moment | null;
  decided: Moment | null;
  /** The Belgian municipality of residence: from the start for who lives here, from arrival for who comes from abroad. */
  municipality: { readonly nis: string; readonly since: Day } | null;
  readonly events: TimelineEvent[];
  readonly decisions: Decision[];
  readonly deadlines: Deadline[];
  readonly requests: { readonly day: Day; answered: Day | null; readonly items: string[] }[];
  readonly appeals: { lodged: Day; decided: Day | null; upheld: boolean; part: 'WORK' | 'RESIDENCE' }[];
  readonly milestones: { readonly kind: string; readonly at: string; readonly authority: string }[];
  permit: Permit | null;
};

/** Notes a step in the timeline, at the next moment of that day, and answers that moment. */
export function happened(
  dossier: Dossier,
  day: Day,
  type: string,
  actor: { kind: string; id: string | null },
  data: Readonly<Record<string, unknown>> = {},
): Moment {
  const moment = dossier.clock(day);
  dossier.events.push({ at: moment.at, type, actorKind: actor.kind, actor: actor.id, data });
  return moment;
}

const immigrationOffice = { kind: 'RESIDENCE', id: 'FED-DVZ' };
const system = { kind: 'SYSTEM', id: null };

/** Notes a decision; a later one in the same part supersedes the one before. */
export function decide(
  dossier: Dossier,
  part: Decision['part'],
  outcome: Decision['outcome'],
  day: Day,
  grounds: readonly string[],
  valid: Decision['valid'] = null,
): Decision {
  const before = dossier.decisions.findLast((one) => one.part === part);
  const version = (before?.version ?? 0) + 1;
  const decision: Decision = {
    id: `${dossier.number}-${part === 'WORK' ? 'W' : 'R'}${version}`,
    part,
    outcome,
    authority: part === 'WORK' ? dossier.authority : 'FED-DVZ',
    day,
    grounds,
    version,
    supersedes: before?.id ?? null,
    valid,
  };
  dossier.decisions.push(decision);
  return decision;
}

function begun(cohort: Cohort, filing: Filing): Dossier {
  const { course } = filing;
  const rule = kinds[filing.kind];
  const clock = officeClock(cohort.chance);
  const created = clock(course.created);
  const filedOn = course.submitted ?? course.created;
  const parallelFrom = regions[filing.region].parallelFrom;
  const date = dateOf(filedOn);
  return {
    filing,
    number: dossierNumberOf(cohort, filing),
    ruleSet: date < secondRuleSetFrom ? 'RS2019' : 'RS2026',
    handling: rule.residence && parallelFrom !== null && date >= parallelFrom ? 'PARALLEL' : 'SERIAL',
    clock,
    status: 'DRAFT',
    workTrack: rule.work ? 'NOT_STARTED' : 'NOT_APPLICABLE',
    residenceTrack: rule.residence ? 'NOT_STARTED' : 'NOT_APPLICABLE',
    authority: course.transfer?.from ?? filing.region,
    former: null,
    created,
    submitted: null,
    admissible: null,
    copied: null,
    forwarded: null,
    decided: null,
    municipality:
      filing.worker.home && filing.post === null ? { nis: filing.worker.home.place.nis, since: filedOn } : null,
    events: [
      { at: created.at, type: 'DRAFT_CREATED', actorKind: filing.applicant.kind, actor: filing.applicant.id, data: {} },
    ],
    decisions: [],
    deadlines: [],
    requests: [],
    appeals: [],
    milestones: [],
    permit: null,
  };
}

function met(dossier: Dossier, rule: string, day: Day): void {
  const open = dossier.deadlines.findLast((one) => one.rule === rule && one.met === null);
  if (open) open.met = day;
}

// The terms that a final decision, of whatever kind, puts an end to.
const decisionTerms = new Set(['D03', 'D04', 'D12']);

function close(dossier: Dossier, status: string, moment: Moment): void {
  dossier.status = status;
  dossier.decided = moment;
  for (const deadline of dossier.deadlines) if (decisionTerms.has(deadline.rule)) deadline.met ??= moment.day;
}

function submit(dossier: Dossier, day: Day): void {
  const { applicant, region, course } = dossier.filing;
  dossier.submitted = happened(dossier, day, 'DOSSIER_SUBMITTED', applicant);
  dossier.status = 'SUBMITTED';
  const first = course.transfer?.from ?? region;
  dossier.authority = first;
  happened(dossier, day, 'DOSSIER_ROUTED', system, { authority: first });
}

function request(dossier: Dossier, day: Day, chance: Chance, answered: Day | null): void {
  const items = [chance.pick(['WRK_CONTRACT', 'WRK_DIPLOMA', 'WRK_FORM', 'RES_INSURANCE', 'RES_MEANS'])];
  if (chance.happens(0.3)) items.push(chance.pick(['RES_FEE_PROOF', 'RES_PASSPORT']));
  const rule = kinds[dossier.filing.kind];
  const asked = rule.residence ? items : ['WRK_FORM'];
  happened(dossier, day, 'INFO_REQUESTED', { kind: 'REGION', id: dossier.authority }, { items: asked });
  dossier.status = 'INFO_REQUESTED';
  dossier.requests.push({ day, answered, items: asked });
  dossier.deadlines.push({ rule: 'D02', starts: day, met: null });
  if (answered === null) return;
  happened(dossier, answered, 'COMPLETED', dossier.filing.applicant);
  dossier.status = 'SUBMITTED';
  met(dossier, 'D02', answered);
}

function admit(cohort: Cohort, dossier: Dossier, day: Day, copyReached: (day: Day) => boolean): void {
  const { chance } = cohort;
  const rule = kinds[dossier.filing.kind];
  const region = { kind: 'REGION', id: dossier.authority };
  dossier.admissible = happened(dossier, day, 'ADMISSIBILITY_DECIDED', region, { admissible: true });
  dossier.status = 'ADMISSIBLE';
  dossier.deadlines.push({ rule: dossier.filing.kind === 'PC_SELF' ? 'D12' : 'D04', starts: day, met: null });
  if (rule.residence) {
    dossier.deadlines.push({ rule: 'D03', starts: day, met: null });
    const copyOn = workingDaysAfter(day, chance.between(0, 3));
    // The copy precedes every decision, so that a fast region copies on the day itself.
    const on = dossier.filing.course.work && dossier.filing.course.work.day <= copyOn ? day : copyOn;
    if (copyReached(on)) {
      dossier.copied = happened(dossier, on, 'DOSSIER_COPIED', system, { authority: 'FED-DVZ' });
      met(dossier, 'D03', on);
    }
  }
  // The step to treatment is automatic; right after admission it may not have been taken yet.
  if (dossier.filing.course.untreated || (day === cohort.today && chance.happens(0.5))) return;
  dossier.status = 'IN_TREATMENT';
  if (rule.work) dossier.workTrack = 'IN_PROGRESS';
  if (!rule.residence) return;
  const started = !rule.work || (dossier.handling === 'PARALLEL' && dossier.copied !== null);
  dossier.residenceTrack = started ? 'IN_PROGRESS' : 'WAITING_WORK';
  if (!rule.work) forward(dossier, day);
}

function forward(dossier: Dossier, day: Day): void {
  dossier.forwarded = happened(dossier, day, 'DOSSIER_FORWARDED', system, { authority: 'FED-DVZ' });
  dossier.residenceTrack = 'IN_PROGRESS';
}

function grantWork(cohort: Cohort, dossier: Dossier, day: Day): void {
  const { periodFrom, periodTo } = dossier.filing;
  dossier.status = 'IN_TREATMENT';
  dossier.workTrack = 'GRANTED';
  const decision = decide(dossier, 'WORK', 'GRANT', day, [], { from: periodFrom, to: periodTo });
  const region = { kind: 'REGION', id: dossier.authority };
  const moment = happened(dossier, day, 'WORK_DECIDED', region, { outcome: 'GRANT', decision: decision.id });
  if (kinds[dossier.filing.kind].residence) forward(dossier, day);
  else grant(cohort, dossier, moment);
}

function grant(cohort: Cohort, dossier: Dossier, moment: Moment): void {
  close(dossier, 'GRANTED', moment);
  dossier.permit = permitOf(cohort, dossier, moment.day);
}

function refuse(dossier: Dossier, part: Decision['part'], day: Day, ground: string): void {
  const decision = decide(dossier, part, 'REFUSE', day, [ground]);
  const actor = part === 'WORK' ? { kind: 'REGION', id: dossier.authority } : immigrationOffice;
  const type = part === 'WORK' ? 'WORK_DECIDED' : 'RESIDENCE_DECIDED';
  const moment = happened(dossier, day, type, actor, { outcome: 'REFUSE', decision: decision.id });
  if (part === 'WORK') {
    dossier.workTrack = 'REFUSED';
    dossier.residenceTrack = 'NOT_APPLICABLE';
  } else {
    dossier.residenceTrack = 'REFUSED';
  }
  close(dossier, 'REFUSED', moment);
  dossier.deadlines.push({ rule: part === 'WORK' ? 'D08' : 'D09', starts: day, met: null });
}

function appealAgainst(dossier: Dossier, part: Decision['part'], lodged: Day): void {
  const { appeal } = dossier.filing.course;
  happened(dossier, lodged, 'APPEAL_LODGED', dossier.filing.applicant, { part });
  met(dossier, part === 'WORK' ? 'D08' : 'D09', lodged);
  dossier.appeals.push({ lodged, decided: null, upheld: appeal?.upheld ?? false, part });
  dossier.status = 'UNDER_APPEAL';
}

/** Lets a dossier take its course up to the day of seeding. */
export function live(cohort: Cohort, filing: Filing): Dossier {
  const { chance, today } = cohort;
  const { course } = filing;
  const rule = kinds[filing.kind];
  const dossier = begun(cohort, filing);
  const stop = course.stop && course.stop.day <= today ? course.stop : null;
  const reached = (day: Day | null | undefined): day is Day =>
    day !== null && day !== undefined && day <= today && (stop === null || day < stop.day);
  const stopped = (): Dossier => {
    if (stop === null || dossier.submitted === null) return dossier;
    const withdrawn = stop.status === 'APPLICANT_WITHDRAWN';
    const actor = withdrawn ? filing.applicant : { kind: 'REGION', id: dossier.authority };
    const type = withdrawn ? 'WITHDRAWN_BY_APPLICANT' : 'CLOSED_WITHOUT_OBJECT';
    const reason = withdrawn ? {} : { reason: chance.pick(['WORKER_EXEMPT', 'MERGED_DUPLICATE']) };
    const moment = happened(dossier, stop.day, type, actor, reason);
    if (!withdrawn && dossier.workTrack !== 'GRANTED') decide(dossier, 'WORK', 'WITHOUT_OBJECT', moment.day, []);
    close(dossier, stop.status, moment);
    return dossier;
  };

  if (!reached(course.submitted)) return dossier;
  submit(dossier, course.submitted);
  if (course.transfer && reached(course.transfer.day)) {
    const { from, day } = course.transfer;
    dossier.former = from;
    dossier.authority = filing.region;
    happened(dossier, day, 'TRANSFERRED', { kind: 'REGION', id: from }, { from, to: filing.region });
  }
  if (course.request && reached(course.request.day)) {
    const answered = course.request.answered;
    request(dossier, course.request.day, chance, reached(answered) ? answered : null);
    if (!reached(answered) && !reached(course.inadmissible?.day)) return stopped();
  }
  if (course.inadmissible && reached(course.inadmissible.day)) {
    const { day, ground } = course.inadmissible;
    const decision = decide(dossier, 'WORK', 'INADMISSIBLE', day, [ground]);
    const data = { admissible: false, decision: decision.id };
    close(
      dossier,
      'INADMISSIBLE',
      happened(dossier, day, 'ADMISSIBILITY_DECIDED', { kind: 'REGION', id: dossier.authority }, data),
    );
    return dossier;
  }
  if (!reached(course.admissible)) return stopped();
  admit(cohort, dossier, course.admissible, reached);

  if (rule.work) {
    if (!course.work || !reached(course.work.day)) return stopped();
    if (course.work.ground !== null) {
      refuse(dossier, 'WORK', course.work.day, course.work.ground);
      const { appeal } = course;
      if (!appeal || !reached(appeal.lodged)) return dossier;
      appealAgainst(dossier, 'WORK', appeal.lodged);
      if (!reached(appeal.decided)) return dossier;
      settle(dossier, appeal.decided, appeal.upheld);
      if (!appeal.upheld) return dossier;
      dossier.decided = null;
      grantWork(cohort, dossier, appeal.decided);
    } else {
      grantWork(cohort, dossier, course.work.day);
    }
  }
  if (!rule.residence) return dossier;
  if (!course.residence || !reached(course.residence.day)) return stopped();
  const { day, ground } = course.residence;
  if (ground !== null) {
    refuse(dossier, 'RESIDENCE', day, ground);
    if (course.appeal && reached(course.appeal.lodged) && course.appeal.lodged > day) {
      appealAgainst(dossier, 'RESIDENCE', course.appeal.lodged);
      if (reached(course.appeal.decided)) settle(dossier, course.appeal.decided, false);
    }
    return dossier;
  }
  const decision = decide(dossier, 'RESIDENCE', 'GRANT', day, [], { from: filing.periodFrom, to: filing.periodTo });
  dossier.residenceTrack = 'GRANTED';
  grant(
    cohort,
    dossier,
    happened(dossier, day, 'RESIDENCE_DECIDED', immigrationOffice, { outcome: 'GRANT', decision: decision.id }),
  );
  return dossier;
}

function settle(dossier: Dossier, day: Day, upheld: boolean): void {
  const appeal = dossier.appeals.at(-1);
  if (appeal) appeal.decided = day;
  const outcome = upheld ? 'UPHOLD' : 'REJECT';
  const kind = appeal?.part === 'RESIDENCE' ? 'COURT' : 'REGION';
  happened(dossier, day, 'APPEAL_DECIDED', { kind, id: kind === 'REGION' ? dossier.authority : null }, { outcome });
  dossier.status = 'REFUSED';
}
