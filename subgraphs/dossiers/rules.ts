/** What of a dossier a viewer may know, and what can still be done with it. */
import { brusselsDate } from '../../schema/calendar.ts';
import { deadline, renewalWindow } from '../../schema/deadlines.ts';
import { documentCode } from '../../schema/forms.ts';
import type { Relation } from '../../schema/policy.ts';
import { verdict } from '../../schema/verdict.ts';
import type { Scoped } from '../rows.ts';
import type { Viewer } from '../viewer.ts';
import type { DocumentRow, DossierRow, EventRow } from './rows.ts';

const employerSide = ['EMPLOYER', 'MANDATARY'];

/**
 * The documents whose presence a viewer may know of. To the employer's side a document is its own only if it uploaded it;
 * of the others, what the policy closes is left out, so that not even their number shows.
 */
export const documentsFor = (viewer: Viewer, relation: Relation, rows: readonly DocumentRow[]) =>
  rows
    .map((row) => ({
      ...row,
      // A code that the list does not know is kept as closely as the most sensitive.
      category: documentCode(row.code)?.dataCategory ?? 'CRIMINAL_MEDICAL',
      relation:
        employerSide.includes(viewer.kind) && !employerSide.includes(row.uploadedByKind)
          ? ('INVOLVED' as const)
          : relation,
    }))
    .filter(
      (row) =>
        verdict(
          viewer.kind,
          { categories: [row.category], from: 'STATUS', mask: undefined },
          { relation: row.relation, purpose: viewer.purpose !== null },
        ) === 'CLEAR',
    );

const open = ['DRAFT', 'SUBMITTED', 'INFO_REQUESTED', 'ADMISSIBLE', 'IN_TREATMENT'];

/** Whether what was granted was taken back: the permit withdrawn, or the right of residence ended after the grant. */
const takenBack = ({ decidedAt }: DossierRow, timeline: readonly EventRow[]): boolean =>
  timeline.some(
    ({ type, at }) =>
      type === 'PERMIT_WITHDRAWN' || (type === 'RESIDENCE_DECIDED' && decidedAt !== null && at > decidedAt),
  );

const proceduresOf = (dossier: DossierRow, timeline: readonly EventRow[], today: string): string[] => {
  const { status, competentAuthority: region, kind, employerKbo, periodTo } = dossier;
  if (open.includes(status)) return ['WITHDRAW_APPLICATION'];
  const submittedOn = brusselsDate(dossier.submittedAt ?? new Date());
  if (status === 'REFUSED' && dossier.decidedAt) {
    const last = deadline('D08', { region, kind, submittedOn, from: brusselsDate(dossier.decidedAt) });
    return last !== null && today <= last ? ['LODGE_APPEAL'] : [];
  }
  if (status !== 'GRANTED' || periodTo === null || periodTo < today || takenBack(dossier, timeline)) return [];
  const window = renewalWindow(periodTo, { region, kind, submittedOn });
  const mayRenew =
    window.earliest !== null && window.latest !== null && window.earliest <= today && today <= window.latest;
  // A permit that binds to no employer needs no other one to change.
  return [...(mayRenew ? ['RENEW'] : []), ...(employerKbo === null ? [] : ['CHANGE_OF_EMPLOYER'])];
};

/** What a worker could still do today, given the dossiers and their timelines: codes of the list `procedures`, each once. */
export const proceduresFor = (
  dossiers: readonly Scoped<DossierRow>[],
  timelines: readonly (readonly EventRow[])[],
  today: string,
): string[] => [...new Set(dossiers.flatMap((dossier, i) => proceduresOf(dossier, timelines[i] ?? [], today)))];
