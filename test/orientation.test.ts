import { insz, kbo } from './cast.ts';
import { type OpenedWorld, openWorld } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

const regions = ['VLA-DEM', 'BRU-BEW', 'WAL-SPW', 'DG-MIN'];
const noRegion = (path: string) => ({
  data: { [path]: null },
  errors: [{ code: 'BAD_USER_INPUT', path: [path], message: 'no such authority decides on work', regions }],
});

test.each([
  // The three places that the Flemish government named: Linkebeek, Ukkel, Waterloo.
  ['workplaces: [{ postalCode: "1630" }]', 'VLA-DEM', 'R4', 'HIGH'],
  ['workplaces: [{ postalCode: "1180" }]', 'BRU-BEW', 'R4', 'HIGH'],
  ['workplaces: [{ postalCode: "1410" }]', 'WAL-SPW', 'R4', 'HIGH'],
  ['workplaces: [{ nis: "23100" }], seat: "1180"', 'VLA-DEM', 'R4', 'HIGH'],
  ['workplaces: [{ postalCode: "1630", share: 0.6 }, { postalCode: "1180", share: 0.4 }]', 'VLA-DEM', 'R4', 'HIGH'],
  [
    'workplaces: [{ postalCode: "1630", share: 0.5 }, { postalCode: "1180", share: 0.5 }], seat: "1410"',
    'WAL-SPW',
    'R5',
    'MEDIUM',
  ],
  ['kind: SP_UNL, residence: "4700"', 'DG-MIN', 'R1', 'HIGH'],
  ['kind: PC_SELF, establishment: "1410", seat: "1630"', 'WAL-SPW', 'R2', 'HIGH'],
  ['posted: true, host: "1180"', 'BRU-BEW', 'R3', 'HIGH'],
  ['foreignEmployer: true, workplaces: [{ postalCode: "4780" }]', 'DG-MIN', 'R6', 'HIGH'],
  ['kind: WA_AUPAIR, hostFamily: "3000"', 'VLA-DEM', 'R7', 'HIGH'],
])('for %s, %s is competent by rule %s', async (facts, authority, rule, confidence) => {
  const query = `{
    competentAuthority(facts: { ${facts} }) { authority { id } rule { code } confidence }
    competenceCheck(facts: { ${facts} }) { authority { id } rule { code } confidence }
  }`;
  const found = { authority: { id: authority }, rule: { code: rule }, confidence };
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(query)).toEqual({
    data: { competentAuthority: found, competenceCheck: found },
  });
});

test('facts that do not tell give no authority; who is orienting hears that nothing is sure', async () => {
  const query = `{
    competentAuthority(facts: {}) { authority { id } }
    competenceCheck(facts: {}) { authority { id } rule { code } confidence }
  }`;
  expect(await world.as(`WORKER:${insz.ayse}`)(query)).toEqual({
    data: { competentAuthority: null, competenceCheck: { authority: null, rule: null, confidence: 'LOW' } },
  });
});

test('a share of time is a part of the whole', async () => {
  for (const share of ['-1', '1.5']) {
    const facts = `workplaces: [{ postalCode: "1630", share: ${share} }, { postalCode: "1180", share: 0.5 }]`;
    expect(await world.as('VLA-DEM')(`{ competentAuthority(facts: { ${facts} }) { authority { id } } }`)).toEqual({
      data: { competentAuthority: null },
      errors: [
        { code: 'BAD_USER_INPUT', path: ['competentAuthority'], message: 'a share of time lies between 0 and 1' },
      ],
    });
  }
});

const advice = (facts: string) =>
  `{ categoryAdvice(facts: { ${facts} }) { category { code label(lang: NL) } fit reasons { reason { code } met floorYearly } } }`;
const reason = (code: string, met: boolean | null, floorYearly: string | null = null) => ({
  reason: { code },
  met,
  floorYearly,
});

test('a category is advised by diploma and salary, beside the floor of the region', async () => {
  const facts = 'region: "VLA-DEM", grossMonthly: "4800.00", diploma: HIGHER, contractMonths: 12, age: 35';
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(advice(facts))).toEqual({
    data: {
      categoryAdvice: [
        {
          category: { code: 'HIGHSKILL', label: 'Hooggeschoolde' },
          fit: 'MET',
          reasons: [reason('HIGHER_DIPLOMA', true), reason('SALARY_FLOOR', true, '48912.00')],
        },
        {
          category: { code: 'OTHER', label: 'Overige (met arbeidsmarktonderzoek)' },
          fit: 'OPEN',
          reasons: [reason('LABOUR_MARKET_TEST', null)],
        },
        {
          category: { code: 'BLUECARD', label: 'Europese blauwe kaart' },
          fit: 'NOT_MET',
          reasons: [
            reason('HIGHER_DIPLOMA', true),
            reason('CONTRACT_SIX_MONTHS', true),
            reason('SALARY_FLOOR', false, '63586.00'),
          ],
        },
      ],
    },
  });
});

test('advice is for a region that decides on work', async () => {
  expect(await world.as('VLA-DEM')(advice('region: "FED-DVZ"'))).toEqual(noRegion('categoryAdvice'));
});

type Form = { formDefinition: { fields: { name: string }[]; documents: unknown[]; forbidden: unknown[] } };

test('the universal form asks the fields and documents of kind, region and category, and never what a register holds', async () => {
  const query = `{
    formDefinition(kind: SP_LIM, region: "VLA-DEM", category: "HIGHSKILL") {
      fields { name label(lang: NL) type required prefilledFrom }
      documents { code { code } part condition }
      forbidden { code }
    }
  }`;
  const { data } = await world.as(`EMPLOYER:${kbo.brewery}`)<Form>(query);
  expect(data?.formDefinition.fields.slice(0, 3)).toEqual([
    { name: 'employerKbo', label: 'Ondernemingsnummer', type: 'KBO', required: true, prefilledFrom: 'KBO' },
    {
      name: 'establishmentNumber',
      label: 'Vestigingseenheidsnummer',
      type: 'ESTABLISHMENT',
      required: false,
      prefilledFrom: 'KBO',
    },
    {
      name: 'workerInsz',
      label: 'INSZ van de werknemer, indien gekend',
      type: 'INSZ',
      required: false,
      prefilledFrom: 'KSZ',
    },
  ]);
  const document = (code: string, condition: string | null = null) => ({
    code: { code },
    part: code.startsWith('RES') ? 'RESIDENCE' : 'WORK',
    condition,
  });
  expect(data?.formDefinition.documents).toEqual([
    document('RES_FEE_PROOF'),
    document('RES_PASSPORT'),
    document('RES_MEANS'),
    document('RES_CRIMINAL_RECORD', 'OVER_18'),
    document('RES_MEDICAL'),
    document('RES_INSURANCE'),
    document('WRK_FORM'),
    document('WRK_CONTRACT'),
    document('WRK_EMPLOYER_ID'),
    document('WRK_DIPLOMA'),
    document('WRK_LIMOSA', 'POSTED'),
    document('WRK_ASSIGNMENT_LETTER', 'POSTED'),
  ]);
  expect(data?.formDefinition.forbidden).toEqual([{ code: 'WRK_RSZ_WAGE_CERTIFICATE' }]);
});

test('a professional card is asked with a business plan, and without papers of residence', async () => {
  const query = `{ formDefinition(kind: PC_SELF, region: "WAL-SPW", category: "PC_INNOV", at: "2026-01-05") { documents { code { code } } } }`;
  expect(await world.as(`ENTERPRISE_COUNTER:${kbo.counter}`)(query)).toEqual({
    data: { formDefinition: { documents: [{ code: { code: 'WRK_FORM' } }, { code: { code: 'WRK_BUSINESS_PLAN' } }] } },
  });
});

test('a form of an unknown region, category or kind is refused', async () => {
  const ask = world.as('VLA-DEM');
  const form = (args: string) => ask(`{ formDefinition(${args}) { fields { name } } }`);
  expect(await form('kind: SP_LIM, region: "NOPE"')).toEqual(noRegion('formDefinition'));
  expect(await form('kind: SP_LIM, region: "VLA-DEM", category: "NOPE"')).toEqual({
    data: { formDefinition: null },
    errors: [{ code: 'BAD_USER_INPUT', path: ['formDefinition'], message: 'no such admission category' }],
  });
  expect(await form('kind: NOPE, region: "VLA-DEM"')).toEqual({
    errors: [{ code: 'BAD_USER_INPUT', message: expect.any(String) }],
  });
});

test('a code list has its labels in four languages; every list that is named is there', async () => {
  const ask = world.as('HELPDESK');
  expect(
    await ask(
      '{ codeList(name: "bridgings") { code nl fr de en } none: codeList(name: "nope") { code } proto: codeList(name: "__proto__") { code } }',
    ),
  ).toEqual({
    data: {
      codeList: [
        { code: 'NONE', nl: 'Geen', fr: 'Aucun', de: 'Keine', en: 'None' },
        { code: 'ANNEX_49', nl: 'Bijlage 49', fr: 'Annexe 49', de: 'Anlage 49', en: 'Annex 49' },
        { code: 'ANNEX_51', nl: 'Bijlage 51', fr: 'Annexe 51', de: 'Anlage 51', en: 'Annex 51' },
      ],
      none: null,
      proto: null,
    },
  });
  const { data } = await ask<{ codeLists: string[] }>('{ codeLists }');
  expect(data?.codeLists).toEqual(
    expect.arrayContaining(['dossierStatuses', 'admissionCategories', 'groundsRefusal', 'countries']),
  );
  for (const name of data?.codeLists ?? []) {
    const list = await ask<{ codeList: unknown[] }>('query ($name: String!) { codeList(name: $name) { code en } }', {
      name,
    });
    expect(list.data?.codeList.length).toBeGreaterThan(0);
  }
});

test('a contact point is found for every authority, and not for others', async () => {
  const query =
    '{ contactPoint(authority: "VLA-DEM") { authority { id name(lang: NL) } email phone } post: contactPoint(authority: "MUN-23100") { authority { name } } }';
  expect(await world.as('EU-COM')(query)).toEqual({
    data: {
      contactPoint: {
        authority: { id: 'VLA-DEM', name: 'Dienst Economische Migratie (Departement Werk en Sociale Economie)' },
        email: 'arbeidskaart@vlaanderen.be',
        phone: '02 553 43 00',
      },
      post: { authority: { name: 'Municipality of Linkebeek' } },
    },
  });
  expect(await world.as('EU-COM')('{ contactPoint(authority: "NOPE") { email } }')).toEqual({
    data: { contactPoint: null },
    errors: [{ code: 'NOT_FOUND', path: ['contactPoint'], message: 'no such authority' }],
  });
});

test('a posting has a guide, step by step, in the language asked for', async () => {
  type Guide = { guide: { title: string; text: string }[] };
  const { data } = await world.as(`MANDATARY:${kbo.mandatary}`)<Guide>(
    '{ guide(topic: "POSTING", lang: NL) { title text } none: guide(topic: "NOPE") { title } }',
  );
  expect(data).toEqual({
    guide: [
      'Ga na of een toelating nodig is',
      'Stel een Belgische mandataris aan',
      'Bepaal het bevoegde gewest',
      'Kies de categorie en het soort vergunning',
      'Voeg de documenten toe',
      'Doe de Limosa-melding en vraag het A1-formulier',
      'Volg het dossier en meld het einde',
    ].map((title) => ({ title, text: expect.stringMatching(/\.$/) })),
    none: null,
  });
});

test('the information page answers by topic, region, language and reader', async () => {
  const ask = world.as(`WORKER:${insz.ayse}`);
  const { data } = await ask<{ infoTopics: string[] }>('{ infoTopics }');
  expect(data?.infoTopics).toEqual(
    expect.arrayContaining(['RESIDENCE_STEPS', 'SALARY', 'HOUSING', 'SCHOOLS', 'CONTACT']),
  );
  expect(
    await ask(`{
      info(topic: "CONTACT", region: "DG-MIN", lang: DE) { title text }
      family: info(topic: "SCHOOLS", region: "BRU-BEW", lang: FR, audience: FAMILY) { title }
      employer: info(topic: "SCHOOLS", region: "BRU-BEW", audience: EMPLOYER) { title }
      none: info(topic: "NOPE", region: "BRU-BEW") { title }
    }`),
  ).toEqual({
    data: {
      info: { title: 'Kontakt', text: expect.stringContaining('Akte') },
      family: { title: 'École' },
      employer: null,
      none: null,
    },
  });
  expect(await ask('{ info(topic: "CONTACT", region: "NOPE") { title } }')).toEqual(noRegion('info'));
});
