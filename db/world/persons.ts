import type { Cohort } from './cohort.ts';
import { type Day, dateOf, dateOrNull, dayOf } from './days.ts';
import { namesOf } from './names.ts';
import type { InszKind } from './numbers.ts';
import { type Address, addressIn, type Place } from './places.ts';
import { weighted } from './random.ts';
import { nationalities, postedNationalities, shares } from './shape.ts';

type Alias = { insz: string; kind: 'RRN' | 'BIS'; from: Day; to: Day | null; replacedBy: string | null };

/** A dossier as others about the same worker need to know it: whose it is, and since when. */
export type Filed = { number: string; authority: string; from: Day };

/** A person, as the registers know him by the end of the history. */
export type Worker = {
  readonly id: string;
  readonly sex: 'M' | 'F';
  readonly lastName: string;
  readonly firstNames: string;
  readonly nationalities: readonly string[];
  readonly birthDate: string;
  readonly aliases: Alias[];
  readonly passport: string;
  readonly abroad: { readonly city: string; readonly street: string; readonly country: string };
  readonly since: Day;
  /** Where the worker lives in Belgium; null while abroad. */
  home: Address | null;
  /** The national register number that is set apart for him; drawn otherwise. */
  readonly successor: string | null;
  residence: { status: string; card: string | null; market: string; from: Day; to: Day | null } | null;
  readonly filed: Filed[];
};

const citizenship = weighted(nationalities);
const postedCitizenship = weighted(postedNationalities);
const neighbours = weighted([
  ['FR', 4],
  ['DE', 3],
  ['GB', 3],
  ['IT', 2],
  ['US', 1],
] as const);

/** What is fixed about a person; all else is drawn. */
export type PersonWish = {
  readonly id?: string;
  readonly since: Day;
  readonly name?: { first: string; last: string };
  readonly sex?: 'M' | 'F';
  readonly nationality?: string;
  readonly second?: string;
  readonly birthDate?: string;
  readonly insz?: string;
  readonly successor?: string;
  readonly kind?: InszKind;
  /** Without a number: as long as nothing was submitted, none is asked for. */
  readonly unnumbered?: boolean;
  readonly home?: Place | null;
  readonly posted?: boolean;
  readonly passport?: string;
};

function bornOn(cohort: Cohort, since: Day): Day {
  const { chance } = cohort;
  const age = 21 + Math.floor((chance.next() + chance.next()) * 17 + chance.next() * 4);
  return Math.max(dayOf('1955-01-01'), Math.min(dayOf('2006-12-31'), since - age * 365 - chance.between(0, 364)));
}

function partial(birthDate: string, cohort: Cohort): string {
  return cohort.chance.happens(shares.partialBirthDate) ? birthDate.slice(0, 4) : birthDate;
}

/** Makes a person. */
export function makeWorker(cohort: Cohort, wish: PersonWish): Worker {
  const { chance, world } = cohort;
  const nationality = wish.nationality ?? (wish.posted ? postedCitizenship(chance) : citizenship(chance));
  const pool = namesOf(nationality);
  const sex = wish.sex ?? (chance.happens(wish.posted ? 0.85 : 0.62) ? 'M' : 'F');
  const kind = wish.kind ?? (wish.home ? 'RRN' : chance.happens(0.6) ? 'BIS' : 'BIS_UNKNOWN');
  const given = wish.insz === undefined ? undefined : { insz: wish.insz, birthDate: wish.birthDate ?? '', kind };
  const number = given ?? (wish.unnumbered ? null : world.numbers.insz(bornOn(cohort, wish.since), sex, kind));
  world.nextWorker += 1;
  const dual = wish.nationality === undefined && chance.happens(shares.dualNationality);
  const second = wish.second ?? (dual ? neighbours(chance) : nationality);
  return {
    id: wish.id ?? `W-${String(world.nextWorker).padStart(7, '0')}`,
    sex,
    lastName: wish.name?.last ?? chance.pick(pool.last),
    firstNames: wish.name?.first ?? chance.pick(sex === 'M' ? pool.male : pool.female),
    nationalities: second === nationality ? [nationality] : [nationality, second],
    birthDate: number?.birthDate ?? wish.birthDate ?? partial(dateOf(bornOn(cohort, wish.since)), cohort),
    aliases: number
      ? [
          {
            insz: number.insz,
            kind: number.kind === 'RRN' ? 'RRN' : 'BIS',
            from: wish.since,
            to: null,
            replacedBy: null,
          },
        ]
      : [],
    passport: wish.passport ?? `${nationality}${chance.between(1_000_000, 9_999_999)}`,
    abroad: {
      city: chance.pick(pool.cities),
      street: `${chance.pick(pool.last)} ${chance.pick(['Street', 'Avenue', 'Road'])} ${chance.between(1, 180)}`,
      country: nationality,
    },
    since: wish.since,
    home: wish.home ? addressIn(chance, wish.home) : null,
    successor: wish.successor ?? null,
    residence: null,
    filed: [],
  };
}

/** Enters a person who came to live in Belgium in the National Register: a bis number gives way to a national one. */
export function enterNationalRegister(cohort: Cohort, worker: Worker, place: Place, on: Day): void {
  worker.home ??= addressIn(cohort.chance, place);
  const current = worker.aliases.at(-1);
  if (current === undefined || current.kind === 'RRN' || worker.birthDate.length < 10) return;
  const made = worker.successor ?? cohort.world.numbers.successor(worker.birthDate, worker.sex);
  if (made === null) return; // the birth date has no synthetic number left: the bis number stays
  current.to = on - 1;
  current.replacedBy = made;
  worker.aliases.push({ insz: made, kind: 'RRN', from: on, to: null, replacedBy: null });
}

function latin(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();
}

/** Writes a person with all numbers and the right of residence. */
export function writeWorker(cohort: Cohort, worker: Worker): void {
  const { batch, chance, register } = cohort;
  const { home, abroad, id } = worker;
  const reach = `${latin(worker.firstNames)}.${latin(worker.lastName)}`;
  batch.add('workers.worker', {
    id,
    last_name: worker.lastName,
    first_names: worker.firstNames,
    birth_date: worker.birthDate,
    sex: worker.sex,
    nationalities: worker.nationalities,
    passport_number: worker.passport,
    street: home ? home.street : abroad.street,
    house_number: home ? home.houseNumber : null,
    postal_code: home ? home.place.postalCode : null,
    locality: home ? home.place.nl : abroad.city,
    country: home ? 'BE' : abroad.country,
    municipality: home ? home.place.nis : null,
    email: chance.happens(0.7) ? `${reach}@example.org` : null,
    phone: chance.happens(0.5)
      ? `+32 4${chance.between(60, 99)} 00 ${chance.between(10, 99)} ${chance.between(10, 99)}`
      : null,
  });
  for (const alias of worker.aliases) {
    batch.add('workers.insz_alias', {
      insz: alias.insz,
      worker_id: id,
      kind: alias.kind,
      valid_from: dateOf(alias.from),
      valid_to: dateOrNull(alias.to),
      replaced_by: alias.replacedBy,
    });
  }
  if (worker.residence) {
    batch.add('workers.residence_status', {
      worker_id: id,
      status: worker.residence.status,
      card_type: worker.residence.card,
      labour_market: worker.residence.market,
      valid_from: dateOf(worker.residence.from),
      valid_to: dateOrNull(worker.residence.to),
    });
  }
  register.note(`WORKER:${id}`, 'WORKER', id, 'PARTY', worker.since);
}
