import type { Cohort } from './cohort.ts';
import { type Day, dateOf, dayOf, quarterBounds } from './days.ts';
import { type Employer, type Establishment, makeEmployer, mandataryOn } from './enterprises.ts';
import type { Applicant, Course, Filing } from './filing.ts';
import type { Permit } from './permits.ts';
import { makeWorker, type Worker } from './persons.ts';
import { type Language, type Place, placeIn, postFor, regionOf } from './places.ts';
import { type Chance, weighted } from './random.ts';
import { type Region, senderCountries, shares } from './shape.ts';
import { type Kind, kindShares, kinds, pay } from './work.ts';

const anyKind = weighted(kindShares);
const flemish2021Kind = weighted(kindShares.filter(([kind]) => kind !== 'SP_RES'));
const sender = weighted(senderCountries);
const categoryDraws = new Map(
  Object.entries(kinds).map(([kind, rule]) => [kind, weighted<string>(rule.categories)] as const),
);

/** Draws the kind of a dossier: unlimited permits follow from what is applied for. */
export function drawKind(chance: Chance, applicationType: string, among?: 'SP' | 'OTHER'): Kind {
  if (applicationType === 'UNLIMITED') return chance.happens(0.9) || among === 'SP' ? 'SP_UNL' : 'WA_UNL';
  const draw = among === undefined ? anyKind : flemish2021Kind;
  for (;;) {
    const kind = draw(chance);
    if (among === undefined || (kinds[kind].prefix === 'SP') === (among === 'SP')) return kind;
  }
}

/** Draws an admission category of a kind. */
export function drawCategory(chance: Chance, kind: Kind): string {
  return categoryDraws.get(kind)?.(chance) ?? 'OTHER';
}

/** What a dossier is about; all that is left out is drawn. */
export type FilingWish = {
  readonly sequence?: number;
  readonly kind: Kind;
  readonly region: Region;
  readonly worker: Worker;
  readonly employer: Employer | null;
  readonly establishment?: Establishment;
  readonly applicationType?: string;
  readonly category?: string;
  readonly course: Course;
  readonly previous?: Permit | null;
  readonly title?: string;
  readonly gross?: number;
  readonly hours?: number;
  readonly periodFrom?: Day;
  readonly periodTo?: Day;
  readonly posting?: Filing['posting'];
  readonly mandatary?: string | null;
  readonly counter?: string | null;
  readonly applicant?: Applicant;
  readonly host?: Worker | null;
  readonly duplicatedFrom?: string;
};

function addMonthsTo(day: Day, months: number): Day {
  const date = dateOf(day);
  const index = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const month = `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`;
  const last = dayOf(`${Math.floor((index + 1) / 12)}-${String(((index + 1) % 12) + 1).padStart(2, '0')}-01`) - 1;
  return Math.min(dayOf(`${month}-01`) + Number(date.slice(8, 10)) - 1, last);
}

function languageOf(wish: FilingWish, chance: Chance): Language {
  if (wish.employer && wish.region === 'BRU-BEW') return wish.employer.language === 'NL' ? 'NL' : 'FR';
  if (wish.region === 'BRU-BEW') return chance.happens(0.2) ? 'NL' : 'FR';
  // German-speaking files may be in French on request.
  if (wish.region === 'DG-MIN') return chance.happens(0.15) ? 'FR' : 'DE';
  return wish.region === 'VLA-DEM' ? 'NL' : 'FR';
}

function period(chance: Chance, wish: FilingWish): { from: Day; to: Day } {
  const filed = wish.course.submitted ?? wish.course.created;
  const [low, high] = kinds[wish.kind].months;
  // A change of employer begins when it can; what goes on begins where the permit before it ends.
  const renewed = wish.applicationType === 'RENEWAL' || wish.applicationType === 'UNLIMITED' ? wish.previous?.to : null;
  const from =
    wish.periodFrom ?? (renewed ? renewed + 1 : filed + (wish.kind === 'WA_SHORT' ? 35 : chance.between(60, 130)));
  return { from, to: wish.periodTo ?? addMonthsTo(from, chance.between(low, high)) - 1 };
}

function applicantOf(
  wish: FilingWish,
  host: Worker | null,
  mandatary: string | null,
  counter: string | null,
): Applicant {
  const { kind, worker, employer } = wish;
  if (wish.applicant) return wish.applicant;
  if (host) return { kind: 'HOST_FAMILY', id: host.id };
  if (counter !== null) return { kind: 'ENTERPRISE_COUNTER', id: counter };
  if (kind === 'PC_SELF') return { kind: 'SELF_EMPLOYED', id: worker.id };
  if (kind === 'SP_UNL' || kind === 'WA_UNL' || employer === null) return { kind: 'WORKER', id: worker.id };
  return mandatary === null ? { kind: 'EMPLOYER', id: employer.kbo } : { kind: 'MANDATARY', id: mandatary };
}

function drawPosting(cohort: Cohort, wish: FilingWish): Filing['posting'] {
  if (wish.posting !== undefined) return wish.posting;
  const moved = wish.kind === 'SP_ICT' || wish.kind === 'SP_ICT_MOB';
  if (!moved) return null;
  const { chance } = cohort;
  const country = wish.kind === 'SP_ICT' ? (wish.worker.nationalities[0] ?? 'US') : sender(chance);
  return {
    sender: `${wish.employer?.name.split(' ')[0] ?? 'Group'} International`,
    senderCountry: country,
    limosaNumber: null,
  };
}

/** Makes the filing of a dossier. The kinds that a worker, a host family or a counter files have no employer. */
export function fileFor(cohort: Cohort, wish: FilingWish): Filing {
  const { chance, world } = cohort;
  const { kind, worker, course } = wish;
  const free = kind === 'SP_UNL' || kind === 'WA_UNL';
  const au = kind === 'WA_AUPAIR';
  const filed = course.submitted ?? course.created;
  const host = wish.host ?? (au ? hostFamily(cohort, wish.region, filed) : null);
  const employer = free || au ? null : wish.employer;
  const establishment = employer ? (wish.establishment ?? chance.pick(employer.establishments)) : null;
  const counter =
    wish.counter !== undefined
      ? wish.counter
      : kind === 'PC_SELF' && chance.happens(0.6)
        ? chance.pick(world.counters).kbo
        : null;
  const posting = drawPosting(cohort, wish);
  const category = wish.category ?? drawCategory(chance, kind);
  if (posting !== null && employer && wish.mandatary === undefined) mandateFor(cohort, employer, filed);
  const acting =
    wish.mandatary !== undefined
      ? wish.mandatary
      : employer && kind !== 'PC_SELF' && (posting !== null || chance.happens(0.7))
        ? mandataryOn(employer, filed)
        : null;
  const sector = employer?.sector ?? null;
  const work = sector ? chance.pick(sector.functions) : null;
  const language = languageOf(wish, chance);
  const workplace = free
    ? null
    : au
      ? (host?.home?.place ?? null)
      : (establishment?.address.place ?? placeIn(chance, wish.region));
  const [low, high] = pay[category] ?? [2500, 4000];
  const { from, to } = period(chance, wish);
  const abroad = worker.home === null && !free;
  return {
    ...(wish.sequence === undefined ? {} : { sequence: wish.sequence }),
    ...(wish.duplicatedFrom === undefined ? {} : { duplicatedFrom: wish.duplicatedFrom }),
    kind,
    applicationType: typeOf(wish),
    category,
    worker,
    employer,
    establishment,
    host,
    applicant: applicantOf(wish, host, acting, counter),
    mandatary: acting,
    counter,
    workplace,
    secondWorkplace: secondPlace(cohort, wish, posting),
    region: wish.region,
    language,
    job: {
      title: wish.title ?? work?.[language] ?? otherTitle(kind, language),
      isco: work?.isco ?? (au ? '5311' : '1120'),
      nace: sector?.nace ?? null,
      jointCommittee: sector && kind !== 'PC_SELF' ? sector.jointCommittee : null,
      hours: wish.hours ?? (au ? 20 : chance.happens(0.9) ? 38 : chance.pick([40, 36, 30.4, 19])),
      gross: wish.gross ?? (free || kind === 'PC_SELF' ? null : Math.round(low + chance.next() * (high - low))),
    },
    periodFrom: from,
    periodTo: to,
    post: abroad ? postFor(chance, worker.nationalities[0] ?? 'TR') : null,
    previous: wish.previous ?? null,
    posting,
    course,
  };
}

// Now and then work is done half here and half elsewhere.
function secondPlace({ chance }: Cohort, wish: FilingWish, posting: Filing['posting']): Place | null {
  if (wish.sequence !== undefined || wish.kind !== 'SP_LIM' || posting !== null || !chance.happens(shares.twoRegions))
    return null;
  const other = regionOf(chance);
  return other === wish.region ? null : placeIn(chance, other);
}

// Who comes under a transfer from another member state does not apply for the first time anywhere: he moves.
function typeOf({ kind, applicationType = 'FIRST' }: FilingWish): string {
  return kind === 'SP_ICT_MOB' && applicationType === 'FIRST' ? 'MOBILITY' : applicationType;
}

const titles = {
  au: { NL: 'au pair', FR: 'jeune au pair', DE: 'Au-pair' },
  self: { NL: 'zelfstandig ondernemer', FR: 'entrepreneur indépendant', DE: 'selbstständiger Unternehmer' },
  free: { NL: 'alle functies', FR: 'toutes fonctions', DE: 'alle Funktionen' },
} as const;

function otherTitle(kind: Kind, language: Language): string {
  if (kind === 'WA_AUPAIR') return titles.au[language];
  return kind === 'PC_SELF' ? titles.self[language] : titles.free[language];
}

// A posting is filed by a Belgian mandatary; an employer who has none gives a mandate for it.
function mandateFor({ chance, world }: Cohort, employer: Employer, filed: Day): void {
  if (mandataryOn(employer, filed) !== null || world.mandataries.length === 0) return;
  const holder = chance.pick(world.mandataries).kbo;
  const from = quarterBounds(filed - 100).first;
  employer.mandates.push({ holder, group: 'SINGLE_PERMIT', from, to: null, status: 'ACTIVE' });
}

const families = new WeakMap<Cohort, Worker[]>();

/** The host families of a cohort: persons who live in Belgium, and who file for an au pair. */
export function hostsOf(cohort: Cohort): Worker[] {
  return families.get(cohort) ?? [];
}

function hostFamily(cohort: Cohort, region: Region, filed: Day): Worker {
  const home = placeIn(cohort.chance, region);
  const host = makeWorker(cohort, { since: filed - 4000, nationality: 'BE', home });
  families.set(cohort, [...hostsOf(cohort), host]);
  return host;
}

/** The enterprise under which somebody is self-employed. */
export function ownEnterprise(cohort: Cohort, worker: Worker, region: Region, start: Day): Employer {
  const name = `${worker.firstNames} ${worker.lastName}`;
  return makeEmployer(cohort, {
    region,
    start,
    natural: true,
    name,
    establishments: [{ place: placeIn(cohort.chance, region) }],
  });
}

/** The share of dossiers in which a mandatary may act: how many employers give a mandate. */
export const mandateShare = shares.mandatary;
