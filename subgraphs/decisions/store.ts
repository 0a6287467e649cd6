/** Decisions on the work part and on the residence part. */
import { param, shape } from '../../db/statement.ts';
import { addMonths } from '../../schema/calendar.ts';
import { scopeValues } from '../access.ts';
import { byKey, byParent, columns, type Ground, type Scoped } from '../rows.ts';
import type { Viewer } from '../viewer.ts';

export type DecisionRow = {
  id: string;
  dossierNumber: string;
  workerId: string;
  part: 'WORK' | 'RESIDENCE';
  outcome: 'GRANT' | 'REFUSE' | 'WITHDRAW' | 'END' | 'INADMISSIBLE' | 'WITHOUT_OBJECT';
  authority: string;
  decidedOn: string;
  notifiedOn: string | null;
  validFrom: string | null;
  validTo: string | null;
  grounds: string[];
  motivation: string | null;
  annex: string | null;
  version: number;
  supersedes: string | null;
  /** Null for what was taken over from before. */
  recordedAt: Date | null;
};

export type PriorOutcomeRow = Pick<
  DecisionRow,
  'workerId' | 'authority' | 'decidedOn' | 'part' | 'outcome' | 'grounds'
> & {
  sameEmployer: boolean | null;
};

const decisionColumns = [
  'id',
  'dossierNumber',
  'workerId',
  'part',
  'outcome',
  'authority',
  'decidedOn',
  'notifiedOn',
  'validFrom',
  'validTo',
  'grounds',
  'motivation',
  'annex',
  'version',
  'supersedes',
  'recordedAt',
] as const satisfies readonly (keyof DecisionRow)[];

/** How far back a region may see that another refused (assumption: DOMAIN 2.3, extra rule a). */
const lookBackMonths = 24;

// A region sees that a negative outcome exists, whoever took it, of a worker on whom it has a file of its own.
const priorOutcomes = shape<Scoped<PriorOutcomeRow>>('prior outcomes', (knex) =>
  knex('decisions.decision as t')
    .joinRaw(
      `join access.involvement i on i.party = ? and i.subject_kind = 'WORKER' and i.subject = t.worker_id and i.capacity = 'COMPETENT' and i.valid_from <= ?`,
      [param('party'), param('today')],
    )
    .select(columns(['workerId', 'authority', 'decidedOn', 'part', 'outcome', 'grounds']))
    .select(knex.raw(`t.employer_kbo = ?::text as "sameEmployer", 'OWN' as relation`, [param('employer')]))
    .whereRaw('t.worker_id = ? and t.decided_on >= ?', [param('worker'), param('since')])
    .whereIn('t.outcome', ['REFUSE', 'WITHDRAW', 'INADMISSIBLE'])
    .orderByRaw('t.decided_on desc, t.id'),
);

/** Reads for one viewer. */
export const decisionStore = (ground: Ground) => ({
  byId: byKey<DecisionRow>(ground, 'decision', 'id', decisionColumns),
  byDossier: byParent<DecisionRow>(ground, 'decision', {
    parent: 't.dossier_number = k.key',
    names: decisionColumns,
    order: 't.decided_on, t.recorded_at nulls first, t.id',
  }),
  priorOutcomes: (worker: string, employer: string | null) =>
    priorOutcomes(ground.pool, {
      ...scopeValues(ground.viewer),
      worker,
      employer,
      since: addMonths(ground.viewer.today, -lookBackMonths),
    }),
});

/** What a resolver has at hand. */
export type Context = { viewer: Viewer; store: ReturnType<typeof decisionStore> };
