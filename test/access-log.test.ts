import { insz, kbo, number } from './cast.ts';
import { forbidden, inspecting, moment, type OpenedWorld, openWorld, treating } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
  // Who looked at Rahul, in this order.
  await world.as('VLA-DEM', treating)(`{ dossier(number: "${number.rahul}") { status worker { insz } } }`);
  await world.as('BRU-BEW')('{ dossiers(first: 1) { edges { node { status } } } }');
  await world.as(`EMPLOYER:${kbo.brewery}`)('{ worker(id: "W-0000002") { lastName } }');
  await world.as('INS-TSW', inspecting)(`{ worker(insz: "${insz.rahul}") { lastName } }`);
  await world.as(`WORKER:${insz.rahul}`)('{ myFile { lastName } }');
});

afterAll(() => world.stop());

const officer = { roles: ['DATA_PROTECTION_OFFICER'] };

test("a data protection officer reads what the own organisation's people did, whole", async () => {
  const query = `{ accessLog(first: 5) { totalCount edges { node {
    seq at authority { id } party kind user subject read refused purpose reference operation outcome } } } }`;
  expect(await world.as('VLA-DEM', officer)(query)).toEqual({
    data: {
      accessLog: {
        totalCount: 1,
        edges: [
          {
            node: {
              seq: '1',
              at: moment,
              authority: { id: 'VLA-DEM' },
              party: 'VLA-DEM',
              kind: 'REGION',
              user: 'demo:VLA-DEM',
              subject: 'W-0000002',
              read: ['ENVELOPE', 'INSZ', 'WORKER_IDENTITY'],
              refused: [],
              purpose: 'TREAT_DOSSIER',
              reference: 'D-1',
              operation: expect.stringMatching(/^dossier [0-9a-f]{16}$/),
              outcome: 'READ',
            },
          },
        ],
      },
    },
  });
});

test('an auditor reads everything, and the reading of the log is on record too', async () => {
  const query = '{ accessLog(worker: "W-0000002") { edges { node { party user outcome } } } }';
  const seen = async () => {
    const { data } = await world.as('AUDITOR')<{ accessLog: { edges: { node: { party: string } }[] } }>(query);
    return data?.accessLog.edges.map(({ node }) => node.party);
  };
  const first = await seen();
  expect(first?.slice(-4)).toEqual(['WORKER', 'INS-TSW', `EMPLOYER:${kbo.brewery}`, 'VLA-DEM']);
  expect((await seen())?.slice(0, 1)).toEqual(['AUDITOR']);
});

test('a worker sees which organisation looked, when and what for, and not who; of an investigation only when it cannot harm', async () => {
  const ask = world.as(`WORKER:${insz.rahul}`);
  const query =
    '{ accessLog(last: null) { edges { node { at authority { id } party kind purpose read outcome } } } }'.replace(
      '(last: null)',
      '(to: "2999-12-31")',
    );
  type Log = { accessLog: { edges: { node: { party: string } }[] } };
  const parties = async () =>
    (await ask<Log>(query)).data?.accessLog.edges
      .map(({ node }) => node.party)
      .filter((party) => !/^WORKER|AUDITOR/.test(party));
  // The officer's look at the log is the region's too.
  expect(await parties()).toEqual(['VLA-DEM', `EMPLOYER:${kbo.brewery}`, 'VLA-DEM']);
  const hidden = { user: null, subject: null, operation: null };
  expect(
    await ask('{ accessLog(party: "VLA-DEM") { edges { node { purpose read user subject operation } } } }'),
  ).toEqual({
    data: {
      accessLog: {
        edges: [
          { node: { purpose: null, read: ['ACCESS_LOG'], ...hidden } },
          { node: { purpose: 'TREAT_DOSSIER', read: ['ENVELOPE', 'INSZ', 'WORKER_IDENTITY'], ...hidden } },
        ],
      },
    },
    errors: [0, 1].flatMap((row) =>
      Object.keys(hidden).map((field) =>
        forbidden(`Consultation.${field}`, ['accessLog', 'edges', row, 'node', field]),
      ),
    ),
  });
  // Half a year later the inspection may be told. The log itself cannot be changed, so the test sets its clock back first.
  await world.rows('alter table read_log.entry disable trigger user');
  await world.rows(`update read_log.entry set at = at - interval '181 days' where party = 'INS-TSW'`);
  expect(await parties()).toEqual(['VLA-DEM', 'INS-TSW', `EMPLOYER:${kbo.brewery}`, 'VLA-DEM']);
});

test.each([
  ['VLA-DEM', {}],
  ['VLA-DEM', { roles: ['READER', 'SYSTEM'] }],
  [`EMPLOYER:${kbo.brewery}`, {}],
  ['HELPDESK', {}],
  ['COO-SIOD', officer],
])('the log is closed to %s %j', async (who, stated) => {
  expect(await world.as(who, stated)('{ accessLog { totalCount } }')).toEqual({
    data: { accessLog: null },
    errors: [forbidden('Query.accessLog', ['accessLog'])],
  });
});

test('a data protection officer reads no dossier, no person and no register', async () => {
  const query = `{ dossier(number: "${number.rahul}") { status } worker(id: "W-0000002") { lastName } permits { totalCount } }`;
  expect(await world.as('VLA-DEM', { ...officer, ...treating })(query)).toEqual({
    data: { dossier: null, worker: null, permits: null },
    errors: ['dossier', 'worker', 'permits'].map((field) => forbidden(`Query.${field}`, [field])),
  });
});

test('a reader reads a dossier and no note; who has no role that we know is a reader', async () => {
  const query = `{ dossier(number: "${number.ayse}") { status grossMonthly notes { text } } }`;
  for (const roles of [['READER'], [], ['ADMIN']]) {
    expect(await world.as('VLA-DEM', { roles })(query)).toEqual({
      data: { dossier: { status: 'IN_TREATMENT', grossMonthly: expect.any(String), notes: null } },
      errors: [forbidden('Dossier.notes', ['dossier', 'notes'])],
    });
  }
});

test('statistics and the helpdesk are purposes that open nothing personal; a request of the person opens no investigation', async () => {
  const query = `{ worker(id: "W-0000002") { insz } inspectionHits { totalCount } }`;
  const stated = (purpose: string) => ({ purpose, reference: 'r' });
  expect(await world.as('FED-DVZ', stated('STATISTICS'))(query)).toMatchObject({
    data: { worker: { insz: null }, inspectionHits: null },
    errors: [{ code: 'PURPOSE_REQUIRED' }, { code: 'PURPOSE_REQUIRED' }],
  });
  expect(await world.as('FED-DVZ', stated('SUBJECT_ACCESS'))(query)).toMatchObject({
    data: { worker: { insz: insz.rahul }, inspectionHits: null },
    errors: [{ code: 'PURPOSE_REQUIRED', path: ['inspectionHits'] }],
  });
});
