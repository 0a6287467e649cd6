import { isDate } from '../schema/calendar.ts';
import { type Checked, establishmentNumber, type Fault, kboNumber } from '../schema/identifiers.ts';
import { authorityOfPostalCode } from '../schema/places.ts';

/** What stands in a field once it is read: its value (null when empty), or why it is wrong. */
export type Field = { readonly value: string | null } | { readonly fault: string };

/** A column of a file of the register, and the column it becomes. */
export type KboColumn = { readonly header: string; readonly column: string; read(text: string): Field };

/**
 * A file of the register and the table it fills. An entity is never deleted, only ended; details belong to an entity and
 * are replaced with it; codes only grow. `owner` is the column that names another entity, `derived` a column that is made
 * from the others, `kept` a date that, once it is there, keeps a detail for good.
 */
export type KboTable = {
  readonly name: string;
  readonly kind: 'code' | 'entity' | 'detail';
  readonly columns: readonly [KboColumn, ...KboColumn[]];
  readonly key: readonly string[];
  readonly owner?: string;
  readonly derived?: { readonly column: string; of(values: readonly (string | null)[]): string | null };
  readonly kept?: string;
};

const longest = 500; // the layout allows 320; far more would not fit into an index

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

const required = (text: string): Field => {
  if (text === '') return { fault: 'is empty' };
  if (text.length > longest) return { fault: `is longer than ${longest} characters` };
  return text.includes('\0') ? { fault: 'holds a zero byte' } : { value: text };
};

const optional = (text: string): Field => (text === '' ? { value: null } : required(text));

const date = (text: string): Field => {
  if (text === '') return { value: null };
  const [, day, month, year] = /^(\d{2})-(\d{2})-(\d{4})$/.exec(text) ?? [];
  const iso = `${year}-${month}-${day}`;
  return isDate(iso) ? { value: iso } : { fault: `${shown(text)} is not a date dd-mm-yyyy` };
};

const reasons: Readonly<Record<Fault, string>> = {
  LENGTH: 'does not have ten digits',
  FORMAT: 'is not a number',
  PREFIX: 'does not begin as such a number does',
  DATE: 'holds no date',
  CHECKSUM: 'has wrong check digits',
};

// Rows of one entity follow each other, so most numbers are the one that was just checked.
const number = (check: (text: string) => Checked): ((text: string) => Field) => {
  let last = '';
  let field = required(last);
  return (text) => {
    if (text === last) return field;
    const checked = check(text);
    last = text;
    if (text === '') field = required(text);
    else field = 'fault' in checked ? { fault: `${shown(text)} ${reasons[checked.fault]}` } : checked;
    return field;
  };
};

// The register says that the id of a branch is no official number, so only its form is held against it.
const branchId = (text: string): Checked => {
  const value = text.replaceAll('.', '');
  if (value.length !== 10) return { fault: 'LENGTH' };
  return /^9\d{9}$/.test(value) ? { value } : { fault: 'PREFIX' };
};

const anyEntity = (text: string): Checked => {
  if (text.startsWith('9')) return branchId(text);
  return /^[2-8]/.test(text) ? establishmentNumber(text) : kboNumber(text);
};

const enterprise = number(kboNumber);
const entity: KboColumn = { header: 'EntityNumber', column: 'entity', read: number(anyEntity) };
const column = (header: string, name: string, read: KboColumn['read']): KboColumn => ({ header, column: name, read });

/** A name as it is stored for searching: lower case, without accents. */
export const searchable = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** The files of the register in the order in which they are imported: what others refer to comes first. */
export const kboTables: readonly KboTable[] = [
  {
    name: 'code',
    kind: 'code',
    columns: [
      column('Category', 'category', required),
      column('Code', 'code', required),
      column('Language', 'language', required),
      column('Description', 'description', required),
    ],
    key: ['category', 'code', 'language'],
  },
  {
    name: 'enterprise',
    kind: 'entity',
    columns: [
      column('EnterpriseNumber', 'kbo', enterprise),
      column('Status', 'status', required),
      column('JuridicalSituation', 'juridical_situation', required),
      column('TypeOfEnterprise', 'type_of_enterprise', optional),
      column('JuridicalForm', 'juridical_form', optional),
      column('JuridicalFormCAC', 'juridical_form_cac', optional),
      column('StartDate', 'start_date', date),
    ],
    key: ['kbo'],
  },
  {
    name: 'establishment',
    kind: 'entity',
    columns: [
      column('EstablishmentNumber', 'number', number(establishmentNumber)),
      column('StartDate', 'start_date', date),
      column('EnterpriseNumber', 'kbo', enterprise),
    ],
    key: ['number'],
    owner: 'kbo',
  },
  {
    name: 'branch',
    kind: 'entity',
    columns: [
      column('Id', 'id', number(branchId)),
      column('StartDate', 'start_date', date),
      column('EnterpriseNumber', 'kbo', enterprise),
    ],
    key: ['id'],
    owner: 'kbo',
  },
  {
    name: 'denomination',
    kind: 'detail',
    columns: [
      entity,
      column('Language', 'language', required),
      column('TypeOfDenomination', 'type', required),
      column('Denomination', 'name', required),
    ],
    key: ['entity', 'type', 'language', 'name'],
    owner: 'entity',
    derived: { column: 'search', of: ([, , , name]) => searchable(name ?? '') },
  },
  {
    name: 'address',
    kind: 'detail',
    columns: [
      entity,
      column('TypeOfAddress', 'type', required),
      column('CountryNL', 'country_nl', optional),
      column('CountryFR', 'country_fr', optional),
      column('Zipcode', 'postal_code', optional),
      column('MunicipalityNL', 'municipality_nl', optional),
      column('MunicipalityFR', 'municipality_fr', optional),
      column('StreetNL', 'street_nl', optional),
      column('StreetFR', 'street_fr', optional),
      column('HouseNumber', 'house_number', optional),
      column('Box', 'box', optional),
      column('ExtraAddressInfo', 'extra', optional),
      column('DateStrikingOff', 'struck_off_on', date),
    ],
    key: ['entity', 'type', 'struck_off_on'],
    owner: 'entity',
    derived: {
      column: 'authority',
      // The register leaves the country empty for an address in Belgium.
      of: ([, , countryNl, countryFr, postalCode]) =>
        countryNl || countryFr || !postalCode ? null : authorityOfPostalCode(postalCode),
    },
    kept: 'struck_off_on',
  },
  {
    name: 'activity',
    kind: 'detail',
    columns: [
      entity,
      column('ActivityGroup', 'activity_group', required),
      column('NaceVersion', 'nace_version', required),
      column('NaceCode', 'nace_code', required),
      column('Classification', 'classification', required),
    ],
    key: ['entity', 'activity_group', 'nace_version', 'nace_code', 'classification'],
    owner: 'entity',
  },
];

/** A row as it goes into the database, or why it does not; `named` is the entity it names, as far as that can be read. */
export type KboRow =
  | { readonly values: readonly (string | null)[] }
  | { readonly fault: string; readonly named: string | null };

/** Makes the reader of the rows of a file with this header, in the order of `columns` whatever the order of the file. */
export const rowReader = (columns: readonly KboColumn[], header: readonly string[], derived?: KboTable['derived']) => {
  const places = columns.map((one) => ({ ...one, at: header.indexOf(one.header) }));
  return (fields: readonly string[]): KboRow => {
    const faults: string[] = [];
    const values: (string | null)[] = [];
    for (const { header: name, read, at } of places) {
      const field = read(fields[at] ?? '');
      if ('value' in field) values.push(field.value);
      else {
        values.push(null);
        faults.push(`${name} ${field.fault}`);
      }
    }
    const named = values[0] ?? null;
    if (fields.length !== header.length) {
      return { fault: `it has ${fields.length} columns instead of ${header.length}`, named };
    }
    if (faults.length > 0) return { fault: faults.join('; '), named };
    if (derived) values.push(derived.of(values));
    return { values };
  };
};
