import { isExempt } from '../../schema/reference.ts';
import type { Cohort } from './cohort.ts';
import { type Day, dateOf, dateOrNull, dayOf } from './days.ts';
import type { Employer } from './enterprises.ts';
import { involveWork } from './involve.ts';
import { makeWorker, type Worker, writeWorker } from './persons.ts';
import { weighted } from './random.ts';
import { firstDate, postedSectors, senderCountries } from './shape.ts';
import { jsonList } from './tables.ts';

const sender = weighted(senderCountries);
const sector = weighted(postedSectors);
const words = ['Bud', 'Mont', 'Weld', 'Instal', 'Struct', 'Trans', 'Serv', 'Elektro'] as const;
const endings: Readonly<Record<string, string>> = {
  PL: 'Sp. z o.o.',
  PT: 'Lda',
  RO: 'SRL',
  LT: 'UAB',
  NL: 'BV',
  DE: 'GmbH',
  FR: 'SAS',
};

/** A posting as it is declared in Limosa. */
export type Posting = {
  readonly worker: Worker;
  readonly clients: readonly Employer[];
  readonly start: Day;
  readonly end: Day | null;
  readonly senderName: string;
  readonly senderCountry: string;
  readonly workerKind?: 'EMPLOYEE' | 'SELF_EMPLOYED';
  readonly sector?: string;
  readonly reminder?: string | null;
  /** The days an A1 covers; null for a posting without one. */
  readonly a1: { readonly from: Day; readonly to: Day | null } | null;
};

/** Writes a posting with its A1, and enters it in the reference register; answers its number. */
export function writePosting(cohort: Cohort, posting: Posting): string {
  const { batch, chance, world } = cohort;
  const { worker, clients, start, end, a1, senderCountry } = posting;
  const number = world.numbers.limosa(start);
  const a1Number = a1 === null ? null : world.numbers.a1(senderCountry, a1.from);
  if (a1 !== null) {
    batch.add('cadastre.a1_certificate', {
      number: a1Number,
      foreign_number: chance.happens(0.2) ? `${senderCountry}-${chance.between(100_000, 999_999)}` : null,
      issuing_country: senderCountry,
      worker_id: worker.id,
      valid_from: dateOf(a1.from),
      valid_to: dateOrNull(a1.to),
    });
  }
  const places = clients.flatMap(({ establishments }) => establishments[0]?.address ?? []);
  batch.add('cadastre.limosa_declaration', {
    number,
    worker_kind: posting.workerKind ?? 'EMPLOYEE',
    worker_id: worker.id,
    sender_name: posting.senderName,
    sender_country: senderCountry,
    sender_reference: `${senderCountry}${chance.between(1_000_000, 9_999_999)}`,
    clients: clients.map(({ kbo }) => kbo),
    places: jsonList(
      places.map(({ place, street, houseNumber }) => ({
        postalCode: place.postalCode,
        locality: place.nl,
        street: `${street} ${houseNumber}`,
      })),
    ),
    authorities: [...new Set(places.map(({ place }) => place.authority))],
    start_date: dateOf(start),
    end_date: dateOrNull(end),
    sector: posting.sector ?? sector(chance),
    temporary_agency: chance.happens(0.06),
    a1_number: a1Number,
    permit_reminder: posting.reminder ?? null,
    cancelled: false,
  });
  for (const client of clients) {
    const authority = client.establishments[0]?.address.place.authority ?? client.seat.place.authority;
    involveWork(cohort, { worker, kbo: client.kbo, authority, from: start, employed: false });
  }
  return number;
}

/** Makes a posted worker with the postings of his years, for clients of the cohort. Most are EEA nationals. */
export function postedCareer(cohort: Cohort, client: () => Employer, postings: number): void {
  const { chance, today } = cohort;
  const first = dayOf(firstDate) + chance.between(0, today - dayOf(firstDate) - 60);
  const worker = makeWorker(cohort, { since: first, posted: true, kind: 'BIS' });
  // The third-country staff of an EU employer may follow him without a permit of their own (Vander Elst).
  const senderCountry = sender(chance);
  const senderName = `${chance.pick(words)}${chance.pick(['pol', 'max', 'tech', 'bau', 'line'])} ${endings[senderCountry] ?? ''}`;
  const workerKind = isExempt(worker.nationalities[0] ?? '') && chance.happens(0.15) ? 'SELF_EMPLOYED' : 'EMPLOYEE';
  let start = first;
  for (let count = chance.between(1, postings * 2 - 1); count > 0 && start <= today + 20; count -= 1) {
    const end = start + chance.between(4, 85);
    const clients = chance.happens(0.08) ? [client(), client()] : [client()];
    writePosting(cohort, {
      worker,
      clients: [...new Set(clients)],
      start,
      end,
      senderName,
      senderCountry,
      workerKind,
      a1: { from: start, to: end },
    });
    start = end + chance.between(3, 160);
  }
  writeWorker(cohort, worker);
}
