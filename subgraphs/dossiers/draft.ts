/** Drafts: what an applicant states, as the columns of a dossier, and how a dossier begins. */
import type pg from 'pg';
import { statement } from '../../db/statement.ts';
import { authority } from '../../schema/authorities.ts';
import { addMonths, brusselsDate } from '../../schema/calendar.ts';
import { ruleSet } from '../../schema/deadlines.ts';
import { documentCode } from '../../schema/forms.ts';
import { inszFacts, jointCommitteeCode, makeDossierNumber, naceCode } from '../../schema/identifiers.ts';
import { municipality } from '../../schema/places.ts';
import { codeOf } from '../../schema/reference.ts';
import { initialTrack } from '../../schema/step-facts.ts';
import { snake } from '../rows.ts';
import type { Viewer } from '../viewer.ts';
import type { Places, Whole } from './locked.ts';
import type { StatedWorker } from './rows.ts';
import type { CreateDraftInput, DraftFacts } from './types.ts';

/** The parties of a dossier, as who begins it makes them. */
export type Parties = Pick<
  Whole,
  'applicantKind' | 'applicantId' | 'employerKbo' | 'mandataryKbo' | 'counterKbo' | 'workerId' | 'workerNationality'
>;

const me = statement<{ id: string; nationalities: string[] }>(
  'select w.id, w.nationalities from workers.worker w where w.id = access.worker_of($1)',
);

/** Who applies, and for whom; a sentence where the facts do not say so. */
export const partiesOf = async (
  client: pg.PoolClient,
  viewer: Viewer,
  kind: string,
  facts: DraftFacts | null | undefined,
): Promise<Parties | string> => {
  const stated = facts?.worker ?? null;
  const nationality = stated?.nationalities[0] ?? null;
  const none = { mandataryKbo: null, counterKbo: null, workerId: null, workerNationality: nationality };
  const { kbo } = viewer;
  if (viewer.kind === 'EMPLOYER' && kbo !== null) {
    if (facts?.employer != null && facts.employer !== kbo) return 'You file for yourself: the employer is you.';
    return { ...none, applicantKind: 'EMPLOYER', applicantId: kbo, employerKbo: kbo };
  }
  if (viewer.kind === 'MANDATARY' && kbo !== null) {
    if (facts?.employer == null) return 'You file for another: name the employer.';
    return { ...none, applicantKind: 'MANDATARY', applicantId: kbo, employerKbo: facts.employer, mandataryKbo: kbo };
  }
  if (viewer.kind === 'ENTERPRISE_COUNTER' && kbo !== null) {
    const employerKbo = facts?.employer ?? null;
    return { ...none, applicantKind: 'ENTERPRISE_COUNTER', applicantId: kbo, employerKbo, counterKbo: kbo };
  }
  const [person] = viewer.insz === null ? [] : await me(client, [viewer.insz]);
  if (!person) return 'The registers do not know you yet: somebody who employs you files first.';
  const counterKbo = facts?.counter ?? null;
  const employerKbo = facts?.employer ?? null;
  if (kind === 'WA_AUPAIR') {
    return { ...none, applicantKind: 'HOST_FAMILY', applicantId: person.id, employerKbo: null };
  }
  const own = { workerId: person.id, workerNationality: person.nationalities[0] ?? 'XX' };
  return { ...none, ...own, applicantKind: viewer.kind, applicantId: person.id, employerKbo, counterKbo };
};

// What is stated of a worker goes into the draft as it is; absent parts stay absent.
const workerOf = (worker: NonNullable<DraftFacts['worker']>): StatedWorker => ({
  ...worker,
  nationalities: [...worker.nationalities],
});

const placesOf = ({ workplaces, host, residence, foreignEmployer }: NonNullable<DraftFacts['places']>): Places => ({
  ...(workplaces == null
    ? {}
    : { workplaces: workplaces.map((one) => ({ ...one }) as NonNullable<Places['workplaces']>[number]) }),
  ...(host == null ? {} : { host }),
  ...(residence == null ? {} : { residence }),
  ...(foreignEmployer == null ? {} : { foreignEmployer }),
});

const plain = [
  'category',
  'functionTitle',
  'isco08',
  'naceCode',
  'jointCommittee',
  'weeklyHours',
  'grossMonthly',
  'periodFrom',
  'periodTo',
  'diplomaticPost',
  'residenceMunicipality',
] as const satisfies readonly (keyof DraftFacts & keyof Whole)[];

// Whom a draft names anew is whom it is for, also where it was copied from a dossier on another.
const workerColumns = (
  worker: DraftFacts['worker'],
  { workerId, workerNationality }: Pick<Whole, 'workerId' | 'workerNationality'>,
): Partial<Whole> => {
  if (worker === undefined) return {};
  if (worker === null) return { statedWorker: null, workerNationality: workerId === null ? null : workerNationality };
  return { statedWorker: workerOf(worker), workerId: null, workerNationality: worker.nationalities[0] ?? null };
};

/** The columns that a draft's facts change: what is left out stays, what is null is taken out. */
export const columnsOf = (
  facts: DraftFacts | null | undefined,
  before: Pick<Whole, 'places' | 'floorFacts' | 'workerId' | 'workerNationality'>,
): Partial<Whole> => {
  if (facts == null) return {};
  const named = plain.filter((name) => facts[name] !== undefined).map((name) => [name, facts[name] ?? null]);
  const floor = (['profession', 'junior', 'shortageOccupation'] as const).filter((name) => facts[name] !== undefined);
  return {
    ...Object.fromEntries(named),
    ...(facts.establishment === undefined ? {} : { establishmentNumber: facts.establishment }),
    ...(facts.previousPermit === undefined ? {} : { previousPermitId: facts.previousPermit }),
    ...(facts.posting === undefined ? {} : { posting: facts.posting && ({ ...facts.posting } as Whole['posting']) }),
    ...(facts.places === undefined
      ? {}
      : { places: facts.places === null ? {} : { ...before.places, ...placesOf(facts.places) } }),
    ...workerColumns(facts.worker, before),
    ...(floor.length === 0
      ? {}
      : {
          floorFacts: Object.fromEntries(
            Object.entries({
              ...before.floorFacts,
              ...Object.fromEntries(floor.map((name) => [name, facts[name]])),
            }).filter(([, value]) => value != null),
          ),
        }),
  };
};

const texts: readonly (keyof DraftFacts)[] = ['functionTitle', 'isco08', 'profession'];

const tooLong = (value: unknown): boolean => typeof value === 'string' && value.length > 300;

type Fault = readonly [wrong: boolean, sentence: string];

const workerFaults = (worker: DraftFacts['worker'], today: string): Fault[] => {
  if (worker == null) return [];
  const { insz, lastName, firstNames, birthDate, nationalities, passportNumber, email } = worker;
  const facts = insz ? inszFacts(insz, today) : null;
  // Month and day can be unknown in the number; what it does tell must agree.
  const agrees = facts === null || facts.birthDate.startsWith(birthDate) || birthDate.startsWith(facts.birthDate);
  return [
    [lastName.trim() === '' || firstNames.trim() === '', 'The worker has a last name and first names.'],
    [
      [lastName, firstNames, passportNumber, email].some(tooLong),
      'A name, a passport number or an address is too long.',
    ],
    [nationalities.length === 0, 'The worker has a nationality; XS says stateless, XX unknown.'],
    [birthDate > today, 'The worker is born in the future.'],
    [!agrees, 'The number of the worker tells another day of birth.'],
    [email != null && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email), 'The e-mail address is none.'],
  ];
};

const shares = (places: DraftFacts['places']): boolean =>
  places?.workplaces?.some(({ share }) => share != null && !(share >= 0 && share <= 1)) === true;

/** What is wrong with a draft as it is stated, in a sentence; null where nothing is. */
export const faultIn = (
  { facts, language }: { facts?: DraftFacts | null | undefined; language?: string | null | undefined },
  today: string,
): string | null => {
  if (language === 'EN') return 'A dossier is treated in Dutch, French or German.';
  if (facts == null) return null;
  const {
    category,
    naceCode: nace,
    jointCommittee,
    weeklyHours,
    periodFrom,
    periodTo,
    diplomaticPost,
    residenceMunicipality: nis,
    posting,
  } = facts;
  const faults: Fault[] = [
    [category != null && codeOf('admissionCategories', category) === null, 'There is no such admission category.'],
    [nace != null && 'fault' in naceCode(nace), 'There is no such NACE code.'],
    [
      jointCommittee != null &&
        ('fault' in jointCommitteeCode(jointCommittee) || codeOf('jointCommittees', jointCommittee) === null),
      'There is no such joint committee.',
    ],
    [weeklyHours != null && !(weeklyHours > 0 && weeklyHours <= 99), 'The hours a week are none.'],
    [periodFrom != null && periodTo != null && periodTo < periodFrom, 'The employment ends before it begins.'],
    [diplomaticPost != null && authority(diplomaticPost)?.kind !== 'POST', 'There is no such diplomatic post.'],
    [nis != null && municipality(nis) === null, 'There is no such municipality.'],
    [texts.some((name) => tooLong(facts[name])) || tooLong(posting?.sender), 'A text is longer than 300 characters.'],
    [shares(facts.places), 'A share of time lies between 0 and 1.'],
    ...workerFaults(facts.worker, today),
  ];
  return faults.find(([wrong]) => wrong)?.[1] ?? null;
};

const nextNumber = statement<{ next: number }>('select dossiers.next_number($1, $2) as next');

/** A dossier that begins: everything that is not stated yet is unknown. */
export const blank = (
  {
    kind,
    applicationType,
    language,
    channel,
    helpdeskTicket,
  }: Pick<CreateDraftInput, 'kind' | 'applicationType' | 'language' | 'channel' | 'helpdeskTicket'>,
  parties: Parties,
  now: Date,
  today: string,
): Omit<Whole, 'number' | 'version'> => ({
  kind,
  applicationType: applicationType ?? 'FIRST',
  status: 'DRAFT',
  workTrack: initialTrack(kind, 'WORK'),
  residenceTrack: initialTrack(kind, 'RESIDENCE'),
  handling: 'SERIAL',
  channel: channel ?? 'ONLINE',
  helpdeskTicket: helpdeskTicket ?? null,
  language,
  ruleSet: ruleSet(today),
  competentAuthority: null,
  competenceRule: null,
  competenceInputs: {},
  category: null,
  establishmentNumber: null,
  ...parties,
  workplacePostalCode: null,
  workplaceNis: null,
  workplaceAuthority: null,
  functionTitle: null,
  isco08: null,
  naceCode: null,
  jointCommittee: null,
  weeklyHours: null,
  grossMonthly: null,
  periodFrom: null,
  periodTo: null,
  posting: null,
  diplomaticPost: null,
  residenceMunicipality: null,
  previousPermitId: null,
  duplicatedFrom: null,
  regionReference: null,
  dvzReference: null,
  places: {},
  statedWorker: null,
  floorFacts: {},
  welcomeConsentOn: null,
  createdAt: now,
  submittedAt: null,
  admissibleAt: null,
  copiedToDvzAt: null,
  forwardedToDvzAt: null,
  decidedAt: null,
  nextDeadlineOn: null,
});

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !(value instanceof Date);

/** Adds a dossier with the next number of its kind and year. */
export const insert = async (
  client: pg.PoolClient,
  content: Omit<Whole, 'number' | 'version'>,
  today: string,
): Promise<Whole> => {
  const prefix = codeOf('permitKinds', content.kind)?.numberPrefix ?? 'SP';
  const year = Number(today.slice(0, 4));
  const [row] = await nextNumber(client, [prefix, year]);
  if (!row) throw new Error('no number was given');
  const dossier: Whole = { ...content, number: makeDossierNumber(prefix, year, row.next), version: 1 };
  const entries = Object.entries(dossier);
  const text = `insert into dossiers.dossier (${entries.map(([name]) => snake(name)).join(', ')}) values (${entries.map((_, i) => `$${i + 1}`).join(', ')})`;
  await statement(text)(
    client,
    entries.map(([, value]) => (isObject(value) ? JSON.stringify(value) : value)),
  );
  return dossier;
};

const documentsOf = statement<{ id: string; code: string; uploadedAt: Date }>(`
  select id, code, uploaded_at as "uploadedAt" from dossiers.document
  where dossier_number = $1 and superseded_by is null and erased_at is null`);
const copyDocuments = statement(`
  insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at, copy_of)
  select gen_random_uuid()::text, $1, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at, coalesce(copy_of, id)
  from dossiers.document where id = any($2::text[])`);

/** Copies the documents of a dossier that are still valid into another (DOMAIN T01): how long each is, its code says. */
export const duplicateDocuments = async (
  client: pg.PoolClient,
  from: string,
  to: string,
  today: string,
): Promise<void> => {
  const found = await documentsOf(client, [from]);
  const valid = found.filter(({ code, uploadedAt }) => {
    const months = documentCode(code)?.validMonths ?? null;
    return months !== null && addMonths(brusselsDate(uploadedAt), months) >= today;
  });
  if (valid.length > 0) await copyDocuments(client, [to, valid.map(({ id }) => id)]);
};
