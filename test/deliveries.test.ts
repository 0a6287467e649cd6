import { setTimeout as pause } from 'node:timers/promises';
import { notices } from '../subgraphs/notices.ts';
import { acting } from './acting.ts';
import { insz, kbo, number } from './cast.ts';
import { forbidden, inspecting, moment, type OpenedWorld, openWorld } from './opened-world.ts';
import { type Stated, testEnv } from './world.ts';

let world: OpenedWorld;
beforeAll(async () => {
  world = await openWorld();
  const hit = `insert into cadastre.inspection_hit (id, rule, severity, worker_id, authority, detected_at, status, assigned_to)
    values ($1, 'I12', 'HIGH', 'W-0000002', $2, '2026-10-01', 'ASSIGNED', $3)`;
  await world.rows(hit, ['HIT-A', 'VLA-DEM', 'INS-VSI']);
  await world.rows(hit, ['HIT-B', 'BRU-BEW', 'INS-BRU']);
  await world.rows(hit, ['HIT-C', 'VLA-DEM', 'INS-TSW']);
  await world.rows(
    `insert into cadastre.dimona_period (id, worker_id, employer_kbo, type, start_date) values ('DIM-X', 'W-0000002', $1, 'OTH', '2026-01-01')`,
    [kbo.ukkel],
  );
  const [{ version } = {}] = await world.rows<{ version: number }>(
    'select version from dossiers.dossier where number = $1',
    [number.rahul],
  );
  const { problems } = await acting(world)('VLA-DEM')('withdrawPermit', {
    number: number.rahul,
    expectedVersion: version,
    grounds: ['W1'],
    effectiveOn: '2026-11-02',
  });
  expect(problems).toEqual([]);
  // A region that handed a dossier on, and one that decides on it.
  await world.rows(
    `with o as (insert into steps.outbox (position, at, event, dossier_number, worker_id)
       select nextval('steps.position'), '2026-10-20', 'DOSSIER_TRANSFERRED', $1, 'W-0000007' returning position)
     insert into steps.delivery (id, position, dossier_number, event, recipient, channel, due_at, created_at)
       select r, position, $1, 'DOSSIER_TRANSFERRED', r, 'EVENT', now(), '2026-10-20' from o, unnest(array['WAL-SPW', 'VLA-DEM']) r`,
    [number.yuki],
  );
});
afterAll(() => world?.stop());

type Told = { event: { code: string }; recipientKind: string; authority: { id: string } | null; channel: string };

/** What is told of the deliveries of a dossier, in words. */
const seenBy = async (who: string, dossier: string = number.rahul, stated: Stated = {}) => {
  const ask = world.as(who, stated)<{ deliveries: Told[] | null }>;
  const { data, errors } = await ask(
    `{ deliveries(dossier: "${dossier}") { event { code } recipientKind authority { id } channel } }`,
  );
  if (errors) return errors;
  const each = data?.deliveries?.map(
    ({ event, recipientKind, authority, channel }) => `${event.code} ${authority?.id ?? recipientKind} ${channel}`,
  );
  return each ?? null;
};

const withdrawn = 'PERMIT_WITHDRAWN';
const all = [
  `${withdrawn} EMPLOYER EBOX`,
  `${withdrawn} FED-DVZ EVENT`,
  `${withdrawn} FED-RSZ EVENT`,
  `${withdrawn} MUN-23100 EVENT`,
  `${withdrawn} POST-IN-1 EVENT`,
  `${withdrawn} VLA-DEM EVENT`,
  `${withdrawn} WORKER EBOX`,
  'RELEVANT_CHANGE EMPLOYER EBOX',
];

test.each([
  'VLA-DEM',
  'FED-DVZ',
  'FED-RSZ',
])('%s sees all that left a dossier, and not that an inspection was told', async (who) => {
  expect(await seenBy(who)).toEqual(all);
});

test.each<[string, Stated, string[]]>([
  [`EMPLOYER:${kbo.brewery}`, {}, [`${withdrawn} EMPLOYER EBOX`, 'RELEVANT_CHANGE EMPLOYER EBOX']],
  [`WORKER:${insz.rahul}`, {}, [`${withdrawn} WORKER EBOX`]],
  [`SELF_EMPLOYED:${insz.rahul}`, {}, [`${withdrawn} WORKER EBOX`]],
  ['POST-IN-1', {}, [`${withdrawn} POST-IN-1 EVENT`]],
  ['MUN-23100', {}, [`${withdrawn} MUN-23100 EVENT`]],
  ['INS-VSI', inspecting, [`${withdrawn} INS-VSI EVENT`]],
  ['INS-TSW', inspecting, [`${withdrawn} INS-TSW EVENT`]],
  ['INS-RSZ', inspecting, []],
  [`MANDATARY:${kbo.mandatary}`, {}, []],
  ['HELPDESK', {}, []],
])('%s sees what was for itself', async (who, stated, expected) => {
  expect(await seenBy(who, number.rahul, stated)).toEqual(expected);
});

test.each([
  `EMPLOYER:${kbo.ukkel}`,
  `WORKER:${insz.ayse}`,
  'BRU-BEW',
  'INS-BRU',
  'MUN-23077',
  'POST-TR-2',
])('of a dossier that is none for %s nothing is told', async (who) => {
  expect(await seenBy(who)).toBe(null);
});

test.each(['FED-KSZ', 'AUDITOR', 'COO-SIOD', 'EU-COM'])('it is not for %s', async (who) => {
  expect(await seenBy(who)).toEqual([forbidden('Query.deliveries', ['deliveries'])]);
});

test('a region that handed a dossier on sees what was for itself', async () => {
  expect(await seenBy('WAL-SPW', number.yuki)).toEqual(['DOSSIER_TRANSFERRED WAL-SPW EVENT']);
  expect(await seenBy('VLA-DEM', number.yuki)).toEqual([
    'DOSSIER_TRANSFERRED VLA-DEM EVENT',
    'DOSSIER_TRANSFERRED WAL-SPW EVENT',
  ]);
});

const whole = '{ event { code } recipientKind authority { id } channel status attempts createdAt sentAt readAt fault }';

/** Asks until the answer is as it has to be; a loop works beside, and a test that waits in vain fails. */
const until = async <T>(ask: () => Promise<T>, isDone: (answer: T) => boolean): Promise<T> => {
  const limit = AbortSignal.timeout(20_000);
  for (;;) {
    const answer = await ask();
    if (isDone(answer) || limit.aborted) return answer;
    await pause(100);
  }
};

test('the loop sends what a step announced; what is read in the e-Box is read here', async () => {
  const { env, drop } = await testEnv();
  const running = await notices(env, world.database.urlOf('steps'));
  type Sent = { data?: { deliveries: { id: string; status: string }[] } };
  const ask = (fields: string) =>
    world.as(`WORKER:${insz.rahul}`)(`{ deliveries(dossier: "${number.rahul}") ${fields} }`);
  const statusIs = (status: string) => (answer: Sent) => answer.data?.deliveries[0]?.status === status;
  const sent = await until<Sent>(() => ask('{ id status }') as Promise<Sent>, statusIs('SENT'));
  const read = await fetch(`${running.standIn}/read`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messageId: sent.data?.deliveries[0]?.id }),
  });
  expect(read.status).toBe(200);
  await until<Sent>(() => ask('{ id status }') as Promise<Sent>, statusIs('READ'));
  await running.stop();
  await drop();
  expect(await ask(whole)).toEqual({
    data: {
      deliveries: [
        {
          event: { code: withdrawn },
          recipientKind: 'WORKER',
          authority: null,
          channel: 'EBOX',
          status: 'READ',
          attempts: 1,
          createdAt: moment,
          sentAt: moment,
          readAt: moment,
          fault: null,
        },
      ],
    },
  });
  // All have left, but for a service that has a hit elsewhere, does not see the dossier and has no system to be told at.
  const left = await world.rows(
    `select recipient, status, fault from steps.delivery where status not in ('SENT', 'READ')`,
  );
  expect(left).toEqual([{ recipient: 'INS-BRU', status: 'DEAD', fault: 'NO_SINK' }]);
});

test('the platform alone sees dead letters, the latest first, and not those to an inspection', async () => {
  await world.rows(`update steps.delivery set status = 'DEAD', attempts = 100, fault = 'STATUS_503', sent_at = null, read_at = null
    where recipient like 'INS-%' or recipient like 'EMPLOYER:%'`);
  const dead = (event: string) => ({
    event: { code: event },
    recipientKind: 'EMPLOYER',
    authority: null,
    channel: 'EBOX',
    status: 'DEAD',
    attempts: 100,
    createdAt: moment,
    sentAt: null,
    readAt: null,
    fault: 'STATUS_503',
  });
  const ask = world.as('FED-RSZ');
  // One of the two changes went to an employer that has no part in the dossier.
  const letters = [dead('RELEVANT_CHANGE'), dead('RELEVANT_CHANGE'), dead(withdrawn)];
  expect(await ask(`{ deadLetters ${whole} }`)).toEqual({ data: { deadLetters: letters } });
  expect(await ask(`{ deadLetters(first: 1) ${whole} }`)).toEqual({ data: { deadLetters: letters.slice(0, 1) } });
  expect((await ask('{ deadLetters(first: 101) { id } }')).errors?.[0]?.code).toBe('LIMIT_EXCEEDED');
  for (const who of ['VLA-DEM', 'FED-DVZ', 'INS-TSW', `EMPLOYER:${kbo.brewery}`, 'AUDITOR']) {
    expect((await world.as(who)('{ deadLetters { id } }')).errors).toEqual([
      forbidden('Query.deadLetters', ['deadLetters']),
    ]);
  }
});
