import { municipalities } from '../../schema/places.ts';
import { streets } from './names.ts';
import { type Chance, weighted } from './random.ts';
import { type Region, regionIds, regions } from './shape.ts';

/** The languages of the country. */
export type Language = 'NL' | 'FR' | 'DE';

/** A municipality of today, at its principal postal code. */
export type Place = {
  readonly postalCode: string;
  readonly nis: string;
  readonly nl: string;
  readonly fr: string;
  readonly authority: Region;
};

/** A place with a street and a number. */
export type Address = { readonly place: Place; readonly street: string; readonly houseNumber: string };

const all: readonly Place[] = municipalities('2026-01-01').flatMap(({ nis, names, postalCode, authority }) =>
  postalCode === null ? [] : [{ postalCode, nis, nl: names.nl, fr: names.fr, authority }],
);
const byPostalCode = new Map(all.map((place) => [place.postalCode, place]));
const byRegion = new Map(regionIds.map((region) => [region, all.filter((place) => place.authority === region)]));

// Work gathers around the large cities; every municipality still gets some.
const centres: Readonly<Record<Region, readonly string[]>> = {
  'VLA-DEM': ['2000', '9000', '3000', '3500', '8500', '2800', '1800', '3600', '8000', '9100'],
  'BRU-BEW': ['1000', '1050', '1070', '1040'],
  'WAL-SPW': ['4000', '6000', '1300', '5000', '7000', '1348'],
  'DG-MIN': ['4700'],
};

/** The municipality at a postal code. */
export function placeAt(postalCode: string): Place {
  const found = byPostalCode.get(postalCode);
  if (found === undefined) throw new RangeError(`no municipality has ${postalCode} as its principal postal code`);
  return found;
}

/** A municipality in the territory of an authority. */
export function placeIn(chance: Chance, region: Region): Place {
  const centre = chance.happens(0.5) ? byPostalCode.get(chance.pick(centres[region])) : undefined;
  return centre ?? chance.pick(byRegion.get(region) ?? all);
}

/** The language in which one deals with the authorities at a place; Brussels has two. */
export function languageAt(chance: Chance, place: Place): Language {
  if (place.authority === 'BRU-BEW') return chance.happens(0.3) ? 'NL' : 'FR';
  return place.authority === 'VLA-DEM' ? 'NL' : place.authority === 'DG-MIN' ? 'DE' : 'FR';
}

/** An address in a place. */
export function addressIn(chance: Chance, place: Place): Address {
  const language = place.authority === 'VLA-DEM' ? 'NL' : place.authority === 'DG-MIN' ? 'DE' : 'FR';
  return { place, street: chance.pick(streets[language]), houseNumber: String(chance.between(1, 399)) };
}

const posts: Readonly<Record<string, readonly string[]>> = {
  TR: ['POST-TR-1', 'POST-TR-2'],
  IN: ['POST-IN-1', 'POST-IN-2'],
  MA: ['POST-MA-1', 'POST-MA-2'],
  DZ: ['POST-TN-1'],
  TN: ['POST-TN-1'],
  US: ['POST-US-1', 'POST-US-2'],
  CN: ['POST-CN-1', 'POST-CN-2'],
  JP: ['POST-JP-1'],
  BR: ['POST-BR-1'],
  UA: ['POST-UA-1'],
  BY: ['POST-UA-1'],
  RS: ['POST-RS-1'],
  BA: ['POST-RS-1'],
  GB: ['POST-GB-1'],
  PH: ['POST-PH-1'],
  CM: ['POST-CM-1'],
  CD: ['POST-CD-1'],
};

/** The consular post at which a national of a country asks for a visa. */
export function postFor(chance: Chance, nationality: string): string {
  return chance.pick(posts[nationality] ?? ['POST-TR-1']);
}

const anyRegion = weighted(regionIds.map((region) => [region, regions[region].share] as const));

/** A region, drawn by its share of all dossiers. */
export function regionOf(chance: Chance): Region {
  return anyRegion(chance);
}
