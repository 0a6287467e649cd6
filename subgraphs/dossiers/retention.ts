/** The daily job that erases what was kept for long enough (DOMAIN 9): each rule by itself, in slices, as often as one likes. */
import type pg from 'pg';
import { statement } from '../../db/statement.ts';
import { documentCodes } from '../../schema/forms.ts';
import { noFollowUp, overBefore, overSince } from '../../schema/retention.ts';
import { traceOf } from '../errors.ts';
import { log } from '../log.ts';
import type { Contents } from './contents.ts';

/** Connections of the role permit_steps, and where contents are kept. */
type Ground = { pool: pg.Pool; contents: Contents };

/** How many rows one statement takes: it must end in time, and let others in between. */
const slice = 100;

const sensitive = documentCodes.flatMap(({ code, dataCategory }) =>
  dataCategory === 'CRIMINAL_MEDICAL' ? [code] : [],
);

const clock = statement<{ now: Date; today: string; database: string }>(
  'select now() as now, dossiers.day_of(now())::text as today, id as database from steps.folder',
);

const forgetUploads = statement<{ id: string }>(`
  delete from steps.upload where id in (
    select id from steps.upload where at < $1 order by at limit ${slice} for update skip locked
  ) returning id`);

const forgetKeys = statement(`
  delete from steps.idempotency where (caller, key) in (
    select caller, key from steps.idempotency where at < $1 order by at limit ${slice} for update skip locked
  ) returning key`);

// The residence decision ends what an extract or a certificate was asked for. Where there was none, the end of the dossier does.
const eraseContents = statement<{ content: string }>(`
  update dossiers.document set erased_at = now(), file_name = null, sha256 = null
  where id in (
    select o.id from dossiers.document o join dossiers.dossier d on d.number = o.dossier_number
    where o.code = any($1::text[]) and o.erased_at is null and not d.legal_hold and d.submitted_at is not null
      and case
        when d.status = 'UNDER_APPEAL' then false
        when d.residence_track in ('GRANTED', 'REFUSED') then coalesce(
          (select max(x.decided_on) from decisions.decision x where x.dossier_number = d.number and x.part = 'RESIDENCE'),
          dossiers.day_of(d.decided_at)
        ) < $2::date
        when d.status in ('GRANTED', 'REFUSED', 'INADMISSIBLE', 'APPLICANT_WITHDRAWN', 'WITHOUT_OBJECT')
          then dossiers.day_of(coalesce(d.decided_at, d.submitted_at)) < $2::date
        else false
      end
    order by o.id limit ${slice}
    for update of o skip locked
  ) returning coalesce(copy_of, id) as content`);

const eraseDossiers = statement<{ erased: number; contents: string[] }>(
  `select erased, contents from dossiers.erase($1, $2::date, ${slice})`,
);

const eraseHits = statement<{ erased: number }>(
  `select cadastre.erase_hits($1::text[], $2::date, $3::date, ${slice}) as erased`,
);

const nobodys = statement<{ id: string }>(`
  select i.id from unnest($1::text[]) i(id)
  where not exists (select from steps.upload u where u.id = i.id)
    and not exists (select from dossiers.document o where coalesce(o.copy_of, o.id) = i.id and o.erased_at is null)`);

/** Takes slice after slice until one is empty; answers how much that was. */
const all = async (take: () => Promise<number>): Promise<number> => {
  for (let count = 0; ; ) {
    const taken = await take();
    if (taken === 0) return count;
    count += taken;
  }
};

async function* bunches(ids: AsyncIterable<string>): AsyncGenerator<string[]> {
  let bunch: string[] = [];
  for await (const id of ids) {
    if (bunch.push(id) < slice) continue;
    yield bunch;
    bunch = [];
  }
  if (bunch.length > 0) yield bunch;
}

/**
 * Erases all that is over today, and answers how many of what. One rule that fails leaves the others; then it throws in the
 * end. Rows go first and contents after them, so that whatever breaks off leaves content that no row names: the sweep at the
 * end takes it, of today or of any day before. A clock that is fixed ahead of the database's own erases nothing sooner.
 */
export const retain = async ({ pool, contents }: Ground, today: string): Promise<Record<string, number>> => {
  const [own] = await clock(pool);
  if (!own) throw new Error('the database has no clock');
  const day = today < own.today ? today : own.today;

  /** Drops contents that stand in no document any more: a duplicated dossier can have the same. */
  const drop = async (ids: readonly string[]): Promise<number> => {
    const found = await nobodys(pool, [ids]);
    for (const { id } of found) await contents.drop(id);
    return found.length;
  };
  const dossiers = (neverSubmitted: boolean, before: string) => () =>
    all(async () => {
      const [row] = await eraseDossiers(pool, [neverSubmitted, before]);
      await drop(row?.contents ?? []);
      return row?.erased ?? 0;
    });

  const rules: Record<string, () => Promise<number>> = {
    drafts: dossiers(true, overBefore('DRAFT', day)),
    dossiers: dossiers(false, overBefore('DOSSIER', day)),
    contents: () =>
      all(async () => {
        const erased = await eraseContents(pool, [sensitive, overBefore('CRIMINAL_MEDICAL', day)]);
        await drop(erased.map(({ content }) => content));
        return erased.length;
      }),
    hits: () =>
      all(async () => {
        const before = [overBefore('HIT_WITHOUT_FOLLOW_UP', day), overBefore('HIT_FOLLOWED_UP', day)];
        const [row] = await eraseHits(pool, [noFollowUp, ...before]);
        return row?.erased ?? 0;
      }),
    keys: () => all(async () => (await forgetKeys(pool, [overSince('IDEMPOTENCY_KEY', own.now)])).length),
    uploads: () =>
      all(async () => {
        const forgotten = await forgetUploads(pool, [overSince('WAITING_UPLOAD', own.now)]);
        await drop(forgotten.map(({ id }) => id));
        return forgotten.length;
      }),
    // Content comes before its row: what is younger may still get one.
    orphans: async () => {
      if (!(await contents.belongsTo(own.database))) throw new Error('the contents are those of another database');
      let count = 0;
      const old = contents.keptBefore(overSince('WAITING_UPLOAD', new Date()));
      for await (const bunch of bunches(old)) count += await drop(bunch);
      return count;
    },
  };

  const erased: Record<string, number> = {};
  const faults: unknown[] = [];
  for (const [name, rule] of Object.entries(rules)) {
    try {
      erased[name] = await rule();
    } catch (error) {
      log.error({ rule: name, ...traceOf(error) }, 'what is over could not be erased');
      faults.push(error);
    }
  }
  log.info({ erased }, 'what was over is erased');
  if (faults.length > 0) throw new AggregateError(faults, 'not all that is over could be erased');
  return erased;
};
