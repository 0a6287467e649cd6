/** What of a dossier a viewer may know, and what can still be done with it. */
import { brusselsDate } from '../../schema/calendar.ts';
import { renewalWindow } from '../../schema/deadlines.ts';
import { documentCode } from '../../schema/forms.ts';
import { isParty, type Relation } from '../../schema/policy.ts';
import { verdict } from '../../schema/verdict.ts';
import type { Scoped } from '../rows.ts';
import type { Viewer } from '../viewer.ts';
import type { DeadlineRow, DocumentRow, DossierRow, EventRow } from './rows.ts';

const employerSide = ['EMPLOYER', 'MANDATARY'];

/** What a document is to a viewer: to a party that is not the worker, its own only if its own side uploaded it. */
const documentRelation = ({ kind }: Viewer, relation: Relation, uploadedByKind: string): Relation => {
  if (!isParty(kind)) return relation;
  if (employerSide.includes(kind)) return employerSide.includes(uploadedByKind) ? relation : 'INVOLVED';
  // A person who is only involved is the host family, which files for its au pair.
  return relation === 'INVOLVED' && uploadedByKind !== 'HOST_FAMILY' ? 'OTHER' : relation;
};

const mayKnowOf = (viewer: Viewer, relation: Relation, category: string): boolean =>
  verdict(viewer, { categories: [category], from: 'STATUS', mask: undefined }, relation) === 'CLEAR';

// A code that the list does not know is kept as closely as the most sensitive.
const categoryOf = (code: string): string => documentCode(code)?.dataCategory ?? 'CRIMINAL_MEDICAL';

/** The documents whose presence a viewer may know of; the others are left out, so that not even their number shows. */
export const documentsFor = (viewer: Viewer, relation: Relation, rows: readonly DocumentRow[]) =>
  rows
    .map((row) => ({
      ...row,
      category: categoryOf(row.code),
      relation: documentRelation(viewer, relation, row.uploadedByKind),
    }))
    .filter((row) => mayKnowOf(viewer, row.relation, row.category));

/** What a request asks for: the parties must know all of it, an authority no more than which documents it may know of. */
export const itemsFor = (viewer: Viewer, relation: Relation, items: readonly string[]): readonly string[] =>
  items.filter((item) => isParty(viewer.kind) || mayKnowOf(viewer, relation, categoryOf(item)));

// Who applies in person; what an employer filed, it stops itself.
const byItself = ['WORKER', 'SELF_EMPLOYED'];
const open = ['DRAFT', 'SUBMITTED', 'INFO_REQUESTED', 'ADMISSIBLE', 'IN_TREATMENT'];

/** Whether what was granted was taken back, by the region or by the Immigration Office. */
const takenBack = (timeline: readonly EventRow[]): boolean => timeline.some(({ type }) => type === 'PERMIT_WITHDRAWN');

/** What has happened to a dossier, and which terms run. */
type Course = { timeline: readonly EventRow[]; deadlines: readonly DeadlineRow[] };

const appealable = ['D08', 'D09'];

const proceduresOf = (dossier: DossierRow, { timeline, deadlines }: Course, today: string): string[] => {
  const { status, kind, employerKbo, periodTo } = dossier;
  if (open.includes(status)) return byItself.includes(dossier.applicantKind) ? ['WITHDRAW_APPLICATION'] : [];
  const isOver = takenBack(timeline);
  if (status === 'REFUSED' || (status === 'GRANTED' && isOver)) {
    const mayAppeal = deadlines.some(
      ({ rule, metOn, dueOn }) => appealable.includes(rule) && metOn === null && today <= dueOn,
    );
    return mayAppeal ? ['LODGE_APPEAL'] : [];
  }
  if (status !== 'GRANTED' || periodTo === null || periodTo < today) return [];
  const region = dossier.competentAuthority ?? '';
  const submittedOn = brusselsDate(dossier.submittedAt ?? new Date());
  const window = renewalWindow(periodTo, { region, kind, submittedOn });
  const mayRenew =
    window.earliest !== null && window.latest !== null && window.earliest <= today && today <= window.latest;
  // A permit that binds to no employer needs no other one to change.
  return [...(mayRenew ? ['RENEW'] : []), ...(employerKbo === null ? [] : ['CHANGE_OF_EMPLOYER'])];
};

/**
 * What a worker could still do today, given the dossiers and their courses: codes of the list `procedures`, each once. Told
 * from dossiers alone of whose job the viewer may know.
 */
export const proceduresFor = (
  viewer: Viewer,
  dossiers: readonly Scoped<DossierRow>[],
  courses: readonly Course[],
): string[] => {
  const told = ({ relation }: Scoped<DossierRow>) =>
    verdict(viewer, { categories: ['JOB'], from: 'MASKED', mask: undefined }, relation) === 'CLEAR';
  const each = dossiers.flatMap((dossier, i) =>
    told(dossier) ? proceduresOf(dossier, courses[i] ?? { timeline: [], deadlines: [] }, viewer.today) : [],
  );
  return [...new Set(each)];
};
