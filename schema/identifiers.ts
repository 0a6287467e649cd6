import { isDate } from './calendar.ts';
import { json } from './data.ts';

/** Why an identifier is refused (DOMAIN 5). */
export type Fault = 'LENGTH' | 'FORMAT' | 'PREFIX' | 'DATE' | 'CHECKSUM';

/** An identifier in the one form in which it is stored, or the first fault found in it. */
export type Checked = { value: string } | { fault: Fault };

/** What an INSZ tells of its holder; `birthDate` is 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD', as far as it is known. */
export type InszFacts = { kind: 'RRN' | 'BIS'; birthDate: string; sex: 'M' | 'F' | null };

const countries = json<{ iso: string[]; extra: { code: string }[]; a1Issuers: string[] }>('countries.json');
const countryCodes = new Set([...countries.iso, ...countries.extra.map((row) => row.code)]);

function compact(text: string): string {
  return text.replace(/[\s./-]/g, '');
}

function check97(digits: string): string {
  return String(97 - (Number(digits) % 97)).padStart(2, '0');
}

function digits(text: string, length: number): Checked {
  const value = compact(text);
  if (value.length !== length) return { fault: 'LENGTH' };
  return /^\d+$/.test(value) ? { value } : { fault: 'FORMAT' };
}

function numbered(text: string, first: RegExp): Checked {
  const checked = digits(text, 10);
  if ('fault' in checked) return checked;
  const { value } = checked;
  if (!first.test(value)) return { fault: 'PREFIX' };
  return check97(value.slice(0, 8)) === value.slice(8) ? checked : { fault: 'CHECKSUM' };
}

/** Checks an enterprise number (KBO/BCE): ten digits, the first 0 or 1; `BE` may stand in front, then nine digits do too. */
export function kboNumber(text: string): Checked {
  const value = compact(text);
  const bare = value.startsWith('BE') ? value.slice(2) : value;
  return numbered(bare !== value && bare.length === 9 ? `0${bare}` : bare, /^[01]/);
}

/** Checks the number of an establishment unit: ten digits, the first 2 to 8. */
export function establishmentNumber(text: string): Checked {
  return numbered(text, /^[2-8]/);
}

const offsets: Record<InszFacts['kind'], readonly number[]> = { RRN: [0], BIS: [20, 40] };

function readInsz(value: string, kind: InszFacts['kind'], today: string): InszFacts | Fault {
  const base = value.slice(0, 9);
  const counter = Number(value.slice(6, 9));
  if (counter < 1 || counter > 998) return 'FORMAT';
  const fits = [
    { century: '19', check: check97(base) },
    { century: '20', check: check97(`2${base}`) },
  ].filter(({ check }) => check === value.slice(9));
  if (fits.length === 0) return 'CHECKSUM';
  const written = Number(value.slice(2, 4));
  const offset = offsets[kind].findLast((size) => size <= written && written <= size + 12);
  if (offset === undefined) return 'DATE';
  const month = String(written - offset).padStart(2, '0');
  const day = value.slice(4, 6);
  for (const { century } of fits) {
    const year = `${century}${value.slice(0, 2)}`;
    const birthDate = month === '00' ? year : day === '00' ? `${year}-${month}` : `${year}-${month}-${day}`;
    // An unknown month makes the day meaningless; 2000 is a leap year, so that 29 February stays possible.
    const real = isDate(`${month === '00' ? '2000-01' : `${year}-${month}`}-${day === '00' ? '01' : day}`);
    if (real && birthDate <= today.slice(0, birthDate.length)) {
      const sexKnown = kind === 'RRN' || offset === 40;
      return { kind, birthDate, sex: sexKnown ? (counter % 2 === 1 ? 'M' : 'F') : null };
    }
  }
  return 'DATE';
}

function person(text: string, kinds: (month: number) => InszFacts['kind'], today: string): Checked {
  const checked = digits(text, 11);
  if ('fault' in checked) return checked;
  const read = readInsz(checked.value, kinds(Number(checked.value.slice(2, 4))), today);
  return typeof read === 'string' ? { fault: read } : checked;
}

const kindOfMonth = (month: number) => (month >= 20 ? 'BIS' : 'RRN');

/** Checks a national register number; `today` decides which century is still possible. */
export function nationalNumber(text: string, today: string): Checked {
  return person(text, () => 'RRN', today);
}

/** Checks a bis number: as a national register number, with 20 or 40 added to the month. */
export function bisNumber(text: string, today: string): Checked {
  return person(text, () => 'BIS', today);
}

/** Checks an INSZ: a national register number or a bis number. */
export function insz(text: string, today: string): Checked {
  return person(text, kindOfMonth, today);
}

/** What a valid INSZ tells of its holder; null for one that is not valid. */
export function inszFacts(text: string, today: string): InszFacts | null {
  const checked = insz(text, today);
  if ('fault' in checked) return null;
  const read = readInsz(checked.value, kindOfMonth(Number(checked.value.slice(2, 4))), today);
  return typeof read === 'string' ? null : read;
}

/** Checks an NSSO employer number; its check digits only under `mem96`, which is from memory and unverified (DOMAIN 5.5). */
export function nssoNumber(text: string, check: 'off' | 'mem96' = 'off'): Checked {
  const checked = digits(text, 9);
  if ('fault' in checked || check === 'off') return checked;
  return Number(checked.value) % 97 === 96 ? checked : { fault: 'CHECKSUM' };
}

// The project's own numbers (DOMAIN 5.6, 5.7): fixed groups, check digits over the figures, stored as printed, with dashes.
function grouped(text: string, groups: readonly number[], prefix: (groups: string[]) => boolean): Checked {
  const value = compact(text);
  if (value.length !== groups.reduce((sum, length) => sum + length, 0)) return { fault: 'LENGTH' };
  let from = 0;
  const cut = groups.map((length) => {
    from += length;
    return value.slice(from - length, from);
  });
  if (!prefix(cut)) return { fault: 'PREFIX' };
  const figures = cut.slice(-3).join('');
  if (!/^\d+$/.test(figures)) return { fault: 'FORMAT' };
  return check97(figures.slice(0, -2)) === figures.slice(-2) ? { value: cut.join('-') } : { fault: 'CHECKSUM' };
}

/** Checks a dossier number and gives it as `SP-2021-0000001-51`; the prefix is SP, AK or BK. */
export function dossierNumber(text: string): Checked {
  return grouped(text, [2, 4, 7, 2], ([prefix = '']) => ['SP', 'AK', 'BK'].includes(prefix));
}

/** Checks a Limosa number and gives it as `L1-2021-000000001-58`. */
export function limosaNumber(text: string): Checked {
  return grouped(text, [2, 4, 9, 2], ([prefix]) => prefix === 'L1');
}

/** Checks an A1 number and gives it as `A1-PL-2021-00000001-34`; the state must be one that issues A1 certificates. */
export function a1Number(text: string): Checked {
  return grouped(
    text,
    [2, 2, 4, 8, 2],
    ([prefix, state = '']) => prefix === 'A1' && countries.a1Issuers.includes(state),
  );
}

function shaped(value: string, lengths: readonly number[], shape: RegExp): Checked {
  if (!lengths.includes(value.length)) return { fault: 'LENGTH' };
  return shape.test(value) ? { value } : { fault: 'FORMAT' };
}

/** Checks the form of a NIS code: five digits, not starting with 0; whether the municipality exists is for `places.ts`. */
export function nisCode(text: string): Checked {
  return shaped(text.trim(), [5], /^[1-9]\d{4}$/);
}

/** Checks the form of a Belgian postal code: four digits, not starting with 0. */
export function postalCodeForm(text: string): Checked {
  return shaped(text.trim(), [4], /^[1-9]\d{3}$/);
}

/** Checks the form of a NACE-BEL code of two to five digits and gives it without its dot. */
export function naceCode(text: string): Checked {
  if (/\./.test(text) && !/^\s*\d{2}\.\d{1,3}\s*$/.test(text)) return { fault: 'FORMAT' };
  return shaped(text.trim().replace('.', ''), [2, 3, 4, 5], /^\d+$/);
}

/** Checks the form of the code of a joint committee and gives it as `124` or `140.03`. */
export function jointCommitteeCode(text: string): Checked {
  const value = text.trim().replace(/^(\d{3})(\d{2})$/, '$1.$2');
  return shaped(value, [3, 6], /^\d{3}(\.\d{2})?$/);
}

/** Checks a country code: ISO 3166-1 alpha-2, or XK (Kosovo), XS (stateless), XX (unknown). */
export function countryCode(text: string): Checked {
  const checked = shaped(text.trim(), [2], /^[A-Z]{2}$/);
  return 'fault' in checked || countryCodes.has(checked.value) ? checked : { fault: 'PREFIX' };
}

/** Checks a quarter written `YYYYQn`. */
export function quarter(text: string): Checked {
  return shaped(text.trim(), [6], /^\d{4}Q[1-4]$/);
}

/** Checks a date of which the day, or the month and the day, may be unknown: `1990`, `1990-05` or `1990-05-12`. */
export function partialDate(text: string): Checked {
  const checked = shaped(text.trim(), [4, 7, 10], /^\d{4}(-\d{2}(-\d{2})?)?$/);
  if ('fault' in checked) return checked;
  return isDate(`${checked.value}${'-01-01'.slice(checked.value.length - 4)}`) ? checked : { fault: 'DATE' };
}

/** Shows an enterprise number as `0123.456.749`. */
export function formatKbo(kbo: string): string {
  return kbo.replace(/^(\d{4})(\d{3})(\d{3})$/, '$1.$2.$3');
}

/** Shows the number of an establishment unit as `8.900.000.121`. */
export function formatEstablishment(number: string): string {
  return number.replace(/^(\d)(\d{3})(\d{3})(\d{3})$/, '$1.$2.$3.$4');
}

/** Shows an INSZ as `85.47.12-993.82`. */
export function formatInsz(value: string): string {
  return value.replace(/^(\d{2})(\d{2})(\d{2})(\d{3})(\d{2})$/, '$1.$2.$3-$4.$5');
}

/** Shows an INSZ without what identifies its holder, as `85.47.12-***.**`; all hidden when it is not eleven digits. */
export function maskInsz(value: string): string {
  return /^\d{11}$/.test(value) ? `${formatInsz(value).slice(0, 8)}-***.**` : '**.**.**-***.**';
}

/** Shows an NSSO employer number as `1900001-07`. */
export function formatNsso(number: string): string {
  return number.replace(/^(\d{7})(\d{2})$/, '$1-$2');
}

/** Appends the check digits to the first eight digits of an enterprise number. */
export function makeKbo(base: string): string {
  return `${base}${check97(base)}`;
}

/** Appends the check digits to the first eight digits of the number of an establishment unit. */
export function makeEstablishment(base: string): string {
  return `${base}${check97(base)}`;
}

function makeInsz(birthDate: string, counter: number, offset: number): string {
  const [year = '', month = '00', day = '00'] = birthDate.split('-');
  const written = String(Number(month) + offset).padStart(2, '0');
  const base = `${year.slice(2)}${written}${day}${String(counter).padStart(3, '0')}`;
  return `${base}${check97(Number(year) >= 2000 ? `2${base}` : base)}`;
}

/** Makes a national register number from a (partial) birth date and a day counter, odd for men, even for women. */
export function makeRrn(of: { birthDate: string; counter: number }): string {
  return makeInsz(of.birthDate, of.counter, 0);
}

/** Makes a bis number from a (partial) birth date and a day counter; the month gets 40 when the sex is known, else 20. */
export function makeBis(of: { birthDate: string; counter: number; sexKnown: boolean }): string {
  return makeInsz(of.birthDate, of.counter, of.sexKnown ? 40 : 20);
}

function serial(prefix: string, year: number, sequence: number, length: number): string {
  const figures = String(sequence).padStart(length, '0');
  return `${prefix}-${year}-${figures}-${check97(`${year}${figures}`)}`;
}

/** Makes the dossier number of a prefix, a year and a sequence number below ten million. */
export function makeDossierNumber(prefix: 'SP' | 'AK' | 'BK', year: number, sequence: number): string {
  return serial(prefix, year, sequence, 7);
}

/** Makes the Limosa number of a year and a sequence number. */
export function makeLimosa(year: number, sequence: number): string {
  return serial('L1', year, sequence, 9);
}

/** Makes the A1 number of an issuing state, a year and a sequence number. */
export function makeA1(state: string, year: number, sequence: number): string {
  return serial(`A1-${state}`, year, sequence, 8);
}

/** Appends check digits to seven digits of an NSSO employer number, by the unverified rule `mem96`. */
export function makeNsso(base: string): string {
  return `${base}${String(96 - ((100 * Number(base)) % 97)).padStart(2, '0')}`;
}
