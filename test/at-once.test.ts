import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { acting, complete, facts, type Stepped, uploaded } from './acting.ts';
import { insz, kbo } from './cast.ts';
import { type OpenedWorld, openWorld } from './opened-world.ts';

let world: OpenedWorld;
let as: ReturnType<typeof acting>;
beforeAll(async () => {
  world = await openWorld();
  as = acting(world);
});
afterAll(() => world?.stop());

const employer = `EMPLOYER:${kbo.brewery}`;
const stale = (version: number) => ({
  code: 'STALE_VERSION',
  message: 'The dossier has changed since the version that you saw: look at it again',
  guard: null,
  status: null,
  version,
});

/** How many statements wait for somebody else's. */
const waiters = async (): Promise<number> => {
  const [found] = await world.rows<{ many: number }>(
    `select count(*)::int as many from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return found?.many ?? 0;
};

const untilWaiting = async (many: number): Promise<void> => {
  for (let tries = 0; (await waiters()) < many; tries++) {
    if (tries === 400) throw new Error(`nobody came to wait as number ${many}`);
    await sleep(10);
  }
};

/** Starts steps one after the other while a statement of another's stands in their way, then lets them go in that order. */
const inOrder = async <Came>(
  obstacle: { text: string; values: string[] },
  steps: readonly (() => Promise<Came>)[],
): Promise<Came[]> => {
  const other = new pg.Client({ connectionString: world.database.ownerUrl });
  await other.connect();
  try {
    await other.query('begin');
    await other.query(obstacle);
    const begun: Promise<Came>[] = [];
    for (const step of steps) {
      begun.push(step());
      await untilWaiting(begun.length);
    }
    await other.query('rollback');
    return await Promise.all(begun);
  } finally {
    await other.end();
  }
};

const onDossier = 'select from dossiers.dossier where number = $1 for update';

/** A dossier that was submitted, at the competent region. */
const submitted = async (changed: Record<string, unknown> = {}): Promise<NonNullable<Stepped['dossier']>> => {
  const draft = await complete(world, employer, { facts: changed });
  const done = await as(employer)('submitDossier', { number: draft.number, expectedVersion: draft.version });
  if (!done.dossier || done.problems.length > 0) throw new Error(JSON.stringify(done));
  return done.dossier;
};

/** A dossier on which both parts are at work. */
const treated = async (): Promise<NonNullable<Stepped['dossier']>> => {
  const { number, version } = await submitted();
  const done = await as('VLA-DEM')('declareAdmissible', { number, expectedVersion: version });
  if (!done.dossier || done.problems.length > 0) throw new Error(JSON.stringify(done));
  return done.dossier;
};

const eventsOf = async (number: string): Promise<string[]> =>
  (
    await world.rows<{ type: string }>('select type from dossiers.event where dossier_number = $1 order by sequence', [
      number,
    ])
  ).map(({ type }) => type);

describe('two handlers on one dossier', () => {
  test.each([
    ['the same step', ['declareAdmissible', {}], ['declareAdmissible', {}]],
    ['different steps', ['requestInformation', { items: ['WRK_DIPLOMA'] }], ['declareAdmissible', {}]],
  ] as const)('one wins, the other hears STALE_VERSION: %s', async (_, first, second) => {
    const { number, version } = await submitted();
    const take =
      ([step, input]: readonly [string, object]) =>
      () =>
        as('VLA-DEM')(step, { number, expectedVersion: version, ...input });
    const [won, lost] = await inOrder({ text: onDossier, values: [number] }, [take(first), take(second)]);
    expect(won?.problems).toEqual([]);
    expect(lost).toEqual({ dossier: won?.dossier, problems: [stale(won?.dossier?.version ?? 0)] });
  });

  test('a decision and a withdrawal at the same moment: whichever comes first stands, and the other leaves nothing', async () => {
    for (const [order, status] of [
      [[0, 1], 'IN_TREATMENT'],
      [[1, 0], 'APPLICANT_WITHDRAWN'],
    ] as const) {
      const { number, version } = await treated();
      const steps = [
        () => as('VLA-DEM')('takeWorkDecision', { number, expectedVersion: version, outcome: 'GRANT' }),
        () => as(employer)('withdrawApplication', { number, expectedVersion: version }),
      ];
      const chosen = order.flatMap((nth) => steps[nth] ?? []);
      const [won, lost] = await inOrder({ text: onDossier, values: [number] }, chosen);
      expect([won?.problems, won?.dossier?.status]).toEqual([[], status]);
      expect(lost).toEqual({ dossier: won?.dossier, problems: [stale(version + 1)] });
      const [left] = await world.rows(
        `select version, (select count(*)::int from decisions.decision where dossier_number = number) as decisions,
           (select count(*)::int from dossiers.event e where e.dossier_number = number
             and e.type in ('WORK_DECIDED', 'WITHDRAWN_BY_APPLICANT')) as told
         from dossiers.dossier where number = $1`,
        [number],
      );
      expect(left).toEqual({ version: version + 1, decisions: order[0] === 0 ? 1 : 0, told: 1 });
    }
  });

  test('who waited while a dossier went to another authority is asked anew what it is to them', async () => {
    const { number, version } = await submitted();
    // The version is for whom the dossier is still their own: nobody asks for it here.
    const ask = (step: string, input: Record<string, unknown>) => () =>
      world.as('VLA-DEM')<Record<string, { problems: { code: string }[] }>>(
        `mutation($input: ${step.charAt(0).toUpperCase()}${step.slice(1)}Input!) { ${step}(input: $input) { problems { code } } }`,
        { input: { idempotencyKey: randomUUID(), number, ...input } },
      );
    const moved = { facts: { workplaces: [{ postalCode: '1000' }] }, reason: 'Het werk is in Brussel.' };
    const answers = await inOrder({ text: onDossier, values: [number] }, [
      ask('transferDossier', { expectedVersion: version, ...moved }),
      ask('sendMessage', { text: 'Nog een vraag.' }),
    ]);
    expect(answers).toEqual([
      { data: { transferDossier: { problems: [] } } },
      { data: { sendMessage: { problems: [{ code: 'FORBIDDEN' }] } } },
    ]);
    expect(await world.rows('select text from dossiers.message where dossier_number = $1', [number])).toEqual([]);
  });

  test('who waited is dated by when the turn came: in a timeline nothing is later than what follows it', async () => {
    const [waits, passes] = [await submitted(), await submitted({ periodFrom: '2030-01-01', periodTo: '2030-12-31' })];
    const declare = ({ number, version }: typeof waits) =>
      as('VLA-DEM')('declareAdmissible', { number, expectedVersion: version });
    await inOrder({ text: onDossier, values: [waits.number] }, [
      () => declare(waits),
      async () => {
        const passed = await declare(passes);
        // Another, which waits as well: only then the first may go on.
        return (await as('VLA-DEM')('sendMessage', { number: waits.number, text: 'Goedendag.' })) && passed;
      },
    ]);
    const dated = await world.rows<{ number: string }>(
      `select dossier_number as number, max(at) as last from dossiers.event where dossier_number = any($1) group by 1 order by 2`,
      [[waits.number, passes.number]],
    );
    expect(dated.map(({ number }) => number)).toEqual([passes.number, waits.number]);
  });

  test('a dossier is not copied for who saw another version of it', async () => {
    const { number, version } = await complete(world, employer);
    const copied = await as(employer)('duplicateDossier', { number, expectedVersion: version - 1 });
    expect(copied.problems).toEqual([stale(version)]);
  });
});

describe('what two do at once is done once', () => {
  const submissions = (drafts: readonly NonNullable<Stepped['dossier']>[]) =>
    drafts.map(
      ({ number, version }) =>
        () =>
          as(employer)('submitDossier', { number, expectedVersion: version }),
    );
  const worker = {
    ...facts.worker,
    insz: insz.rahul,
    lastName: 'Sharma',
    firstNames: 'Rahul',
    birthDate: '1988-02-03',
  };

  test('of two drafts for one worker, employer and period only one is submitted', async () => {
    const period = { worker, periodFrom: '2031-01-01', periodTo: '2031-12-31' };
    const [one, other] = [
      await complete(world, employer, { facts: period }),
      await complete(world, employer, { facts: period }),
    ];
    // What both of them write stands in their way: each has looked for another, unless one waits for the other's turn.
    const text = `select from access.involvement where party = 'VLA-DEM' and subject = $1 for update`;
    const answers = await inOrder({ text, values: [kbo.brewery] }, submissions([one, other]));
    expect(answers.map(({ dossier }) => dossier?.status).sort()).toEqual(['DRAFT', 'SUBMITTED']);
    expect(answers.flatMap(({ problems }) => problems.map(({ guard }) => guard))).toEqual(['NO_DUPLICATE']);
  });

  test('a person who is new to the registers, and in two drafts, is entered there once', async () => {
    const stranger = { ...facts.worker, insz: insz.nobody, lastName: 'Diallo', birthDate: '1993-05-18' };
    const drafts = [
      await complete(world, employer, {
        facts: { worker: stranger, periodFrom: '2032-01-01', periodTo: '2032-12-31' },
      }),
      await complete(world, employer, {
        facts: { worker: stranger, periodFrom: '2033-01-01', periodTo: '2033-12-31' },
      }),
    ];
    const text = `insert into workers.insz_alias (insz, worker_id, kind, valid_from) select $1, min(id), 'BIS', current_date from workers.worker`;
    const answers = await inOrder({ text, values: [insz.nobody] }, submissions(drafts));
    expect(answers.map(({ problems }) => problems)).toEqual([[], []]);
    const found = await world.rows<{ id: string; alias: string | null }>(
      `select d.worker_id as id, a.insz as alias from dossiers.dossier d left join workers.insz_alias a on a.worker_id = d.worker_id
       where d.number = any($1)`,
      [drafts.map(({ number }) => number)],
    );
    expect(found).toEqual([
      { id: found[0]?.id, alias: insz.nobody },
      { id: found[0]?.id, alias: insz.nobody },
    ]);
    expect(
      await world.rows(`select id from workers.worker where last_name = 'Diallo' and birth_date = '1993-05-18'`),
    ).toEqual([{ id: found[0]?.id }]);
  });

  test('two regions that get a dossier of one worker at once know of each other’s', async () => {
    const period = { worker, periodFrom: '2034-01-01', periodTo: '2034-12-31' };
    const filed = [
      [employer, { ...period }],
      [
        `EMPLOYER:${kbo.waterloo}`,
        // Under the number that the same person had before.
        { ...period, worker: { ...worker, insz: insz.rahulBefore }, places: { workplaces: [{ postalCode: '1410' }] } },
      ],
    ] as const;
    const steps: (() => Promise<Stepped>)[] = [];
    for (const [who, changed] of filed) {
      const { number, version } = await complete(world, who, { facts: changed });
      steps.push(() => as(who)('submitDossier', { number, expectedVersion: version }));
    }
    const endOfLog = 'select pg_advisory_xact_lock($1)'; // read_log.tail() takes the same
    const answers = await inOrder({ text: endOfLog, values: ['5071843926008'] }, steps);
    expect(answers.map(({ problems }) => problems)).toEqual([[], []]);
    const numbers = answers.map(({ dossier }) => dossier?.number);
    const ties = await world.rows(
      `select party, subject from access.involvement where capacity = 'SAME_WORKER' and subject = any($1) and party in ('VLA-DEM', 'WAL-SPW')`,
      [numbers],
    );
    expect(ties).toHaveLength(2);
    expect(ties).toEqual(
      expect.arrayContaining([
        { party: 'WAL-SPW', subject: numbers[0] },
        { party: 'VLA-DEM', subject: numbers[1] },
      ]),
    );
  });

  test('content that was sent once becomes one document', async () => {
    const { number } = await complete(world, employer, { papers: [] });
    const upload = await uploaded(world, employer);
    const add = () => as(employer)('addDocument', { number, code: 'WRK_CONTRACT', fileName: 'a.pdf', upload });
    const answers = await Promise.all([add(), add(), add()]);
    expect(answers.map(({ problems }) => problems.length).sort()).toEqual([0, 1, 1]);
    expect(await world.rows('select id from dossiers.document where dossier_number = $1', [number])).toEqual([
      { id: upload },
    ]);
  });
});

describe('steps that stand in each other’s way', () => {
  test('a deadlock between steps of dossiers of one worker never reaches a caller', async () => {
    const { number, version } = await submitted();
    const other = new pg.Client({ connectionString: world.database.ownerUrl });
    await other.connect();
    try {
      // Another transaction holds a tie that the step will write, and then asks for the dossier that the step holds.
      await other.query(`begin; set local deadlock_timeout = '60s'`);
      await other.query(
        `insert into access.involvement (party, subject_kind, subject, capacity, valid_from)
         select 'WORKER:' || worker_id, 'DOSSIER', number, 'PARTY', current_date from dossiers.dossier where number = $1`,
        [number],
      );
      const step = as('VLA-DEM')('declareAdmissible', { number, expectedVersion: version });
      await untilWaiting(1);
      await other.query(onDossier, [number]); // comes through once the step was chosen to give way
      await other.query('rollback');
      expect((await step).problems).toEqual([]);
    } finally {
      await other.end();
    }
    expect(await eventsOf(number)).toEqual([
      'DRAFT_CREATED',
      ...Array.from({ length: 10 }, () => 'DOCUMENT_ADDED'),
      'DOSSIER_SUBMITTED',
      'DOSSIER_ROUTED',
      'ADMISSIBILITY_DECIDED',
      'DOSSIER_COPIED',
      'TREATMENT_BEGUN',
    ]);
  });

  test('a step that cannot come to the end of the read log leaves nothing, and can be asked for again', async () => {
    const { number } = await submitted();
    const input = { number, text: 'Goedendag.', idempotencyKey: randomUUID() };
    const query = 'mutation($input: SendMessageInput!) { sendMessage(input: $input) { problems { code } } }';
    const ask = () => world.as(employer)(query, { input });
    const left = () =>
      world.rows(
        `select (select count(*)::int from dossiers.message where dossier_number = $1) as messages,
           (select count(*)::int from steps.outbox where dossier_number = $1 and event = 'MESSAGE_ADDED') as told,
           (select count(*)::int from steps.idempotency where key = $2) as keys`,
        [number, input.idempotencyKey],
      );
    const other = new pg.Client({ connectionString: world.database.ownerUrl });
    await other.connect();
    try {
      await other.query('begin; select * from read_log.tail()');
      const fault = { code: 'DEPENDENCY_UNAVAILABLE', path: ['sendMessage'], register: 'dossiers' };
      const message = 'The register of dossiers does not answer now';
      expect(await ask()).toEqual({ data: { sendMessage: null }, errors: [{ ...fault, message }] });
      await other.query('rollback');
    } finally {
      await other.end();
    }
    expect(await left()).toEqual([{ messages: 0, told: 0, keys: 0 }]);
    expect(await ask()).toEqual({ data: { sendMessage: { problems: [] } } });
    expect(await left()).toEqual([{ messages: 1, told: 1, keys: 1 }]);
  });

  test('many dossiers of one employer go through at once, and each step is taken', async () => {
    const drafts: NonNullable<Stepped['dossier']>[] = [];
    for (let day = 10; day < 18; day++) {
      drafts.push(
        await complete(world, employer, { facts: { worker: { ...facts.worker, birthDate: `1990-01-${day}` } } }),
      );
    }
    const lives = drafts.map(async ({ number, version }) => {
      const problems = [];
      const moves = [
        [employer, 'submitDossier', {}],
        ['VLA-DEM', 'declareAdmissible', {}],
        ['VLA-DEM', 'takeWorkDecision', { outcome: 'GRANT' }],
        ['FED-DVZ', 'takeResidenceDecision', { outcome: 'GRANT' }],
      ] as const;
      let expectedVersion = version;
      for (const [who, step, input] of moves) {
        const done = await as(who)(step, { number, expectedVersion, ...input });
        problems.push(...done.problems);
        expectedVersion = done.dossier?.version ?? 0;
      }
      return problems;
    });
    expect(await Promise.all(lives)).toEqual(drafts.map(() => []));
  });
});
