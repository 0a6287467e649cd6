import { type Code, type Frozen, freeze, json, type Labels, type Language, validOn } from './data.ts';

type Valid = { readonly validFrom: string | null; readonly validTo: string | null };

/** What a row of each code list holds besides its code and labels; a list that is not named here holds nothing more. */
type Rows = {
  permitKinds: Code & {
    readonly applicants: readonly string[];
    readonly deciders: readonly ('REGION' | 'RESIDENCE')[];
    readonly residencePart: boolean;
    readonly numberPrefix: 'SP' | 'AK' | 'BK';
    readonly cardType: string | null;
    readonly labourMarket: 'LIMITED' | 'UNLIMITED' | 'NONE';
    readonly phase: 1 | 2 | 3;
    readonly feature: string | null;
  };
  features: Code & { readonly enabled: boolean };
  applicationTypes: Code & { readonly draftOnly?: boolean };
  dossierStatuses: Code & { readonly publicLabels: Labels | null; readonly final: boolean };
  trackStatuses: Code & { readonly tracks: readonly ('WORK' | 'RESIDENCE')[] };
  handlings: Code & { readonly regions: readonly (Valid & { readonly region: string })[] };
  channels: Code & Valid & { readonly ticketFrom: string | null };
  ruleSets: Code & Valid & { readonly legalReferences: readonly string[] };
  permitStates: Code & { readonly final: boolean };
  dataCategories: Code & { readonly category: string };
  irregularitySubjects: Code & { readonly inspection: string };
  groundsWithdrawal: Code & {
    readonly regions: readonly string[];
    readonly mandatory: boolean;
    readonly verified: readonly string[];
  };
  naceSections: Code & { readonly edition: string; readonly divisions: readonly [string, string] };
  juridicalSituations: Code & {
    readonly status: 'ACTIVE' | 'STOPPED' | 'IN_LIQUIDATION' | 'BANKRUPT' | 'JUDICIAL_REORGANISATION';
  };
  mandateGroups: Code & { readonly filesDossiers: boolean };
  jointCommittees: Code & { readonly abolishedInto?: string };
};

const plain = [
  'bridgings',
  'parts',
  'outcomes',
  'closingReasons',
  'languages',
  'labourMarketMentions',
  'annexes',
  'cardTypes',
  'sensitivities',
  'purposes',
  'workConditions',
  'groundsInadmissible',
  'groundsRefusal',
  'groundsResidence',
  'kboStatuses',
  'mandateStatuses',
  'mandateEvents',
  'dimonaTypes',
  'insolvencyStates',
  'authorityKinds',
  'admissionCategories',
  'documents',
  'forbiddenDocuments',
  'competenceRules',
  'deadlines',
  'adviceReasons',
  'optionalHolidays',
  'timelineEvents',
  'milestones',
  'procedures',
  'inspectionRules',
  'notifications',
  'countries',
] as const;

/** The name of a code list. */
export type CodeListName = keyof Rows | (typeof plain)[number];

/** A row of the code list of this name. */
export type CodeOf<N extends CodeListName> = N extends keyof Rows ? Rows[N] : Code;

type List = { source: string; codes: readonly Code[] };

// Lists that stand in the data file of their subject, with more than codes: only code and labels are shown here.
function listed(rows: readonly Code[], source: string): List {
  const once = new Map(rows.map(({ code, labels }) => [code, { code, labels }]));
  return { source, codes: [...once.values()] };
}

const authorities = json<{ source: string; kinds: Code[] }>('authorities.json');
const categories = json<{ source: string; categories: Code[] }>('categories.json');
const documents = json<{ source: string; documents: Code[]; forbidden: Code[] }>('documents.json');
const competence = json<{ source: string; rules: { rule: string; labels: Labels }[] }>('competence.json');
const deadlines = json<{ source: string; names: Code[] }>('deadlines.json');
const advice = json<{ source: string; reasons: Code[] }>('advice.json');
const calendar = json<{ source: string; optional: Code[] }>('calendar.json');
const outbox = json<{ source: string; notifications: Code[] }>('outbox.json');
const notifications = json<{ source: string; events: Code[] }>('notifications.json');

/** A country: its code, its names, and what its nationals need. */
export type Country = Code & { readonly exempt: boolean; readonly treaty: boolean };

type Countries = { source: string; iso: string[]; extra: Code[]; exempt: string[]; treaty: string[] };
const data = json<Countries>('countries.json');
const exempt = new Set(data.exempt);
const extra = new Map(data.extra.map((row) => [row.code, row.labels]));

function names(language: Language): Intl.DisplayNames {
  return new Intl.DisplayNames([language], { type: 'region' });
}
const display = { nl: names('nl'), fr: names('fr'), de: names('de'), en: names('en') };

const known = new Map<string, Country>();

/** The country of an ISO 3166-1 alpha-2 code, XK, XS (stateless) or XX (unknown); null for any other code. */
export function country(code: string): Country | null {
  const found = known.get(code);
  if (found !== undefined) return found;
  if (!extra.has(code) && !data.iso.includes(code)) return null;
  const labels = extra.get(code) ?? {
    nl: display.nl.of(code) ?? code,
    fr: display.fr.of(code) ?? code,
    de: display.de.of(code) ?? code,
    en: display.en.of(code) ?? code,
  };
  const made = freeze({ code, labels, exempt: exempt.has(code), treaty: data.treaty.includes(code) });
  known.set(code, made);
  return made;
}

/** The codes of all countries, with XK, XS and XX. */
export const countryCodes: readonly string[] = [...data.iso, ...extra.keys()];

const lists: Readonly<Record<string, Frozen<List>>> = {
  ...json<Record<string, List>>('life-cycle.json'),
  ...json<Record<string, List>>('grounds.json'),
  ...json<Record<string, List>>('enterprises.json'),
  ...json<Record<string, List>>('inspection.json'),
  authorityKinds: listed(authorities.kinds, authorities.source),
  admissionCategories: listed(categories.categories, categories.source),
  documents: listed(documents.documents, documents.source),
  forbiddenDocuments: listed(documents.forbidden, documents.source),
  competenceRules: listed(
    competence.rules.map(({ rule, labels }) => ({ code: rule, labels })),
    competence.source,
  ),
  deadlines: listed(deadlines.names, deadlines.source),
  adviceReasons: listed(advice.reasons, advice.source),
  optionalHolidays: listed(calendar.optional, calendar.source),
  notifications: listed([...notifications.events, ...outbox.notifications], notifications.source),
  countries: listed(
    countryCodes.flatMap((code) => country(code) ?? []),
    data.source,
  ),
};

/** The names of all code lists. */
export const codeLists: readonly CodeListName[] = Object.keys(lists) as CodeListName[]; // checked by reference.test.ts

/** Whether a text names a code list. */
export function isCodeList(name: string): name is CodeListName {
  return (codeLists as readonly string[]).includes(name); // widened so that any text may be asked
}

/** The code lists whose rows hold no more than a code and labels. */
export const plainCodeLists: readonly CodeListName[] = plain;

/** All rows of a code list, in the order of the data file. */
export function codeList<N extends CodeListName>(name: N): readonly CodeOf<N>[] {
  return (lists[name]?.codes ?? []) as readonly CodeOf<N>[]; // the rows of a list have the type of its name
}

/** Where the codes of a list come from. */
export function sourceOf(name: CodeListName): string {
  return lists[name]?.source ?? '';
}

// Labels are asked for in every row of a list. Of a code that stands in a list twice, the first row counts.
const rowsByCode = new Map(
  Object.entries(lists).map(([name, { codes }]) => [name, new Map([...codes].reverse().map((row) => [row.code, row]))]),
);

/** The row of a code, or null for a code that the list does not hold. */
export function codeOf<N extends CodeListName>(name: N, code: string): CodeOf<N> | null {
  return (rowsByCode.get(name)?.get(code) ?? null) as CodeOf<N> | null; // the rows of a list have the type of its name
}

/** The label of a code in a language; the code itself when the list does not hold it. */
export function label(list: CodeListName, code: string, language: Language): string {
  return codeOf(list, code)?.labels[language] ?? code;
}

const languages: Readonly<Record<string, Language>> = { NL: 'nl', FR: 'fr', DE: 'de', EN: 'en' };

/** The language of labels for a code of the list `languages`; English for any other. */
export function languageOf(code: string): Language {
  return languages[code] ?? 'en';
}

/** Whether nationals of a country need no authorisation: the EEA and Switzerland (DOMAIN 6.3 [W06][W22b]). */
export function isExempt(nationality: string): boolean {
  return exempt.has(nationality);
}

/** The section of a NACE-BEL code in an edition; null when its division belongs to none. */
export function naceSection(code: string, edition: '2008' | '2025'): CodeOf<'naceSections'> | null {
  const division = code.slice(0, 2);
  const holds = ({ divisions: [first, last], ...row }: CodeOf<'naceSections'>) =>
    row.edition === edition && first <= division && division <= last;
  return codeList('naceSections').find(holds) ?? null;
}

/** Whether a channel of filing is open on a date, and whether it then needs a ticket of the helpdesk (DOMAIN 3.3 [S1][S2]). */
export function channelRule(channel: string, date: string): { open: boolean; needsHelpdeskTicket: boolean } {
  const row = codeOf('channels', channel);
  if (row === null || !validOn(row, date)) return { open: false, needsHelpdeskTicket: false };
  return { open: true, needsHelpdeskTicket: row.ticketFrom !== null && row.ticketFrom <= date };
}

/** The grounds on which an authority may withdraw a permit (DOMAIN 3.7 [W02]). */
export function groundsForWithdrawal(authority: string): readonly CodeOf<'groundsWithdrawal'>[] {
  return codeList('groundsWithdrawal').filter((row) => row.regions.includes(authority));
}
