/** What a step makes of permits: that of its dossier, and the one that its dossier renews. */
import type pg from 'pg';
import { statement } from '../../db/statement.ts';
import type { Effect } from '../../schema/lifecycle.ts';
import { codeOf } from '../../schema/reference.ts';
import type { Carried } from './carry.ts';
import type { Whole } from './locked.ts';

const create = statement(`
  insert into cadastre.permit (id, kind, dossier_number, worker_id, employer_kbo, establishment_number, authority, labour_market,
    function_title, workplace_nis, valid_from, valid_to, state, card_type)
  values ($1 || '-P', $2, $1, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $10 > $12::date then 'GRANTED_NOT_STARTED' else 'ACTIVE' end, $13)`);
// The permit begins and ends as the work part was granted, or as it was applied for where there is no work part.
const granted = statement<{ from: string; to: string | null }>(`
  select valid_from as "from", valid_to as "to" from decisions.decision
  where dossier_number = $1 and outcome = 'GRANT' order by part = 'WORK' desc, version desc limit 1`);
const supersede = statement(`
  update cadastre.permit set bridging = 'NONE', state = case when state in ('ACTIVE', 'EXPIRED', 'GRANTED_NOT_STARTED') then 'SUPERSEDED' else state end
  where id = $1`);
const withdraw = statement(`
  update cadastre.permit set state = 'WITHDRAWN', bridging = 'NONE', withdrawn_on = $2, withdrawal_ground = $3, withdrawal_authority = $4
  where dossier_number = $1`);
const endEmployment = statement(
  `update cadastre.permit set state = 'ENDED_EMPLOYMENT', ended_on = $2 where dossier_number = $1`,
);
const expire = statement(`update cadastre.permit set state = 'EXPIRED' where dossier_number = $1`);
const restore = statement(`
  update cadastre.permit set state = case when valid_from > $2::date then 'GRANTED_NOT_STARTED' when valid_to < $2::date then 'EXPIRED' else 'ACTIVE' end,
    withdrawn_on = null, withdrawal_ground = null, withdrawal_authority = null
  where dossier_number = $1`);
const renewalAdmissible = statement(
  'update cadastre.permit set renewal_dossier = $2, renewal_admissible_on = $3 where id = $1',
);
const renewalGranted = statement('update cadastre.permit set renewal_work_granted_on = $2 where id = $1');
const bridge = statement(`update cadastre.permit set bridging = 'ANNEX_49' where id = $1`);
const endBridge = statement(`
  update cadastre.permit set bridging = 'NONE', renewal_work_granted_on = null,
    state = case when state = 'ACTIVE' and valid_to < $2::date then 'EXPIRED' else state end
  where id = $1`);

/** What each effect does to the permit that a dossier renews. */
const onPrevious: Partial<
  Record<Effect, (client: pg.PoolClient, id: string, dossier: string, today: string) => Promise<unknown>>
> = {
  DATE_RENEWAL_ADMISSIBLE: (client, id, dossier, today) => renewalAdmissible(client, [id, dossier, today]),
  ALLOW_WORK_ON_ANNEX_49: (client, id, _, today) => renewalGranted(client, [id, today]),
  BRIDGE_WITH_ANNEX_49: (client, id) => bridge(client, [id]),
  END_ANNEX_49: (client, id, _, today) => endBridge(client, [id, today]),
  LAPSE_WORK_AUTHORISATION: (client, id) => renewalGranted(client, [id, null]),
};

const createFor = async (client: pg.PoolClient, after: Whole, today: string): Promise<void> => {
  const kind = codeOf('permitKinds', after.kind);
  const free = kind?.labourMarket === 'UNLIMITED';
  const [period] = await granted(client, [after.number]);
  await create(client, [
    after.number,
    after.kind,
    after.workerId,
    free ? null : after.employerKbo,
    free ? null : after.establishmentNumber,
    after.competentAuthority,
    kind?.labourMarket,
    free ? null : after.functionTitle,
    free ? null : after.workplaceNis,
    period?.from ?? after.periodFrom,
    period ? period.to : after.periodTo,
    today,
    kind?.cardType ?? null,
  ]);
  // A permit that is still to begin leaves the one before in force; the clock takes it over on the day.
  if (after.previousPermitId !== null && (period?.from ?? after.periodFrom ?? today) <= today) {
    await supersede(client, [after.previousPermitId]);
  }
};

/** Writes what becomes of the permits. */
export const changePermit = async (
  client: pg.PoolClient,
  after: Whole,
  { transition, input, actor }: Pick<Carried, 'transition' | 'input' | 'actor'>,
): Promise<void> => {
  const { number } = after;
  const { today, authority } = actor;
  const changes = {
    CREATED: () => createFor(client, after, today),
    WITHDRAWN: () => withdraw(client, [number, input.effectiveOn, input.grounds?.[0], authority]),
    ENDED_EMPLOYMENT: () => endEmployment(client, [number, input.endedOn]),
    EXPIRED: () => expire(client, [number]),
    RESTORED: () => restore(client, [number, today]),
  };
  if (transition.permit !== null) await changes[transition.permit]();
  if (after.previousPermitId === null) return;
  for (const effect of transition.effects) await onPrevious[effect]?.(client, after.previousPermitId, number, today);
};
