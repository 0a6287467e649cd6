import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { SMTPServer } from 'smtp-server';
import type { Carrier } from '../subgraphs/channels/carrier.ts';
import { ebox } from '../subgraphs/channels/ebox.ts';
import { eboxStandIn } from '../subgraphs/channels/ebox-stand-in.ts';
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
