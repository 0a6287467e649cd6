import { makeNsso } from '../../schema/identifiers.ts';
import { filesDossiers } from '../../schema/mandates.ts';
import { searchable } from '../kbo-layout.ts';
import type { Cohort } from './cohort.ts';
import { type Day, dateOf, dateOrNull, dayOf, quarterBounds, quarterOfDay } from './days.ts';
import { foundersOf } from './names.ts';
import { type Address, addressIn, type Language, languageAt, type Place, placeIn } from './places.ts';
import { weighted } from './random.ts';
import { inspectionOf } from './register.ts';
import type { Region } from './shape.ts';
import { type Sector, sectors } from './work.ts';

/** A place where an employer has people work. */
export type Establishment = { readonly number: string; readonly address: Address; readonly start: Day };

/** A mandate given to a social secretariat or another service provider. */
export type Mandate = {
  readonly holder: string;
  readonly group: string;
  readonly from: Day;
  readonly to: Day | null;
  readonly status: 'TO_FINALISE' | 'PENDING' | 'ACTIVE' | 'REJECTED' | 'CLOSED';
};

/** An enterprise as the KBO and the RSZ know it. */
export type Employer = {
  readonly kbo: string;
  readonly name: string;
  readonly language: Language;
  readonly sector: Sector;
  readonly seat: Address;
  readonly start: Day;
  readonly establishments: readonly Establishment[];
  readonly mandates: Mandate[];
  readonly natural: boolean;
  readonly form: LegalForm;
  /** STOPPED, BANKRUPT, JUDICIAL_REORGANISATION or IN_LIQUIDATION since a day. */
  end: { state: string; since: Day } | null;
  dossiers: number;
  headcount: number | null;
};

/** What is fixed about an enterprise; all else is drawn. */
export type EnterpriseWish = {
  readonly kbo?: string;
  readonly name?: string;
  readonly place?: Place;
  readonly region?: Region;
  readonly sector?: Sector;
  readonly start?: Day;
  readonly establishments?: readonly { place: Place; number?: string; start?: Day; address?: Address }[];
  readonly natural?: boolean;
  readonly form?: LegalForm;
  readonly founder?: string;
};

const anySector = weighted(sectors.map((sector) => [sector, sector.weight] as const));

/** The legal forms of the enterprises, by KBO code, as they are written behind a name and in full. */
export const legalForms = {
  '610': {
    NL: ['BV', 'Besloten vennootschap'],
    FR: ['SRL', 'Société à responsabilité limitée'],
    DE: ['GmbH', 'Gesellschaft mit beschränkter Haftung'],
  },
  '014': { NL: ['NV', 'Naamloze vennootschap'], FR: ['SA', 'Société anonyme'], DE: ['AG', 'Aktiengesellschaft'] },
  '017': {
    NL: ['vzw', 'Vereniging zonder winstoogmerk'],
    FR: ['ASBL', 'Association sans but lucratif'],
    DE: ['VoG', 'Vereinigung ohne Gewinnerzielungsabsicht'],
  },
} as const;
type LegalForm = keyof typeof legalForms;
const commercial = weighted<LegalForm>([
  ['610', 75],
  ['014', 25],
]);
const social = new Set(['86101', '72190']); // care and research are the work of associations

const kboLanguage: Readonly<Record<Language, string>> = { FR: '1', NL: '2', DE: '3' };
const HISTORY = dayOf('2019-01-03');

function nameOf(cohort: Cohort, sector: Sector, language: Language, place: Place, form: LegalForm): string {
  const { chance } = cohort;
  const founder = chance.pick(foundersOf(language));
  const where = language === 'FR' ? place.fr : place.nl;
  const core = chance.happens(0.6)
    ? `${sector.noun[language]} ${founder}`
    : `${sector.noun[language]} ${where} ${founder}`;
  return `${core} ${legalForms[form][language][0]}`;
}

/** Makes an enterprise; it exists for years before the history begins unless the wish says otherwise. */
export function makeEmployer(cohort: Cohort, wish: EnterpriseWish): Employer {
  const { chance, world } = cohort;
  const place = wish.place ?? placeIn(chance, wish.region ?? 'VLA-DEM');
  const language = languageAt(chance, place);
  const sector = wish.sector ?? anySector(chance);
  // A young employer with many dossiers is a signal (I18), so that the ordinary ones are older than a year.
  const start = wish.start ?? HISTORY - chance.between(400, 12_000);
  const seat = addressIn(chance, place);
  const form = wish.form ?? (social.has(sector.nace) ? '017' : commercial(chance));
  const drawn = chance.happens(0.3) ? chance.between(2, 3) : 1;
  const wanted =
    wish.establishments ??
    Array.from({ length: drawn }, (_, at) => ({ place: at === 0 ? place : placeIn(chance, place.authority) }));
  return {
    kbo: wish.kbo ?? world.numbers.kbo(),
    name: wish.name ?? nameOf(cohort, sector, language, place, form),
    form,
    language,
    sector,
    seat,
    start,
    establishments: wanted.map((unit: NonNullable<EnterpriseWish['establishments']>[number], at) => ({
      number: unit.number ?? world.numbers.establishment(),
      address: unit.address ?? (at === 0 && unit.place === place ? seat : addressIn(chance, unit.place)),
      start: unit.start ?? start + (at === 0 ? 0 : 30),
    })),
    mandates: [],
    natural: wish.natural ?? false,
    end: null,
    dossiers: 0,
    headcount: null,
  };
}

const mandateGroups = weighted([
  ['SINGLE_PERMIT', 6],
  ['ALL', 3],
  ['NSSO', 4],
  ['LIMOSA', 1],
] as const);

const mandateStates = weighted([
  ['ACTIVE', 14],
  ['CLOSED', 3],
  ['PENDING', 1],
  ['TO_FINALISE', 1],
  ['REJECTED', 1],
] as const);

/** Gives an employer mandates, or none, as employers do. */
export function giveMandates(cohort: Cohort, employer: Employer, share: number): void {
  const { chance, world, today } = cohort;
  if (world.mandataries.length === 0 || !chance.happens(share)) return;
  const first = chance.pick(world.mandataries);
  const status = mandateStates(chance);
  const from = quarterBounds(Math.max(employer.start, HISTORY - 400) + chance.between(0, 200)).first;
  const to =
    status === 'CLOSED' ? quarterBounds(Math.min(from + chance.between(400, 1500), today - 100)).next - 1 : null;
  employer.mandates.push({ holder: first.kbo, group: mandateGroups(chance), from, to, status });
  if (to !== null && chance.happens(0.5)) {
    const next = chance.pick(world.mandataries);
    if (next.kbo !== first.kbo)
      employer.mandates.push({ holder: next.kbo, group: 'SINGLE_PERMIT', from: to + 1, to: null, status: 'ACTIVE' });
  }
}

/** The mandatary who may file for an employer on a day, or null. */
export function mandataryOn(employer: Employer, day: Day): string | null {
  const found = employer.mandates.find(
    ({ status, group, from, to }) =>
      (status === 'ACTIVE' || status === 'CLOSED') && filesDossiers(group) && from <= day && (to === null || day <= to),
  );
  return found?.holder ?? null;
}

function writeAddress(cohort: Cohort, entity: string, type: 'REGO' | 'BAET', address: Address): void {
  const { place, street, houseNumber } = address;
  cohort.batch.add('employers.address', {
    entity,
    type,
    postal_code: place.postalCode,
    municipality_nl: place.nl,
    municipality_fr: place.fr,
    street_nl: street,
    street_fr: street,
    house_number: houseNumber,
    authority: place.authority,
  });
}

function writeNames(cohort: Cohort, { kbo, name, language }: Employer): void {
  cohort.batch.add('employers.denomination', {
    entity: kbo,
    language: kboLanguage[language],
    type: '001',
    name,
    search: searchable(name),
  });
}

function writeActivity(cohort: Cohort, entity: string, group: string, nace: string): void {
  cohort.batch.add('employers.activity', {
    entity,
    activity_group: group,
    nace_version: '2008',
    nace_code: nace,
    classification: 'MAIN',
  });
}

const situations: Readonly<Record<string, string>> = {
  BANKRUPT: '050',
  JUDICIAL_REORGANISATION: '091',
  IN_LIQUIDATION: '010',
};

function writeMandates(cohort: Cohort, employer: Employer): void {
  for (const [at, mandate] of employer.mandates.entries()) {
    cohort.batch.add('employers.mandate', {
      id: `MAN-${employer.kbo}-${at + 1}`,
      giver_kbo: employer.kbo,
      holder_kbo: mandate.holder,
      mandate_group: mandate.group,
      from_quarter: quarterOfDay(mandate.from),
      to_quarter: mandate.to === null ? null : quarterOfDay(mandate.to),
      status: mandate.status,
    });
    const had = mandate.status === 'ACTIVE' || mandate.status === 'CLOSED';
    if (!had || !filesDossiers(mandate.group)) continue;
    // A mandate counts by whole quarters.
    const from = quarterBounds(mandate.from).first;
    const to = mandate.to === null ? null : quarterBounds(mandate.to).next - 1;
    cohort.register.note(`MANDATARY:${mandate.holder}`, 'EMPLOYER', employer.kbo, 'MANDATE', from, to);
  }
}

/** Writes an enterprise with all that the KBO, the RSZ and Mahis hold about it. */
export function writeEmployer(cohort: Cohort, employer: Employer): void {
  const { batch, chance, register, today } = cohort;
  const { kbo, end, sector } = employer;
  const stopped = end !== null && (end.state === 'STOPPED' || end.state === 'BANKRUPT');
  batch.add('employers.enterprise', {
    kbo,
    status: end?.state === 'STOPPED' ? 'ST' : 'AC',
    juridical_situation: end === null ? '000' : (situations[end.state] ?? '000'),
    type_of_enterprise: employer.natural ? '1' : '2',
    juridical_form: employer.natural ? null : employer.form,
    start_date: dateOf(employer.start),
    end_date: end?.state === 'STOPPED' ? dateOf(end.since) : null,
    foreign_entity: false,
  });
  writeNames(cohort, employer);
  writeAddress(cohort, kbo, 'REGO', employer.seat);
  writeActivity(cohort, kbo, '001', sector.nace);
  if (employer.dossiers > 0) writeActivity(cohort, kbo, '006', sector.nace);
  for (const unit of employer.establishments) {
    batch.add('employers.establishment', {
      number: unit.number,
      kbo,
      start_date: dateOf(unit.start),
      end_date: stopped ? dateOrNull(end?.since) : null,
    });
    writeAddress(cohort, unit.number, 'BAET', unit.address);
    writeActivity(cohort, unit.number, '001', sector.nace);
    const inspection = inspectionOf(unit.address.place.authority);
    if (inspection) register.note(inspection, 'EMPLOYER', kbo, 'TERRITORY', unit.start);
  }
  writeMandates(cohort, employer);
  register.note(`EMPLOYER:${kbo}`, 'EMPLOYER', kbo, 'PARTY', employer.start);
  if (employer.dossiers === 0 && chance.happens(0.4)) return; // not every enterprise employs
  const insolvency = end !== null && end.state !== 'STOPPED' ? end : null;
  batch.add('employers.employer', {
    kbo,
    nsso: makeNsso(kbo.slice(1, 8)),
    joint_committees: [sector.jointCommittee],
    insolvency: insolvency?.state ?? null,
    insolvency_since: dateOrNull(insolvency?.since),
  });
  const headcount = employer.headcount ?? 5 + employer.dossiers * 5 + chance.between(0, 60);
  let quarter = quarterBounds(today).first - 1;
  for (let back = 0; back < 3 && (!stopped || back > 0); back += 1) {
    batch.add('employers.headcount', { kbo, quarter: quarterOfDay(quarter), headcount });
    quarter = quarterBounds(quarter).first - 1;
  }
}
