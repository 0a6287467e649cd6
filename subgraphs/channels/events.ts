/** Signed CloudEvents over HTTP, for authorities with a system of their own; for all others the feed, which they read themselves. */
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { authority } from '../../schema/authorities.ts';
import { notification } from '../../schema/notifications.ts';
import { rowsFor } from '../../schema/policy.ts';
import { type Carrier, failed, type Notice, type Taken } from './carrier.ts';
import { poster } from './post.ts';

/** The key of one authority, as Standard Webhooks writes keys: with it nobody can sign for another. */
export const eventKey = (secret: string, authority: string): string =>
  `whsec_${createHmac('sha256', secret).update(`events for ${authority}`).digest('base64')}`;

/** To whom a region has to send a letter: an enterprise by its number; of a dossier's persons the region knows who they are. */
const letterTo = (recipient: string) => {
  const [kind = '', number = ''] = recipient.split(':');
  return kind === 'WORKER' ? { kind } : { kind, kbo: number };
};

/** CloudEvents 1.0, structured. It names no person: who may read the dossier reads there whom it is about. */
const eventOf = ({ id, position, event, recipient, channel, dossier, at, details }: Notice): string => {
  const { change: _, ...told } = details;
  const services = notification(event)?.services;
  const name = event.toLowerCase().replaceAll('_', '-');
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: 'urn:be:single-permit',
    type: `be.single-permit.${channel === 'LETTER' ? 'letter' : 'event'}.${name}`,
    ...(dossier === null ? {} : { subject: dossier }),
    time: at.toISOString(),
    sequence: String(position).padStart(19, '0'),
    datacontenttype: 'application/json',
    data: {
      ...told,
      event,
      dossier,
      ...(services ? { services } : {}),
      ...(channel === 'LETTER' ? { to: letterTo(recipient) } : {}),
    },
  });
};

/** Posts events to the system of one authority. */
type Sink = { send(notice: Notice): Promise<Taken>; stop(): Promise<void> };

const sinkOf = (authority: string, address: string, secret: string): Sink => {
  const post = poster(address);
  const webhook = new Webhook(eventKey(secret, authority));
  return {
    send: async (notice) => {
      const body = eventOf(notice);
      const now = new Date(); // of the attempt, by the real clock: the receiver compares it with its own
      await post('', body, {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'webhook-id': notice.id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': webhook.sign(notice.id, now, body),
      });
      return { receipt: null, readAt: null };
    },
    stop: post.stop,
  };
};

/** What is in the outbox is in the feed of whoever sees the dossier: there is nothing left to do. */
const inFeed = async ({ position }: Notice): Promise<Taken> => ({ receipt: `feed ${position}`, readAt: null });

/** An inspection with a hit in another territory does not see the dossier: it can be told at a system of its own only. */
const fed = async (notice: Notice): Promise<Taken> => {
  const kind = authority(notice.recipient)?.kind ?? 'NONE';
  const sees = notice.tied || (kind !== 'NONE' && rowsFor(kind, 'dossier') === 'everything');
  if (!sees) throw failed('NO_SINK', true);
  return inFeed(notice);
};

/**
 * Carries events: to each sink one carrier, so that a system that does not answer holds up its own events only; to all others
 * the feed. A registered letter is a piece of work for the competent region, which prints and posts it.
 */
export const events = (sinks: ReadonlyMap<string, string>, secret: string): readonly Carrier[] => {
  const made = new Map([...sinks].map(([authority, address]) => [authority, sinkOf(authority, address, secret)]));
  const nothing = async () => undefined;
  return [
    ...[...made].map(
      ([authority, { send, stop }]): Carrier => ({
        name: `events of ${authority}`,
        channel: 'EVENT',
        only: [authority],
        send,
        stop,
      }),
    ),
    { name: 'feed', channel: 'EVENT', but: [...sinks.keys()], send: fed, stop: nothing },
    {
      name: 'letters',
      channel: 'LETTER',
      send: async (notice) => {
        if (notice.region === null) throw failed('NO_ADDRESS', true);
        return (made.get(notice.region)?.send ?? inFeed)(notice);
      },
      stop: nothing,
    },
  ];
};
