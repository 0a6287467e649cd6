/** Dossiers and what hangs from them. */
import DataLoader from 'dataloader';
import { param, shape } from '../../db/statement.ts';
import { isParty } from '../../schema/policy.ts';
import { codeList } from '../../schema/reference.ts';
import { related, scopeKey, scopeValues, visible } from '../access.ts';
import { mustBeAuthorities, mustBeCodes } from '../common.ts';
import { permitted } from '../filter.ts';
import { type Condition, type PageArgs, page, pages } from '../page.ts';
import { aligned, byKey, byParent, children, columns, type Ground, type Scoped, snake } from '../rows.ts';
import type { Viewer } from '../viewer.ts';
import { asOf } from './as-of.ts';
import { deliveryStore } from './deliveries.ts';
import { type FeedArgs, feed } from './feed.ts';
import { forecast } from './forecast.ts';
import { prefill } from './prefill.ts';
import type {
  AppealRow,
  DeadlineRow,
  DocumentOfDossier,
  DocumentRow,
  DossierRow,
  EventRow,
  MessageRow,
  MilestoneRow,
  NoteRow,
  RequestRow,
  TransferRow,
} from './rows.ts';
import type { dossierSteps } from './steps.ts';
import type { DossierFilter, DossierSort, SortDirection } from './types.ts';

const dossierColumns = [
  'number',
  'kind',
  'applicationType',
  'status',
  'workTrack',
  'residenceTrack',
  'handling',
  'channel',
  'helpdeskTicket',
  'language',
  'ruleSet',
  'competentAuthority',
  'competenceRule',
  'category',
  'employerKbo',
  'establishmentNumber',
  'workerId',
  'applicantKind',
  'mandataryKbo',
  'workplacePostalCode',
  'workplaceNis',
  'functionTitle',
  'isco08',
  'naceCode',
  'jointCommittee',
  'weeklyHours',
  'grossMonthly',
  'periodFrom',
  'periodTo',
  'posting',
  'diplomaticPost',
  'residenceMunicipality',
  'previousPermitId',
  'duplicatedFrom',
  'regionReference',
  'dvzReference',
  'createdAt',
  'submittedAt',
  'admissibleAt',
  'forwardedToDvzAt',
  'decidedAt',
  'version',
  'statedWorker',
] as const satisfies readonly (keyof DossierRow)[];

const messageColumns = ['id', 'at', 'senderKind', 'text'] as const satisfies readonly (keyof MessageRow)[];
const documentColumns = [
  'id',
  'code',
  'fileName',
  'mime',
  'sizeBytes',
  'sha256',
  'uploadedByKind',
  'uploadedAt',
  'supersededBy',
  'erasedAt',
] as const satisfies readonly (keyof DocumentRow)[];

type ListArgs = PageArgs & {
  filter?: DossierFilter | null | undefined;
  sort?: DossierSort | null | undefined;
  direction?: SortDirection | null | undefined;
};

const submission = { sql: `coalesce(t.submitted_at, '-infinity'::timestamptz)`, type: 'timestamptz', descending: true };
const lifeCycle = codeList('dossierStatuses').map(({ code }) => `'${code}'`);

/** Never null, so that a page can go on from any row. */
const orders = {
  SUBMITTED_AT: submission,
  DEADLINE: { sql: `coalesce(t.next_deadline_on, 'infinity'::date)`, type: 'date', descending: false },
  STATUS: { sql: `array_position(array[${lifeCycle.join(', ')}], t.status)`, type: 'integer', descending: false },
} as const satisfies Record<DossierSort, { sql: string; type: string; descending: boolean }>;

const midnight = `at time zone 'Europe/Brussels'`;

/** The condition that each part of a filter stands for; its value is bound, a day as a day in Belgium. */
const conditions: { [Part in keyof Required<DossierFilter>]: string } = {
  status: 't.status = any(?::text[])',
  kind: 't.kind = any(?::text[])',
  applicationType: 't.application_type = any(?::text[])',
  category: 't.category = any(?::text[])',
  authority: 't.competent_authority = any(?::text[])',
  employer: 't.employer_kbo = ?',
  worker: 't.worker_id = ?',
  nationality: 't.worker_nationality = any(?::text[])',
  deadlineUntil: 't.next_deadline_on <= ?',
  // The expression that is sorted by, and that the index holds.
  submittedFrom: `${submission.sql} >= ?::date::timestamp ${midnight}`,
  submittedTo: `t.submitted_at is not null and ${submission.sql} < (?::date + 1)::timestamp ${midnight}`,
  decidedFrom: `t.decided_at >= ?::date::timestamp ${midnight}`,
  decidedTo: `t.decided_at < (?::date + 1)::timestamp ${midnight}`,
};

const mayFilter = permitted('dossiers');

/** Lists that wait for somebody: which dossiers, and what has not happened to them yet. */
const worklists = {
  post: `t.status = 'GRANTED' and not exists (select from dossiers.milestone m where m.dossier_number = t.number and m.kind = 'VISA_ISSUED')`,
  municipality: `t.status = 'GRANTED' and not exists (select from dossiers.milestone m where m.dossier_number = t.number and m.kind = 'CARD_ISSUED')`,
  counter: `t.status in ('SUBMITTED', 'INFO_REQUESTED', 'ADMISSIBLE', 'IN_TREATMENT', 'UNDER_APPEAL')`,
} as const;

/** Reads for one viewer. What hangs from a dossier is read for dossiers that were found visible first. */
export const dossierStore = (ground: Ground) => {
  const { pool, viewer } = ground;
  const employerPages = new Map<string, ReturnType<typeof pages<DossierRow>>>();
  // A party has no dossiers but its own: also those that it filed for another.
  const own: Condition = { sql: isParty(viewer.kind) ? 'true' : related('dossier', viewer, ['OWN']) };

  const list = (name: string, { filter, sort, direction, ...args }: ListArgs, also: readonly Condition[] = []) => {
    const order = orders[sort ?? 'SUBMITTED_AT'];
    mustBeAuthorities(filter?.authority ?? []);
    mustBeCodes('admissionCategories', filter?.category ?? []);
    const given = Object.entries(filter ?? {}).filter(([, value]) => value != null);
    const coordinates = given.map(([part]) => `DossierFilter.${part}`);
    return page<DossierRow>(
      ground,
      {
        name,
        table: 'dossier',
        names: dossierColumns,
        key: 'number',
        order: { ...order, descending: direction ? direction === 'DESC' : order.descending },
        conditions: [
          ...given.map(([part, value]) => ({
            // the filter's type names no other parts
            sql: conditions[part as keyof DossierFilter],
            values: { [part]: value },
          })),
          ...mayFilter(viewer, 'dossier', [...coordinates, `DossierSort.${sort ?? 'SUBMITTED_AT'}`]),
          ...also,
        ],
      },
      args,
    );
  };

  const worklist = (name: keyof typeof worklists) => {
    const select = shape<Scoped<DossierRow>>(`worklist of the ${name} for ${scopeKey(viewer)}`, (knex) =>
      visible(knex, 'dossier', viewer)
        .select(columns(dossierColumns))
        .whereRaw(worklists[name])
        .orderByRaw('t.submitted_at, t.number')
        .limit(100),
    );
    return select(pool, scopeValues(viewer));
  };

  const openRequests = shape<Scoped<RequestRow>>(`open requests for ${scopeKey(viewer)}`, (knex) =>
    visible(knex, 'dossier', viewer)
      .joinRaw('join dossiers.information_request r on r.dossier_number = t.number and r.answered_on is null')
      .select(
        knex.raw(
          't.worker_id as "workerId", r.dossier_number as "dossierNumber", r.requested_on as "requestedOn", r.due_on as "dueOn"',
        ),
      )
      .select(knex.raw('r.items, r.answered_on as "answeredOn"'))
      .whereRaw(`t.status = 'INFO_REQUESTED' and ${own.sql}`)
      .orderByRaw('r.due_on, r.dossier_number')
      .limit(100),
  );

  const documentsById = shape<DocumentOfDossier>(`documents by id for ${scopeKey(viewer)}`, (knex) =>
    visible(knex, 'dossier', viewer)
      .joinRaw('join dossiers.document o on o.dossier_number = t.number and o.id = any(?)', [param('ids')])
      .select(knex.raw('t.worker_id as "workerId", o.dossier_number as "dossierNumber"'))
      .select(documentColumns.map((name) => `o.${snake(name)} as ${name}`)),
  );

  const hanging = <Row extends { dossierNumber: string }>(
    table: string,
    names: readonly (keyof Row & string)[],
    order: string,
    where?: string,
  ) =>
    children<Row>(ground, `dossiers.${table}`, {
      parent: 'dossierNumber',
      names: ['dossierNumber', ...names],
      order,
      ...(where ? { where } : {}),
    });

  const byNumber = byKey<DossierRow>(ground, 'dossier', 'number', dossierColumns);
  const atMoment = asOf(ground, dossierColumns, byNumber);
  return {
    ...deliveryStore(ground),
    byNumber,
    /** A dossier as it is now, or as it was known at a moment. */
    dossier: (number: string, moment: Date | null | undefined) =>
      moment == null ? byNumber.load(number) : atMoment(number, moment),
    list: (args: ListArgs) => list('dossiers', args),
    mine: (args: ListArgs) => list('dossiers of my own', args, [own]),
    ofEmployer: (args: Pick<PageArgs, 'first' | 'after'>) => {
      const key = JSON.stringify(args);
      const made =
        employerPages.get(key) ??
        pages<DossierRow>(
          ground,
          {
            name: 'dossiers of employer',
            table: 'dossier',
            names: dossierColumns,
            key: 'number',
            order: submission,
            parent: 't.employer_kbo = k.key',
          },
          args,
        );
      employerPages.set(key, made);
      return made;
    },
    ofWorker: byParent<DossierRow>(ground, 'dossier', {
      parent: 't.worker_id = k.key',
      names: dossierColumns,
      order: `${submission.sql} desc, t.number desc`,
    }),
    forecast: forecast(ground),
    prefill: prefill(ground),
    worklist,
    openRequests: () => openRequests(pool, scopeValues(viewer)),
    deadlines: hanging<DeadlineRow>(
      'deadline',
      ['rule', 'startsOn', 'dueOn', 'metOn', 'suspendedSince'],
      't.starts_on, t.rule',
    ),
    documents: hanging<DocumentRow>('document', documentColumns, 't.uploaded_at, t.id'),
    document: new DataLoader<string, DocumentOfDossier | null>(async (ids) => {
      const rows = await documentsById(pool, { ...scopeValues(viewer), ids });
      return aligned(ids, rows, ({ id }) => id);
    }),
    requests: hanging<RequestRow>(
      'information_request',
      ['requestedOn', 'dueOn', 'items', 'answeredOn'],
      't.requested_on, t.id',
    ),
    transfers: hanging<TransferRow>('transfer', ['at', 'fromAuthority', 'toAuthority', 'reason'], 't.at'),
    appeals: hanging<AppealRow>(
      'appeal',
      ['lodgedOn', 'lodgedByKind', 'againstPart', 'outcome', 'decidedOn'],
      't.lodged_on, t.id',
    ),
    milestones: hanging<MilestoneRow>('milestone', ['kind', 'at', 'authority'], 't.at, t.kind'),
    messages: hanging<MessageRow>('message', messageColumns, 't.at, t.id'),
    message: byKey<MessageRow & { workerId: string | null }>(ground, 'message', 'id', [
      'dossierNumber',
      'workerId',
      ...messageColumns,
    ]),
    outbox: (args: FeedArgs) => feed(ground, args),
    // A note belongs to the authority that wrote it, whatever else another may see of the dossier.
    notes: hanging<NoteRow>('note', ['at', 'text'], 't.at, t.id', 't.authority = ?'),
    timeline: hanging<EventRow>('event', ['sequence', 'type', 'at', 'actorKind', 'actor'], 't.sequence'),
  };
};

/** What a resolver has at hand. */
export type Context = {
  viewer: Viewer;
  store: ReturnType<typeof dossierStore>;
  steps: ReturnType<typeof dossierSteps>;
};
