import { code, countryOf, municipalityOf } from '../common.ts';
import { refuse } from '../errors.ts';
import type { Resolvers } from './types.ts';

/** One line a field: which store function, or which column, answers. */
export const resolvers: Resolvers = {
  Query: {
    worker: (_, { insz, id }, { store }) => {
      if ((insz == null) === (id == null)) throw refuse('BAD_USER_INPUT', 'ask by insz or by id');
      return insz == null ? store.byId.load(id ?? '') : store.byInsz(insz);
    },
    myFile: (_, __, { store }) => store.self(),
  },
  Worker: {
    __resolveReference: ({ id }, { store }) => store.byId.load(id),
    insz: async ({ id }, _, { store }) =>
      (await store.aliases.load(id)).find(({ validTo }) => validTo === null)?.insz ?? null,
    inszKind: async ({ id }, _, { store }) =>
      (await store.aliases.load(id)).find(({ validTo }) => validTo === null)?.kind ?? null,
    aliases: async ({ id, relation }, _, { store }) =>
      (await store.aliases.load(id)).map((row) => ({ ...row, relation })),
    nationality: ({ nationalities }) => nationalities.flatMap((nationality) => countryOf(nationality) ?? []),
    address: ({ street, houseNumber, postalCode, locality, country }) =>
      locality === null
        ? null
        : { street, houseNumber, postalCode, locality, countries: countryOf(country)?.labels ?? {}, struckOffOn: null },
    municipality: (row) => municipalityOf(row.municipality),
    residence: async ({ id, relation }, _, { store }) => {
      const [row] = await store.residence.load(id);
      return row ? { ...row, relation } : null;
    },
  },
  ResidenceStatus: {
    cardType: ({ cardType }) => code('cardTypes', cardType),
    labourMarket: ({ labourMarket }) => code('labourMarketMentions', labourMarket),
  },
};
