/** What authentic sources hold already of an application (only once), told to who could file it. */
import { param, shape } from '../../db/statement.ts';
import { replacedDocuments } from '../../schema/forms.ts';
import { codeList } from '../../schema/reference.ts';
import { scopeKey, scopeValues, visible } from '../access.ts';
import type { Ground, Scoped } from '../rows.ts';

/** Whom an application is about, as far as the viewer may know of them, and what need not be added to it. */
export type PrefillRow = Scoped<{
  kbo: string | null;
  /** Nothing where nobody was asked for; empty where nobody was found. */
  workerId: string | null;
  replaced: readonly string[];
}>;

type Asked = { insz?: string | null | undefined; kbo?: string | null | undefined };
type Found = { workerId: string | null; kbo: string | null; dmfa: boolean; limosa: boolean; permits: boolean };

const kindsAppliedForBy = (applicant: string): readonly string[] =>
  codeList('permitKinds').flatMap(({ code, applicants }) => (applicants.includes(applicant) ? [code] : []));

/**
 * Makes the question for one viewer. Person and enterprise are looked for among those that the viewer has a file on: of all
 * others it is told what it would be told of nobody, by the same statement.
 */
export const prefill = ({ pool, viewer }: Ground) => {
  const select = shape<Found>(`prefill for ${scopeKey(viewer)}`, (knex) =>
    knex.raw(
      `select p.id as "workerId", e.kbo, r.* from (select) one
        left join lateral (?) p on true left join lateral (?) e on true
        cross join lateral access.registers_with(p.id, e.kbo) r`,
      [
        visible(knex, 'person', viewer)
          .select('t.id')
          .whereRaw('t.id = access.worker_of(?)', [param('asked')])
          .limit(1),
        visible(knex, 'enterprise', viewer)
          .select('t.kbo')
          .whereRaw('t.kbo = ?', [param('of')])
          .limit(1),
      ],
    ),
  );
  return async (asked: Asked): Promise<PrefillRow> => {
    const insz = asked.insz ?? viewer.insz;
    const of = asked.kbo ?? (viewer.kind === 'EMPLOYER' ? viewer.kbo : null);
    const [found] = await select(pool, { ...scopeValues(viewer), asked: insz, of });
    if (!found) throw new Error('a question that always has one answer has none');
    const { workerId, dmfa, limosa, permits } = found;
    // An employer is there for itself before anybody has a file on it.
    const kbo = viewer.kind === 'EMPLOYER' && of === viewer.kbo ? of : found.kbo;
    // A mandatary finds an enterprise by a mandate that is in force, and no other way.
    const held = {
      MANDATE: viewer.kind === 'MANDATARY' && kbo !== null,
      DMFA: dmfa,
      LIMOSA: limosa,
      CADASTRE: permits,
    };
    return {
      relation: 'OWN',
      kbo,
      workerId: insz === null ? null : (workerId ?? ''),
      replaced: replacedDocuments(held, kindsAppliedForBy(viewer.kind)),
    };
  };
};
