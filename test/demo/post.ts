/** What was sent, and read. */
import { setTimeout as pause } from 'node:timers/promises';
import { ask, type Counter, mailbox } from './counter.ts';
import { seen } from './teller.ts';

type Delivery = {
  event: { code: string };
  recipientKind: string;
  authority: { id: string } | null;
  channel: string;
  status: string;
  readAt: string | null;
};

const patience = 30_000;

/** What was sent of an event, once nothing of it waits any more. */
const sent = async (
  counter: Counter,
  region: string,
  number: string,
  event: string,
  until: (all: Delivery[]) => boolean,
) => {
  const query =
    'query ($dossier: DossierNumber!) { deliveries(dossier: $dossier) { event { code } recipientKind authority { id } channel status readAt } }';
  for (const end = Date.now() + patience; ; ) {
    const { data } = await ask<{ deliveries: Delivery[] }>(counter, region, query, { dossier: number });
    const all = (data?.deliveries ?? []).filter(({ event: { code } }) => code === event);
    if (all.length > 0 && until(all)) return all;
    if (Date.now() > end) throw new Error(`${event} has not arrived: ${JSON.stringify(all)}`);
    await pause(200);
  }
};

const isThere = (all: Delivery[]): boolean => all.every(({ status }) => status !== 'PENDING');

/** The employer opens the final decision in its e-Box, and the region sees that it was read. */
export const receiptRead = async (
  counter: Counter,
  { kbo, region, number }: { kbo: string; region: string; number: string },
): Promise<void> => {
  await sent(counter, region, number, 'FINAL_DECISION', isThere);
  const { messages } = await mailbox<{
    messages: { messageId: string; dossierNumber: string; subject: { nl: string } }[];
  }>(counter, '/mailbox', { recipient: { KBO: kbo } });
  const mine = messages.filter(({ dossierNumber }) => dossierNumber === number);
  if (mine.length === 0) throw new Error('The e-Box of the employer is empty');
  for (const { messageId, subject } of mine) {
    seen(`In the employer’s e-Box: ${subject.nl}`);
    await mailbox(counter, '/read', { messageId });
  }
  const isRead = ({ channel, recipientKind, readAt }: Delivery): boolean =>
    channel === 'EBOX' && recipientKind === 'EMPLOYER' && readAt !== null;
  await sent(counter, region, number, 'FINAL_DECISION', (all) => all.some(isRead));
  seen('The region sees that the final decision was read.');
};

/** Who was told of an event, and how. */
export const everybodyTold = async (
  counter: Counter,
  { region, number, event }: { region: string; number: string; event: string },
): Promise<void> => {
  const all = await sent(counter, region, number, event, isThere);
  const lines = all.map(({ recipientKind, authority, channel }) => `${authority?.id ?? recipientKind} (${channel})`);
  seen(
    `Told of ${event}: ${[...new Set(lines)].sort().join(', ')}; an inspection service, if one has an open hit, is its own secret.`,
  );
};
