/** A dossier as it was known at a moment: from the images of its row, its timeline, and the dates of what hangs from it. */
import DataLoader from 'dataloader';
import { statement } from '../../db/statement.ts';
import { brusselsDate } from '../../schema/calendar.ts';
import type { Relation } from '../../schema/policy.ts';
import { replay } from '../../schema/timeline.ts';
import { refuse } from '../errors.ts';
import { aligned, children, type Ground, type Scoped, snake } from '../rows.ts';
import { momentOf } from '../take.ts';
import type { Viewer } from '../viewer.ts';
import type {
  AppealRow,
  AsOf,
  DeadlineRow,
  DocumentRow,
  DossierRow,
  EventRow,
  MessageRow,
  MilestoneRow,
  NoteRow,
  PastEventRow,
  RequestRow,
  TransferRow,
} from './rows.ts';

const applicants: Partial<Record<Viewer['kind'], Partial<Record<Relation, readonly string[]>>>> = {
  EMPLOYER: { OWN: ['EMPLOYER', 'MANDATARY'] },
  MANDATARY: { OWN: ['EMPLOYER', 'MANDATARY'] },
  WORKER: { OWN: ['WORKER', 'SELF_EMPLOYED'], INVOLVED: ['HOST_FAMILY'] },
  SELF_EMPLOYED: { OWN: ['WORKER', 'SELF_EMPLOYED'], INVOLVED: ['HOST_FAMILY'] },
  ENTERPRISE_COUNTER: { OWN: ['ENTERPRISE_COUNTER'] },
};

/** Whether there was a dossier for the viewer at the moment: a draft was its applicant's alone, and as a draft it stays so. */
const wasThere = ({ kind }: Viewer, row: Scoped<DossierRow>, moment: Date): boolean => {
  if (row.createdAt > moment) return false;
  const filedLater = row.submittedAt !== null && row.submittedAt > moment;
  return !filedLater || (applicants[kind]?.[row.relation]?.includes(row.applicantKind) ?? false);
};

const by = (moment: Date, at: Date | null): Date | null => (at !== null && at > moment ? null : at);

/** What a dossier was at a moment, from the row as it then stood and from what had happened in it. */
const asItWas = (row: Scoped<DossierRow>, history: readonly PastEventRow[], moment: Date): Scoped<DossierRow> => {
  const events = history.filter(({ at }) => at <= moment);
  const { status, workTrack, residenceTrack, handling, competentAuthority } = replay(events);
  return {
    ...row,
    // A timeline that was taken over from elsewhere may not tell what changed: then the row is all there is.
    ...(status === null ? {} : { status, workTrack, residenceTrack, handling, competentAuthority }),
    submittedAt: by(moment, row.submittedAt),
    admissibleAt: by(moment, row.admissibleAt),
    forwardedToDvzAt: by(moment, row.forwardedToDvzAt),
    decidedAt: by(moment, row.decidedAt),
    asOf: { moment, day: brusselsDate(moment), events },
  };
};

/** Loads visible dossiers as they were known at a moment; null before there was one. Who sees which is as it is now. */
export const asOf = (
  ground: Ground,
  names: readonly (keyof DossierRow)[],
  byNumber: DataLoader<string, Scoped<DossierRow> | null>,
) => {
  const { pool, viewer } = ground;
  // The image that was replaced first after the moment; where there is none, the row has not changed since.
  const imagesAt = statement<DossierRow>(`
    select distinct on (p.dossier_number) ${names.map((name) => `r.${snake(name)} as "${name}"`).join(', ')}
    from dossiers.dossier_past p, jsonb_populate_record(null::dossiers.dossier, p.content) r
    where p.dossier_number = any($1) and p.until > $2
    order by p.dossier_number, p.until, p.version`);
  const histories = children<PastEventRow>(ground, 'dossiers.event', {
    parent: 'dossierNumber',
    names: ['dossierNumber', 'at', 'type', 'data'],
    order: 't.sequence',
  });
  const load = async (keys: readonly string[], moment: Date) => {
    const rows = (await byNumber.loadMany(keys)).flatMap((row) => {
      if (row instanceof Error) throw row;
      return row !== null && wasThere(viewer, row, moment) ? [row] : [];
    });
    if (rows.length === 0) return keys.map(() => null);
    const numbers = rows.map(({ number }) => number);
    const images = aligned(numbers, await imagesAt(pool, [numbers, moment]), ({ number }) => number);
    const past = rows.map(async (row, i) =>
      asItWas({ ...row, ...images[i] }, await histories.load(row.number), moment),
    );
    return aligned(keys, await Promise.all(past), ({ number }) => number);
  };
  const loaders = new Map<number, DataLoader<string, Scoped<DossierRow> | null>>();
  return (number: string, moment: Date): Promise<Scoped<DossierRow> | null> => {
    if (moment > momentOf(viewer.today)) throw refuse('BAD_USER_INPUT', 'asOf is still to come');
    const loader = loaders.get(moment.getTime()) ?? new DataLoader((keys) => load(keys, moment));
    loaders.set(moment.getTime(), loader);
    return loader.load(number);
  };
};

/** Whether what was entered by its day was known: of the day itself, where the timeline tells that it had happened. */
const entered = ({ day, events }: AsOf, date: string | null, type: string): boolean =>
  date !== null &&
  (date < day || (date === day && events.some((one) => one.type === type && brusselsDate(one.at) === day)));

type Sieve<Row> = (dossier: DossierRow, rows: readonly Row[]) => readonly Row[];

/** Leaves all of it where no moment was asked. */
const sieve =
  <Row>(at: (asOf: AsOf, rows: readonly Row[], dossier: DossierRow) => readonly Row[]): Sieve<Row> =>
  (dossier, rows) =>
    dossier.asOf ? at(dossier.asOf, rows, dossier) : rows;

const untilThen = <Row extends { at: Date }>(): Sieve<Row> =>
  sieve(({ moment }, rows) => rows.filter(({ at }) => at <= moment));

const byDay = (one: DeadlineRow, other: DeadlineRow): number =>
  `${one.startsOn} ${one.rule}` < `${other.startsOn} ${other.rule}` ? -1 : 1;

const upTo = (day: string, date: string | null): string | null => (date !== null && date > day ? null : date);

const deadlinesThen = ({ day, events }: AsOf, rows: readonly DeadlineRow[], { number }: DossierRow) =>
  events.some(({ data }) => data.change)
    ? replay(events)
        .deadlines.map((one) => ({ dossierNumber: number, ...one }))
        .sort(byDay)
    : rows
        .filter(({ startsOn }) => startsOn <= day)
        .map((row) => ({ ...row, metOn: upTo(day, row.metOn), suspendedSince: upTo(day, row.suspendedSince) }));

const documentsThen = ({ moment }: AsOf, rows: readonly DocumentRow[]) => {
  const there = rows.filter(({ uploadedAt }) => uploadedAt <= moment);
  // What replaced it may have come later.
  const stillCounts = (id: string | null) => (there.some((row) => row.id === id) ? id : null);
  return there.map((row) => ({ ...row, supersededBy: stillCounts(row.supersededBy) }));
};

const requestsThen = (asOf: AsOf, rows: readonly RequestRow[]) =>
  rows
    .filter(({ requestedOn }) => entered(asOf, requestedOn, 'INFO_REQUESTED'))
    .map((row) => ({ ...row, answeredOn: entered(asOf, row.answeredOn, 'COMPLETED') ? row.answeredOn : null }));

const appealsThen = (asOf: AsOf, rows: readonly AppealRow[]) =>
  rows
    .filter(({ lodgedOn }) => entered(asOf, lodgedOn, 'APPEAL_LODGED'))
    .map((row) => (entered(asOf, row.decidedOn, 'APPEAL_DECIDED') ? row : { ...row, outcome: null, decidedOn: null }));

/** What hangs from a dossier, as far as it was known at the moment as of which the dossier is shown; else all of it. */
export const known = {
  deadlines: sieve(deadlinesThen),
  documents: sieve(documentsThen),
  requests: sieve(requestsThen),
  transfers: untilThen<TransferRow>(),
  appeals: sieve(appealsThen),
  milestones: untilThen<MilestoneRow>(),
  messages: untilThen<MessageRow>(),
  notes: untilThen<NoteRow>(),
  timeline: untilThen<EventRow>(),
} as const;
