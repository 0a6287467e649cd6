import { setTimeout as pause } from 'node:timers/promises';
import { retry } from '../schema/notifications.ts';
import type { Carrier } from '../subgraphs/channels/carrier.ts';
import { deliver, deliverOnce, revive } from '../subgraphs/deliver.ts';
import { log } from '../subgraphs/log.ts';
import { number } from './cast.ts';
import { noting, type Outbox, openOutbox, still } from './outgoing.ts';

let outbox: Outbox;
beforeAll(async () => {
  log.level = 'silent';
  outbox = await openOutbox();
});
afterEach(() => outbox.rows('truncate steps.delivery, steps.outbox'));
afterAll(() => outbox?.stop());

const once = (carrier: Carrier): Promise<number> =>
  deliverOnce({ pool: outbox.connections, now: () => still, chance: () => 1 }, carrier);

/** Makes all that waits for another attempt due now. */
const hurry = () => outbox.rows(`update steps.delivery set due_at = now() where status = 'PENDING'`);

const fatesOf = async () => (await outbox.fates()).map(({ id, status }) => `${id} ${status}`);

test('what was announced leaves once, and the row says when and as what', async () => {
  await outbox.put({ id: 'A' });
  const carrier = noting();
  expect([await once(carrier), await once(carrier), carrier.seen]).toEqual([1, 0, ['A']]);
  expect(await outbox.rows('select status, attempts, sent_at as "sentAt", read_at, fault from steps.delivery')).toEqual(
    [{ status: 'SENT', attempts: 1, sentAt: still, read_at: null, fault: null }],
  );
});

test('a later message waits for an earlier one to the same recipient of the same dossier, and for no other', async () => {
  await outbox.put(
    { id: 'first' },
    { id: 'second' },
    { id: 'another dossier', dossier: number.dragan },
    { id: 'another recipient', recipient: 'WORKER:W-0000002' },
  );
  const carrier = noting(({ id }) => id === 'first' && 'TIMEOUT');
  await once(carrier);
  await once(carrier);
  expect(carrier.seen.sort()).toEqual(['another dossier', 'another recipient', 'first']);
  const healed = noting();
  await hurry();
  while ((await once(healed)) > 0);
  expect(healed.seen).toEqual(['first', 'second']);
});

test('a failed attempt is made again later, with a code for what failed', async () => {
  await outbox.put({ id: 'A', attempts: 20 });
  const carrier = noting(() => 'STATUS_503');
  await once(carrier);
  expect(await once(carrier)).toBe(0);
  expect(await outbox.fates()).toEqual([{ id: 'A', status: 'PENDING', attempts: 21, fault: 'STATUS_503' }]);
  const [{ later } = {}] = await outbox.rows<{ later: boolean }>(
    `select due_at between now() + interval '50 minutes' and now() + interval '1 hour' as later from steps.delivery`,
  );
  expect(later).toBe(true);
});

test('what has failed often enough is given up, and what waited for it goes on', async () => {
  await outbox.put({ id: 'A', attempts: retry.attempts - 1 }, { id: 'B' });
  const carrier = noting(({ id }) => id === 'A' && 'UNREACHABLE');
  await once(carrier);
  await once(carrier);
  expect(await outbox.fates()).toEqual([
    { id: 'A', status: 'DEAD', attempts: retry.attempts, fault: 'UNREACHABLE' },
    { id: 'B', status: 'SENT', attempts: 1, fault: null },
  ]);
});

test('who has no address is not tried again', async () => {
  await outbox.put({ id: 'A' });
  await once(noting(() => 'NO_ADDRESS'));
  expect(await outbox.fates()).toEqual([{ id: 'A', status: 'DEAD', attempts: 1, fault: 'NO_ADDRESS' }]);
});

test('a dead letter that is put back leaves as if new, under the same id', async () => {
  await outbox.put({ id: 'A' }, { id: 'B', dossier: number.dragan });
  await once(noting(() => 'NO_ADDRESS'));
  expect(await revive(outbox.connections, ['A'])).toBe(1);
  const carrier = noting();
  await once(carrier);
  expect([carrier.seen, await fatesOf()]).toEqual([['A'], ['A SENT', 'B DEAD']]);
  expect([await revive(outbox.connections, null), await revive(outbox.connections, null)]).toEqual([1, 0]);
});

test('a process that dies after it sent and before it wrote that down sends again, under the same id', async () => {
  await outbox.put({ id: 'A' });
  const dying = noting();
  const killed: Carrier = {
    ...dying,
    send: async (notice) => {
      const taken = await dying.send(notice);
      await outbox.rows(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'notices' and state = 'idle in transaction' and datname = current_database()`,
      );
      return taken;
    },
  };
  await expect(once(killed)).rejects.toThrow();
  expect(await fatesOf()).toEqual(['A PENDING']);
  const next = noting();
  await once(next);
  expect([dying.seen, next.seen, await fatesOf()]).toEqual([['A'], ['A'], ['A SENT']]);
});

test('two loops side by side send each message once, and each dossier in its order', async () => {
  const dossiers = [number.rahul, number.dragan, number.mehmet, number.emma, number.omar];
  const ids = dossiers.map((dossier) => ({ dossier, ids: Array.from({ length: 8 }, (_, i) => `${dossier} ${i}`) }));
  for (let i = 0; i < 8; i += 1)
    await outbox.put(...ids.map(({ dossier, ids: own }) => ({ id: own[i] ?? '', dossier })));
  const seen: string[] = [];
  const slow: Carrier = {
    ...noting(),
    send: async ({ id }) => {
      await pause(id.length % 3);
      seen.push(id);
      return { receipt: null, readAt: null };
    },
  };
  const work = async () => {
    while ((await fatesOf()).some((fate) => fate.endsWith('PENDING'))) await once(slow);
  };
  await Promise.all([work(), work()]);
  expect(seen).toHaveLength(40);
  for (const { dossier, ids: own } of ids) expect(seen.filter((id) => id.startsWith(dossier))).toEqual(own);
});

/** A promise, and the hand that fulfils it. */
const signal = () => {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { give, given };
};

test('a loop that is stopped finishes what it has in hand, and leaves the rest to whoever comes next', async () => {
  await outbox.put({ id: 'A' }, { id: 'B' });
  const begun = signal();
  const ending = signal();
  const carrier: Carrier = {
    ...noting(),
    send: async () => {
      begun.give();
      await ending.given;
      return { receipt: 'R-1', readAt: null };
    },
  };
  const running = deliver({ pool: outbox.connections, now: () => still }, [carrier]);
  await begun.given;
  const stopped = running.stop();
  ending.give();
  await stopped;
  expect(await fatesOf()).toEqual(['A SENT', 'B PENDING']);
  const next = noting();
  await once(next);
  expect(next.seen).toEqual(['B']);
});
