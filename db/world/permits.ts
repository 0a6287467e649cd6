import type { Cohort } from './cohort.ts';
import { type Day, dateOf, dateOrNull, onWorkingDay, workingDaysAfter } from './days.ts';
import type { Employer, Establishment } from './enterprises.ts';
import { enterNationalRegister, type Worker } from './persons.ts';
import { placeIn } from './places.ts';
import { type Actor, type Dossier, immigrationOffice, system, take } from './steps.ts';
import { type Kind, kinds } from './work.ts';

/** A permit in the register, as last recorded. */
export type Permit = {
  readonly id: string;
  readonly kind: string;
  readonly dossier: Dossier | null;
  readonly worker: Worker;
  readonly employer: Employer | null;
  readonly establishment: Establishment | null;
  readonly authority: string;
  readonly market: 'LIMITED' | 'UNLIMITED' | 'NONE';
  readonly title: string | null;
  readonly workplaceNis: string | null;
  readonly from: Day;
  readonly to: Day | null;
  readonly card: string | null;
  state: string;
  bridging: 'NONE' | 'ANNEX_49' | 'ANNEX_51';
  renewal: { number: string; admissible: Day | null; workGranted: Day | null } | null;
  withdrawn: { on: Day; ground: string; authority: string } | null;
  ended: Day | null;
};

const unlimited = new Set(['SP_UNL', 'WA_UNL']);
const DAYS_90 = 90;

/** Makes the permit of a dossier that was granted on a day. */
export function permitOf(cohort: Cohort, dossier: Dossier, granted: Day): Permit {
  const { filing } = dossier;
  const { kind, employer, establishment, worker, workplace, job } = filing;
  const from = Math.max(filing.periodFrom, granted);
  const length = filing.periodTo === null ? null : filing.periodTo - filing.periodFrom;
  // A late grant shortens the permit, though never to less than what a short stay would have been.
  const to =
    length === null || filing.periodTo === null ? null : Math.max(filing.periodTo, from + Math.min(length, 80));
  const free = unlimited.has(kind);
  return {
    id: `${dossier.number}-P`,
    kind,
    dossier,
    worker,
    employer: free ? null : employer,
    establishment: free ? null : establishment,
    authority: dossier.authority,
    market: free ? 'UNLIMITED' : kind === 'PC_SELF' ? 'NONE' : 'LIMITED',
    title: free ? null : job.title,
    workplaceNis: free ? null : (workplace?.nis ?? null),
    from,
    to,
    card: kinds[kind].card,
    state: from > cohort.today ? 'GRANTED_NOT_STARTED' : 'ACTIVE',
    bridging: 'NONE',
    renewal: null,
    withdrawn: null,
    ended: null,
  };
}

/** Makes a permit of before the register: the register took it over, without a dossier. */
export function priorPermit(
  { chance }: Cohort,
  of: { worker: Worker; employer: Employer; region: string; kind: Kind; from: Day; to: Day },
): Permit {
  const establishment = chance.pick(of.employer.establishments);
  return {
    id: `P-${of.worker.id.slice(2)}`,
    kind: of.kind,
    dossier: null,
    worker: of.worker,
    employer: of.employer,
    establishment,
    authority: of.region,
    market: of.kind === 'PC_SELF' ? 'NONE' : 'LIMITED',
    title: null,
    workplaceNis: establishment.address.place.nis,
    from: of.from,
    to: of.to,
    card: kinds[of.kind].card,
    state: 'ACTIVE',
    bridging: 'NONE',
    renewal: null,
    withdrawn: null,
    ended: null,
  };
}

const municipality = (nis: string): Actor => ({ kind: 'MUNICIPALITY', id: `MUN-${nis}` });

/** Lets visa, arrival, registration and card follow on a grant; answers the day the worker is in Belgium, or null. */
export function follow(cohort: Cohort, dossier: Dossier, granted: Day): Day | null {
  const { chance, today } = cohort;
  const { worker, post, region, workplace, kind } = dossier.filing;
  if (!kinds[kind].residence) return granted;
  let here = granted;
  if (post !== null) {
    const visa = workingDaysAfter(granted, chance.between(3, 12));
    if (visa > today) return null;
    take(dossier, 'issueVisa', visa, { kind: 'POST', id: post });
    const entry = onWorkingDay(visa + chance.between(4, 25));
    const place = worker.home?.place ?? workplace ?? placeIn(chance, region);
    if (entry > today) return null;
    here = workingDaysAfter(entry, chance.between(1, 6));
    if (here > today) return null;
    take(dossier, 'registerArrival', here, municipality(place.nis), { enteredOn: dateOf(entry) });
    dossier.municipality ??= { nis: place.nis, since: here };
    enterNationalRegister(cohort, worker, place, here);
    take(dossier, 'registerResidence', here, municipality(place.nis));
  }
  const card = workingDaysAfter(here, chance.between(8, 20));
  const nis = dossier.municipality?.nis;
  if (card <= today && nis !== undefined) take(dossier, 'issueCard', card, municipality(nis));
  return here;
}

/** How a permit comes to its end other than by time. */
export type Fate = {
  readonly day: Day;
  /** What the Immigration Office withdraws is WITHDRAWN too; LAPSED_RESIDENCE is what the registers of before said of it. */
  readonly how: 'WITHDRAWN' | 'LAPSED_RESIDENCE' | 'ENDED_EMPLOYMENT';
  /** Whose decision is withdrawn: the region's, unless told. */
  readonly part?: 'RESIDENCE';
  readonly ground: string;
};

/** Ends a permit before its time, with the step that does so in its dossier. */
export function end(permit: Permit, { day, how, part, ground }: Fate): void {
  const { dossier } = permit;
  if (how === 'ENDED_EMPLOYMENT') {
    if (dossier) take(dossier, 'notifyTermination', day, dossier.filing.applicant, { endedOn: dateOf(day) });
    permit.ended = day;
  } else {
    const officer: Actor = part === 'RESIDENCE' ? immigrationOffice : { kind: 'REGION', id: permit.authority };
    if (dossier) take(dossier, 'withdrawPermit', day, officer, { grounds: [ground], effectiveOn: dateOf(day) });
    permit.withdrawn = { on: day, ground, authority: officer.id ?? permit.authority };
  }
  permit.state = how;
}

/** Brings a permit up to the day of seeding: what a later dossier and the clock did to it. */
export function settlePermit(
  cohort: Cohort,
  permit: Permit,
  next: { dossier: Dossier; permit: Permit | null } | null,
): void {
  const { today } = cohort;
  const { dossier } = permit;
  if (next !== null) {
    const work = next.dossier.decisions.find((one) => one.part === 'WORK' && one.outcome === 'GRANT');
    permit.renewal = {
      number: next.dossier.number,
      admissible: next.dossier.admissible?.day ?? null,
      workGranted: work?.day ?? null,
    };
  }
  if (permit.ended !== null) {
    // The card ends inside the time in which the worker may look for work: annex 51 bridges it.
    const searching = permit.ended <= today && today <= permit.ended + DAYS_90;
    if (searching && permit.to !== null && permit.to <= today) permit.bridging = 'ANNEX_51';
  }
  if (permit.state !== 'ACTIVE') return;
  if (next?.permit && next.permit.from <= today) {
    permit.state = 'SUPERSEDED';
    return;
  }
  if (permit.to === null || permit.to >= today) return;
  const pending = next !== null && next.dossier.decided === null && next.dossier.admissible !== null;
  const waiting = next?.permit?.state === 'GRANTED_NOT_STARTED';
  if (pending || waiting) {
    permit.bridging = 'ANNEX_49';
    const nis = next?.dossier.municipality?.nis;
    const on = Math.max(permit.to, next?.dossier.admissible?.day ?? permit.to);
    if (nis !== undefined && on <= today && pending && next) {
      take(next.dossier, 'issueAnnex49', Math.min(onWorkingDay(on), today), municipality(nis));
    }
  } else {
    if (dossier) take(dossier, 'expirePermit', permit.to + 1, system);
    permit.state = 'EXPIRED';
  }
}

/** Gives the worker the right of residence that the latest of his permits carries. */
export function residenceFrom(permit: Permit): Worker['residence'] {
  const { state, bridging, from, to, card, market } = permit;
  if (card === null) return null;
  const inForce = state === 'ACTIVE' || bridging !== 'NONE';
  return {
    status: inForce ? (market === 'UNLIMITED' ? 'LIMITED_STAY_UNLIMITED_WORK' : 'LIMITED_STAY') : 'ENDED',
    card,
    // An ended stay gives no access to work, and annex 51 only time to look for it.
    market: inForce && bridging !== 'ANNEX_51' ? market : 'NONE',
    from,
    to: permit.withdrawn?.on ?? permit.ended ?? to,
  };
}

/** Writes a permit. */
export function writePermit(cohort: Cohort, permit: Permit): void {
  const { renewal, withdrawn } = permit;
  cohort.batch.add('cadastre.permit', {
    id: permit.id,
    kind: permit.kind,
    dossier_number: permit.dossier?.number ?? null,
    worker_id: permit.worker.id,
    employer_kbo: permit.employer?.kbo ?? null,
    establishment_number: permit.establishment?.number ?? null,
    authority: permit.authority,
    labour_market: permit.market,
    function_title: permit.title,
    workplace_nis: permit.workplaceNis,
    valid_from: dateOf(permit.from),
    valid_to: dateOrNull(permit.to),
    state: permit.state,
    bridging: permit.bridging,
    renewal_dossier: renewal?.number ?? null,
    renewal_admissible_on: dateOrNull(renewal?.admissible),
    renewal_work_granted_on: dateOrNull(renewal?.workGranted),
    withdrawn_on: dateOrNull(withdrawn?.on),
    withdrawal_ground: withdrawn?.ground ?? null,
    withdrawal_authority: withdrawn?.authority ?? null,
    ended_on: dateOrNull(permit.ended),
    card_type: permit.card,
  });
}
