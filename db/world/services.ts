import { makeKbo } from '../../schema/identifiers.ts';
import type { Cohort } from './cohort.ts';
import { dayOf } from './days.ts';
import { type Employer, legalForms, makeEmployer, writeEmployer } from './enterprises.ts';
import { placeAt } from './places.ts';
import { sectors } from './work.ts';

/** A mandatary or an enterprise counter, fixed in every world. */
export type Service = {
  readonly kbo: string;
  readonly name: string;
  readonly postalCode: string;
  readonly kind: string;
};

/** Who holds mandates of employers. */
export const mandataries = [
  { kbo: makeKbo('01002001'), name: 'Sociaal Secretariaat De Brug', postalCode: '1000', kind: 'SOCIAL_SECRETARIAT' },
  { kbo: makeKbo('01002002'), name: 'Secrétariat social Boussole', postalCode: '1050', kind: 'SOCIAL_SECRETARIAT' },
  { kbo: makeKbo('01002003'), name: 'Sociaal Secretariaat Kompas', postalCode: '9000', kind: 'SOCIAL_SECRETARIAT' },
  { kbo: makeKbo('01002004'), name: 'Secrétariat social de la Meuse', postalCode: '4000', kind: 'SOCIAL_SECRETARIAT' },
  { kbo: makeKbo('01002005'), name: 'Sozialsekretariat Ostland', postalCode: '4700', kind: 'SOCIAL_SECRETARIAT' },
  { kbo: makeKbo('01002006'), name: 'Relocatie & Vergunningen Noord', postalCode: '2000', kind: 'SERVICE_PROVIDER' },
  { kbo: makeKbo('01002007'), name: 'Mobilité Services', postalCode: '1000', kind: 'SERVICE_PROVIDER' },
  { kbo: makeKbo('01002008'), name: 'Advocaten Maes & Dubois', postalCode: '1000', kind: 'LAWYER' },
] as const satisfies readonly Service[];

/** Who helps the self-employed with a professional card. */
export const counters = [
  { kbo: makeKbo('01003001'), name: 'Ondernemingsloket Start', postalCode: '3000', kind: 'COUNTER' },
  { kbo: makeKbo('01003002'), name: "Guichet d'entreprises Élan", postalCode: '1000', kind: 'COUNTER' },
  { kbo: makeKbo('01003003'), name: "Guichet d'entreprises Mosan", postalCode: '5000', kind: 'COUNTER' },
] as const satisfies readonly Service[];

function made(cohort: Cohort, { kbo, name, postalCode }: Service): Employer {
  const sector = sectors.find(({ nace }) => nace === '70220') ?? sectors[0];
  return makeEmployer(cohort, {
    kbo,
    name,
    place: placeAt(postalCode),
    start: dayOf('1998-04-01'),
    ...(sector ? { sector } : {}),
    establishments: [{ place: placeAt(postalCode) }],
  });
}

/** Makes the mandataries and the counters of a world, and writes them. */
export function makeServices(cohort: Cohort): { mandataries: Employer[]; counters: Employer[] } {
  const holders = mandataries.map((service) => made(cohort, service));
  const helpers = counters.map((service) => made(cohort, service));
  for (const employer of [...holders, ...helpers]) writeEmployer(cohort, employer);
  for (const [code, labels] of Object.entries(legalForms)) {
    for (const [language, [, description]] of Object.entries(labels))
      cohort.batch.add('employers.kbo_code', { category: 'JuridicalForm', code, language, description });
  }
  for (const { kbo, kind } of mandataries) cohort.batch.add('employers.mandatary', { kbo, kind });
  for (const { kbo, name } of counters) cohort.batch.add('employers.enterprise_counter', { kbo, name });
  return { mandataries: holders, counters: helpers };
}
