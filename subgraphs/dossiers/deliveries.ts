/** What was sent about dossiers, and read. */
import DataLoader from 'dataloader';
import type { Knex } from 'knex';
import { param, shape } from '../../db/statement.ts';
import { authority } from '../../schema/authorities.ts';
import { inspections } from '../../schema/inspection.ts';
import { partyOf, related, scopeKey, scopeValues, visible } from '../access.ts';
import { sizeOf } from '../page.ts';
import { type Ground, grouped, type Scoped } from '../rows.ts';
import type { Viewer } from '../viewer.ts';
import type { DeliveryChannel, DeliveryStatus } from './types.ts';

export type DeliveryRow = {
  id: string;
  dossierNumber: string;
  event: string;
  recipient: string;
  channel: DeliveryChannel;
  status: DeliveryStatus;
  attempts: number;
  createdAt: Date;
  sentAt: Date | null;
  readAt: Date | null;
  fault: string | null;
};

const row = (knex: Knex) =>
  knex.raw(`t.worker_id as "workerId", t.number as "dossierNumber", v.id, v.event, v.recipient, v.channel, v.status, v.attempts,
    v.created_at as "createdAt", v.sent_at as "sentAt", v.read_at as "readAt", v.fault`);

// That an inspection was told of a dossier tells that it has a hit: that is for nobody but the service itself.
const notToInspections = `v.recipient not in (${inspections.map((id) => `'${id}'`).join(', ')})`;

/** The condition that a viewer of a dossier oversees what is sent about it; anybody else sees what is sent to it. */
const oversees = (viewer: Viewer): string => {
  if (viewer.kind === 'PLATFORM') return 'true';
  return viewer.kind === 'REGION' || viewer.kind === 'RESIDENCE' ? related('dossier', viewer, ['OWN']) : 'false';
};

/** What a recipient is: a kind of principal. */
export const kindOf = (recipient: string): string => authority(recipient)?.kind ?? recipient.replace(/:.*/, '');

/** Reads for one viewer. */
export const deliveryStore = ({ pool, viewer }: Ground) => {
  const sent = shape<Scoped<DeliveryRow>>(`deliveries for ${scopeKey(viewer)}`, (knex) => {
    const me = partyOf(viewer);
    return visible(knex, 'dossier', viewer)
      .joinRaw('join steps.delivery v on v.dossier_number = t.number')
      .select(row(knex))
      .whereRaw('t.number = any(?)', [param('keys')])
      .whereRaw(`(v.recipient = ${me.sql} or (${oversees(viewer)} and ${notToInspections}))`, me.values)
      .orderByRaw('v.position, v.recipient, v.channel');
  });

  // Also those that name no dossier, for what happened did.
  const dead = shape<Scoped<DeliveryRow>>(`dead letters for ${scopeKey(viewer)}`, (knex) =>
    knex.raw('? limit ?', [
      visible(knex, 'dossier', viewer)
        .joinRaw('join steps.outbox o on o.dossier_number = t.number join steps.delivery v on v.position = o.position')
        .select(row(knex))
        .whereRaw(`v.status = 'DEAD' and ${notToInspections}`)
        .orderByRaw('v.position desc, v.recipient, v.channel'),
      param('limit'),
    ]),
  );

  return {
    deliveries: new DataLoader<string, Scoped<DeliveryRow>[]>(async (keys) =>
      grouped(keys, await sent(pool, { ...scopeValues(viewer), keys }), ({ dossierNumber }) => dossierNumber),
    ),
    deadLetters: (first: number | null | undefined) => dead(pool, { ...scopeValues(viewer), limit: sizeOf(first) }),
  };
};
