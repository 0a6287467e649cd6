import { lastDay, statusOn } from '../../schema/mandates.ts';
import { nisOfPostalCode } from '../../schema/places.ts';
import { codeOf, country, naceSection } from '../../schema/reference.ts';
import { type AddressRef, authorityOf, code, codes, municipalityOf } from '../common.ts';
import type { ActivityRow, AddressRow, DenominationRow, EmployerRow } from './store.ts';
import type { KboStatus, Lang, Resolvers } from './types.ts';

// The KBO's own codes: language, kind of name.
const languages: Record<string, Lang> = { 1: 'FR', 2: 'NL', 3: 'DE', 4: 'EN' };
const nameKinds: Record<string, string> = {
  '001': 'NAME',
  '002': 'ABBREVIATION',
  '003': 'COMMERCIAL',
  '004': 'BRANCH',
};

const nameIn = (names: readonly DenominationRow[], lang: Lang | null | undefined): string | null => {
  const found = names.find(({ type, language }) => type === '001' && languages[language] === lang);
  return (found ?? names.find(({ type }) => type === '001') ?? names[0])?.name ?? null;
};

/** The register writes an address in the language of the place; both columns hold it where there is only one. */
const addressOf = (row: AddressRow | undefined): AddressRef | null => {
  if (!row) return null;
  const dutch = row.authority === 'VLA-DEM';
  return {
    street: dutch ? row.streetNl : (row.streetFr ?? row.streetNl),
    houseNumber: [row.houseNumber, row.box].filter(Boolean).join(' / ') || null,
    postalCode: row.postalCode,
    locality: dutch ? row.municipalityNl : (row.municipalityFr ?? row.municipalityNl),
    countries:
      row.countryFr || row.countryNl ? { fr: row.countryFr, nl: row.countryNl } : (country('BE')?.labels ?? {}),
    struckOffOn: row.struckOffOn,
  };
};

const activity = ({ naceCode, naceVersion, classification }: ActivityRow) => ({
  code: naceCode,
  edition: naceVersion,
  section: naceVersion === '2008' ? code('naceSections', naceSection(naceCode, '2008')?.code) : null,
  classification,
});

// The register lists an activity once for each body that knows of it; to the reader it is one.
const activitiesOf = (rows: readonly ActivityRow[]) => [
  ...new Map(rows.map((row) => [JSON.stringify(activity(row)), activity(row)])).values(),
];

const statusOf = ({ status, juridicalSituation, endDate }: EmployerRow): KboStatus => {
  if (status !== 'AC' || endDate !== null) return 'STOPPED';
  return codeOf('juridicalSituations', juridicalSituation)?.status ?? 'ACTIVE';
};

/** One line a field: which store function, or which column, answers. */
export const resolvers: Resolvers = {
  Query: {
    employer: (_, { kbo }, { store }) => store.byKbo.load(kbo),
    employers: (_, args, { store }) => store.list(args),
    establishment: (_, { number }, { store }) => store.establishment.load(number),
    mandates: (_, { giver, holder }, { store }) => store.mandates(giver ?? null, holder ?? null),
  },
  Mutation: {
    createMandate: (_, { input }, { steps }) => steps.createMandate(input),
    endMandate: (_, { input }, { steps }) => steps.endMandate(input),
  },
  MandatePayload: {
    // Read anew: the change is in it.
    mandate: ({ id }, _, { store }) => (id === null ? null : store.mandate.load(id)),
  },
  Employer: {
    __resolveReference: ({ kbo }, { store }) => store.byKbo.load(kbo),
    name: async ({ kbo }, { lang }, { store }) => nameIn(await store.denominations.load(kbo), lang),
    denominations: async ({ kbo }, _, { store }) =>
      (await store.denominations.load(kbo)).map(({ language, type, name }) => ({
        lang: languages[language] ?? null,
        kind: nameKinds[type] ?? type,
        name,
      })),
    legalForm: async ({ juridicalForm }, _, { store }) => {
      if (juridicalForm === null) return null;
      const named = await store.forms.load(juridicalForm);
      const labels = Object.fromEntries(
        named.map(({ language, description }) => [language.toLowerCase(), description]),
      );
      return { list: 'juridicalForms', code: juridicalForm, labels };
    },
    status: (row) => statusOf(row),
    foreign: ({ foreignEntity }) => foreignEntity,
    seat: async ({ kbo }, _, { store }) => addressOf((await store.addresses.load(kbo))[0]),
    nsso: async ({ kbo }, _, { store }) => (await store.directory.load(kbo))[0]?.nsso ?? null,
    nace: async ({ kbo }, _, { store }) => activitiesOf(await store.activities.load(kbo)),
    jointCommittees: async ({ kbo }, _, { store }) =>
      codes('jointCommittees', (await store.directory.load(kbo))[0]?.jointCommittees ?? []),
    establishments: ({ kbo }, args, { store }) => store.establishments(args).load(kbo),
    mandates: ({ kbo }, _, { store }) => store.mandatesOf.load(kbo),
    headcount: ({ kbo }, { quarter }, { store }) => store.headcount(quarter).load(kbo),
    insolvency: async ({ kbo }, _, { store }) => {
      const [known] = await store.directory.load(kbo);
      return known?.insolvency ? { state: known.insolvency, since: known.insolvencySince } : null;
    },
  },
  Establishment: {
    __resolveReference: ({ number }, { store }) => store.establishment.load(number),
    employer: ({ kbo }, _, { store }) => store.byKbo.load(kbo),
    name: async ({ number }, _, { store }) => (await store.denominations.load(number))[0]?.name ?? null,
    address: async ({ number }, _, { store }) => addressOf((await store.addresses.load(number))[0]),
    municipality: async ({ number }, _, { store }) => {
      const postalCode = (await store.addresses.load(number))[0]?.postalCode;
      return municipalityOf(postalCode && nisOfPostalCode(postalCode));
    },
    authority: async ({ number }, _, { store }) => authorityOf((await store.addresses.load(number))[0]?.authority),
    nace: async ({ number }, _, { store }) => activitiesOf(await store.activities.load(number)),
  },
  Mandate: {
    giver: ({ giverKbo }, _, { store }) => store.byKbo.load(giverKbo),
    holder: ({ holderKbo, relation }) => ({ kbo: holderKbo, relation }),
    group: ({ mandateGroup }) => code('mandateGroups', mandateGroup),
    lastDay: (row) => lastDay(row),
    status: (row, _, { viewer }) => statusOn(row, viewer.today),
  },
  Mandatary: {
    // The list of mandataries is public; the names of other enterprises are not found this way.
    __resolveReference: async ({ kbo }, { store }) => (await store.mandatary.load(kbo))[0] ?? null,
    // A mandate that waits may name any number: whose it is, is told of who is on the list.
    name: async ({ kbo }, _, { store }) =>
      (await store.mandatary.load(kbo)).length === 0 ? null : nameIn(await store.denominations.load(kbo), null),
    kind: async ({ kbo }, _, { store }) => (await store.mandatary.load(kbo))[0]?.kind ?? null,
  },
};
