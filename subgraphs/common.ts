/** What the five subgraphs resolve alike: scalars, code labels, authorities, municipalities, countries. */
import { Kind as Ast, GraphQLError, GraphQLScalarType, type ValueNode } from 'graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { type Authority, authority } from '../schema/authorities.ts';
import { brusselsDate, isDate } from '../schema/calendar.ts';
import type { Language } from '../schema/data.ts';
import {
  type Checked,
  countryCode,
  dossierNumber,
  establishmentNumber,
  insz,
  kboNumber,
  limosaNumber,
  nisCode,
  partialDate,
  postalCodeForm,
  quarter,
} from '../schema/identifiers.ts';
import { authorityOfNis, municipality } from '../schema/places.ts';
import { type CodeListName, codeOf, country, label } from '../schema/reference.ts';
import { refuse } from './errors.ts';

/** A scalar that is a text of a checked form: bad input is refused with the fault, never with the value. */
const checked = (name: string, check: (text: string) => Checked): GraphQLScalarType => {
  const parse = (value: unknown, node?: ValueNode): string => {
    const outcome = typeof value === 'string' ? check(value) : { fault: 'FORMAT' };
    if ('value' in outcome) return outcome.value;
    const { fault } = outcome;
    const { message, extensions } = refuse('BAD_USER_INPUT', `${name} has a fault: ${fault}`, { fault });
    // With the node, the error tells its place in the document.
    throw new GraphQLError(message, { extensions, ...(node ? { nodes: node } : {}) });
  };
  return new GraphQLScalarType({
    name,
    parseValue: (value) => parse(value),
    parseLiteral: (node) => parse(node.kind === Ast.STRING ? node.value : null, node),
  });
};

const date = (text: string): Checked => (isDate(text) ? { value: text } : { fault: 'DATE' });
const money = (text: string): Checked => (/^\d{1,10}(\.\d{1,2})?$/.test(text) ? { value: text } : { fault: 'FORMAT' });
const dateTime = new GraphQLScalarType({ ...GraphQLDateTimeISO.toConfig(), name: 'DateTime' });

/** The scalars of the contracts, each checked where a value comes in. */
export const scalars = {
  KboNumber: checked('KboNumber', kboNumber),
  EstablishmentNumber: checked('EstablishmentNumber', establishmentNumber),
  // A birth in the future is what `today` decides; no moment of a running request comes near it.
  Insz: checked('Insz', (text) => insz(text, brusselsDate(new Date()))),
  DossierNumber: checked('DossierNumber', dossierNumber),
  LimosaNumber: checked('LimosaNumber', limosaNumber),
  NisCode: checked('NisCode', nisCode),
  PostalCode: checked('PostalCode', postalCodeForm),
  CountryCode: checked('CountryCode', countryCode),
  Date: checked('Date', date),
  DateTime: dateTime,
  PartialDate: checked('PartialDate', partialDate),
  Quarter: checked('Quarter', quarter),
  Money: checked('Money', money),
};

/** A code of a list, as the contract shows it; `labels` for a list that stands in a register rather than in our data. */
export type CodeRef = { list: CodeListName; code: string } | RegisteredCode;
type RegisteredCode = { list: 'juridicalForms'; code: string; labels: Partial<Record<Language, string>> };

/** The code, or null where the row holds none. */
export const code = (list: CodeListName, value: string | null | undefined): CodeRef | null =>
  value == null ? null : { list, code: value };

/** The codes of a list. */
export const codes = (list: CodeListName, values: readonly string[]): CodeRef[] =>
  values.map((value) => ({ list, code: value }));

/** The authority of that id, or null. */
export const authorityOf = (id: string | null | undefined): Authority | null => (id == null ? null : authority(id));

type Given = readonly (string | null | undefined)[];

/** Refuses an authority that is not on the list: an empty answer would say that it has nothing. */
export const mustBeAuthorities = (ids: Given): void => {
  if (ids.some((id) => id != null && authority(id) === null)) throw refuse('BAD_USER_INPUT', 'no such authority');
};

/** Refuses a code that its list does not hold. */
export const mustBeCodes = (list: CodeListName, given: Given): void => {
  if (given.some((one) => one != null && !codeOf(list, one))) throw refuse('BAD_USER_INPUT', `no such code in ${list}`);
};

/** The municipality of that NIS code, or null. */
export const municipalityOf = (nis: string | null | undefined) => (nis == null ? null : municipality(nis));

/** The country of that code, or null. */
export const countryOf = (value: string | null | undefined) => (value == null ? null : country(value));

type InLanguage = { lang?: 'NL' | 'FR' | 'DE' | 'EN' | null };

/** The language of labels that was asked for. */
export const languageOf = ({ lang }: InLanguage): Language => {
  const languages = { NL: 'nl', FR: 'fr', DE: 'de', EN: 'en' } as const;
  return languages[lang ?? 'EN'];
};

/** An address as the contract shows it; `countries` are the names of its country that the source has. */
export type AddressRef = {
  street: string | null;
  houseNumber: string | null;
  postalCode: string | null;
  locality: string | null;
  countries: Partial<Record<Language, string | null>>;
  struckOffOn: string | null;
};

/** Resolvers of the shared part of every contract. */
export const commonResolvers = {
  ...scalars,
  Code: {
    label: (ref: CodeRef, args: InLanguage) => {
      const language = languageOf(args);
      if (!('labels' in ref)) return label(ref.list, ref.code, language);
      return ref.labels[language] ?? ref.labels.fr ?? ref.labels.nl ?? ref.code;
    },
  },
  Authority: {
    name: ({ names }: Authority, args: InLanguage) => names[languageOf(args)],
  },
  Municipality: {
    name: ({ names }: NonNullable<ReturnType<typeof municipality>>, args: InLanguage) => names[languageOf(args)],
    employmentAuthority: ({ nis }: { nis: string }) => authorityOf(authorityOfNis(nis)),
  },
  Address: {
    country: ({ countries }: AddressRef, args: InLanguage) =>
      countries[languageOf(args)] ?? countries.fr ?? countries.nl ?? null,
  },
  Country: {
    name: ({ labels }: NonNullable<ReturnType<typeof country>>, args: InLanguage) => labels[languageOf(args)],
  },
};
