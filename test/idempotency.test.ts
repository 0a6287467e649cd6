import { randomUUID } from 'node:crypto';
import { acting, complete, facts, type Stepped } from './acting.ts';
import { kbo } from './cast.ts';
import { type OpenedWorld, openWorld } from './opened-world.ts';
import { graph } from './world.ts';

// Two graphs over one database, as two processes would be: nothing is shared but the tables.
let world: OpenedWorld;
let other: Awaited<ReturnType<typeof graph>>;
let as: ReturnType<typeof acting>;
let asElsewhere: ReturnType<typeof acting>;
beforeAll(async () => {
  world = await openWorld();
  other = await graph(world.database);
  as = acting(world);
  asElsewhere = acting({ ...world, as: other.as });
});
afterAll(async () => {
  await other?.stop();
  await world?.stop();
});

const employer = `EMPLOYER:${kbo.brewery}`;
const conflict = {
  code: 'IDEMPOTENCY_CONFLICT',
  message: 'This key was used for another request: a new request needs a key of its own',
  guard: null,
  status: null,
  version: null,
};

type Input = Record<string, unknown>;

/** The same request many times at once, by turns through either graph. */
const manyTimes = (many: number, principal: string, step: string, input: Input): Promise<Stepped[]> =>
  Promise.all(Array.from({ length: many }, (_, nth) => (nth % 2 === 0 ? as : asElsewhere)(principal)(step, input)));

/** How many rows there are of everything that a step may leave; who read what is another matter. */
const traces = async (): Promise<unknown> => {
  const [row] = await world.rows(`
    select (select count(*) from dossiers.dossier)::int as dossiers, (select count(*) from dossiers.dossier_past)::int as past,
      (select count(*) from dossiers.event)::int as events, (select count(*) from dossiers.message)::int as messages,
      (select count(*) from dossiers.document)::int as documents, (select count(*) from steps.upload)::int as uploads,
      (select count(*) from decisions.decision)::int as decisions, (select count(*) from access.involvement)::int as ties,
      (select count(*) from steps.outbox)::int as outbox, (select count(*) from steps.idempotency)::int as keys,
      (select count(*) from read_log.entry where outcome = 'WRITTEN')::int as written`);
  return row;
};

/** What came on top. */
const added = async (work: () => Promise<void>): Promise<Record<string, number>> => {
  const before = Object(await traces());
  await work();
  const after = Object(await traces());
  const grown = Object.keys(after).map((name): [string, number] => [name, after[name] - before[name]]);
  return Object.fromEntries(grown.filter(([, many]) => many !== 0));
};

const submit = async (): Promise<NonNullable<Stepped['dossier']>> => {
  const { number, version } = await complete(world, employer);
  const { dossier } = await as(employer)('submitDossier', { number, expectedVersion: version });
  if (!dossier) throw new Error('no dossier');
  return dossier;
};

test('the same key 50 times at once, through two gateways: one dossier is made, and all hear of it', async () => {
  let answers: Stepped[] = [];
  const grown = await added(async () => {
    answers = await manyTimes(50, employer, 'createDraft', {
      kind: 'SP_LIM',
      language: 'NL',
      facts,
      idempotencyKey: randomUUID(),
    });
  });
  expect(grown).toEqual({ dossiers: 1, events: 1, ties: 1, outbox: 1, keys: 1, written: 1 });
  const [first] = answers;
  expect(first).toMatchObject({ dossier: { status: 'DRAFT', version: 1 }, problems: [] });
  expect(answers).toEqual(Array.from({ length: 50 }, () => first));
});

test('the same key 50 times at once on a dossier: one step is taken, and its problem-free answer given 50 times', async () => {
  const { number, version } = await submit();
  let answers: Stepped[] = [];
  const grown = await added(async () => {
    const input = { number, expectedVersion: version, items: ['WRK_DIPLOMA'], idempotencyKey: randomUUID() };
    answers = await manyTimes(50, 'VLA-DEM', 'requestInformation', input);
  });
  expect(grown).toEqual({ past: 1, events: 1, outbox: 1, keys: 1, written: 1 });
  const dossier = { number, status: 'INFO_REQUESTED', version: version + 1 };
  const tracks = { workTrack: 'NOT_STARTED', residenceTrack: 'NOT_STARTED' };
  expect(answers).toEqual(Array.from({ length: 50 }, () => ({ dossier: { ...dossier, ...tracks }, problems: [] })));
});

test('a key is refused for another request: another input, or another step', async () => {
  const { number } = await submit();
  const idempotencyKey = randomUUID();
  const send = (input: Input) => as(employer)('sendMessage', { number, idempotencyKey, ...input });
  expect((await send({ text: 'Goedendag.' })).problems).toEqual([]);
  const grown = await added(async () => {
    expect((await send({ text: 'Goedenavond.' })).problems).toEqual([conflict]);
    expect((await send({ text: 'Goedendag.', expectedVersion: 12 })).problems).toEqual([conflict]);
    const elsewhere = await asElsewhere(employer)('withdrawApplication', {
      number,
      idempotencyKey,
      expectedVersion: 12,
    });
    expect(elsewhere.problems).toEqual([conflict]);
    expect((await send({ text: 'Goedendag.' })).problems).toEqual([]);
  });
  expect(grown).toEqual({});
});

test('of two requests at once under one key one is done, and the other is refused', async () => {
  const { number } = await submit();
  const idempotencyKey = randomUUID();
  let problems: unknown[] = [];
  const grown = await added(async () => {
    const answers = await Promise.all(
      ['a', 'b'].map((text, nth) =>
        [as, asElsewhere][nth]?.(employer)('sendMessage', { number, idempotencyKey, text }),
      ),
    );
    problems = answers.flatMap((answer) => answer?.problems ?? []);
  });
  expect(problems).toEqual([conflict]);
  expect(grown).toEqual({ messages: 1, outbox: 1, keys: 1, written: 1 });
});

test('a key is its caller’s own: another caller’s same key is another key', async () => {
  const { number } = await submit();
  const idempotencyKey = randomUUID();
  const input = { number, idempotencyKey, text: 'Goedendag.' };
  const grown = await added(async () => {
    expect((await as(employer)('sendMessage', input)).problems).toEqual([]);
    expect((await as('VLA-DEM')('sendMessage', input)).problems).toEqual([]);
    expect((await asElsewhere('VLA-DEM')('sendMessage', input)).problems).toEqual([]);
  });
  expect(grown).toEqual({ messages: 2, outbox: 2, keys: 2, written: 2 });
});

test('a key whose first attempt was refused can be used again, for that or for something else', async () => {
  const { number, version } = await submit();
  const idempotencyKey = randomUUID();
  const declare = (expectedVersion: number) =>
    as('VLA-DEM')('declareAdmissible', { number, expectedVersion, idempotencyKey });
  const grown = await added(async () => {
    expect((await declare(version - 1)).problems).toMatchObject([{ code: 'STALE_VERSION' }]);
    expect((await declare(version - 1)).problems).toMatchObject([{ code: 'STALE_VERSION' }]);
  });
  expect(grown).toEqual({});
  expect(await declare(version)).toMatchObject({ dossier: { status: 'IN_TREATMENT' }, problems: [] });
  expect((await declare(version - 1)).problems).toEqual([conflict]);
});

test('a repeat after the dossier moved on answers, tells how it is now, and does nothing', async () => {
  const { number, version } = await submit();
  const again = { number, expectedVersion: version, idempotencyKey: randomUUID() };
  await as('VLA-DEM')('declareAdmissible', again);
  const last = await as(employer)('withdrawApplication', { number, expectedVersion: version + 2 });
  const grown = await added(async () => {
    expect(await asElsewhere('VLA-DEM')('declareAdmissible', again)).toEqual(last);
  });
  expect(last).toMatchObject({ dossier: { status: 'APPLICANT_WITHDRAWN', version: version + 3 }, problems: [] });
  expect(grown).toEqual({});
});

test('many keys at once, each several times: each is done once', async () => {
  const { number } = await submit();
  const keys = Array.from({ length: 40 }, () => randomUUID());
  const grown = await added(async () => {
    const answers = await Promise.all(
      keys.flatMap((idempotencyKey, nth) =>
        [as, asElsewhere, as].map((who) => who(employer)('sendMessage', { number, idempotencyKey, text: `${nth}` })),
      ),
    );
    expect(answers.flatMap(({ problems }) => problems)).toEqual([]);
  });
  expect(grown).toEqual({ messages: 40, outbox: 40, keys: 40, written: 40 });
  const texts = await world.rows<{ text: string }>('select text from dossiers.message where dossier_number = $1', [
    number,
  ]);
  expect(texts.map(({ text }) => Number(text)).sort((a, b) => a - b)).toEqual(keys.map((_, nth) => nth));
});

test.each([
  ['short'],
  ['with a space'],
  ['x'.repeat(101)],
  ['é'.repeat(10)],
])('%j is no key', async (idempotencyKey) => {
  const grown = await added(async () => {
    const { problems } = await as(employer)('createDraft', { kind: 'SP_LIM', language: 'NL', idempotencyKey });
    expect(problems).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  });
  expect(grown).toEqual({});
});
