import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { pool } from '../db/database.ts';
import { json } from '../schema/data.ts';
import { fromOf, openSteps, type Step, type StepName, steps, type Way } from '../schema/lifecycle.ts';
import { kinds } from '../schema/policy.ts';
import {
  type DossierDeadline,
  type DossierFacts,
  type DossierState,
  initialTrack,
  type Part,
  type TrackStatus,
} from '../schema/step-facts.ts';
import { replay, type TimelineEvent } from '../schema/timeline.ts';
import { clockwork } from '../subgraphs/dossiers/clock.ts';
import { known, lockedByClock } from '../subgraphs/dossiers/locked.ts';
import { log } from '../subgraphs/log.ts';
import { taker } from '../subgraphs/take.ts';
import { number } from './cast.ts';
import { today } from './cluster.ts';
import { freshDatabase } from './database.ts';
import { caller } from './life.ts';

type Told = TimelineEvent & { readonly actorKind: string };
type Life = { readonly number: string; readonly kind: string; readonly state: DossierState; readonly events: Told[] };

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let owner: pg.Pool;
let db: pg.PoolClient;

beforeAll(async () => {
  fresh = await freshDatabase();
  owner = new pg.Pool({ connectionString: fresh.ownerUrl, max: 1 });
  db = await owner.connect();
  await db.query(`set timezone = 'Europe/Brussels'`);
});

afterAll(async () => {
  db.release();
  await owner.end();
  await fresh.drop();
});

/** What the services know of a dossier when they take a step in it. */
const knownOf = async (of: string) => {
  const whole = await lockedByClock(db, of);
  if (whole === null) throw new Error(`${of} is not there`);
  return known(db, whole, { viewer: null, today });
};

const rowsOf = async <Row extends object>(text: string): Promise<Row[]> => (await db.query<Row>(text)).rows;

/** Every dossier as its row and its deadlines have it, with its timeline. */
const lives = () =>
  rowsOf<Life>(`
    select number, kind, json_build_object('status', status, 'workTrack', work_track, 'residenceTrack', residence_track,
        'handling', handling, 'competentAuthority', competent_authority, 'deadlines', (
          select coalesce(json_agg(json_build_object('rule', rule, 'startsOn', starts_on, 'dueOn', due_on, 'metOn', met_on,
            'suspendedSince', suspended_since)), '[]') from dossiers.deadline where dossier_number = number)) as state,
      (select json_agg(json_build_object('type', type, 'actorKind', actor_kind, 'data', data) order by sequence)
        from dossiers.event where dossier_number = number) as events
    from dossiers.dossier order by number`);

const byRule = (one: DossierDeadline, other: DossierDeadline): number =>
  `${one.rule} ${one.startsOn}` < `${other.rule} ${other.startsOn}` ? -1 : 1;

const inOrder = ({ deadlines, ...state }: DossierState): DossierState => ({
  ...state,
  deadlines: [...deadlines].sort(byRule),
});

test('every dossier is rebuilt from its timeline, deadlines and all', async () => {
  const all = await lives();
  expect(all.length).toBeGreaterThan(150);
  for (const { number, state, events } of all)
    expect([number, inOrder(replay(events))]).toEqual([number, inOrder(state)]);
});

const differing = async (): Promise<string[]> =>
  (await lives())
    .filter(({ state, events }) => !isDeepStrictEqual(inOrder(replay(events)), inOrder(state)))
    .map(({ number: one }) => one);

test('a dossier that was changed behind its timeline is not', async () => {
  expect(await differing()).toEqual([]);
  await db.query('begin');
  const [open, late] = await rowsOf<{ number: string }>(
    `select number from dossiers.dossier where status = 'IN_TREATMENT' order by number limit 2`,
  );
  await db.query(`update dossiers.dossier set work_track = 'REFUSED' where number = $1`, [open?.number]);
  await db.query(`update dossiers.deadline set due_on = due_on + 1 where dossier_number = $1 and rule = 'D04'`, [
    late?.number,
  ]);
  expect(await differing()).toEqual([open?.number, late?.number]);
  await db.query('rollback');
});

const { actors } = json<{ actors: Record<string, { kinds: string[] }[]> }>('steps.json');

/** A step as a timeline tells it: its events, and the dossier before and after. */
type Taken = {
  readonly kind: string;
  readonly before: DossierState;
  readonly after: DossierState;
  readonly events: Told[];
};

const takenIn = ({ kind, events }: Pick<Life, 'kind' | 'events'>): Taken[] => {
  const starts = events.flatMap(({ data }, at) => (data.change === undefined ? [] : [at]));
  return starts.map((start, nth) => {
    const end = starts[nth + 1] ?? events.length;
    return {
      kind,
      before: replay(events.slice(0, start)),
      after: replay(events.slice(0, end)),
      events: events.slice(start, end),
    };
  });
};

const trackOf = (said: TrackStatus | 'AS_KIND' | undefined, kind: string, part: Part, before: TrackStatus) =>
  said === 'AS_KIND' ? initialTrack(kind, part) : (said ?? before);

const isWay = (step: Step, way: Way, { kind, before, after, events }: Taken): boolean => {
  const [first] = events;
  const types = events.map(({ type }) => type);
  const said = (way.events ?? []).flatMap((one) =>
    typeof one === 'string' ? [one] : types.includes(one.name) ? [one.name] : [],
  );
  const facts = {
    status: before.status,
    kind,
    handling: before.handling,
    work: before.workTrack,
    residence: before.residenceTrack,
    caller: first?.actorKind,
    outcome: first?.type === 'DRAFT_CREATED' ? undefined : first?.data.outcome,
  };
  return (
    types.join() === said.join() &&
    step.who.some((who) => actors[who]?.some(({ kinds }) => kinds.includes(first?.actorKind ?? ''))) &&
    Object.entries(facts).every(
      ([field, fact]) => way.when?.[field as keyof typeof facts]?.includes(String(fact)) ?? true, // the keys of `facts`
    ) &&
    fromOf(step).includes(before.status) &&
    after.status === (way.to ?? before.status) &&
    after.workTrack === trackOf(way.work, kind, 'WORK', step.makes ? after.workTrack : before.workTrack) &&
    after.residenceTrack ===
      trackOf(way.residence, kind, 'RESIDENCE', step.makes ? after.residenceTrack : before.residenceTrack)
  );
};

/** The name of a step that a timeline tells of, or what nobody knows. */
const nameOf = (taken: Taken): string =>
  steps.find((step) => step.ways.some((way) => isWay(step, way, taken)))?.step ??
  `${taken.before.status} ${taken.events.map(({ type, actorKind }) => `${type} by ${actorKind}`)} ${taken.after.status}`;

test('every timeline consists of steps of the life cycle, taken by whom it lets, from where it lets them', async () => {
  const names = (await lives()).flatMap((life) => takenIn(life).map(nameOf));
  expect([...new Set(names)].sort()).toEqual([
    'beginTreatment',
    'closeWithoutObject',
    'completeDossier',
    'createDraft',
    'decideAppeal',
    'declareAdmissible',
    'declareInadmissible',
    'expirePermit',
    'issueAnnex49',
    'issueCard',
    'issueVisa',
    'lodgeAppeal',
    'notifyTermination',
    'registerArrival',
    'registerResidence',
    'requestInformation',
    'submitDossier',
    'takeResidenceDecision',
    'takeWorkDecision',
    'transferDossier',
    'withdrawApplication',
    'withdrawPermit',
  ]);
});

test('a step that was left out, or taken by another, is noticed', async () => {
  const granted = (await lives()).find(({ kind, state }) => kind === 'SP_LIM' && state.status === 'GRANTED');
  const names = (change: (all: Told[]) => Told[]) =>
    takenIn({ kind: 'SP_LIM', events: change(granted?.events ?? []) })
      .map(nameOf)
      .filter((name) => name.includes(' '));
  expect(names((all) => all)).toEqual([]);
  expect(names((all) => all.filter(({ type }) => type !== 'TREATMENT_BEGUN'))).toEqual([
    'ADMISSIBLE WORK_DECIDED by REGION,DOSSIER_FORWARDED by SYSTEM ADMISSIBLE',
    'ADMISSIBLE RESIDENCE_DECIDED by RESIDENCE GRANTED',
  ]);
  expect(
    names((all) => all.map((one) => (one.type === 'RESIDENCE_DECIDED' ? { ...one, actorKind: 'REGION' } : one))),
  ).toEqual(['IN_TREATMENT RESIDENCE_DECIDED by REGION GRANTED']);
});

test('the term of appeal begins when a refusal or a withdrawal is notified, the copy leaves with admissibility', async () => {
  expect(
    await rowsOf(`
      select dossier_number, case part when 'WORK' then 'D08' else 'D09' end as rule, notified_on as starts_on
        from decisions.decision where outcome in ('REFUSE', 'WITHDRAW')
      except select dossier_number, rule, starts_on from dossiers.deadline where rule in ('D08', 'D09')`),
  ).toEqual([]);
  expect(
    await rowsOf(`
      select number from dossiers.dossier where copied_to_dvz_at::date <> admissible_at::date
        or (copied_to_dvz_at is null) <> (admissible_at is null or residence_track = 'NOT_APPLICABLE' and kind not like 'SP\\_%')`),
  ).toEqual([]);
});

test('what is decided in parallel is not forwarded, unless an appeal was upheld', async () => {
  const [found] = await rowsOf<{ parallel: number; forwarded: string[] }>(`
    select count(*)::int as parallel, coalesce(array_agg(number) filter (where forwarded_to_dvz_at is not null
        and not exists (select from dossiers.appeal where dossier_number = number and outcome = 'UPHOLD')), '{}') as forwarded
    from dossiers.dossier where handling = 'PARALLEL' and work_track = 'GRANTED'`);
  expect(found?.parallel).toBeGreaterThan(10);
  expect(found?.forwarded).toEqual([]);
});

test('the term of a decision stands still while a region that got the dossier by transfer waits for information', async () => {
  expect(
    await rowsOf(`
      select status, competent_authority, rule, suspended_since = requested_on as since, next_deadline_on = request.due_on as next
      from dossiers.deadline join dossiers.dossier d on number = deadline.dossier_number
        join dossiers.information_request request on request.dossier_number = number
      where suspended_since is not null`),
  ).toEqual([{ status: 'INFO_REQUESTED', competent_authority: 'WAL-SPW', rule: 'D04', since: true, next: true }]);
});

test('a draft has no competent authority yet, and the facts that its applicant states lead to one', async () => {
  const drafts = await rowsOf<{ number: string; authority: string | null; rule: string | null }>(
    `select number, competent_authority as authority, competence_rule as rule from dossiers.dossier
     where submitted_at is null order by number`,
  );
  expect(drafts.length).toBeGreaterThan(2);
  for (const { number, authority, rule } of drafts) {
    const { competence, dossier } = await knownOf(number);
    expect([number, authority, rule, competence?.confidence, dossier.derivedAuthority]).toEqual([
      number,
      null,
      null,
      expect.stringMatching(/^(HIGH|MEDIUM)$/),
      expect.stringMatching(/^(VLA-DEM|BRU-BEW|WAL-SPW|DG-MIN)$/),
    ]);
  }
  expect((await knownOf(number.olena)).dossier.workerKnownBy).toBe('DETAILS');
});

/** What must be open on a dossier where its tracks and its permit say so. */
const awaited = ({ status, workTrack, residenceTrack, handling, permit }: DossierFacts): StepName[] => {
  const inForce = permit?.state === 'ACTIVE' || permit?.state === 'GRANTED_NOT_STARTED';
  const steps: Partial<Record<string, StepName[]>> = {
    SUBMITTED: ['requestInformation', 'declareAdmissible', 'declareInadmissible', 'withdrawApplication'],
    INFO_REQUESTED: ['completeDossier', 'withdrawApplication'],
    ADMISSIBLE: ['beginTreatment', 'withdrawApplication'],
    IN_TREATMENT: [
      ...(workTrack === 'IN_PROGRESS' ? ['takeWorkDecision' as const] : []),
      ...(residenceTrack === 'IN_PROGRESS' ? ['takeResidenceDecision' as const] : []),
      ...(handling === 'PARALLEL' && workTrack === 'IN_PROGRESS' ? ['takeResidenceDecision' as const] : []),
      'closeWithoutObject',
      'withdrawApplication',
    ],
    UNDER_APPEAL: ['decideAppeal'],
    GRANTED: inForce ? ['withdrawPermit', 'registerArrival', 'issueCard'] : [],
  };
  return steps[status ?? ''] ?? [];
};

test('the services can go on with every dossier from where the world leaves it', async () => {
  const everybody = [...kinds, 'HOST_FAMILY', 'SYSTEM'] as const;
  const stuck: string[] = [];
  const taken = new Set<string>();
  for (const { number } of await lives()) {
    const { dossier } = await knownOf(number);
    const open = new Set(
      everybody.flatMap((kind) => openSteps(dossier, caller(kind, { today })).map(({ step }) => step)),
    );
    for (const name of awaited(dossier)) {
      taken.add(name);
      if (!open.has(name)) stuck.push(`${number} ${dossier.status} ${name}`);
    }
  }
  expect(stuck).toEqual([]);
  expect(taken.size).toBe(13);
});

test('the clock finds nothing in a new world that should have happened before, and what it does can be rebuilt', async () => {
  log.level = 'silent';
  const writing = pool(fresh.urlOf('steps'), { name: 'steps', max: 2 });
  const clock = clockwork(writing, taker(writing, { secret: 'of the clock' }), () => today);
  const { expirePermit, takeOver, beginTreatment = 0 } = await clock.round();
  await writing.end();
  expect({ expirePermit, takeOver }).toEqual({ expirePermit: 0, takeOver: 0 });
  expect(beginTreatment).toBeGreaterThan(0);
  expect(await differing()).toEqual([]);
});
