import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { eventKey } from '../subgraphs/channels/events.ts';
import { kbo } from './cast.ts';
import { type Outbox, openOutbox } from './outgoing.ts';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'permits-notices-'));
let outbox: Outbox;
beforeAll(async () => {
  outbox = await openOutbox();
});
afterAll(async () => {
  await outbox?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const environment = (variables: Record<string, string>) => ({ PATH: process.env.PATH, DATA_DIR: folder, ...variables });
const run = (program: string, args: string[], variables: Record<string, string>) =>
  spawnSync(process.execPath, ['--import', 'tsx', `subgraphs/${program}.ts`, ...args], {
    cwd,
    env: environment(variables),
    encoding: 'utf8',
  });

test('the key that a region is given is the one that its events are signed with', () => {
  const EVENT_SECRET = 'x'.repeat(32);
  const { stdout, status } = run('event-key', ['VLA-DEM'], { EVENT_SECRET });
  expect([stdout, status]).toEqual([`${eventKey(EVENT_SECRET, 'VLA-DEM')}\n`, 0]);
  const at = new Date();
  const signed = new Webhook(stdout.trim()).sign('A', at, '{}');
  expect(signed).toBe(new Webhook(eventKey(EVENT_SECRET, 'VLA-DEM')).sign('A', at, '{}'));
  expect(run('event-key', ['NOBODY'], { EVENT_SECRET }).status).toBe(1);
  expect(run('event-key', ['VLA-DEM'], {}).stderr).toBe(
    'EVENT_SECRET is missing: the keys of all authorities follow from it.\n',
  );
}, 60_000);

test('dead letters are put back by a command, those that are named or all', async () => {
  await outbox.put({ id: 'A' }, { id: 'B' }, { id: 'C' });
  await outbox.rows(`update steps.delivery set status = 'DEAD', attempts = 100, fault = 'TIMEOUT' where id <> 'C'`);
  const retry = (...ids: string[]) => run('retry-deliveries', ids, { DATABASE_URL: outbox.ownerUrl }).stdout;
  expect(retry('B', 'C')).toBe('Put back: 1\n');
  expect(await outbox.fates()).toEqual([
    { id: 'A', status: 'DEAD', attempts: 100, fault: 'TIMEOUT' },
    { id: 'B', status: 'PENDING', attempts: 0, fault: null },
    { id: 'C', status: 'PENDING', attempts: 0, fault: null },
  ]);
  expect(retry()).toBe('Put back: 1\n');
}, 60_000);

test('the e-Box stands in by itself, and never in production', async () => {
  expect(run('ebox', [], { NODE_ENV: 'production' })).toMatchObject({
    status: 1,
    stderr: 'The stand-in of the e-Box is refused when NODE_ENV is production.\n',
  });
  const box = spawn(process.execPath, ['--import', 'tsx', 'subgraphs/ebox.ts'], {
    cwd,
    env: environment({ PORT: '0' }),
  });
  const [said] = await once(box.stdout, 'data');
  const [url = ''] = /http:\S+/.exec(String(said)) ?? [];
  const answer = await fetch(`${url}/mailbox`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ recipient: { KBO: kbo.brewery } }),
  });
  expect(await answer.json()).toEqual({ messages: [] });
  box.kill('SIGTERM');
  expect(await once(box, 'exit')).toEqual([0, null]);
}, 60_000);
