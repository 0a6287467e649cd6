/** The dossier that a step is about, as its transaction holds it: nobody else changes it meanwhile. */
import type pg from 'pg';
import { param, shape, statement } from '../../db/statement.ts';
import { brusselsDate } from '../../schema/calendar.ts';
import type { FloorFacts } from '../../schema/categories.ts';
import { type Competence, competentAuthority, type Workplace } from '../../schema/competence.ts';
import { replacedDocuments } from '../../schema/forms.ts';
import type { CallerFacts, DossierDeadline, DossierFacts, DossierPermit, Part } from '../../schema/step-facts.ts';
import { verdict } from '../../schema/verdict.ts';
import { scopeKey, scopeValues, visible } from '../access.ts';
import { columns, type Scoped } from '../rows.ts';
import type { Viewer } from '../viewer.ts';
import type { DossierRow } from './rows.ts';

/** Places that the competent authority follows from, as the applicant states them. */
export type Places = {
  readonly workplaces?: readonly Workplace[] | null;
  readonly host?: string | null;
  readonly residence?: string | null;
  readonly foreignEmployer?: boolean | null;
};

/** A dossier with all that its steps read and write. Days are texts, moments are dates. */
export type Whole = DossierRow & {
  applicantId: string;
  counterKbo: string | null;
  workerNationality: string | null;
  workplaceAuthority: string | null;
  competenceInputs: Readonly<Record<string, unknown>>;
  places: Places;
  floorFacts: FloorFacts;
  welcomeConsentOn: string | null;
  createdAt: Date;
  copiedToDvzAt: Date | null;
  nextDeadlineOn: string | null;
};

const wholeColumns = [
  ...['number', 'kind', 'applicationType', 'status', 'workTrack', 'residenceTrack', 'handling', 'channel'],
  ...['helpdeskTicket', 'language', 'ruleSet', 'competentAuthority', 'competenceRule', 'competenceInputs', 'category'],
  ...['employerKbo', 'establishmentNumber', 'workerId', 'workerNationality', 'applicantKind', 'applicantId'],
  ...['mandataryKbo', 'counterKbo', 'workplacePostalCode', 'workplaceNis', 'workplaceAuthority', 'functionTitle'],
  ...['isco08', 'naceCode', 'jointCommittee', 'weeklyHours', 'grossMonthly', 'periodFrom', 'periodTo', 'posting'],
  ...['diplomaticPost', 'residenceMunicipality', 'previousPermitId', 'duplicatedFrom', 'regionReference'],
  ...['dvzReference', 'createdAt', 'submittedAt', 'admissibleAt', 'copiedToDvzAt', 'forwardedToDvzAt', 'decidedAt'],
  ...['places', 'statedWorker', 'floorFacts', 'welcomeConsentOn', 'nextDeadlineOn', 'version'],
];

/** That a dossier is there. */
const presence = { categories: ['ENVELOPE'], from: 'STATUS', mask: undefined } as const;

/** Locks a dossier and answers it; null where there is none, or none for the viewer: nothing is there for who may not know it. */
export const locked = async (client: pg.PoolClient, viewer: Viewer, number: string): Promise<Scoped<Whole> | null> => {
  const scope = scopeKey(viewer);
  const lock = shape(`dossier lock for ${scope}`, (knex) =>
    knex.raw('? for update of t', [visible(knex, 'dossier', viewer).whereRaw('t.number = ?', [param('number')])]),
  );
  const select = shape<Scoped<Whole>>(`dossier locked for ${scope}`, (knex) =>
    visible(knex, 'dossier', viewer)
      .select(columns(wholeColumns))
      .whereRaw('t.number = ?', [param('number')]),
  );
  const values = { ...scopeValues(viewer), number };
  if ((await lock(client, values)).length === 0) return null;
  // Whoever waited for the lock saw the register of ties as it was before: what the dossier is to them is asked now.
  const [row] = await select(client, values);
  return row && verdict(viewer, presence, row.relation) === 'CLEAR' ? row : null;
};

const systemSelect = shape<Scoped<Whole>>('dossier locked for the clock', (knex) =>
  knex.raw('? for update of t', [
    knex('dossiers.dossier as t')
      .select(columns(wholeColumns))
      .select(knex.raw(`'OWN' as relation`))
      .whereRaw('t.number = ?', [param('number')]),
  ]),
);

/** Locks a dossier for the clock, which no scope narrows. */
export const lockedByClock = async (client: pg.PoolClient, number: string): Promise<Scoped<Whole> | null> => {
  const [row] = await systemSelect(client, { number });
  return row ?? null;
};

type Hanging = {
  deadlines: DossierDeadline[];
  documents: string[];
  request: { missing: string[]; dueOn: string; proposed: boolean } | null;
  reported: string[];
  contested: { part: Part; cause: 'REFUSAL' | 'WITHDRAWAL'; notifiedOn: string } | null;
  permit: DossierPermit | null;
  previousPermit: DossierPermit | null;
  duplicate: boolean;
  seat: string | null;
  unit: string | null;
  country: string | null;
  birthDate: string | null;
  staysLegally: boolean;
  mandateInForce: boolean;
  filedUnderMandate: boolean;
  dmfa: boolean;
  limosa: boolean;
  permits: boolean;
};

const permitOf = (where: string): string => `(
  select json_build_object('validFrom', p.valid_from, 'validTo', p.valid_to, 'bridging', p.bridging, 'state',
    case when p.state = 'GRANTED_NOT_STARTED' and p.valid_from <= $2::date then 'ACTIVE' else p.state end)
  from cadastre.permit p where ${where} order by p.valid_from desc, p.id desc limit 1)`;

// All that hangs from a dossier and its parties and that a guard may ask, in one round trip.
const hanging = statement<{ facts: Hanging }>(`
  select json_build_object(
    'deadlines', (select coalesce(json_agg(json_build_object('rule', x.rule, 'startsOn', x.starts_on, 'dueOn', x.due_on,
        'metOn', x.met_on, 'suspendedSince', x.suspended_since) order by x.starts_on, x.rule), '[]')
      from dossiers.deadline x where x.dossier_number = d.number),
    'documents', (select coalesce(json_agg(distinct x.code), '[]')
      from dossiers.document x where x.dossier_number = d.number and x.superseded_by is null),
    'request', (select json_build_object('dueOn', r.due_on, 'proposed', r.proposed_on is not null, 'missing',
        (select coalesce(json_agg(i), '[]') from unnest(r.items) i where not exists (
          select from dossiers.document x where x.dossier_number = d.number and x.code = i
            and x.uploaded_at > coalesce(r.requested_at, r.requested_on::timestamp at time zone 'Europe/Brussels'))))
      from dossiers.information_request r where r.dossier_number = d.number and r.answered_on is null
      order by r.requested_on desc limit 1),
    'reported', (select coalesce(json_agg(concat(e.data ->> 'rule', ' ', e.data ->> 'startsOn')), '[]')
      from dossiers.event e where e.dossier_number = d.number and e.type = 'DEADLINE_MISSED'),
    'contested', (select json_build_object('part', c.part, 'notifiedOn', coalesce(c.notified_on, c.decided_on),
        'cause', case c.outcome when 'REFUSE' then 'REFUSAL' else 'WITHDRAWAL' end)
      from decisions.decision c where c.dossier_number = d.number and c.outcome in ('REFUSE', 'WITHDRAW')
      order by c.decided_on desc, c.recorded_at desc nulls last, c.version desc limit 1),
    'permit', ${permitOf('p.dossier_number = d.number')},
    'previousPermit', ${permitOf('p.id = d.previous_permit_id')},
    'duplicate', exists (select from dossiers.dossier o where o.number <> d.number and o.employer_kbo = d.employer_kbo
      -- A counter names whatever employer it will, and is told of its own files alone.
      and (d.applicant_kind <> 'ENTERPRISE_COUNTER' or o.counter_kbo = d.counter_kbo)
      and o.worker_id = coalesce(d.worker_id, access.worker_of(d.stated_worker ->> 'insz'))
      and o.status in ('SUBMITTED', 'INFO_REQUESTED', 'ADMISSIBLE', 'IN_TREATMENT')
      and o.period_from <= coalesce(d.period_to, 'infinity') and coalesce(o.period_to, 'infinity') >= d.period_from),
    'seat', (select a.postal_code from employers.address a
      where a.entity = d.employer_kbo and a.type = 'REGO' and a.struck_off_on is null),
    'unit', (select a.postal_code from employers.address a
      where a.entity = d.establishment_number and a.type = 'BAET' and a.struck_off_on is null),
    'country', w.country,
    'birthDate', w.birth_date,
    'staysLegally', exists (select from workers.residence_status s where s.worker_id = d.worker_id
      and s.valid_from <= $2::date and coalesce(s.valid_to, 'infinity') >= $2::date and s.status <> 'ENDED'),
    'mandateInForce', exists (select from access.involvement m where m.party = $3 and m.subject_kind = 'EMPLOYER'
      and m.subject = d.employer_kbo and m.capacity = 'MANDATE' and m.valid_from <= $2::date
      and coalesce(m.valid_to, 'infinity') >= $2::date),
    -- The register of mandates tells who filed for the employer, also when the mandate has ended since.
    'filedUnderMandate', exists (select from access.involvement m where m.party = 'MANDATARY:' || d.mandatary_kbo
      and m.subject_kind = 'EMPLOYER' and m.subject = d.employer_kbo and m.capacity = 'MANDATE'
      and coalesce((d.submitted_at at time zone 'Europe/Brussels')::date, $2::date)
        between m.valid_from and coalesce(m.valid_to, 'infinity')),
    'dmfa', r.dmfa,
    'limosa', r.limosa,
    'permits', r.permits
  ) as facts
  from dossiers.dossier d left join workers.worker w on w.id = d.worker_id
    cross join lateral access.registers_with(coalesce(d.worker_id, access.worker_of(d.stated_worker ->> 'insz')), d.employer_kbo) r
  where d.number = $1`);

/** The place of a postal code, where there is one. */
const place = (postalCode: string | null | undefined) => (postalCode == null ? undefined : { postalCode });

const statedWorkplaces = ({ workplaces }: Places, dossier: Whole): readonly Workplace[] | undefined => {
  const stated = workplaces?.map(({ postalCode, nis, share }) => ({
    ...(postalCode == null ? {} : { postalCode }),
    ...(nis == null ? {} : { nis }),
    ...(share == null ? {} : { share }),
  }));
  if (stated && stated.length > 0) return stated;
  const known = dossier.workplaceNis ?? undefined;
  return known === undefined ? undefined : [{ nis: known }];
};

/** The competent authority that a dossier's facts lead to, those that a step corrects included. */
const competenceFor = (dossier: Whole, places: Places, { seat, unit }: Pick<Hanging, 'seat' | 'unit'>) =>
  competentAuthority({
    kind: dossier.kind,
    workplaces: statedWorkplaces(places, dossier),
    seat: place(seat),
    residence: place(places.residence),
    hostFamily: place(places.residence),
    establishment: place(unit ?? seat),
    hostEstablishment: place(places.host),
    posted: dossier.posting !== null,
    foreignEmployer: places.foreignEmployer ?? false,
  });

// A document for which a register stands in is not asked for (only once).
const replaced = ({ dmfa, limosa, permits, filedUnderMandate }: Hanging): readonly string[] =>
  replacedDocuments({
    MANDATE: filedUnderMandate,
    DMFA: dmfa,
    LIMOSA: limosa,
    CADASTRE: permits,
  });

const isMinor = (birthDate: string | null, today: string): boolean =>
  birthDate !== null &&
  /^\d{4}-\d\d-\d\d$/.test(birthDate) &&
  `${Number(birthDate.slice(0, 4)) + 18}${birthDate.slice(4)}` > today;

const ageOn = (birthDate: string | null, today: string): number | undefined => {
  if (birthDate === null) return undefined;
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return birthDate.length === 10 && birthDate.slice(4) > today.slice(4) ? years - 1 : years;
};

/** What the life cycle is told of a dossier, and what of its caller only the registers know. */
export type Known = {
  readonly dossier: DossierFacts;
  readonly caller: Pick<CallerFacts, 'mandateInForce' | 'staysLegally'>;
  readonly competence: Competence | null;
};

/** Reads what the guards of a step ask about a dossier that is held. `places` are those that the step corrects. */
export const known = async (
  client: pg.PoolClient,
  whole: Whole,
  { viewer, today, places }: { viewer: Pick<Viewer, 'party'> | null; today: string; places?: Places | undefined },
): Promise<Known> => {
  const [row] = await hanging(client, [whole.number, today, viewer?.party ?? '']);
  if (!row) throw new Error('a dossier that is held is not there');
  const { facts } = row;
  const stated = whole.statedWorker;
  const birthDate = facts.birthDate ?? stated?.birthDate ?? null;
  const age = ageOn(birthDate, today);
  const competence = competenceFor(whole, { ...whole.places, ...places }, facts);
  // Nobody states anew the facts of a dossier that was routed: they lead where they led, until they are corrected.
  const routed = places === undefined && whole.submittedAt !== null;
  const day = (moment: Date | null): string | null => moment && brusselsDate(moment);
  return {
    competence,
    caller: { mandateInForce: facts.mandateInForce, staysLegally: facts.staysLegally },
    dossier: {
      status: whole.status,
      workTrack: whole.workTrack,
      residenceTrack: whole.residenceTrack,
      handling: whole.handling,
      competentAuthority: whole.competentAuthority,
      deadlines: facts.deadlines,
      kind: whole.kind,
      applicationType: whole.applicationType,
      category: whole.category,
      channel: whole.channel,
      helpdeskTicket: whole.helpdeskTicket,
      employerKbo: whole.employerKbo,
      mandataryKbo: whole.mandataryKbo,
      workerKnownBy: whole.workerId !== null || stated?.insz ? 'INSZ' : stated ? 'DETAILS' : null,
      workerAbroad: stated ? stated.abroad === true : facts.country !== null && facts.country !== 'BE',
      workerMinor: isMinor(birthDate, today),
      diplomaticPost: whole.diplomaticPost,
      posted: whole.posting !== null,
      derivedAuthority: routed ? whole.competentAuthority : (competence?.authority ?? null),
      documents: [...new Set([...facts.documents, ...replaced(facts)])],
      openDuplicate: facts.duplicate,
      periodFrom: whole.periodFrom ?? '',
      periodTo: whole.periodTo,
      grossMonthly: whole.grossMonthly === null ? null : Number(whole.grossMonthly),
      floor: { ...whole.floorFacts, ...(age === undefined ? {} : { age }) },
      submittedOn: day(whole.submittedAt),
      admissibleOn: day(whole.admissibleAt),
      request: facts.request,
      reported: facts.reported,
      contested: facts.contested,
      permit: facts.permit,
      previousPermit: facts.previousPermit,
      welcomeConsent: whole.welcomeConsentOn !== null,
    },
  };
};
