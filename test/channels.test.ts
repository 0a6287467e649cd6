import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import type { Carrier } from '../subgraphs/channels/carrier.ts';
import { ebox } from '../subgraphs/channels/ebox.ts';
import { eboxStandIn } from '../subgraphs/channels/ebox-stand-in.ts';
import { eventKey, events } from '../subgraphs/channels/events.ts';
import { mail } from '../subgraphs/channels/mail.ts';
import { collectOnce, deliverOnce } from '../subgraphs/deliver.ts';
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

const rahul = 'WORKER:W-0000002';
const at = '2026-11-02T11:00:00.000Z';
const moment = new Date(at);

/** A stand-in of the e-Box on a port of its own, and whoever looks into a mailbox of it. */
const openBox = async () => {
  const app: FastifyInstance = eboxStandIn(() => moment);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const ask = async <Answer>(path: string, body: unknown): Promise<Answer> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return answer.json() as Promise<Answer>; // the test says what it expects, and compares
  };
  const carrier = ebox(url);
  open.push(carrier.stop, () => app.close());
  return { carrier, ask };
};

test('the e-Box gets each message under its number, for an enterprise or a person, and shows it to nobody else', async () => {
  const { carrier, ask } = await openBox();
  const hash = 'a'.repeat(64);
  await outbox.put(
    {
      id: 'A',
      event: 'PERMIT_WITHDRAWN',
      data: { effectiveOn: '2026-12-01', dueOn: '2026-12-02', attachments: [hash, 'x'] },
    },
    { id: 'B', event: 'FINAL_DECISION', recipient: rahul },
  );
  await send(carrier);
  const common = { receivedAt: at, readAt: null };
  expect(await ask('/mailbox', { recipient: { KBO: kbo.brewery } })).toEqual({
    messages: [
      {
        ...common,
        messageId: 'A',
        receipt: 'EB-1',
        recipient: { KBO: kbo.brewery },
        dossierNumber: number.rahul,
        subject: {
          nl: 'Intrekking van de vergunning',
          fr: 'Retrait du permis',
          de: 'Entzug der Erlaubnis',
        },
        bodyRef: `dossier/${number.rahul}`,
        attachments: [hash],
        legalEffectDate: '2026-12-01',
        dueDate: '2026-12-02',
      },
    ],
  });
  expect(await ask('/mailbox', { recipient: { INSZ: insz.rahul } })).toEqual({
    messages: [
      {
        ...common,
        messageId: 'B',
        receipt: 'EB-2',
        recipient: { INSZ: insz.rahul },
        dossierNumber: number.rahul,
        subject: { nl: 'Eindbeslissing', fr: 'Décision finale', de: 'Endgültige Entscheidung' },
        bodyRef: `dossier/${number.rahul}`,
        attachments: [],
        legalEffectDate: '2026-11-02',
        dueDate: null,
      },
    ],
  });
  expect(await ask('/mailbox', { recipient: { KBO: kbo.ukkel } })).toEqual({ messages: [] });
});

test('an employer that has no part in a dossier hears of its worker, and not of the dossier', async () => {
  const { carrier, ask } = await openBox();
  const data = { effectiveOn: '2026-12-01' };
  await outbox.put({ id: 'A', event: 'RELEVANT_CHANGE', dossier: null, recipient: `EMPLOYER:${kbo.ukkel}`, data });
  await send(carrier);
  const { messages } = await ask<{ messages: object[] }>('/mailbox', { recipient: { KBO: kbo.ukkel } });
  expect(messages).toEqual([
    {
      messageId: 'A',
      receipt: 'EB-1',
      recipient: { KBO: kbo.ukkel },
      dossierNumber: null,
      subject: {
        nl: 'Wijziging in de toelating van een werknemer',
        fr: 'Modification de l’autorisation d’un travailleur',
        de: 'Änderung der Zulassung eines Arbeitnehmers',
      },
      bodyRef: 'worker/W-0000002',
      attachments: [],
      legalEffectDate: '2026-11-02',
      dueDate: null,
      receivedAt: at,
      readAt: null,
    },
  ]);
});

test('a person without a number cannot be reached by e-Box', async () => {
  const { carrier } = await openBox();
  await outbox.put({ id: 'A', recipient: 'WORKER:W-NOBODY' });
  await send(carrier);
  expect(await outbox.fates()).toEqual([{ id: 'A', status: 'DEAD', attempts: 1, fault: 'NO_ADDRESS' }]);
});

test('a message that is sent again is the one that is there, and one that was read meanwhile comes back as read', async () => {
  const { carrier, ask } = await openBox();
  await outbox.put({ id: 'A' });
  await send(carrier);
  await ask('/read', { messageId: 'A' });
  await outbox.rows(`update steps.delivery set status = 'PENDING'`); // as if the process had died before it wrote it down
  await send(carrier);
  const { messages } = await ask<{ messages: { messageId: string }[] }>('/mailbox', {
    recipient: { KBO: kbo.brewery },
  });
  expect(messages.map(({ messageId }) => messageId)).toEqual(['A']);
  expect(await outbox.rows('select status, read_at as "readAt" from steps.delivery')).toEqual([
    { status: 'READ', readAt: moment },
  ]);
});

test('a receipt makes a delivery read, once and for the moment that the e-Box says', async () => {
  const { carrier, ask } = await openBox();
  await outbox.put({ id: 'A' }, { id: 'B', dossier: number.dragan });
  await send(carrier);
  expect(await collectOnce(ground(), carrier, null)).toBe(null);
  expect(await ask('/read', { messageId: 'B' })).toEqual({ messageId: 'B', readAt: at });
  expect(await ask('/read', { messageId: 'nobody' })).toMatchObject({
    errors: [{ extensions: { code: 'NOT_FOUND' } }],
  });
  expect(await collectOnce(ground(), carrier, null)).toEqual(moment);
  expect(await collectOnce(ground(), carrier, moment)).toEqual(moment);
  expect(await outbox.rows('select id, status, receipt, read_at as "readAt" from steps.delivery order by id')).toEqual([
    { id: 'A', status: 'SENT', receipt: 'EB-1', readAt: null },
    { id: 'B', status: 'READ', receipt: 'EB-2', readAt: moment },
  ]);
});

test('receipts are read page by page, from where a loop before has ended', async () => {
  const ids = Array.from({ length: 25 }, (_, i) => `M-${String(i).padStart(2, '0')}`);
  await outbox.put(...ids.map((id) => ({ id, dossier: null })));
  await outbox.rows(`update steps.delivery set status = 'SENT'`);
  await outbox.rows(`update steps.delivery set status = 'READ', read_at = $1 where id = 'M-00'`, [moment]);
  const asked: (string | null)[] = [];
  const paged: Carrier = {
    name: 'paged',
    channel: 'EBOX',
    send: async () => ({ receipt: null, readAt: null }),
    receipts: async (since) => {
      asked.push(since?.toISOString() ?? null);
      const all = ids.map((id, i) => ({ id, readAt: new Date(moment.getTime() + i * 1000) }));
      return all.filter(({ readAt }) => since === null || readAt >= since).slice(0, 10);
    },
    stop: async () => undefined,
  };
  expect(await collectOnce(ground(), paged, null)).toEqual(new Date('2026-11-02T11:00:24.000Z'));
  expect(asked).toEqual([
    '2026-11-02T10:59:00.000Z', // a minute before the last that is known
    '2026-11-02T11:00:09.000Z',
    '2026-11-02T11:00:18.000Z',
    '2026-11-02T11:00:24.000Z',
  ]);
  expect((await outbox.fates()).every(({ status }) => status === 'READ')).toBe(true);
});

/** A server for mail that keeps what it is given, and knows nobody whose name begins with "nobody". */
const openMail = async () => {
  const letters: { to: string[]; text: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _, done) =>
      done(address.startsWith('nobody') ? Object.assign(new Error('unknown'), { responseCode: 550 }) : null),
    onData: (stream, { envelope }, done) => {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      stream.on('end', () => {
        letters.push({ to: envelope.rcptTo.map(({ address }) => address), text });
        done(null);
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo; // it listens on a port
  const carrier = mail(`smtp://127.0.0.1:${port}`, 'noreply@permits.example');
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  open.push(carrier.stop, close);
  return { carrier, letters, close };
};

test('mail goes by SMTP to the address of the moment, and tells nothing but the number of the dossier', async () => {
  const { carrier, letters } = await openMail();
  const named = await outbox.rows<{ email: string }>(
    `update workers.worker set email = 'rahul@example.in' where id = 'W-0000002' returning last_name, first_names`,
  );
  await outbox.put({
    id: 'A',
    channel: 'MAIL',
    event: 'INFO_REQUESTED',
    recipient: rahul,
    data: { dueOn: '2026-11-17' },
  });
  await send(carrier);
  expect(await outbox.fates()).toEqual([{ id: 'A', status: 'SENT', attempts: 1, fault: null }]);
  const [letter] = letters;
  expect(letter?.to).toEqual(['rahul@example.in']);
  expect(letter?.text).toMatch(/^Message-ID: <A@permits\.example>\r$/m);
  expect(letter?.text).toMatch(/^Subject: Het dossier is onvolledig - SP-2025-0000002-37\r$/m);
  expect(letter?.text).toContain('Uiterste dag: 2026-11-17.');
  for (const secret of [insz.rahul, kbo.brewery, 'W-0000002', ...Object.values(named[0] ?? {})]) {
    expect(letter?.text).not.toContain(secret);
  }
});

test('an address that a mail server does not know is given up, and a server that is away is tried again', async () => {
  const { carrier, close } = await openMail();
  await outbox.rows(`update workers.worker set email = 'nobody@example.in' where id = 'W-0000002'`);
  await outbox.put({ id: 'A', channel: 'MAIL', recipient: rahul });
  await send(carrier);
  await close();
  await outbox.put({ id: 'B', channel: 'MAIL', recipient: rahul });
  await send(carrier);
  await outbox.rows(`update workers.worker set email = null where id = 'W-0000002'`);
  await outbox.put({ id: 'C', channel: 'MAIL', recipient: rahul, dossier: number.dragan });
  await send(carrier);
  expect(await outbox.fates()).toEqual([
    { id: 'A', status: 'DEAD', attempts: 1, fault: 'REFUSED' },
    { id: 'B', status: 'PENDING', attempts: 1, fault: 'UNREACHABLE' },
    { id: 'C', status: 'DEAD', attempts: 1, fault: 'NO_ADDRESS' },
  ]);
});

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
