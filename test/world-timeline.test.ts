import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { type CompetenceFacts, competentAuthority } from '../schema/competence.ts';
import { json } from '../schema/data.ts';
import { fromOf, type Step, steps, type Way } from '../schema/lifecycle.ts';
import {
  type DossierDeadline,
  type DossierState,
  initialTrack,
  type Part,
  type TrackStatus,
} from '../schema/step-facts.ts';
import { replay, type TimelineEvent } from '../schema/timeline.ts';
import { freshDatabase } from './database.ts';

type Told = TimelineEvent & { readonly actorKind: string };
type Life = { readonly number: string; readonly kind: string; readonly state: DossierState; readonly events: Told[] };

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let db: pg.Client;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = new pg.Client({ connectionString: fresh.ownerUrl });
  await db.connect();
  await db.query(`set timezone = 'Europe/Brussels'`);
});

afterAll(async () => {
  await db.end();
  await fresh.drop();
});

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

test('a dossier that was changed behind its timeline is not', async () => {
  const differing = async () =>
    (await lives())
      .filter(({ state, events }) => !isDeepStrictEqual(inOrder(replay(events)), inOrder(state)))
      .map(({ number }) => number);
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

test('a draft has no competent authority yet, and its places lead to one', async () => {
  const all = await rowsOf<{ number: string; authority: string | null; rule: string | null; facts: CompetenceFacts }>(
    `select number, competent_authority as authority, competence_rule as rule,
       places || jsonb_build_object('kind', kind, 'posted', posting is not null) as facts from dossiers.dossier
     where submitted_at is null`,
  );
  expect(all.length).toBeGreaterThan(2);
  for (const { number, authority, rule, facts } of all)
    expect([number, authority, rule, competentAuthority(facts)?.confidence]).toEqual([
      number,
      null,
      null,
      expect.stringMatching(/^(HIGH|MEDIUM|LOW)$/),
    ]);
});
