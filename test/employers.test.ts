import { insz, kbo, number, unit } from './cast.ts';
import { forbidden, type OpenedWorld, openWorld } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

test('an authority with a file on an employer reads what the KBO and social security know of it', async () => {
  const answer = await world.as('VLA-DEM')(`{
    employer(kbo: "0123.456.749") {
      kbo name(lang: NL) denominations { lang kind name } legalForm { list code label(lang: FR) } status foreign
      seat { postalCode locality country nl: country(lang: NL) struckOffOn } nsso
      nace { code edition section { code label } classification } jointCommittees { code }
      startDate endDate insolvency { state }
      establishments { totalCount edges { node { number } } pageInfo { hasNextPage } }
      mandates { giver { name } holder { kbo name kind } group { code } fromQuarter toQuarter status }
    }
  }`);
  const given = { giver: { name: 'Brouwerij De Zenne' }, group: { code: 'SINGLE_PERMIT' } };
  expect(answer).toEqual({
    data: {
      employer: {
        kbo: '0123456749',
        name: 'Brouwerij De Zenne',
        denominations: [{ lang: 'NL', kind: 'NAME', name: 'Brouwerij De Zenne' }],
        legalForm: { list: 'juridicalForms', code: '610', label: 'Société à responsabilité limitée' },
        status: 'ACTIVE',
        foreign: false,
        seat: { postalCode: '1630', locality: 'Linkebeek', country: 'Belgium', nl: 'België', struckOffOn: null },
        nsso: expect.stringMatching(/^\d+$/),
        nace: [
          { code: '11050', edition: '2008', section: { code: 'C', label: 'Manufacturing' }, classification: 'MAIN' },
        ],
        jointCommittees: [{ code: '118' }],
        startDate: '2009-03-02',
        endDate: null,
        insolvency: null,
        establishments: {
          totalCount: 1,
          edges: [{ node: { number: unit.brewery } }],
          pageInfo: { hasNextPage: false },
        },
        mandates: [
          {
            ...given,
            holder: { kbo: kbo.mandatary, name: 'Sociaal Secretariaat De Brug', kind: 'SOCIAL_SECRETARIAT' },
            fromQuarter: '2023Q1',
            toQuarter: null,
            status: 'ACTIVE',
          },
          {
            ...given,
            holder: { kbo: kbo.formerMandatary, name: 'Sociaal Secretariaat Kompas', kind: 'SOCIAL_SECRETARIAT' },
            fromQuarter: '2019Q3',
            toQuarter: '2022Q4',
            status: 'CLOSED',
          },
        ],
      },
    },
  });
});

test('an employer without a file of yours does not exist, nor does one that is not there', async () => {
  const query = (wanted: string) => `{ employer(kbo: "${wanted}") { name } }`;
  expect(await world.as('BRU-BEW')(query(kbo.brewery))).toEqual({ data: { employer: null } });
  expect(await world.as(`EMPLOYER:${kbo.ukkel}`)(query(kbo.brewery))).toEqual({ data: { employer: null } });
  expect(await world.as(`MANDATARY:${kbo.formerMandatary}`)(query(kbo.brewery))).toEqual({ data: { employer: null } });
  expect(await world.as('FED-RSZ')(query('0202239951'))).toEqual({ data: { employer: null } });
  expect(await world.as(`MANDATARY:${kbo.mandatary}`)(query(kbo.brewery))).toEqual({
    data: { employer: { name: 'Brouwerij De Zenne' } },
  });
});

const found = (search: string) =>
  `{ employers(search: ${JSON.stringify(search)}) { totalCount edges { node { kbo } } } }`;
const one = (wanted: string) => ({ data: { employers: { totalCount: 1, edges: [{ node: { kbo: wanted } }] } } });
const none = { data: { employers: { totalCount: 0, edges: [] } } };

test.each([
  ['VLA-DEM', 'brouwerij zenne', kbo.brewery],
  ['VLA-DEM', 'De Zenne, BROUW', kbo.brewery],
  ['VLA-DEM', 'zen', kbo.brewery],
  ['VLA-DEM', '0123456749', kbo.brewery],
  ['VLA-DEM', 'BE 0123.456.749', kbo.brewery],
  ['DG-MIN', 'Bäckerei', kbo.eupen],
  ['DG-MIN', 'backerei', kbo.eupen],
  ['DG-MIN', 'BÄCK', kbo.eupen],
])('%s that searches %p finds the employer', async (who, search, wanted) => {
  expect(await world.as(who)(found(search))).toEqual(one(wanted));
});

test.each([
  ['VLA-DEM', 'zzzzzz'],
  ['VLA-DEM', 'rouwerij'],
  ['VLA-DEM', 'brouw zenne'],
  ['BRU-BEW', 'Brouwerij De Zenne'],
  ['BRU-BEW', '0123456749'],
])('%s that searches %p finds nothing: no such beginning of a word, or no file', async (who, search) => {
  expect(await world.as(who)(found(search))).toEqual(none);
});

test.each([
  ['', 'BAD_USER_INPUT', 'a search needs a word or an enterprise number', {}],
  [' %:*&|!<->() ', 'BAD_USER_INPUT', 'a search needs a word or an enterprise number', {}],
  ['x'.repeat(101), 'LIMIT_EXCEEDED', 'a search holds at most 100 characters', { limit: 100 }],
])('the search %p is refused with %s', async (search, code, message, details) => {
  expect(await world.as('VLA-DEM')(found(search))).toEqual({
    data: { employers: null },
    errors: [{ code, message, path: ['employers'], ...details }],
  });
});

test('signs in a search are taken as what stands between words', async () => {
  expect(await world.as('VLA-DEM')(found(`zenne' & !brouwerij:* | <->`))).toEqual(one(kbo.brewery));
});

test('a name with points in it is found as it is written', async () => {
  await world.rows(`insert into employers.denomination values ($1, '1', '002', 'I.S.B.W.', 'i s b w')`, [kbo.waterloo]);
  for (const search of ['I.S.B.W.', 'i.s.b.w', 'i s b']) {
    expect(await world.as('WAL-SPW')(found(search))).toEqual(one(kbo.waterloo));
  }
});

type Employers = {
  employers: {
    totalCount: number;
    edges: { cursor: string; node: { kbo: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
};

test('the list of employers comes page by page, by number, each once', async () => {
  const ask = world.as('WAL-SPW');
  const expected = await world.rows<{ kbo: string }>(
    `select e.kbo from employers.enterprise e join access.involvement i on i.subject_kind = 'EMPLOYER' and i.subject = e.kbo where i.party = 'WAL-SPW' order by e.kbo`,
  );
  const all: string[] = [];
  for (let after = ''; ; ) {
    const { data } = await ask<Employers>(
      `{ employers(first: 9${after}) { totalCount edges { cursor node { kbo } } pageInfo { hasNextPage endCursor } } }`,
    );
    expect(data?.employers.totalCount).toBe(expected.length);
    all.push(...(data?.employers.edges ?? []).map(({ node }) => node.kbo));
    if (!data?.employers.pageInfo.hasNextPage) break;
    after = ` after: "${data.employers.pageInfo.endCursor}"`;
  }
  expect(all).toEqual(expected.map((row) => row.kbo));
});

test('a name is given in the language asked for, and in another where the register has none', async () => {
  await world.rows(
    `insert into employers.denomination values ($1, '1', '001', 'Brasserie de la Senne', 'brasserie de la senne'), ($1, '2', '003', 'De Zenne', 'de zenne')`,
    [kbo.brewery],
  );
  const query = `{ employer(kbo: "${kbo.brewery}") { nl: name(lang: NL) fr: name(lang: FR) de: name(lang: DE) denominations { lang kind name } } }`;
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(query)).toEqual({
    data: {
      employer: {
        nl: 'Brouwerij De Zenne',
        fr: 'Brasserie de la Senne',
        de: 'Brasserie de la Senne',
        denominations: [
          { lang: 'FR', kind: 'NAME', name: 'Brasserie de la Senne' },
          { lang: 'NL', kind: 'NAME', name: 'Brouwerij De Zenne' },
          { lang: 'NL', kind: 'COMMERCIAL', name: 'De Zenne' },
        ],
      },
    },
  });
  expect(await world.as('VLA-DEM')(found('brasserie'))).toEqual(one(kbo.brewery));
});

test('a seat struck off stays beside the one that replaced it, which is shown', async () => {
  await world.rows(`update employers.address set struck_off_on = '2026-06-30' where entity = $1 and type = 'REGO'`, [
    kbo.ukkel,
  ]);
  const seat = `{ employer(kbo: "${kbo.ukkel}") { seat { postalCode locality struckOffOn } } }`;
  expect(await world.as('BRU-BEW')(seat)).toEqual({
    data: { employer: { seat: { postalCode: '1180', locality: 'Uccle', struckOffOn: '2026-06-30' } } },
  });
  await world.rows(
    `insert into employers.address (entity, type, postal_code, municipality_nl, municipality_fr, authority) values ($1, 'REGO', '1050', 'Elsene', 'Ixelles', 'BRU-BEW')`,
    [kbo.ukkel],
  );
  expect(await world.as('BRU-BEW')(seat)).toEqual({
    data: { employer: { seat: { postalCode: '1050', locality: 'Ixelles', struckOffOn: null } } },
  });
});

test('an establishment tells where it is, and who is competent there', async () => {
  const query = `{
    establishment(number: "8.900.000.121") {
      number name address { postalCode locality } municipality { nis name(lang: NL) } authority { id }
      startDate endDate employer { kbo name } nace { code }
    }
    other: establishment(number: "${unit.ukkel}") { number }
  }`;
  expect(await world.as('VLA-DEM')(query)).toEqual({
    data: {
      establishment: {
        number: '8900000121',
        name: null,
        address: { postalCode: '1630', locality: 'Linkebeek' },
        municipality: { nis: '23100', name: 'Linkebeek' },
        authority: { id: 'VLA-DEM' },
        startDate: '2009-03-02',
        endDate: null,
        employer: { kbo: kbo.brewery, name: expect.any(String) },
        nace: [{ code: '11050' }],
      },
      other: null,
    },
  });
});

test('establishments are paged under their own employer, and a cursor goes no further', async () => {
  await world.rows(
    `insert into employers.establishment select number, $1, '2020-01-01', null, null from unnest(array['2000000109', '2000000208', '2000000307']) number`,
    [kbo.waterloo],
  );
  const ask = world.as('WAL-SPW');
  type Units = {
    employer: { establishments: { edges: { node: { number: string } }[]; pageInfo: { endCursor: string } } };
  };
  const units = (wanted: string, args: string) =>
    `{ employer(kbo: "${wanted}") { establishments(${args}) { totalCount edges { node { number } } pageInfo { hasNextPage endCursor } } } }`;
  const first = await ask<Units>(units(kbo.waterloo, 'first: 2'));
  const edges = (numbers: string[]) => numbers.map((one) => ({ node: { number: one } }));
  expect(first.data?.employer.establishments).toEqual({
    totalCount: 4,
    edges: edges(['2000000109', '2000000208']),
    pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
  });
  const after = `first: 2 after: "${first.data?.employer.establishments.pageInfo.endCursor}"`;
  expect((await ask<Units>(units(kbo.waterloo, after))).data?.employer.establishments).toEqual({
    totalCount: 4,
    edges: edges(['2000000307', unit.waterloo]),
    pageInfo: { hasNextPage: false, endCursor: expect.any(String) },
  });
  const elsewhere = await world.as(`EMPLOYER:${kbo.ukkel}`)(units(kbo.ukkel, after));
  expect(elsewhere).toEqual({
    data: { employer: { establishments: null } },
    errors: [
      {
        code: 'BAD_USER_INPUT',
        message: 'the cursor belongs to another list, filter or viewer',
        path: ['employer', 'establishments'],
      },
    ],
  });
});

test('headcount is of the last day of a quarter', async () => {
  await world.rows(`insert into employers.headcount values ($1, '2018Q4', 7)`, [kbo.brewery]);
  const query = `{ employer(kbo: "${kbo.brewery}") { a: headcount(quarter: "2018Q4") b: headcount(quarter: "1999Q1") } }`;
  expect(await world.as('INS-RSZ')(query)).toEqual({ data: { employer: { a: 7, b: null } } });
});

test('an insolvency is told with its state and its day', async () => {
  await world.rows(`update employers.enterprise set juridical_situation = '050' where kbo = $1`, [kbo.eupen]);
  await world.rows(
    `update employers.employer set insolvency = 'BANKRUPT', insolvency_since = '2026-10-01' where kbo = $1`,
    [kbo.eupen],
  );
  const query = `{ employer(kbo: "${kbo.eupen}") { status insolvency { state since } } }`;
  expect(await world.as('DG-MIN')(query)).toEqual({
    data: { employer: { status: 'BANKRUPT', insolvency: { state: 'BANKRUPT', since: '2026-10-01' } } },
  });
});

test('mandates are found by giver and by holder, by those who may see them', async () => {
  const query = `{ mandates(giver: "${kbo.brewery}") { holder { name } status } }`;
  const active = { holder: { name: 'Sociaal Secretariaat De Brug' }, status: 'ACTIVE' };
  const closed = { holder: { name: 'Sociaal Secretariaat Kompas' }, status: 'CLOSED' };
  expect(await world.as('VLA-DEM')(query)).toEqual({ data: { mandates: [active, closed] } });
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(query)).toEqual({ data: { mandates: [active, closed] } });
  expect(await world.as(`MANDATARY:${kbo.mandatary}`)(query)).toEqual({ data: { mandates: [active] } });
  expect(await world.as(`EMPLOYER:${kbo.ukkel}`)(query)).toEqual({ data: { mandates: [] } });
  expect(await world.as('HELPDESK')(query)).toEqual({
    data: { mandates: null },
    errors: [forbidden('Query.mandates', ['mandates'])],
  });
  const held = `{ mandates(holder: "${kbo.formerMandatary}", giver: "${kbo.brewery}") { fromQuarter toQuarter } }`;
  expect(await world.as('VLA-DEM')(held)).toEqual({
    data: { mandates: [{ fromQuarter: '2019Q3', toQuarter: '2022Q4' }] },
  });
});

test('the worker of a dossier reads its employer and its mandatary', async () => {
  await world.rows('update dossiers.dossier set mandatary_kbo = $2 where number = $1', [number.ayse, kbo.mandatary]);
  const query = `{ dossier(number: "${number.ayse}") { employer { kbo status } mandatary { kbo name kind } } }`;
  expect(await world.as(`WORKER:${insz.ayse}`)(query)).toEqual({
    data: {
      dossier: {
        employer: { kbo: kbo.brewery, status: 'ACTIVE' },
        mandatary: { kbo: kbo.mandatary, name: 'Sociaal Secretariaat De Brug', kind: 'SOCIAL_SECRETARIAT' },
      },
    },
  });
});
