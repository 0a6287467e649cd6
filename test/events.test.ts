import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Carrier } from '../subgraphs/channels/carrier.ts';
import { eventKey, events } from '../subgraphs/channels/events.ts';
import { deliverOnce } from '../subgraphs/deliver.ts';
import { log } from '../subgraphs/log.ts';
import { insz, kbo, number } from './cast.ts';
import { type Outbox, openOutbox, still } from './outgoing.ts';

let outbox: Outbox;
beforeAll(async () => {
  log.level = 'silent';
  outbox = await openOutbox();
});
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
  await outbox.rows('truncate steps.delivery, steps.outbox');
});
afterAll(() => outbox?.stop());

const ground = () => ({ pool: outbox.connections, now: () => still });
const send = async (...carriers: readonly Carrier[]) => {
  for (const carrier of carriers) await deliverOnce(ground(), carrier);
};

type Call = { method: string | undefined; url: string | undefined; headers: Record<string, string>; body: string };

/** A region's own system: it keeps what it is posted, and answers as it is told. */
const openSystem = async (answer: (call: Call) => { status: number; headers?: Record<string, string> }) => {
  const calls: Call[] = [];
  const textOf = async (request: IncomingMessage) => {
    let body = '';
    for await (const part of request) body += part;
    return body;
  };
  const server: Server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const call = { method, url, headers: headers as Record<string, string>, body: await textOf(request) }; // each came once
    calls.push(call);
    const { status, headers: own = {} } = answer(call);
    response.writeHead(status, own).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  open.push(close);
  return { url: `http://127.0.0.1:${port}/hook`, calls, close };
};

const secret = 'the secret that all keys follow from';

const eventsTo = (sinks: Readonly<Record<string, string>>): readonly Carrier[] => {
  const carriers = events(new Map(Object.entries(sinks)), secret);
  open.push(...carriers.map(({ stop }) => stop));
  return carriers;
};
const letterOf = ({ body }: Call) => JSON.parse(body);

test('a region gets CloudEvents, signed with a key of its own, and without any person in them', async () => {
  const { url, calls } = await openSystem(() => ({ status: 202 }));
  const data = { change: { status: 'GRANTED' }, part: 'WORK', effectiveOn: '2026-12-01', decision: 'DEC-1' };
  await outbox.put({ id: 'A', channel: 'EVENT', event: 'PERMIT_WITHDRAWN', recipient: 'VLA-DEM', data });
  const carriers = eventsTo({ 'VLA-DEM': url });
  await send(...carriers);
  const [call, ...more] = calls;
  expect([more, call?.method, call?.url, call?.headers['content-type']]).toEqual([
    [],
    'POST',
    '/hook',
    'application/cloudevents+json; charset=utf-8',
  ]);
  const { body = '', headers = {} } = call ?? {};
  expect(headers['webhook-id']).toBe('A');
  expect(new Webhook(eventKey(secret, 'VLA-DEM')).verify(body, headers)).toEqual({
    specversion: '1.0',
    id: 'A',
    source: 'urn:be:single-permit',
    type: 'be.single-permit.event.permit-withdrawn',
    subject: number.rahul,
    time: '2026-11-02T10:00:00.000Z',
    sequence: expect.stringMatching(/^\d{19}$/),
    datacontenttype: 'application/json',
    data: {
      event: 'PERMIT_WITHDRAWN',
      dossier: number.rahul,
      part: 'WORK',
      effectiveOn: '2026-12-01',
      decision: 'DEC-1',
    },
  });
  const other = new Webhook(eventKey(secret, 'BRU-BEW'));
  expect(() => other.verify(body, headers)).toThrow('No matching signature found');
  expect(() => new Webhook(eventKey(secret, 'VLA-DEM')).verify(body.replace('WORK', 'REST'), headers)).toThrow();
  for (const person of ['W-0000002', insz.rahul]) expect(body).not.toContain(person);
});

test('an event that is not taken is tried again, and no redirect is followed', async () => {
  const elsewhere = await openSystem(() => ({ status: 200 }));
  const { url, close } = await openSystem(() => ({ status: 307, headers: { location: elsewhere.url } }));
  await outbox.put({ id: 'A', channel: 'EVENT', recipient: 'VLA-DEM' });
  const carriers = eventsTo({ 'VLA-DEM': url });
  await send(...carriers);
  close();
  await outbox.rows('update steps.delivery set due_at = now()');
  await send(...carriers);
  expect(await outbox.fates()).toEqual([{ id: 'A', status: 'PENDING', attempts: 2, fault: 'UNREACHABLE' }]);
  expect(elsewhere.calls).toEqual([]);
});

test('a system that is away holds up no other authority; who has none finds its events in the feed', async () => {
  const { url, calls } = await openSystem(() => ({ status: 204 }));
  await outbox.put(
    { id: 'A', channel: 'EVENT', recipient: 'VLA-DEM' },
    { id: 'B', channel: 'EVENT', recipient: 'BRU-BEW' },
    { id: 'C', channel: 'EVENT', recipient: 'MUN-23100' },
    { id: 'D', channel: 'EVENT', recipient: 'INS-RSZ' },
    { id: 'E', channel: 'EVENT', recipient: 'INS-BRU' }, // the dossier is of another territory, and not in its feed
  );
  await send(...eventsTo({ 'VLA-DEM': 'http://127.0.0.1:9/hook', 'BRU-BEW': url }));
  expect(
    await outbox.rows("select id, status, fault, receipt ~ '^feed \\d+$' as fed from steps.delivery order by id"),
  ).toEqual([
    { id: 'A', status: 'PENDING', fault: 'UNREACHABLE', fed: null },
    { id: 'B', status: 'SENT', fault: null, fed: null },
    { id: 'C', status: 'SENT', fault: null, fed: true },
    { id: 'D', status: 'SENT', fault: null, fed: true },
    { id: 'E', status: 'DEAD', fault: 'NO_SINK', fed: null },
  ]);
  expect(calls.map((call) => letterOf(call).id)).toEqual(['B']);
});

test('a registered letter is a piece of work for the competent region, which knows who the persons of a dossier are', async () => {
  const { url, calls } = await openSystem(() => ({ status: 204 }));
  const event = 'WORK_DECIDED';
  await outbox.put(
    { id: 'A', channel: 'LETTER', event },
    { id: 'B', channel: 'LETTER', event, recipient: 'WORKER:W-0000003', dossier: number.fatima },
  );
  await send(...eventsTo({ 'VLA-DEM': url }));
  expect(calls.map((call) => [letterOf(call).id, letterOf(call).type, letterOf(call).data.to]).sort()).toEqual([
    ['A', 'be.single-permit.letter.work-decided', { kind: 'EMPLOYER', kbo: kbo.brewery }],
    ['B', 'be.single-permit.letter.work-decided', { kind: 'WORKER' }],
  ]);
  expect((await outbox.fates()).map(({ status }) => status)).toEqual(['SENT', 'SENT']);
});

test('a referral for the welcome names the services that it is for', async () => {
  const { url, calls } = await openSystem(() => ({ status: 204 }));
  await outbox.put({ id: 'A', channel: 'EVENT', event: 'WELCOME_REFERRAL', recipient: 'MUN-23100' });
  await send(...eventsTo({ 'MUN-23100': url }));
  expect(letterOf(calls[0] as Call).data).toEqual({
    event: 'WELCOME_REFERRAL',
    dossier: number.rahul,
    services: ['EDUCATION', 'CHILD_CARE', 'LANGUAGE_COURSE', 'INTEGRATION'],
  });
});
