import { freeze, json, type Labels } from './data.ts';
import { municipality } from './places.ts';
import { country } from './reference.ts';

/** What kind of body an authority is; NONE has no access to the gateway (DOMAIN 2.2). */
export type AuthorityKind =
  | 'REGION'
  | 'RESIDENCE'
  | 'PLATFORM'
  | 'IDENTITY'
  | 'POST'
  | 'MUNICIPALITY'
  | 'INSPECTION_FED'
  | 'INSPECTION_REG'
  | 'COORDINATION'
  | 'RECIPIENT'
  | 'NONE';

/** How an authority is reached; each part is null where no source prints it. */
export type ContactPoint = {
  readonly email: string | null;
  readonly phone: string | null;
  readonly url: string | null;
  readonly source: string;
};

/**
 * A body that takes part. `territory` is, for a regional inspection, the region whose territory it covers, and for a
 * municipality the region in which it lies; `languages` are those of its proceedings.
 */
export type Authority = {
  readonly id: string;
  readonly kind: AuthorityKind;
  readonly names: Labels;
  readonly territory: string | null;
  readonly languages: readonly string[];
  readonly contact: ContactPoint | null;
  readonly source: string;
};

type Data = { noContact: string; authorities: Authority[]; posts: { id: string; place: string }[] };

const data = json<Data>('authorities.json');
const places = new Map(data.posts.map(({ id, place }) => [id, place]));

function post(id: string): Authority | null {
  const [, code = '', number = ''] = /^POST-([A-Z]{2})-([1-9]\d?)$/.exec(id) ?? [];
  const land = country(code)?.labels;
  if (land === undefined) return null;
  const place = places.get(id) ?? number;
  return freeze({
    id,
    kind: 'POST',
    names: {
      nl: `Belgische post in ${land.nl} (${place})`,
      fr: `Poste belge : ${land.fr} (${place})`,
      de: `Belgische Vertretung: ${land.de} (${place})`,
      en: `Belgian post in ${land.en} (${place})`,
    },
    territory: null,
    languages: ['NL', 'FR', 'DE', 'EN'],
    contact: null,
    source: 'DOMAIN 2.2 [W16]; numbering [asm]',
  });
}

// NL in Flanders, FR in Wallonia, both in Brussels, DE (FR on request) in the DG (DOMAIN 4.3 [asm]).
const spoken = { 'VLA-DEM': ['NL'], 'BRU-BEW': ['NL', 'FR'], 'WAL-SPW': ['FR'], 'DG-MIN': ['DE', 'FR'] };

function townHall(id: string): Authority | null {
  const town = municipality(id.slice('MUN-'.length));
  if (town === null) return null;
  const { names, authority: territory } = town;
  return freeze({
    id,
    kind: 'MUNICIPALITY',
    names: {
      nl: `Gemeente ${names.nl}`,
      fr: /^[AEIOUYÉÈÊ]/i.test(names.fr) ? `Commune d’${names.fr}` : `Commune de ${names.fr}`,
      de: `Gemeinde ${names.de}`,
      en: `Municipality of ${names.en}`,
    },
    territory,
    languages: spoken[territory],
    contact: null,
    source: 'DOMAIN 2.2',
  });
}

const byId = new Map(data.authorities.map((one) => [one.id, one]));

/** The authorities that stand by themselves, and the posts that are listed; municipalities are known by their pattern. */
export const authorities: readonly Authority[] = [
  ...data.authorities,
  ...data.posts.flatMap(({ id }) => post(id) ?? []),
];

/** The authority of an id: one of the list, `POST-<ISO2>-<n>` or `MUN-<NIS5>`; null when there is none. */
export function authority(id: string): Authority | null {
  const found = byId.get(id);
  if (found !== undefined) return found;
  if (id.startsWith('POST-')) return post(id);
  return id.startsWith('MUN-') ? townHall(id) : null;
}

/** How an authority is reached; null for an id that is none. All parts are null where no source prints one. */
export function contactPoint(id: string): ContactPoint | null {
  const found = authority(id);
  if (found === null) return null;
  return found.contact ?? freeze({ email: null, phone: null, url: null, source: data.noContact });
}

/** The regional inspection that covers a region's territory. */
export function inspectionOf(region: string): Authority | null {
  return data.authorities.find(({ kind, territory }) => kind === 'INSPECTION_REG' && territory === region) ?? null;
}
