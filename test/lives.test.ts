import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type pg from 'pg';
import { pool } from '../db/database.ts';
import { documentCodes } from '../schema/forms.ts';
import { openSteps, type StepName, step, type Transition, takersOf } from '../schema/lifecycle.ts';
import type { CallerFacts, DossierFacts } from '../schema/step-facts.ts';
import { replay } from '../schema/timeline.ts';
import { callerKey } from '../subgraphs/caller-key.ts';
import { known, locked, type Places } from '../subgraphs/dossiers/locked.ts';
import { callerOf, judged } from '../subgraphs/dossiers/stepping.ts';
import type { Problem } from '../subgraphs/take.ts';
import { type Identify, type Viewer, viewers } from '../subgraphs/viewer.ts';
import { freshDatabase } from './database.ts';
import { type Kept, kept, type Rows, stateOf } from './kept.ts';
import { type Ask, asks, beginnings, freshUpload, type Party, strangers, takers } from './life-moves.ts';
import { graph, type SeenError, tokenFor } from './world.ts';

// Every life goes through the graph; beside it the life cycle is asked the same, of the same facts, as the owner reads them.
const lives = 60;
const days = ['2026-11-02', '2026-11-30', '2027-08-01'];

type House = Awaited<ReturnType<typeof graph>> & { identify: Identify };

let database: Awaited<ReturnType<typeof freshDatabase>>;
const houses: House[] = [];
let owner: pg.Pool;
let client: pg.PoolClient;
let tables: string[];
const rows: Rows = async (text, values = []) => (await client.query(text, [...values])).rows;

beforeAll(async () => {
  database = await freshDatabase();
  for (const TODAY of days) {
    const house = await graph(database, { TODAY });
    houses.push({ ...house, identify: await viewers(house.env) });
  }
  owner = pool(database.ownerUrl, { name: 'lives', max: 1 });
  client = await owner.connect();
  const found = await rows<{ name: string }>(
    `select distinct format('%I.%I', table_schema, table_name) as name from information_schema.role_table_grants
     where grantee = 'permit_steps' and privilege_type <> 'SELECT' and table_schema <> 'read_log' order by 1`,
  );
  tables = found.map(({ name }) => name);
});
afterAll(async () => {
  client?.release();
  await owner?.end();
  for (const house of houses) await house.stop();
  await database?.drop();
});

/** Whether anything was written where steps may write: how many rows there are, and which transaction wrote last. Reading is no writing. */
const fingerprint = async (): Promise<Record<string, string>> => {
  const each = tables.map(
    (name) => `select '${name}' as name, count(*) as many, max(xmin::text::bigint) as last from ${name}`,
  );
  const written = `select 'written', count(*), max(seq) from read_log.entry where outcome = 'WRITTEN'`;
  const found = await rows<{ name: string; many: number; last: number | null }>([...each, written].join(' union all '));
  return Object.fromEntries(found.map(({ name, many, last }) => [name, `${many} ${last}`]));
};

const one = async (number: string): Promise<Kept> => {
  const [found] = await kept(rows, [number]);
  if (!found) throw new Error(`${number} is gone`);
  return found;
};

const met = new Map<string, Promise<Viewer>>();

/** Who a party is to a house, which keeps the key of its tokens. */
const viewerOf = (house: House, { name, roles }: Party): Promise<Viewer> => {
  const key = JSON.stringify([houses.indexOf(house), name, roles]);
  const viewer =
    met.get(key) ??
    tokenFor(house.env, name, roles).then((token) => house.identify({ authorization: `Bearer ${token}` }));
  met.set(key, viewer);
  return viewer;
};

/** What a dossier is to a party, and all that the life cycle asks of it; null where it is not there for them. */
const standing = async (viewer: Viewer, number: string, places?: Places) => {
  await client.query('begin');
  try {
    const found = await locked(client, viewer, number);
    if (found === null) return null;
    const { dossier, caller } = await known(client, found, { viewer, today: viewer.today, places });
    return { found, dossier, caller: callerOf(viewer, found.kind, { relation: found.relation, ...caller }) };
  } finally {
    await client.query('rollback');
  }
};

type Told = {
  data?: Record<string, { dossier: { number: string } | null; problems: Problem[] } | null>;
  errors?: SeenError[];
};

const ask = async (house: House, { name, roles }: Party, taken: StepName, input: object): Promise<Told> => {
  const known: Partial<Record<StepName, string>> = {
    takeWorkDecision: 'WorkDecision',
    takeResidenceDecision: 'ResidenceDecision',
  };
  const type = known[taken] ?? `${taken.charAt(0).toUpperCase()}${taken.slice(1)}`;
  const query = `mutation($input: ${type}Input!) { ${taken}(input: $input) { dossier { number } problems { code message guard status version } } }`;
  return house.as(name, roles ? { roles } : {})(query, { input: { idempotencyKey: randomUUID(), ...input } });
};

/** The treatment that begins by itself when a dossier becomes admissible. */
const begun = (facts: DossierFacts, { state, effects }: Transition, today: string): Transition[] => {
  if (state.status !== 'ADMISSIBLE') return [];
  const caller: CallerFacts = { kind: 'SYSTEM', relation: 'OWN', roles: [], authority: null, today };
  const admissibleOn = effects.includes('DATE_ADMISSIBLE') ? today : facts.admissibleOn;
  const answer = step('beginTreatment', { dossier: { ...facts, ...state, admissibleOn }, caller });
  return 'transition' in answer ? [answer.transition] : [];
};

/** What must be kept after a step, as the life cycle says; what was written and sent stands for itself. */
const expected = (before: Kept, name: StepName, taken: readonly Transition[], caller: CallerFacts): Kept => {
  const last = taken.at(-1);
  const isMessage = name === 'sendMessage'; // no change of the dossier: nobody has to look again
  const events = taken.flatMap((one) =>
    one.events.map(({ type, by, data }) => ({ type, kind: by === 'SYSTEM' ? 'SYSTEM' : caller.kind, data })),
  );
  const told = taken.flatMap(({ events, notify }) => [...new Set([...events.map(({ type }) => type), ...notify])]);
  const decided = taken.flatMap(({ decision }): Kept['decisions'] =>
    decision ? [[decision.part, decision.outcome, decision.annex]] : [],
  );
  return {
    ...before,
    state: isMessage || last === undefined ? before.state : stateOf(last.state),
    version: before.version + (isMessage ? 0 : taken.length),
    events: [...before.events, ...events.map((one, nth) => ({ ...one, sequence: before.events.length + nth + 1 }))],
    decisions: [...before.decisions, ...decided],
    outbox: [...before.outbox, ...(isMessage ? ['MESSAGE_ADDED'] : told)],
    past: isMessage ? before.past : [...before.past, ...taken.map((_, nth) => before.version + nth)],
    steps: [...before.steps, name],
  };
};

/** As JSON, and without the ids that the executor gives. */
const compared = ({ messages: _, documents: __, ...of }: Kept): unknown =>
  JSON.parse(
    JSON.stringify({
      ...of,
      events: of.events.map(({ data: { decision: _, ...data }, ...event }) => ({ ...event, data })),
    }),
  );

type Move = { party: number; step: number; way: number; isLegal: boolean; isStale: boolean; passes: boolean };

const at = <One>(list: readonly One[], nth: number): One => {
  const one = list[nth % list.length];
  if (one === undefined) throw new Error('an empty list');
  return one;
};

const names = Object.keys(asks) as StepName[]; // the keys of the record
// Steps that are open nearly always, or end a life early: they are asked for less often than the rest.
const seldom: readonly StepName[] = [
  ...(['updateDraft', 'addDocument', 'sendMessage', 'duplicateDossier', 'giveAdvice', 'consentWelcome'] as const),
  ...(['withdrawApplication', 'closeWithoutObject', 'declareInadmissible'] as const),
];

/** Who takes which step, and how: one that is open to somebody, or any at all. */
const chosen = async (
  house: House,
  number: string,
  move: Move,
): Promise<{ party: Party; name: StepName; how: Ask }> => {
  const inTurn = [...takers.slice(move.party), ...takers.slice(0, move.party)];
  for (const party of move.isLegal ? inTurn : []) {
    const found = await standing(await viewerOf(house, party), number);
    const open = found === null ? [] : openSteps(found.dossier, found.caller).map(({ step: name }) => name);
    const fit = open.filter((name) => asks[name] && (move.way === 1 || !seldom.includes(name)));
    if (fit.length === 0) continue;
    const name = at(fit, move.step);
    return { party, name, how: at(asks[name] ?? [], move.way < 4 ? 0 : move.way) };
  }
  const name = at(names, move.step);
  return { party: at([...takers, ...strangers], move.party), name, how: at(asks[name] ?? [], move.way) };
};

/** Begins a dossier with a document of every code: which of them a kind of permit needs is tested elsewhere. */
const begin = async (house: House, beginning: number, nth: number): Promise<string> => {
  const { who, kind, facts } = at(beginnings, beginning);
  const birthDate = `19${60 + (nth % 40)}-0${1 + (nth % 9)}-1${nth % 10}`;
  const stated = 'worker' in facts ? { ...facts, worker: { ...Object(facts.worker), birthDate } } : facts;
  const made = await ask(house, { name: who }, 'createDraft', { kind, language: 'NL', facts: stated });
  const number = made.data?.createDraft?.dossier?.number;
  if (number === undefined) throw new Error(JSON.stringify(made));
  await rows(
    `insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at)
     select $1 || code, $1, code, 'a.pdf', 'application/pdf', 3, 'abc', 'EMPLOYER', '0123456749', '2026-11-02' from unnest($2::text[]) code`,
    [number, documentCodes.map(({ code }) => code)],
  );
  return number;
};

const sent = async (viewer: Viewer): Promise<{ upload: string }> => {
  const upload = randomUUID();
  await rows(
    `insert into steps.upload (id, owner, mime, size_bytes, sha256, at) values ($1, $2, 'application/pdf', 3, 'abc', now())`,
    [upload, callerKey(viewer)],
  );
  return { upload };
};

/** What the life cycle says of a move: what must be answered, and what is then taken. */
const judge = (
  {
    name,
    how,
    viewer,
    number,
    expectedVersion,
  }: { name: StepName; how: Ask; viewer: Viewer; number: string; expectedVersion: number },
  found: Awaited<ReturnType<typeof standing>>,
): { told: Told; taken: Transition | null } => {
  const refused = (problem: Problem, dossier: { number: string } | null = { number }) => ({
    told: { data: { [name]: { dossier, problems: [{ guard: null, status: null, version: null, ...problem }] } } },
    taken: null,
  });
  if (!takersOf(name).includes(viewer.kind)) {
    const error = { code: 'FORBIDDEN', path: [name], message: `Mutation.${name} is not open to you` };
    return { told: { data: { [name]: null }, errors: [error] }, taken: null };
  }
  if (found === null) return refused({ code: 'NOT_FOUND', message: 'There is no such dossier, or none for you' }, null);
  const { dossier, caller } = found;
  const answer = judged(step(name, { dossier, caller, input: how.model ?? {} }), found.found, { expectedVersion });
  if ('problem' in answer) return refused(answer.problem);
  if (how.fault !== undefined) return refused({ code: 'BAD_USER_INPUT', message: how.fault });
  return { told: { data: { [name]: { dossier: { number }, problems: [] } } }, taken: answer.transition };
};

const came = { taken: new Set<StepName>(), refused: new Set<StepName>() };

const live = async (beginning: number, moves: readonly Move[], nth: number): Promise<void> => {
  const number = await begin(at(houses, 0), beginning, nth);
  let before = await one(number);
  let mark = await fingerprint();
  let day = 0;
  for (const move of moves) {
    if (move.passes) day = Math.min(day + 1, days.length - 1);
    const house = at(houses, day);
    const { party, name, how } = await chosen(house, number, move);
    const viewer = await viewerOf(house, party);
    const upload = how.graph.upload === freshUpload ? await sent(viewer) : null;
    if (upload !== null) mark = await fingerprint();
    const expectedVersion = before.version - (move.isStale ? 1 : 0);
    const places = how.places as Places | undefined; // as the moves state them
    const found = await standing(viewer, number, places);
    const told = await ask(house, party, name, { number, expectedVersion, ...how.graph, ...upload });
    const after = await one(number);

    const what = [party, name, how.model, before.state.status];
    const judgement = judge({ name, how, viewer, number, expectedVersion }, found);
    const { taken } = judgement;
    if (taken === null || found === null) {
      expect([...what, told]).toEqual([...what, judgement.told]);
      expect([...what, await fingerprint()]).toEqual([...what, mark]);
      came.refused.add(name);
      continue;
    }
    came.taken.add(name);
    if (taken.makes) {
      const copy = told.data?.[name]?.dossier?.number ?? '';
      expect([...what, told]).toEqual([...what, { data: { [name]: { dossier: { number: copy }, problems: [] } } }]);
      expect([...what, after]).toEqual([...what, before]);
      const { state, events } = await one(copy);
      expect([copy === number, state, replay(events)]).toEqual([false, stateOf(taken.state), state]);
    } else {
      expect([...what, told]).toEqual([...what, judgement.told]);
      const all = [taken, ...begun(found.dossier, taken, viewer.today)];
      expect([...what, compared(after)]).toEqual([...what, compared(expected(before, name, all, found.caller))]);
    }
    before = after;
    mark = await fingerprint();
  }
  expect(stateOf(replay(before.events))).toEqual(before.state);
};

const move = fc.record({
  party: fc.nat({ max: takers.length + strangers.length - 1 }),
  step: fc.nat({ max: 997 }),
  way: fc.nat({ max: 5 }),
  isLegal: fc.nat({ max: 3 }).map((one) => one > 0),
  isStale: fc.nat({ max: 11 }).map((one) => one === 0),
  passes: fc.nat({ max: 9 }).map((one) => one === 0),
});

test('whatever is asked by whomever, the graph does what the life cycle says, a refusal changes nothing, and the timeline rebuilds each dossier', async () => {
  let nth = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: beginnings.length - 1 }),
      fc.array(move, { minLength: 8, maxLength: 16 }),
      async (beginning, moves) => {
        await live(beginning, moves, nth);
        nth += 1;
      },
    ),
    { numRuns: lives, endOnFailure: true },
  );
  // Lives that come to nothing would prove nothing.
  expect(came.taken.size).toBeGreaterThan(14);
  expect(came.refused.size).toBeGreaterThan(20);
}, 180_000);
