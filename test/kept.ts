/** What is kept of a dossier, read by the owner beside all that the graph and the executor do. */
import type { DossierState } from '../schema/step-facts.ts';
import type { TimelineEvent } from '../schema/timeline.ts';

/** Asks the database as its owner. */
export type Rows = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** A dossier with all that its steps left. */
export type Kept = {
  number: string;
  state: DossierState;
  version: number;
  events: (TimelineEvent & { sequence: number; kind: string })[];
  decisions: [part: string, outcome: string, annex: string | null][];
  outbox: string[];
  past: number[];
  messages: string[];
  documents: string[];
  steps: string[];
};

/** A state whose deadlines stand in the one order that compares. */
export const stateOf = ({ deadlines, ...state }: DossierState): DossierState => ({
  ...state,
  deadlines: [...deadlines].sort((one, other) =>
    `${one.startsOn} ${one.rule}` < `${other.startsOn} ${other.rule}` ? -1 : 1,
  ),
});

const list = (value: string, from: string): string => `(select coalesce(json_agg(${value}), '[]') from ${from})`;

const text = `
  select json_build_object(
    'number', d.number,
    'state', json_build_object('status', d.status, 'workTrack', d.work_track, 'residenceTrack', d.residence_track,
      'handling', d.handling, 'competentAuthority', d.competent_authority, 'deadlines', ${list(
        `json_build_object('rule', x.rule, 'startsOn', x.starts_on, 'dueOn', x.due_on, 'metOn', x.met_on, 'suspendedSince', x.suspended_since)`,
        'dossiers.deadline x where x.dossier_number = d.number',
      )}),
    'version', d.version,
    'events', ${list(
      `json_build_object('sequence', e.sequence, 'type', e.type, 'kind', e.actor_kind, 'data', e.data) order by e.sequence`,
      'dossiers.event e where e.dossier_number = d.number',
    )},
    'decisions', ${list(
      'json_build_array(c.part, c.outcome, c.annex) order by c.recorded_at',
      'decisions.decision c where c.dossier_number = d.number',
    )},
    'outbox', ${list('o.event order by o.position', 'steps.outbox o where o.dossier_number = d.number')},
    'past', ${list('p.version order by p.version', 'dossiers.dossier_past p where p.dossier_number = d.number')},
    'messages', ${list('m.text order by m.at, m.text', 'dossiers.message m where m.dossier_number = d.number')},
    'documents', ${list('c.id order by c.id', 'dossiers.document c where c.dossier_number = d.number')},
    'steps', ${list('i.operation order by i.at', `steps.idempotency i where i.answer ->> 'number' = d.number`)}
  ) as kept from dossiers.dossier d where d.number = any($1) order by d.number`;

/** What is kept of dossiers, in the order of their numbers. */
export const kept = async (rows: Rows, numbers: readonly string[]): Promise<Kept[]> =>
  (await rows<{ kept: Kept }>(text, [numbers])).map(({ kept: one }) => ({ ...one, state: stateOf(one.state) }));
