import pg from 'pg';
import { pool } from '../db/database.ts';
import type { Contents } from '../subgraphs/dossiers/contents.ts';
import { retain } from '../subgraphs/dossiers/retention.ts';
import { aged, days, months, noon, now, standing, years } from './aged.ts';
import { type Counter, openCounter } from './counter.ts';

let counter: Counter;
let steps: pg.Pool;
let rows: Counter['rows'];

beforeAll(async () => {
  counter = await openCounter('together');
  rows = counter.rows;
  steps = pool(counter.database.urlOf('steps'), { name: 'steps', max: 2 });
});
afterAll(async () => {
  await steps.end();
  await counter.stop();
});

const run = (contents: Contents = counter.contents, today = now) => retain({ pool: steps, contents }, today);
const nothing = { drafts: 0, dossiers: 0, contents: 0, hits: 0, keys: 0, uploads: 0, orphans: 0 };

// What the demo world holds that is over on the day on which the tests happen to run is not theirs to count.
beforeEach(() => run());

const hasFile = async (id: string): Promise<boolean> => (await counter.files()).some((path) => path.endsWith(id));

test('the job finds nothing twice', async () => {
  expect(await run()).toEqual(nothing);
});

const draft = { status: 'DRAFT', submitted_at: null, decided_at: null, admissible_at: null };

test('a draft that nobody has touched for ninety days is erased, and not a day sooner', async () => {
  const put = (touched: { created?: number; event?: number; changed?: number; uploaded?: number }, more: object = {}) =>
    (async () => {
      const { number } = await aged(rows, {
        decided: days(touched.created ?? 400),
        dossier: { ...draft, ...more },
        permit: null,
        events: [days(touched.event ?? 400)],
      });
      if (touched.changed !== undefined)
        await rows(`insert into dossiers.dossier_past values ($1, 1, $2, '{}')`, [number, noon(days(touched.changed))]);
      if (touched.uploaded !== undefined)
        await counter.put({ dossier: number, code: 'WRK_CONTRACT', by: 'EMPLOYER', at: noon(days(touched.uploaded)) });
      return number;
    })();
  const over = [
    await put({}),
    await put({ created: 91, event: 91, changed: 91, uploaded: 91 }),
    await put({}, { status: 'APPLICANT_WITHDRAWN' }),
    await put({}, { worker_id: null, employer_kbo: null, category: null }),
  ];
  const kept = [
    await put({ created: 90, event: 90 }),
    await put({ event: 90 }),
    await put({ changed: 90 }),
    await put({ uploaded: 90 }),
    await put({}, { legal_hold: true }),
  ];
  expect(await run()).toEqual({ ...nothing, drafts: 4 });
  expect(await standing(rows, [...over, ...kept])).toEqual(kept);
});

test('a dossier is erased ten years after its final decision or the end of its permit, and not a day sooner', async () => {
  const long = years(20);
  const decision = `insert into decisions.decision (id, dossier_number, part, outcome, authority, decided_on, worker_id) values ($1, $1, 'WORK', 'WITHDRAW', 'VLA-DEM', $2, 'x')`;
  const appeal = `insert into dossiers.appeal (id, dossier_number, lodged_on, lodged_by_kind, against_part, outcome, decided_on) values ($1, $1, $2, 'WORKER', 'WORK', 'REJECT', $2)`;
  const of = async (permit: Record<string, unknown> | null, dossier: Record<string, unknown> = {}, decided = long) =>
    (await aged(rows, { decided, permit, dossier })).number;
  const over = [
    await of(null, {}, years(10, 1)),
    await of({ valid_to: years(10, 1) }),
    await of({ valid_to: null, ended_on: years(10, 1) }),
    await of({ valid_to: years(5), withdrawn_on: years(12) }),
    ...(await Promise.all(
      ['REFUSED', 'INADMISSIBLE', 'APPLICANT_WITHDRAWN', 'WITHOUT_OBJECT'].map((status) => of(null, { status })),
    )),
    await of(null, { status: 'APPLICANT_WITHDRAWN', decided_at: null }),
  ];
  const kept = [
    await of(null, {}, years(10)),
    await of({ valid_to: years(10) }),
    await of({ valid_to: null }),
    await of({ valid_to: years(5), ended_on: years(10) }),
    ...(await Promise.all(
      ['SUBMITTED', 'INFO_REQUESTED', 'ADMISSIBLE', 'IN_TREATMENT', 'UNDER_APPEAL'].map((status) =>
        of(null, { status }),
      ),
    )),
    await of({ valid_to: years(15) }, { legal_hold: true }),
  ];
  for (const [text, day, list] of [
    [decision, years(10), kept],
    [decision, years(10, 1), over],
    [appeal, years(10), kept],
    [appeal, years(10, 1), over],
  ] as const) {
    const number = await of(null);
    await rows(text, [number, day]);
    list.push(number);
  }
  expect(await run()).toEqual({ ...nothing, dossiers: over.length });
  expect((await standing(rows, [...over, ...kept])).sort()).toEqual([...kept].sort());
});

const ours = ['access', 'cadastre', 'decisions', 'dossiers', 'employers', 'read_log', 'steps', 'workers'];

test('of a dossier that is erased nothing is left in any table but what statistics count', async () => {
  const day = years(11);
  const { number, worker, employer } = await aged(rows, { decided: day });
  const at = noon(day);
  const hanging: readonly [table: string, columns: string, values: string][] = [
    ['dossiers.deadline', 'rule, starts_on, due_on', `'D04', '${day}', '${day}'`],
    ['dossiers.information_request', 'id, requested_on, due_on, items', `'Q-OLD', '${day}', '${day}', '{}'`],
    ['dossiers.transfer', 'at, from_authority, to_authority, reason', `'${at}', 'a', 'b', 'c'`],
    ['dossiers.appeal', 'id, lodged_on, lodged_by_kind, against_part', `'A-OLD', '${day}', 'WORKER', 'WORK'`],
    ['dossiers.milestone', 'kind, at, authority', `'CARD_ISSUED', '${at}', 'x'`],
    ['dossiers.message', 'id, at, sender_kind, sender, text', `'M-OLD', '${at}', 'REGION', 'x', 'y'`],
    ['dossiers.note', 'id, at, authority, text', `'N-OLD', '${at}', 'VLA-DEM', 'y'`],
    ['dossiers.dossier_past', 'version, until, content', `1, '${at}', '{"number": "${number}"}'`],
    [
      'decisions.decision',
      'id, part, outcome, authority, decided_on, worker_id',
      `'D-OLD', 'WORK', 'GRANT', 'x', '${day}', '${worker}'`,
    ],
    ['steps.outbox', 'position, at, event, worker_id', `nextval('steps.position'), '${at}', 'SUBMITTED', '${worker}'`],
    [
      'steps.delivery',
      'id, position, event, recipient, channel, due_at, created_at',
      `'V-OLD', currval('steps.position'), 'SUBMITTED', 'EMPLOYER:${employer}', 'MAIL', '${at}', '${at}'`,
    ],
  ];
  const owner = new pg.Client({ connectionString: counter.database.ownerUrl });
  await owner.connect();
  for (const [table, columns, values] of hanging) {
    await owner.query(`insert into ${table} (dossier_number, ${columns}) values ($1, ${values})`, [number]);
  }
  await owner.end();
  const { id } = await counter.put({ dossier: number, code: 'WRK_CONTRACT', by: 'EMPLOYER' });
  for (const party of ['VLA-DEM', `EMPLOYER:${employer}`, `WORKER:${worker}`]) {
    await rows(`insert into access.involvement values ($1, 'DOSSIER', $2, 'PARTY', '2011-01-01')`, [party, number]);
  }
  await rows(
    `insert into access.involvement values ('VLA-DEM', 'WORKER', $1, 'COMPETENT', '2011-01-01'), ('VLA-DEM', 'EMPLOYER', $2, 'COMPETENT', '2011-01-01')`,
    [worker, employer],
  );
  await rows(
    `insert into access.involvement values ($1, 'EMPLOYER', $2, 'PARTY', '2011-01-01'), ($3, 'WORKER', $4, 'PARTY', '2011-01-01')`,
    [`WORKER:${worker}`, employer, `EMPLOYER:${employer}`, worker],
  );

  /** The tables in which any of these words stands, in whatever column. */
  const found = async (...words: string[]): Promise<string[]> => {
    const tables = await rows<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = any($1) order by 1`,
      [ours],
    );
    const met: string[] = [];
    for (const { name } of tables) {
      const hits = await rows(`select from ${name} t where t::text ~ $1 limit 1`, [words.join('|')]);
      if (hits.length > 0) met.push(name);
    }
    return met;
  };
  // Whatever table comes to hang from a dossier has to be in this test, and then in the erasure.
  const hang = await rows<{ name: string }>(
    `select distinct format('%I.%I', c.table_schema, c.table_name) as name from information_schema.columns c
     join pg_tables t on t.schemaname = c.table_schema and t.tablename = c.table_name
     where c.column_name = 'dossier_number' and c.table_schema = any($1)`,
    [ours],
  );
  expect(await found(number)).toEqual(expect.arrayContaining(hang.map(({ name }) => name)));

  const before = await rows<{ count: number }>('select count(*)::integer as count from dossiers.remainder');
  expect(await run()).toEqual({ ...nothing, dossiers: 1 });
  expect(await found(number, worker, employer, id)).toEqual([]);
  expect(await hasFile(id)).toBe(false);
  const all = await rows('select to_jsonb(r) as remainder from dossiers.remainder r');
  expect(all.length).toBe((before[0]?.count ?? 0) + 1);
  expect(all.at(-1)).toEqual({
    remainder: {
      kind: 'SP_LIM',
      application_type: 'FIRST',
      status: 'GRANTED',
      work_track: 'GRANTED',
      residence_track: 'GRANTED',
      handling: expect.any(String),
      channel: 'ONLINE',
      language: 'NL',
      rule_set: 'RS2019',
      competent_authority: 'VLA-DEM',
      category: expect.any(String),
      worker_nationality: 'IN',
      months: 0,
      submitted_on: day,
      admissible_on: day,
      forwarded_on: day,
      decided_on: day,
      withdrawn_on: null,
    },
  });
});

test('a tie stays while anything is left that it came from', async () => {
  const old = await aged(rows, { decided: years(11) });
  const { worker, employer } = old;
  // Another dossier of the same worker, with another employer, in another region, of a year ago.
  const young = await aged(rows, {
    decided: years(1),
    dossier: { worker_id: worker, competent_authority: 'BRU-BEW' },
    permit: null,
  });
  const tie = (party: string, kind: string, subject: string, capacity: string) =>
    rows('insert into access.involvement values ($1, $2, $3, $4, $5)', [party, kind, subject, capacity, '2011-01-01']);
  for (const party of ['VLA-DEM', 'FED-DVZ', 'INS-VSI', `EMPLOYER:${employer}`]) {
    await tie(party, 'DOSSIER', old.number, 'PARTY');
    await tie(party, 'WORKER', worker, party === 'INS-VSI' ? 'TERRITORY' : 'PARTY');
  }
  await tie('FED-DVZ', 'DOSSIER', young.number, 'FORWARDED');
  await tie('BRU-BEW', 'DOSSIER', young.number, 'COMPETENT');
  await tie('BRU-BEW', 'DOSSIER', old.number, 'SAME_WORKER');
  await tie('VLA-DEM', 'DOSSIER', young.number, 'SAME_WORKER');
  await tie('BRU-BEW', 'WORKER', worker, 'COMPETENT');
  await tie(`WORKER:${worker}`, 'EMPLOYER', employer, 'PARTY');
  await tie('MANDATARY:1', 'EMPLOYER', employer, 'MANDATE');
  await rows(
    `insert into cadastre.dimona_period (id, worker_id, employer_kbo, authority, type, start_date) values ($1, $2, $3, 'VLA-DEM', 'OTH', '2011-01-01')`,
    [`DIM-${worker}`, worker, employer],
  );
  expect(await run()).toEqual({ ...nothing, dossiers: 1 });
  const left = await rows<{ tie: string }>(
    `select concat_ws(' ', party, subject_kind, capacity) as tie from access.involvement where subject = any($1) order by 1`,
    [[old.number, young.number, worker, employer]],
  );
  expect(left.map((one) => one.tie)).toEqual([
    'BRU-BEW DOSSIER COMPETENT',
    'BRU-BEW WORKER COMPETENT',
    `EMPLOYER:${employer} WORKER PARTY`, // it employed, or employs, the worker
    'FED-DVZ DOSSIER FORWARDED',
    'FED-DVZ WORKER PARTY',
    'INS-VSI WORKER TERRITORY',
    'MANDATARY:1 EMPLOYER MANDATE',
    `WORKER:${worker} EMPLOYER PARTY`,
  ]);
});

test('an extract or a certificate is emptied six months after the residence decision, and stays as a line', async () => {
  const made = async (
    status: string,
    track: string,
    { residence, decided = years(1), ...more }: { residence?: string; decided?: string; legal_hold?: boolean },
  ) => {
    const { number } = await aged(rows, {
      decided,
      dossier: { status, residence_track: track, ...(status.startsWith('IN_') ? { decided_at: null } : {}), ...more },
      permit: null,
    });
    if (residence)
      await rows(
        `insert into decisions.decision (id, dossier_number, part, outcome, authority, decided_on, worker_id) values ($1, $1, 'RESIDENCE', 'GRANT', 'FED-DVZ', $2, 'x')`,
        [number, residence],
      );
    return number;
  };
  const over = [
    await made('GRANTED', 'GRANTED', { residence: months(6, 1) }),
    await made('REFUSED', 'REFUSED', { residence: months(6, 1) }),
    await made('IN_TREATMENT', 'GRANTED', { residence: months(6, 1) }), // the work part takes longer
    await made('REFUSED', 'NOT_APPLICABLE', { decided: months(6, 1) }), // refused before residence was asked about
    await made('APPLICANT_WITHDRAWN', 'IN_PROGRESS', { decided: months(6, 1) }),
  ];
  const kept = [
    await made('GRANTED', 'GRANTED', { residence: months(6) }),
    await made('REFUSED', 'NOT_APPLICABLE', { decided: months(6) }),
    await made('IN_TREATMENT', 'IN_PROGRESS', {}),
    await made('UNDER_APPEAL', 'REFUSED', { residence: years(1) }),
    await made('GRANTED', 'GRANTED', { residence: years(1), legal_hold: true }),
  ];
  const kinds = ['RES_CRIMINAL_RECORD', 'RES_MEDICAL', 'RES_PASSPORT', 'WRK_CONTRACT'];
  const ids = new Map<string, string>();
  for (const dossier of [...over, ...kept]) {
    for (const code of kinds) ids.set(`${dossier} ${code}`, (await counter.put({ dossier, code, by: 'EMPLOYER' })).id);
  }
  expect(await run()).toEqual({ ...nothing, contents: 10 });
  for (const dossier of [...over, ...kept]) {
    for (const code of kinds) {
      const id = ids.get(`${dossier} ${code}`) ?? '';
      const gone = over.includes(dossier) && ['RES_CRIMINAL_RECORD', 'RES_MEDICAL'].includes(code);
      const [document] = await rows(
        'select erased_at is not null as erased, file_name as name, sha256 is null as blank, mime, size_bytes as size from dossiers.document where id = $1',
        [id],
      );
      expect([dossier, code, document, await hasFile(id)]).toEqual([
        dossier,
        code,
        { erased: gone, name: gone ? null : 'a.pdf', blank: gone, mime: 'application/pdf', size: 3000 },
        !gone,
      ]);
    }
  }
});

test('content that two dossiers have is dropped with the last of them', async () => {
  const first = await aged(rows, { decided: years(11) });
  const second = await aged(rows, { decided: years(1), permit: null });
  const { id } = await counter.put({ dossier: first.number, code: 'WRK_DIPLOMA', by: 'EMPLOYER' });
  await rows(
    `insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at, copy_of)
     select 'COPY-' || id, $2, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at, id from dossiers.document where id = $1`,
    [id, second.number],
  );
  expect(await run()).toEqual({ ...nothing, dossiers: 1 });
  expect(await hasFile(id)).toBe(true);
  await rows(`update dossiers.dossier set decided_at = $2, submitted_at = $2 where number = $1`, [
    second.number,
    noon(years(11)),
  ]);
  expect(await run()).toEqual({ ...nothing, dossiers: 1 });
  expect(await hasFile(id)).toBe(false);
});
