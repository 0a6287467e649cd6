import { insz, kbo, number, unit } from './cast.ts';
import { forbidden, inspecting, type OpenedWorld, openWorld, purposeRequired, treating } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
  await world.rows('delete from cadastre.inspection_hit');
  const hit = (values: string) =>
    world.rows(
      `insert into cadastre.inspection_hit (id, rule, severity, worker_id, employer_kbo, authority, evidence, detected_at, status, assigned_to, outcome) values ${values}`,
    );
  await hit(
    `('H-1', 'I04', 'CRITICAL', 'W-0000002', '0123456749', 'VLA-DEM', '[{"kind": "PERMIT", "id": "P-1"}]', '2026-10-01T10:00:00Z', 'OPEN', null, null)`,
  );
  await hit(
    `('H-2', 'I14', 'HIGH', 'W-0000002', '0123456749', 'VLA-DEM', '[]', '2026-10-02T22:30:00Z', 'CLOSED', 'INS-VSI', 'WARNING')`,
  );
  await hit(
    `('H-3', 'I14', 'HIGH', 'W-0000019', '0100100238', 'BRU-BEW', '[]', '2026-10-04T10:00:00Z', 'OPEN', null, null)`,
  );
});

afterAll(() => world.stop());

test('an inspection of a worker shows the person, the register and the hits', async () => {
  const query = `{
    inspectWorker(insz: "${insz.rahulBefore}") {
      worker { id lastName insz } employer { kbo } establishment { number }
      cadastre { permits { id } dimona { employer { name } } limosa { number } a1 { number } }
      hits { id rule { code label } severity subjectWorker { lastName } subjectEmployer { name } evidence { kind id } detectedAt status assignedTo { id } outcome }
    }
  }`;
  const subject = { subjectWorker: { lastName: 'Sharma' }, subjectEmployer: { name: 'Brouwerij De Zenne' } };
  expect(await world.as('INS-TSW', inspecting)(query)).toEqual({
    data: {
      inspectWorker: {
        worker: { id: 'W-0000002', lastName: 'Sharma', insz: insz.rahul },
        employer: null,
        establishment: null,
        cadastre: {
          permits: [{ id: `${number.rahul}-P` }],
          dimona: [{ employer: { name: 'Brouwerij De Zenne' } }],
          limosa: [],
          a1: [],
        },
        hits: [
          {
            id: 'H-2',
            rule: { code: 'I14', label: 'Wage under the threshold' },
            severity: 'HIGH',
            ...subject,
            evidence: [],
            detectedAt: '2026-10-02T22:30:00.000Z',
            status: 'CLOSED',
            assignedTo: { id: 'INS-VSI' },
            outcome: 'WARNING',
          },
          {
            id: 'H-1',
            rule: { code: 'I04', label: 'Employment after withdrawal' },
            severity: 'CRITICAL',
            ...subject,
            evidence: [{ kind: 'PERMIT', id: 'P-1' }],
            detectedAt: '2026-10-01T10:00:00.000Z',
            status: 'OPEN',
            assignedTo: null,
            outcome: null,
          },
        ],
      },
    },
  });
});

test('an inspection of an employer and of an establishment shows what the registers know of them', async () => {
  const query = `{
    inspectEmployer(kbo: "${kbo.ukkel}") { worker { id } employer { kbo name } establishment { number } cadastre { permits { id } } hits { id } }
    inspectEstablishment(number: "${unit.ukkel}") { employer { kbo } establishment { number address { locality } } cadastre { permits { id } } hits { id } }
  }`;
  const permits = await world.rows<{ id: string }>(
    'select id from cadastre.permit where employer_kbo = $1 order by valid_from desc, id',
    [kbo.ukkel],
  );
  expect(await world.as('INS-BRU', inspecting)(query)).toEqual({
    data: {
      inspectEmployer: {
        worker: null,
        employer: { kbo: kbo.ukkel, name: 'Cabinet Vivier' },
        establishment: null,
        cadastre: { permits },
        hits: [{ id: 'H-3' }],
      },
      inspectEstablishment: {
        employer: null,
        establishment: { number: unit.ukkel, address: { locality: 'Uccle' } },
        cadastre: { permits },
        hits: [{ id: 'H-3' }],
      },
    },
  });
});

test('the picture of a day is of that day', async () => {
  const query = `{ inspectWorker(insz: "${insz.rahul}", at: "2025-01-01") { worker { id } cadastre { permits { id } dimona { id } } } }`;
  expect(await world.as('INS-TSW', inspecting)(query)).toEqual({
    data: { inspectWorker: { worker: { id: 'W-0000002' }, cadastre: { permits: [], dimona: [] } } },
  });
});

test('of a number that nobody has, and of a person elsewhere, there is nothing to show', async () => {
  const query = (who: string) =>
    `{ inspectWorker(insz: "${who}") { worker { id } cadastre { permits { id } dimona { id } } hits { id } } }`;
  const nothing = { data: { inspectWorker: { worker: null, cadastre: { permits: [], dimona: [] }, hits: [] } } };
  expect(await world.as('INS-TSW', inspecting)(query(insz.nobody))).toEqual(nothing);
  expect(await world.as('INS-BRU', inspecting)(query(insz.rahul))).toEqual(nothing);
});

test('an inspection is for inspection services, and has a purpose', async () => {
  const queries = {
    inspectWorker: `{ inspectWorker(insz: "${insz.rahul}") { worker { id } } }`,
    inspectEmployer: `{ inspectEmployer(kbo: "${kbo.brewery}") { employer { kbo } } }`,
    inspectEstablishment: `{ inspectEstablishment(number: "${unit.brewery}") { establishment { number } } }`,
  };
  for (const [name, query] of Object.entries(queries)) {
    expect(await world.as('INS-TSW')(query)).toEqual({
      data: { [name]: null },
      errors: [purposeRequired(`Query.${name}`, [name])],
    });
    for (const who of ['VLA-DEM', 'FED-RSZ', `EMPLOYER:${kbo.brewery}`, 'COO-SIOD']) {
      expect(await world.as(who)(query)).toEqual({
        data: { [name]: null },
        errors: [forbidden(`Query.${name}`, [name])],
      });
    }
  }
});

type Hits = { inspectionHits: { totalCount: number; edges: { cursor: string; node: { id: string } }[] } };
const hits = (args = '') => `{ inspectionHits${args} { totalCount edges { node { id } } } }`;
const found = (...ids: string[]) => ({
  data: { inspectionHits: { totalCount: ids.length, edges: ids.map((id) => ({ node: { id } })) } },
});

test.each([
  ['', ['H-3', 'H-2', 'H-1']],
  ['(rule: ["I14"])', ['H-3', 'H-2']],
  ['(severity: [CRITICAL, LOW])', ['H-1']],
  ['(territory: "VLA-DEM")', ['H-2', 'H-1']],
  // Half past ten at night by UTC is the next day in Belgium.
  ['(since: "2026-10-03")', ['H-3', 'H-2']],
  ['(since: "2026-10-04")', ['H-3']],
  ['(rule: ["I23"])', []],
  ['(territory: "WAL-SPW")', []],
])('hits%s are found, the newest first', async (args, expected) => {
  expect(await world.as('INS-TSW', inspecting)(hits(args))).toEqual(found(...expected));
});

test('a rule or a territory that is not there is refused: an empty answer would say that there are no hits', async () => {
  const refused = (message: string) => ({
    data: { inspectionHits: null },
    errors: [{ code: 'BAD_USER_INPUT', path: ['inspectionHits'], message }],
  });
  const ask = world.as('INS-TSW', inspecting);
  expect(await ask(hits('(rule: ["I14", "I99"])'))).toEqual(refused('no such code in inspectionRules'));
  expect(await ask(hits('(territory: "VLA_DEM")'))).toEqual(refused('no such authority'));
});

test('hits come page by page', async () => {
  const page = `{ inspectionHits(first: 2) { totalCount edges { cursor node { id } } pageInfo { hasNextPage } } }`;
  const ask = world.as('INS-TSW', inspecting);
  const { data } = await ask<Hits>(page);
  const edge = (id: string) => ({ cursor: expect.any(String), node: { id } });
  expect(data).toEqual({
    inspectionHits: { totalCount: 3, edges: [edge('H-3'), edge('H-2')], pageInfo: { hasNextPage: true } },
  });
  const cursor = data?.inspectionHits.edges[1]?.cursor;
  expect(
    await ask(`{ inspectionHits(first: 2, after: "${cursor}") { edges { node { id } } pageInfo { hasNextPage } } }`),
  ).toEqual({
    data: { inspectionHits: { edges: [{ node: { id: 'H-1' } }], pageInfo: { hasNextPage: false } } },
  });
});

test('a federal service sees the hits of what it controls: a wage is for the labour inspection and the region (DOMAIN 8)', async () => {
  expect(await world.as('INS-RSZ', inspecting)(hits())).toEqual(found('H-1'));
  expect(await world.as('INS-RSZ', inspecting)(hits('(rule: "I14")'))).toEqual(found());
});

test('a regional inspection sees the hits of its own territory', async () => {
  expect(await world.as('INS-VSI', inspecting)(hits())).toEqual(found('H-2', 'H-1'));
  expect(await world.as('INS-BRU', inspecting)(hits())).toEqual(found('H-3'));
  expect(await world.as('INS-BRU', inspecting)(hits('(territory: "VLA-DEM")'))).toEqual(found());
});

test('a region sees of the hits in its territory the rule and the status; the Immigration Office those that can lead to a withdrawal', async () => {
  const query = '{ inspectionHits { totalCount edges { node { rule { code } severity detectedAt status } } } }';
  const wage = { rule: { code: 'I14' }, severity: 'HIGH', detectedAt: '2026-10-02T22:30:00.000Z', status: 'CLOSED' };
  const withdrawn = {
    rule: { code: 'I04' },
    severity: 'CRITICAL',
    detectedAt: '2026-10-01T10:00:00.000Z',
    status: 'OPEN',
  };
  expect(await world.as('VLA-DEM', treating)(query)).toEqual({
    data: { inspectionHits: { totalCount: 2, edges: [{ node: wage }, { node: withdrawn }] } },
  });
  expect(await world.as('FED-DVZ', { purpose: 'RESIDENCE_CHECK', reference: 'R-1' })(query)).toEqual({
    data: { inspectionHits: { totalCount: 1, edges: [{ node: withdrawn }] } },
  });
  expect(
    await world.as(
      'VLA-DEM',
      treating,
    )('{ inspectionHits(first: 1) { edges { node { subjectWorker { id } outcome } } } }'),
  ).toEqual({
    data: { inspectionHits: { edges: [{ node: { subjectWorker: null, outcome: null } }] } },
    errors: [
      forbidden('InspectionHit.subjectWorker', ['inspectionHits', 'edges', 0, 'node', 'subjectWorker']),
      forbidden('InspectionHit.outcome', ['inspectionHits', 'edges', 0, 'node', 'outcome']),
    ],
  });
});

test('A5: who sees hits masked does not find them by their territory', async () => {
  const checking = { purpose: 'RESIDENCE_CHECK', reference: 'R-1' };
  for (const [who, stated] of [
    ['FED-DVZ', checking],
    ['VLA-DEM', treating],
  ] as const) {
    expect(await world.as(who, stated)(hits('(territory: "VLA-DEM")'))).toEqual({
      data: { inspectionHits: null },
      errors: [forbidden('InspectionHit.subjectEmployer', ['inspectionHits'])],
    });
  }
});

test('nobody else hears of hits', async () => {
  for (const who of [`EMPLOYER:${kbo.brewery}`, `WORKER:${insz.rahul}`, 'MUN-23100', 'HELPDESK', 'COO-SIOD']) {
    expect(await world.as(who)(hits())).toEqual({
      data: { inspectionHits: null },
      errors: [forbidden('Query.inspectionHits', ['inspectionHits'])],
    });
  }
});
