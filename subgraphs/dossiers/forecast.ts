/** How long a dossier may still take, from how long others took that were decided lately. */
import { param, shape } from '../../db/statement.ts';
import { forecastRules, remaining } from '../../schema/forecast.ts';
import { scopeKey, scopeValues, visible } from '../access.ts';
import type { Ground, Scoped } from '../rows.ts';
import type { ForecastBasis, ForecastStage } from './types.ts';

/** What is told of one dossier; nothing but whose it is where it is closed, or where too few like it were decided. */
export type ForecastRow = Scoped<{
  workerId: string | null;
  stage: ForecastStage | null;
  basis: ForecastBasis | null;
  sample: number | null;
  p50: number | null;
  p90: number | null;
}>;

type Found = Scoped<{
  workerId: string | null;
  stage: ForecastStage | null;
  elapsed: number | null;
  basis: ForecastBasis | null;
  sample: number | null;
  days: [number, number] | null;
}>;

const stageOf = `case
  when t.status in ('SUBMITTED', 'INFO_REQUESTED') then 'SUBMISSION'
  when t.status = 'ADMISSIBLE' or (t.status = 'IN_TREATMENT' and t.work_track <> 'GRANTED') then 'ADMISSIBILITY'
  when t.status = 'IN_TREATMENT' then 'WORK_DECISION'
end`;

/** The moment at which a dossier entered the stage of the one that is asked about. */
const entered = (dossier: string): string => `case a.stage
  when 'SUBMISSION' then ${dossier}.submitted_at
  when 'ADMISSIBILITY' then ${dossier}.admissible_at
  when 'WORK_DECISION' then (select max(e.at) from dossiers.event e where e.dossier_number = ${dossier}.number and e.type = 'WORK_DECIDED')
end`;

const dayOf = (moment: string): string => `(${moment} at time zone 'Europe/Brussels')::date`;
const midnight = (day: string): string => `((${day})::timestamp at time zone 'Europe/Brussels')`;

/**
 * The dossier itself is found in the viewer's scope. The figures are not: how long an authority takes is told to every party,
 * whose own dossiers are too few to tell it. So the others leave this statement as a count and two percentiles only, and not
 * where they are fewer than the rules allow. What an appeal reopened took a course of its own, and is left out. `offset 0` has
 * the moment looked up once a dossier.
 */
const figures = `
  select b.basis, count(*)::integer as sample, percentile_cont(array[0.5, 0.9]) within group (order by s.days) as days
  from (
    select ${dayOf('d.decided_at')} - ${dayOf('s.entered')} as days,
      d.competent_authority = a.authority as "sameAuthority", d.category = a.category as "sameCategory"
    from dossiers.dossier d cross join lateral (select ${entered('d')} as entered offset 0) s
    where d.kind = a.kind and d.status in ('GRANTED', 'REFUSED')
      and d.decided_at >= ${midnight('a.today - a."window"')} and d.decided_at < ${midnight('a.today')}
      and s.entered is not null and (a.stage <> 'WORK_DECISION' or s.entered < d.decided_at)
      and not exists (select from dossiers.appeal p where p.dossier_number = d.number)
  ) s
  cross join lateral (values
    (1, 'AUTHORITY_CATEGORY_KIND', s."sameAuthority" and s."sameCategory"), (2, 'AUTHORITY_KIND', s."sameAuthority"), (3, 'KIND', true)
  ) b (rank, basis, counts)
  where b.counts group by b.rank, b.basis having count(*) >= a.least order by b.rank limit 1`;

/** Makes the forecast for one viewer; null where there is no such dossier, or none for the viewer. */
export const forecast = ({ pool, viewer }: Ground) => {
  const select = shape<Found>(`forecast for ${scopeKey(viewer)}`, (knex) =>
    knex.raw(
      `select a."workerId", a.relation, a.stage, a.today - ${dayOf(entered('a'))} as elapsed, f.basis, f.sample, f.days
       from (?) a left join lateral (${figures}) f on a.stage is not null`,
      [
        visible(knex, 'dossier', viewer)
          .select(
            knex.raw(`t.number, t.worker_id as "workerId", t.kind, t.category, t.competent_authority as authority,
              t.submitted_at, t.admissible_at, ${stageOf} as stage`),
            knex.raw('?::date as today, ?::integer as "window", ?::integer as least', [
              param('today'),
              param('windowDays'),
              param('leastSample'),
            ]),
          )
          .whereRaw('t.number = ?', [param('number')]),
      ],
    ),
  );
  return async (number: string): Promise<ForecastRow | null> => {
    const { windowDays, leastSample } = forecastRules;
    const [found] = await select(pool, { ...scopeValues(viewer), number, windowDays, leastSample });
    if (!found) return null;
    const { relation, workerId, stage, elapsed, basis, sample, days } = found;
    const [p50, p90] = (days ?? []).map((one) => remaining(one, elapsed ?? 0));
    return { relation, workerId, stage, basis, sample, p50: p50 ?? null, p90: p90 ?? null };
  };
};
