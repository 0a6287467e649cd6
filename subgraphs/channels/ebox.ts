/** The e-Box of enterprises and citizens, over HTTP. */
import { brusselsDate } from '../../schema/calendar.ts';
import { notification } from '../../schema/notifications.ts';
import { type Carrier, failed, type Notice, type Receipt } from './carrier.ts';
import { poster } from './post.ts';

/** A message as the e-Box takes it (DOMAIN 10). What it is about is read elsewhere, by whoever may: `bodyRef` says where. */
export type EboxMessage = {
  messageId: string;
  recipient: { KBO: string } | { INSZ: string };
  dossierNumber: string | null;
  subject: { nl: string; fr: string; de: string };
  bodyRef: string;
  attachments: readonly string[];
  legalEffectDate: string;
  dueDate: string | null;
};

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const hashes = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string' && /^[\da-f]{64}$/.test(one)) : [];

const recipientOf = ({ recipient, insz }: Notice): EboxMessage['recipient'] => {
  const [, kbo] = /:(\d{10})$/.exec(recipient) ?? [];
  if (kbo !== undefined) return { KBO: kbo };
  if (insz === null) throw failed('NO_ADDRESS', true);
  return { INSZ: insz };
};

const messageOf = (notice: Notice): EboxMessage => {
  const { id, event, dossier, worker, at, details } = notice;
  const row = notification(event);
  const { nl, fr, de } = row?.labels ?? { nl: event, fr: event, de: event };
  const aboutWorker = row?.about === 'WORKER';
  return {
    messageId: id,
    recipient: recipientOf(notice),
    dossierNumber: aboutWorker ? null : dossier,
    subject: { nl, fr, de },
    bodyRef: aboutWorker ? `worker/${worker}` : `dossier/${dossier}`,
    attachments: hashes(details.attachments),
    legalEffectDate: (aboutWorker ? null : text(details.effectiveOn)) ?? brusselsDate(at),
    dueDate: aboutWorker ? null : text(details.dueOn),
  };
};

const moment = (value: unknown): Date | null => {
  const date = typeof value === 'string' ? new Date(value) : null;
  return date && !Number.isNaN(date.getTime()) ? date : null;
};

/** What an answer says under a name; an answer that is no object fails. */
const read = (answer: string): Readonly<Record<string, unknown>> => {
  const value: unknown = JSON.parse(answer);
  if (typeof value !== 'object' || value === null) throw failed('NOT_AN_ANSWER');
  return value as Record<string, unknown>; // just checked
};

const receiptOf = (value: unknown): Receipt[] => {
  const { messageId, readAt }: Record<string, unknown> = Object(value);
  const at = moment(readAt);
  return typeof messageId === 'string' && at ? [{ id: messageId, readAt: at }] : [];
};

/** Carries to the e-Box at an address. */
export const ebox = (address: string): Carrier => {
  const post = poster(address);
  return {
    name: 'e-Box',
    channel: 'EBOX',
    send: async (notice) => {
      const { receipt, readAt } = read(await post('/messages', JSON.stringify(messageOf(notice))));
      return { receipt: text(receipt), readAt: moment(readAt) };
    },
    receipts: async (since) => {
      const { receipts } = read(await post('/receipts', JSON.stringify({ since: since?.toISOString() ?? null })));
      if (!Array.isArray(receipts)) throw failed('NOT_AN_ANSWER');
      return receipts.flatMap(receiptOf);
    },
    stop: post.stop,
  };
};
