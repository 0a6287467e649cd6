import { csv, freeze, json, type Labels, validOn } from './data.ts';
import { nisCode, postalCodeForm } from './identifiers.ts';

/** The four authorities that decide on work, each competent for a territory (DOMAIN 2.2). */
export const regions = ['VLA-DEM', 'BRU-BEW', 'WAL-SPW', 'DG-MIN'] as const;

/** The id of an authority that decides on work. */
export type Region = (typeof regions)[number];

/** A Belgian postal code; `nis` is the municipality as it is today, null where one is not known. */
export type PostalCode = {
  readonly code: string;
  readonly name: string;
  readonly province: string;
  readonly authority: Region;
  readonly nis: string | null;
};

/** A municipality, past or present; `replacedBy` is the code that took over after a merger. */
export type Municipality = {
  readonly nis: string;
  readonly names: Labels;
  readonly postalCode: string | null;
  readonly authority: Region;
  readonly facilities: boolean;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly replacedBy: string | null;
};

type Places = {
  csvAuthorities: Record<string, Region>;
  postalRanges: { from: string; to: string; authority: Region }[];
  nisPrefixes: { prefix: string; authority: Region }[];
  germanSpeaking: string[];
  facilities: string[];
  otherPostalCodes: Record<string, string>;
};

const data = json<Places>('places.json');
const germanSpeaking = new Set(data.germanSpeaking);

/** The authority of a NIS code, by the list of German-speaking municipalities and by prefix; null for no NIS code (DOMAIN 4.3). */
export function authorityOfNis(nis: string): Region | null {
  if ('fault' in nisCode(nis)) return null;
  if (germanSpeaking.has(nis)) return 'DG-MIN';
  return data.nisPrefixes.find(({ prefix }) => nis.startsWith(prefix))?.authority ?? null;
}

const municipalityRows = csv<
  'nis' | 'nl' | 'fr' | 'de' | 'en' | 'postal_code' | 'valid_from' | 'valid_to' | 'replaced_by'
>('municipalities.csv');

function named(row: (typeof municipalityRows)[number], authority: Region): Labels {
  const fr = row.fr || row.nl;
  const own = authority === 'WAL-SPW' ? fr : row.nl;
  return { nl: row.nl, fr, de: row.de || own, en: row.en || own };
}

const municipalitiesByNis = new Map<string, Municipality>();
for (const row of municipalityRows) {
  const authority = authorityOfNis(row.nis);
  if (authority === null) continue;
  const made: Municipality = {
    nis: row.nis,
    names: named(row, authority),
    postalCode: row.postal_code || null,
    authority,
    facilities: data.facilities.includes(row.nis),
    validFrom: row.valid_from || null,
    validTo: row.valid_to || null,
    replacedBy: row.replaced_by || null,
  };
  municipalitiesByNis.set(row.nis, freeze(made));
}

/** The municipality of a NIS code, also one that has been merged since; null for a code that is not on the list. */
export function municipality(nis: string): Municipality | null {
  return municipalitiesByNis.get(nis) ?? null;
}

/** The municipalities that exist on a date, by NIS code: 581 in 2024, 565 from 2025. */
export function municipalities(date: string): readonly Municipality[] {
  return [...municipalitiesByNis.values()].filter((one) => validOn(one, date));
}

/** The code under which a municipality goes on today, after all mergers; the code itself when nothing is known of it. */
export function currentNis(nis: string): string {
  const next = municipality(nis)?.replacedBy;
  return next === undefined || next === null ? nis : currentNis(next);
}

const nisByPostalCode = new Map<string, string>(Object.entries(data.otherPostalCodes));
for (const { nis, postalCode } of municipalitiesByNis.values()) {
  if (postalCode !== null) nisByPostalCode.set(postalCode, currentNis(nis));
}

/** The municipality of today to which a postal code belongs; null where the data do not say (parts with a code of their own). */
export function nisOfPostalCode(code: string): string | null {
  return nisByPostalCode.get(code) ?? null;
}

const postalCodesByCode = new Map<string, PostalCode>();
for (const row of csv<'postal_code' | 'name' | 'kind' | 'province' | 'authority'>('postal-codes.csv')) {
  const authority = data.csvAuthorities[row.authority];
  if (authority === undefined) continue;
  // Several places share a code: the municipality among them names it.
  if (postalCodesByCode.has(row.postal_code) && row.kind !== 'municipality') continue;
  const code = row.postal_code;
  const { name, province } = row;
  postalCodesByCode.set(code, Object.freeze({ code, name, province, authority, nis: nisOfPostalCode(code) }));
}

/** A postal code of the official list; null for one that is not in use. */
export function postalCode(code: string): PostalCode | null {
  return postalCodesByCode.get(code) ?? null;
}

/** All postal codes in use, in ascending order. */
export const postalCodes: readonly PostalCode[] = freeze([...postalCodesByCode.values()]);

/** The authority of a postal code: by the official list, else by range (DOMAIN 4.2); null for no Belgian postal code. */
export function authorityOfPostalCode(code: string): Region | null {
  if ('fault' in postalCodeForm(code)) return null;
  const listed = postalCode(code);
  if (listed !== null) return listed.authority;
  return data.postalRanges.find(({ from, to }) => from <= code && code <= to)?.authority ?? null;
}
