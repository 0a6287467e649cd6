import { insz, kbo, number } from './cast.ts';
import { forbidden, inspecting, type OpenedWorld, openWorld, purposeRequired, treating } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

const refusal = `${number.samuelRefused}-W1`;
const whole = `
  id dossier { number status } part outcome authority { id } decidedOn notifiedOn validFrom validTo
  grounds { list code label } motivation annex { code } version supersedes { id }
`;

test('a refusal is read by the employer with its ground and its reasons', async () => {
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(`{ decision(id: "${refusal}") { ${whole} } }`)).toEqual({
    data: {
      decision: {
        id: refusal,
        dossier: { number: number.samuelRefused, status: 'REFUSED' },
        part: 'WORK',
        outcome: 'REFUSE',
        authority: { id: 'VLA-DEM' },
        decidedOn: '2026-06-05',
        notifiedOn: '2026-06-08',
        validFrom: null,
        validTo: null,
        grounds: [{ list: 'groundsRefusal', code: 'SALARY_BELOW_THRESHOLD', label: 'Salary below the threshold' }],
        motivation: expect.stringContaining('Loon onder de drempel'),
        annex: null,
        version: 1,
        supersedes: null,
      },
    },
  });
});

test('a grant of residence says from when to when, with its annex', async () => {
  expect(await world.as('FED-DVZ')(`{ decision(id: "${number.rahul}-R1") { ${whole} } }`)).toEqual({
    data: {
      decision: {
        id: `${number.rahul}-R1`,
        dossier: { number: number.rahul, status: 'GRANTED' },
        part: 'RESIDENCE',
        outcome: 'GRANT',
        authority: { id: 'FED-DVZ' },
        decidedOn: expect.any(String),
        notifiedOn: expect.any(String),
        validFrom: '2025-09-29',
        validTo: '2028-06-24',
        grounds: [],
        motivation: expect.any(String),
        annex: { code: 'A46' },
        version: 1,
        supersedes: null,
      },
    },
  });
});

test('a withdrawal is a new version of the decision, on a ground of its own list', async () => {
  const query = `{ dossier(number: "${number.emma}") { decisions { id part outcome version supersedes { id } grounds { list code } } } }`;
  const decision = (id: string, part: string, outcome: string, more: object = {}) => ({
    id: `${number.emma}-${id}`,
    part,
    outcome,
    version: 1,
    supersedes: null,
    grounds: [],
    ...more,
  });
  const withdrawn = {
    version: 2,
    supersedes: { id: `${number.emma}-W1` },
    grounds: [{ list: 'groundsWithdrawal', code: 'W1' }],
  };
  expect(await world.as(`WORKER:${insz.emma}`)(query)).toEqual({
    data: {
      dossier: {
        decisions: [
          decision('W1', 'WORK', 'GRANT'),
          decision('R1', 'RESIDENCE', 'GRANT'),
          decision('W2', 'WORK', 'WITHDRAW', withdrawn),
        ],
      },
    },
  });
});

test('a right of residence that ended has its ground from the list of residence', async () => {
  await world.rows(
    `insert into decisions.decision (id, dossier_number, part, outcome, authority, decided_on, grounds, worker_id) values ('R-END', $1, 'RESIDENCE', 'END', 'FED-DVZ', '2026-10-01', '{RES_FRAUD,W9}', 'W-0000002')`,
    [number.rahul],
  );
  expect(await world.as('FED-DVZ')('{ decision(id: "R-END") { grounds { list code label } } }')).toEqual({
    data: {
      decision: {
        grounds: [
          { list: 'groundsResidence', code: 'RES_FRAUD', label: 'Fraud' },
          { list: 'groundsWithdrawal', code: 'W9', label: 'Residence ended' },
        ],
      },
    },
  });
});

test('why residence was decided so, is between the Immigration Office and the worker', async () => {
  const id = `${number.rahul}-R1`;
  const query = `{ decision(id: "${id}") { outcome motivation grounds { code } } }`;
  const open = { data: { decision: { outcome: 'GRANT', motivation: expect.any(String), grounds: [] } } };
  for (const who of ['FED-DVZ', `WORKER:${insz.rahul}`]) expect(await world.as(who)(query)).toEqual(open);
  for (const who of ['VLA-DEM', `EMPLOYER:${kbo.brewery}`, 'INS-RSZ']) {
    expect(await world.as(who)(query)).toEqual({
      data: { decision: { outcome: 'GRANT', motivation: null, grounds: null } },
      errors: [
        forbidden('Decision.motivation', ['decision', 'motivation']),
        forbidden('Decision.grounds', ['decision', 'grounds']),
      ],
    });
  }
});

test('why work was decided so, an inspection service reads with a purpose', async () => {
  const query = `{ decision(id: "${refusal}") { outcome motivation } }`;
  expect(await world.as('INS-RSZ')(query)).toEqual({
    data: { decision: { outcome: 'REFUSE', motivation: null } },
    errors: [purposeRequired('Decision.motivation', ['decision', 'motivation'])],
  });
  expect(await world.as('INS-RSZ', inspecting)(query)).toEqual({
    data: { decision: { outcome: 'REFUSE', motivation: expect.any(String) } },
  });
});

test('a decision in a dossier that is not yours, and one that is not there, do not exist', async () => {
  const query = `{ decision(id: "${refusal}") { id } none: decision(id: "nope") { id } }`;
  for (const who of ['WAL-SPW', `EMPLOYER:${kbo.ukkel}`, `WORKER:${insz.rahul}`]) {
    expect(await world.as(who)(query)).toEqual({ data: { decision: null, none: null } });
  }
  expect(await world.as('HELPDESK')(query)).toEqual({
    data: { decision: null, none: null },
    errors: [forbidden('Query.decision', ['decision']), forbidden('Query.decision', ['none'])],
  });
});

const prior = (worker: string, employer?: string) =>
  `{ priorOutcomes(worker: "${worker}"${employer === undefined ? '' : `, employer: "${employer}"`}) { authority { id } decidedOn part outcome grounds { code label } sameEmployer } }`;
const samuelsRefusal = (sameEmployer: boolean | null) => ({
  authority: { id: 'VLA-DEM' },
  decidedOn: '2026-06-05',
  part: 'WORK',
  outcome: 'REFUSE',
  grounds: [{ code: 'SALARY_BELOW_THRESHOLD', label: 'Salary below the threshold' }],
  sameEmployer,
});

test('Brussels, where Samuel filed again, sees that Flanders refused him, when and on which ground', async () => {
  const ask = world.as('BRU-BEW', treating);
  expect(await ask(prior('W-0000006'))).toEqual({ data: { priorOutcomes: [samuelsRefusal(null)] } });
  expect(await ask(prior('W-0000006', kbo.brewery))).toEqual({ data: { priorOutcomes: [samuelsRefusal(true)] } });
  expect(await ask(prior('W-0000006', kbo.ukkel))).toEqual({ data: { priorOutcomes: [samuelsRefusal(false)] } });
});

test('of the refused dossier itself Brussels sees the envelope, and no document, job or message', async () => {
  const query = `{
    dossier(number: "${number.samuelRefused}") {
      number status competentAuthority { id } documents { id } grossMonthly functionTitle messages { text } notes { text }
    }
  }`;
  const closed = ['documents', 'grossMonthly', 'functionTitle', 'messages', 'notes'];
  const answer = await world.as('BRU-BEW')(query);
  expect(answer.data).toEqual({
    dossier: {
      number: number.samuelRefused,
      status: 'REFUSED',
      competentAuthority: { id: 'VLA-DEM' },
      documents: null,
      grossMonthly: null,
      functionTitle: null,
      messages: null,
      notes: null,
    },
  });
  expect(answer.errors).toHaveLength(5);
  expect(answer.errors).toEqual(
    expect.arrayContaining(closed.map((field) => forbidden(`Dossier.${field}`, ['dossier', field]))),
  );
});

test('a region without a file on the worker hears of no outcome', async () => {
  for (const who of ['WAL-SPW', 'DG-MIN']) {
    expect(await world.as(who, treating)(prior('W-0000006', kbo.brewery))).toEqual({ data: { priorOutcomes: [] } });
  }
});

test('only outcomes of the last 24 months count, the newest first', async () => {
  type Outcomes = { priorOutcomes: { decidedOn: string; authority: { id: string }; sameEmployer: boolean }[] };
  const { data } = await world.as('BRU-BEW', treating)<Outcomes>(prior('W-0000020', kbo.ukkel));
  expect(data?.priorOutcomes.map(({ authority, sameEmployer }) => [authority.id, sameEmployer])).toEqual([
    ['WAL-SPW', false],
    ['BRU-BEW', true],
  ]);
  await world.rows(`update decisions.decision set decided_on = '2024-11-01' where id = $1`, [refusal]);
  expect(await world.as('BRU-BEW', treating)(prior('W-0000006'))).toEqual({ data: { priorOutcomes: [] } });
  await world.rows(`update decisions.decision set decided_on = '2024-11-02' where id = $1`, [refusal]);
  expect((await world.as('BRU-BEW', treating)<Outcomes>(prior('W-0000006'))).data?.priorOutcomes).toHaveLength(1);
});

test('prior outcomes are for those who decide on work', async () => {
  for (const who of ['FED-DVZ', 'INS-RSZ', `EMPLOYER:${kbo.brewery}`, `WORKER:${insz.samuel}`]) {
    expect(await world.as(who)(prior('W-0000006'))).toEqual({
      data: { priorOutcomes: null },
      errors: [forbidden('Query.priorOutcomes', ['priorOutcomes'])],
    });
  }
});
