import { insz, kbo, number, unit } from './cast.ts';
import { forbidden, inspecting, type OpenedWorld, openWorld, purposeRequired, treating } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

const permitOf = (dossier: string) => ({ id: `${dossier}-P` });

test('an inspection reads the permits and the declared work of a worker, by number or by id', async () => {
  const lists = `
    permits {
      id kind dossier { number } worker { id lastName } employer { kbo name } establishment { number } authority { id }
      labourMarket { code } validFrom validTo state bridging withdrawal { effectiveOn } endedOn cardType { code }
    }
    dimona { worker { id } employer { kbo } establishment { number } type { code } jointCommittee { code } endDate cancelled }
    dmfa { quarter grossWage days hours }
    limosa { number } a1 { number }
  `;
  const query = `{
    byNumber: cadastre(insz: "${insz.rahul}") { ${lists} }
    byOldNumber: cadastre(insz: "${insz.rahulBefore}") { ${lists} }
    byId: cadastre(worker: "W-0000002") { ${lists} }
  }`;
  const declared = await world.rows<{ quarter: string; grossWage: string; days: string; hours: string }>(
    `select quarter, gross_wage as "grossWage", days, hours from cadastre.dmfa_line where worker_id = 'W-0000002' order by quarter desc`,
  );
  expect(declared.length).toBeGreaterThan(2);
  const file = {
    permits: [
      {
        ...permitOf(number.rahul),
        kind: 'SP_LIM',
        dossier: { number: number.rahul },
        worker: { id: 'W-0000002', lastName: 'Sharma' },
        employer: { kbo: kbo.brewery, name: 'Brouwerij De Zenne' },
        establishment: { number: unit.brewery },
        authority: { id: 'VLA-DEM' },
        labourMarket: { code: 'LIMITED' },
        validFrom: '2025-09-29',
        validTo: '2028-06-24',
        state: 'ACTIVE',
        bridging: 'NONE',
        withdrawal: null,
        endedOn: null,
        cardType: { code: 'A' },
      },
    ],
    dimona: [
      {
        worker: { id: 'W-0000002' },
        employer: { kbo: kbo.brewery },
        establishment: { number: unit.brewery },
        type: { code: 'OTH' },
        jointCommittee: { code: '118' },
        endDate: null,
        cancelled: false,
      },
    ],
    dmfa: declared.map((line) => ({ ...line, days: Number(line.days), hours: Number(line.hours) })),
    limosa: [],
    a1: [],
  };
  expect(await world.as('INS-RSZ', inspecting)(query)).toEqual({
    data: { byNumber: file, byOldNumber: file, byId: file },
  });
});

type Ids = { id: string }[];
const ids = async (text: string, values: readonly unknown[] = []) => world.rows<{ id: string }>(text, values);

test('the register of an employer and of an establishment holds all who work there', async () => {
  const query = `{
    employer: cadastre(employer: "${kbo.ukkel}") { permits { id } dimona { id } }
    site: cadastre(establishment: "${unit.ukkel}") { permits { id } dimona { id } a1 { number } }
  }`;
  const permits = await ids('select id from cadastre.permit where employer_kbo = $1 order by valid_from desc, id', [
    kbo.ukkel,
  ]);
  const dimona = await ids(
    'select id from cadastre.dimona_period where employer_kbo = $1 order by start_date desc, id',
    [kbo.ukkel],
  );
  expect(permits).toEqual(expect.arrayContaining([permitOf(number.emma)]));
  expect(await world.as('INS-RSZ', inspecting)(query)).toEqual({
    data: { employer: { permits, dimona }, site: { permits, dimona, a1: [] } },
  });
});

test('the picture of a day shows what was in force or running on it', async () => {
  const at = (day: string) =>
    `{ cadastre(worker: "W-0000002", at: "${day}") { permits { id } dimona { employer { kbo } } dmfa { quarter } } }`;
  const ask = world.as('INS-RSZ', inspecting);
  expect(await ask(at('2025-01-01'))).toEqual({ data: { cadastre: { permits: [], dimona: [], dmfa: [] } } });
  expect(await ask(at('2026-01-15'))).toEqual({
    data: {
      cadastre: {
        permits: [permitOf(number.rahul)],
        dimona: [{ employer: { kbo: kbo.brewery } }],
        dmfa: [{ quarter: '2026Q1' }],
      },
    },
  });
});

test('the register is asked about one thing at a time', async () => {
  for (const args of [
    '',
    `(insz: "${insz.rahul}", worker: "W-0000002")`,
    `(employer: "${kbo.brewery}", establishment: "${unit.brewery}")`,
  ]) {
    expect(await world.as('INS-RSZ', inspecting)(`{ cadastre${args} { permits { id } } }`)).toEqual({
      data: { cadastre: null },
      errors: [
        {
          code: 'BAD_USER_INPUT',
          path: ['cadastre'],
          message: 'ask about one: insz, worker, employer or establishment',
        },
      ],
    });
  }
});

test('an authority says what it asks the register for', async () => {
  const query = `{ cadastre(worker: "W-0000002") { permits { id } } }`;
  for (const who of ['INS-RSZ', 'VLA-DEM', 'FED-RSZ']) {
    expect(await world.as(who)(query)).toEqual({
      data: { cadastre: null },
      errors: [purposeRequired('Query.cadastre', ['cadastre'])],
    });
  }
});

test('each sees the register of its own: a region its dossiers, a worker himself, an employer its employees', async () => {
  const query = `{ cadastre(insz: "${insz.rahul}") { permits { id } dimona { employer { kbo } } } }`;
  const seen = {
    data: { cadastre: { permits: [permitOf(number.rahul)], dimona: [{ employer: { kbo: kbo.brewery } }] } },
  };
  const nothing = { data: { cadastre: { permits: [], dimona: [] } } };
  expect(await world.as('VLA-DEM', treating)(query)).toEqual(seen);
  expect(await world.as('BRU-BEW', treating)(query)).toEqual(nothing);
  expect(await world.as(`WORKER:${insz.rahul}`)(query)).toEqual(seen);
  expect(await world.as(`WORKER:${insz.milan}`)(query)).toEqual(nothing);
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(query)).toEqual({
    data: { cadastre: { permits: null, dimona: [{ employer: { kbo: kbo.brewery } }] } },
    errors: [forbidden('Cadastre.permits', ['cadastre', 'permits'])],
  });
});

const permits = (args: string) => `{ permits(${args}) { totalCount edges { node { id } } } }`;
type Permits = {
  permits: {
    totalCount: number;
    edges: { node: { id: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
};

test.each([
  ['kind: [SP_BLUE, PC_SELF]', `kind in ('SP_BLUE', 'PC_SELF')`],
  ['worker: "W-0000020"', `worker_id = 'W-0000020'`],
  [`employer: "${kbo.brewery}"`, `employer_kbo = '0123456749'`],
  [`establishment: "${unit.brewery}"`, `establishment_number = '8900000121'`],
  ['state: [WITHDRAWN]', `state = 'WITHDRAWN'`],
  [
    `employer: "${kbo.brewery}", state: [EXPIRED, ENDED_EMPLOYMENT]`,
    `employer_kbo = '0123456749' and state in ('EXPIRED', 'ENDED_EMPLOYMENT')`,
  ],
  // In force: begun, not past its end unless annex 49 or 51 bridges, not ended, not withdrawn by then.
  [
    'at: "2026-11-02", first: 100',
    `valid_from <= '2026-11-02' and (valid_to is null or valid_to >= '2026-11-02' or state = 'ACTIVE' and bridging <> 'NONE') and (ended_on is null or ended_on >= '2026-11-02') and (withdrawn_on is null or withdrawn_on > '2026-11-02')`,
  ],
])('permits with %s are those, the newest first', async (args, where) => {
  const expected = await ids(`select id from cadastre.permit where ${where} order by valid_from desc, id desc`);
  expect(expected).not.toEqual([]);
  const { data, errors } = await world.as('INS-RSZ', inspecting)<Permits>(permits(args));
  expect(errors).toBeUndefined();
  expect(data?.permits).toEqual({
    totalCount: expected.length,
    edges: expected.slice(0, args.includes('first') ? 100 : 25).map((node) => ({ node })),
  });
});

test('a permit is in force to the eve of its withdrawal, and to the last day of the work it was for', async () => {
  const count = async (args: string) =>
    (await world.as('INS-RSZ', inspecting)<Permits>(permits(args))).data?.permits.totalCount;
  expect(await count('worker: "W-0000019", at: "2026-08-03"')).toBe(1);
  expect(await count('worker: "W-0000019", at: "2026-08-04"')).toBe(0);
  expect(await count('worker: "W-0000005", at: "2026-09-18"')).toBe(1);
  expect(await count('worker: "W-0000005", at: "2026-09-19"')).toBe(0);
});

test('permits come page by page, each once', async () => {
  const expected = await ids('select id from cadastre.permit order by valid_from desc, id desc');
  const ask = world.as('FED-RSZ', treating);
  const all: Ids = [];
  for (let after = ''; ; ) {
    const { data } = await ask<Permits>(
      `{ permits(first: 60${after}) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`,
    );
    all.push(...(data?.permits.edges ?? []).map(({ node }) => node));
    if (!data?.permits.pageInfo.hasNextPage) break;
    after = ` after: "${data.permits.pageInfo.endCursor}"`;
  }
  expect(all).toEqual(expected);
});

test('time passes over a permit though nobody writes it down', async () => {
  const state = (filter = '') => `{ permits(worker: "W-0000018"${filter}) { edges { node { state } } } }`;
  const ask = world.as('INS-RSZ', inspecting);
  const set = (from: string, to: string, recorded: string, bridging = 'NONE') =>
    world.rows(
      `update cadastre.permit set valid_from = $1, valid_to = $2, state = $3, bridging = $4 where worker_id = 'W-0000018'`,
      [from, to, recorded, bridging],
    );
  const cases = [
    ['2026-11-03', '2027-11-02', 'GRANTED_NOT_STARTED', 'NONE', 'GRANTED_NOT_STARTED'],
    ['2026-11-02', '2027-11-01', 'GRANTED_NOT_STARTED', 'NONE', 'ACTIVE'],
    ['2025-11-03', '2026-11-02', 'ACTIVE', 'NONE', 'ACTIVE'],
    ['2025-11-02', '2026-11-01', 'ACTIVE', 'NONE', 'EXPIRED'],
    ['2025-11-02', '2026-11-01', 'ACTIVE', 'ANNEX_49', 'ACTIVE'],
    ['2025-11-02', '2027-11-01', 'WITHDRAWN', 'NONE', 'WITHDRAWN'],
  ] as const;
  for (const [from, to, recorded, bridging, expected] of cases) {
    await set(from, to, recorded, bridging);
    const seen = { data: { permits: { edges: [{ node: { state: expected } }] } } };
    expect(await ask(state())).toEqual(seen);
    expect(await ask(state(`, state: [${expected}]`))).toEqual(seen);
  }
});

test('a withdrawal tells its day, its ground and who withdrew', async () => {
  const query =
    '{ permits(worker: "W-0000019") { edges { node { state endedOn withdrawal { effectiveOn ground { code } authority { id } } } } } }';
  const withdrawal = { effectiveOn: '2026-08-04', ground: { code: 'W1' }, authority: { id: 'BRU-BEW' } };
  expect(await world.as('BRU-BEW', treating)(query)).toEqual({
    data: { permits: { edges: [{ node: { state: 'WITHDRAWN', endedOn: null, withdrawal } }] } },
  });
});

test('employers have mayEmploy, and no list of permits', async () => {
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)('{ permits { totalCount } }')).toEqual({
    data: { permits: null },
    errors: [forbidden('Query.permits', ['permits'])],
  });
});

test('Dimona and DmfA are asked by worker, employer and quarter, the newest first', async () => {
  const query = `{
    dimona(employer: "${kbo.brewery}") { id }
    one: dimona(worker: "W-0000002", employer: "${kbo.brewery}") { worker { lastName } }
    dmfa(worker: "W-0000002", quarter: "2026Q1") { quarter employer { name } worker { lastName } grossWage }
  }`;
  const dimona = await ids(
    'select id from cadastre.dimona_period where employer_kbo = $1 order by start_date desc, id',
    [kbo.brewery],
  );
  const sharma = { worker: { lastName: 'Sharma' } };
  const answer = {
    data: {
      dimona,
      one: [sharma],
      dmfa: [{ quarter: '2026Q1', employer: { name: 'Brouwerij De Zenne' }, ...sharma, grossWage: '14400.00' }],
    },
  };
  expect(await world.as('INS-RSZ', inspecting)(query)).toEqual(answer);
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(query)).toEqual(answer);
  expect(await world.as(`MANDATARY:${kbo.mandatary}`)(query)).toEqual(answer);
  const none = { data: { dimona: [], one: [], dmfa: [] } };
  expect(await world.as(`EMPLOYER:${kbo.ukkel}`)(query)).toEqual(none);
  expect(await world.as(`MANDATARY:${kbo.formerMandatary}`)(query)).toEqual(none);
});

test('the wage declared is laid beside the floor of the category, quarter by quarter', async () => {
  await world.rows(`delete from cadastre.dmfa_line where worker_id = 'W-0000002'`);
  // A quarter of full-time work is 494 hours; the floor of 2026 for the highly skilled in Flanders is 48,912 euro a year.
  await world.rows(
    `insert into cadastre.dmfa_line (quarter, employer_kbo, worker_id, gross_wage, days, hours) values
     ('2026Q1', $1, 'W-0000002', 12228, 65, 494), ('2026Q2', $1, 'W-0000002', 11900, 65, 494), ('2026Q3', $1, 'W-0000002', 6114, 33, 247), ('2025Q4', $1, 'W-0000002', 0, 0, 0)`,
    [kbo.brewery],
  );
  const query = `{ wageCompliance(dossier: "${number.rahul}") { quarter grossWage fullTimeYearly floorYearly reached } none: wageCompliance(dossier: "${number.ayse}") { quarter } }`;
  const quarter = (name: string, grossWage: string, fullTimeYearly: string | null, reached: boolean | null) => ({
    quarter: name,
    grossWage,
    fullTimeYearly,
    floorYearly: name.startsWith('2026') ? '48912.00' : null,
    reached,
  });
  expect(await world.as('VLA-DEM', treating)(query)).toEqual({
    data: {
      wageCompliance: [
        quarter('2026Q3', '6114.00', '48912.00', true),
        quarter('2026Q2', '11900.00', '47600.00', false),
        quarter('2026Q1', '12228.00', '48912.00', true),
        quarter('2025Q4', '0.00', null, null),
      ],
      none: [],
    },
  });
});
