import { pool } from '../db/database.ts';
import { announcing } from '../subgraphs/outbox.ts';
import { acting, complete } from './acting.ts';
import { kbo, number } from './cast.ts';
import { type OpenedWorld, openWorld } from './opened-world.ts';

let world: OpenedWorld;
let act: ReturnType<typeof acting>;
beforeAll(async () => {
  world = await openWorld();
  act = acting(world);
});
afterAll(() => world?.stop());

const brewery = `EMPLOYER:${kbo.brewery}`;

/** What was written to leave, of a dossier or of all, since a position: the event, to whom and how. */
const sent = async (event: string, dossier: string): Promise<string[]> => {
  const rows = await world.rows<{ recipient: string; channel: string; named: boolean }>(
    `select d.recipient, d.channel, d.dossier_number is not null as named
     from steps.delivery d join steps.outbox o using (position) where o.event = $1 and o.dossier_number = $2`,
    [event, dossier],
  );
  return rows.map(({ recipient, channel, named }) => `${recipient} ${channel}${named ? '' : ', unnamed'}`).sort();
};

const versionOf = async (dossier: string) => {
  const [row] = await world.rows<{ version: number }>('select version from dossiers.dossier where number = $1', [
    dossier,
  ]);
  return row?.version;
};

/** Takes a step on a dossier as it stands. */
const take = async (who: string, step: string, dossier: string, input: Record<string, unknown> = {}) => {
  const { problems } = await act(who)(step, { number: dossier, expectedVersion: await versionOf(dossier), ...input });
  expect([step, problems]).toEqual([step, []]);
};

const hit = `insert into cadastre.inspection_hit (id, rule, severity, worker_id, employer_kbo, authority, detected_at, status, assigned_to)
  values ($1, $2, 'HIGH', $3, $4, $5, '2026-10-01', $6, $7)`;

test('a withdrawal reaches every party: employer, worker, region, DVZ, post, municipality, register, and each inspection with an open hit', async () => {
  const rahul = 'W-0000002';
  // On the worker, unassigned: whoever controls the rule there. On the employer, assigned: that service. Closed: nobody.
  await world.rows(hit, ['HIT-A', 'I04', rahul, null, 'VLA-DEM', 'OPEN', null]);
  await world.rows(hit, ['HIT-B', 'I12', 'W-0000009', kbo.brewery, 'BRU-BEW', 'IN_INQUIRY', 'INS-BRU']);
  await world.rows(hit, ['HIT-C', 'I12', rahul, null, 'WAL-SPW', 'CLOSED', null]);
  await world.rows(hit, ['HIT-D', 'I12', 'W-0000009', kbo.ukkel, 'DG-MIN', 'OPEN', null]);
  await world.rows(
    `insert into cadastre.dimona_period (id, worker_id, employer_kbo, type, start_date) values ('DIM-X', $1, $2, 'OTH', '2026-01-01')`,
    [rahul, kbo.ukkel],
  );
  await take('VLA-DEM', 'withdrawPermit', number.rahul, { grounds: ['W1'], effectiveOn: '2026-11-02' });
  const parties = await sent('PERMIT_WITHDRAWN', number.rahul);
  expect(parties).toEqual([
    `${brewery} EBOX`,
    'FED-DVZ EVENT',
    'FED-RSZ EVENT',
    'INS-BRU EVENT',
    'INS-RIZIV EVENT',
    'INS-RSVZ EVENT',
    'INS-RSZ EVENT',
    'INS-RVA EVENT',
    'INS-TSW EVENT',
    'INS-VSI EVENT',
    'MUN-23100 EVENT',
    'POST-IN-1 EVENT',
    'VLA-DEM EVENT',
    `WORKER:${rahul} EBOX`,
  ]);
  expect(parties).toHaveLength(14);
  // Another employer of the worker hears that something changed, and not in which dossier.
  expect(await sent('RELEVANT_CHANGE', number.rahul)).toEqual([
    `EMPLOYER:${kbo.ukkel} EBOX, unnamed`,
    `${brewery} EBOX`,
  ]);
});

const everything = async (dossier: string) => {
  const rows = await world.rows<{ event: string; told: string | null }>(
    `select o.event, (select string_agg(d.recipient || ' ' || d.channel, ', ' order by d.recipient, d.channel)
       from steps.delivery d where d.position = o.position) as told
     from steps.outbox o where o.dossier_number = $1 and o.event not in ('DRAFT_CREATED', 'DOCUMENT_ADDED') order by o.position`,
    [dossier],
  );
  return rows.map(({ event, told }) => [event, told]);
};

test('each step of a life tells whom the table names, once each, and mail that finds no address goes to the e-Box', async () => {
  const { number: dossier } = await complete(world, brewery);
  await take(brewery, 'submitDossier', dossier);
  const [made] = await world.rows<{ id: string }>('select worker_id as id from dossiers.dossier where number = $1', [
    dossier,
  ]);
  const worker = `WORKER:${made?.id}`;
  await take('VLA-DEM', 'requestInformation', dossier, { items: ['WRK_DIPLOMA'] });
  await take(brewery, 'completeDossier', dossier);
  await take('VLA-DEM', 'declareAdmissible', dossier);
  await take('VLA-DEM', 'takeWorkDecision', dossier, { outcome: 'GRANT' });
  await take('FED-DVZ', 'takeResidenceDecision', dossier, { outcome: 'GRANT' });
  await take('POST-NG-1', 'issueVisa', dossier);
  await take('MUN-23100', 'registerArrival', dossier, { enteredOn: '2026-11-01' });
  await take(brewery, 'notifyTermination', dossier, { endedOn: '2027-06-30' });
  const ours = `${brewery} EBOX`;
  const after = 'FED-DVZ EVENT, VLA-DEM EVENT';
  const stay = 'FED-DVZ EVENT, MUN-23100 EVENT, VLA-DEM EVENT';
  expect(await everything(dossier)).toEqual([
    ['DOSSIER_SUBMITTED', `${ours}, VLA-DEM EVENT, ${worker} EBOX`],
    ['DOSSIER_ROUTED', `${ours}, VLA-DEM EVENT`],
    ['INFO_REQUESTED', ours],
    ['COMPLETED', null],
    ['ADMISSIBILITY_DECIDED', `${ours}, FED-DVZ EVENT`],
    ['DOSSIER_COPIED', null],
    ['TREATMENT_BEGUN', null],
    ['WORK_DECIDED', `${ours}, FED-DVZ EVENT, ${worker} EBOX`],
    ['RESIDENCE_DECIDED', `${ours}, MUN-23100 EVENT, POST-NG-1 EVENT, VLA-DEM EVENT, ${worker} EBOX`],
    ['FINAL_DECISION', `${ours}, FED-DVZ EVENT, MUN-23100 EVENT, POST-NG-1 EVENT, VLA-DEM EVENT, ${worker} EBOX`],
    ['VISA_ISSUED', `${ours}, ${after}`],
    ['ARRIVAL_REGISTERED', `${ours}, ${after}`],
    ['TERMINATION_NOTIFIED', `${stay}, ${worker} EBOX`],
    ['JOBSEARCH_90D_STARTED', `${stay}, ${worker} EBOX`],
    ['RELEVANT_CHANGE', ours],
  ]);
  const due = await world.rows(
    `select event, data ->> 'dueOn' as "dueOn" from steps.outbox where dossier_number = $1 and data ? 'dueOn' order by position`,
    [dossier],
  );
  expect(due).toEqual([
    { event: 'INFO_REQUESTED', dueOn: '2026-11-17' },
    { event: 'TERMINATION_NOTIFIED', dueOn: '2027-09-30' },
    { event: 'JOBSEARCH_90D_STARTED', dueOn: '2027-09-30' },
  ]);
});

test('a refusal of work goes by registered letter too, and to the Immigration Office that had its copy', async () => {
  await take('VLA-DEM', 'takeWorkDecision', number.ayse, {
    outcome: 'REFUSE',
    grounds: ['DIPLOMA'],
    motivation: 'Waarom.',
  });
  const worker = 'WORKER:W-0000001';
  expect(await everything(number.ayse)).toEqual([
    ['WORK_DECIDED', `${brewery} EBOX, ${brewery} LETTER, FED-DVZ EVENT, ${worker} EBOX`],
    ['FINAL_DECISION', `${brewery} EBOX, FED-DVZ EVENT, VLA-DEM EVENT, ${worker} EBOX`],
  ]);
});

test('who filed under a mandate is told while it is in force, and the employer once it has ended', async () => {
  const mandatary = `MANDATARY:${kbo.mandatary}`;
  await take('VLA-DEM', 'requestInformation', number.john, { items: ['WRK_DIPLOMA'] });
  expect(await sent('INFO_REQUESTED', number.john)).toEqual([`${mandatary} EBOX`]);
  await take(brewery, 'completeDossier', number.john);
  await world.rows(`update access.involvement set valid_to = '2026-11-01' where party = $1 and capacity = 'MANDATE'`, [
    mandatary,
  ]);
  await take('VLA-DEM', 'declareInadmissible', number.john, { grounds: ['FEE_UNPAID'] });
  expect(await sent('ADMISSIBILITY_DECIDED', number.john)).toEqual([`${brewery} EBOX`]);
});

test('a worker who applies and has an address for mail is mailed', async () => {
  const fatima = 'W-0000003';
  await world.rows(`update dossiers.dossier set status = 'SUBMITTED' where number = $1`, [number.fatima]);
  await world.rows(`update workers.worker set email = 'fatima@example.be' where id = $1`, [fatima]);
  await take('VLA-DEM', 'requestInformation', number.fatima, { items: ['WRK_OLD_PERMITS'] });
  expect(await sent('INFO_REQUESTED', number.fatima)).toEqual([`WORKER:${fatima} EBOX`, `WORKER:${fatima} MAIL`]);
});

test('both regions, the Immigration Office with its copy and all parties hear of a transfer', async () => {
  // Asked for less than other steps: whoever has handed a dossier on may not see how it goes on.
  const { data } = await world.as('VLA-DEM')(
    'mutation($input: TransferDossierInput!) { transferDossier(input: $input) { problems { message } } }',
    {
      input: {
        number: number.yuki,
        expectedVersion: await versionOf(number.yuki),
        facts: { workplaces: [{ postalCode: '1180' }] },
        reason: 'De werkplaats is Ukkel.',
        idempotencyKey: 'transfer-of-yuki',
      },
    },
  );
  expect(data).toEqual({ transferDossier: { problems: [] } });
  expect(await sent('DOSSIER_TRANSFERRED', number.yuki)).toEqual([
    'BRU-BEW EVENT',
    `${brewery} EBOX`,
    'FED-DVZ EVENT',
    'VLA-DEM EVENT',
    'WAL-SPW EVENT',
    'WORKER:W-0000007 EBOX',
  ]);
});

test('what is to be told and nobody is named for is a fault, and stands in the way of the step', async () => {
  const writing = pool(world.database.urlOf('steps'), { name: 'test', max: 1 });
  const client = await writing.connect();
  const of = { at: new Date(), dossier: number.rahul, worker: 'W-0000002', employer: kbo.brewery };
  const events = [{ event: 'SOMETHING_ELSE', data: {}, notify: true }];
  await expect(announcing(client, { ...of, events })).rejects.toThrow('nobody is named to hear of SOMETHING_ELSE');
  client.release();
  await writing.end();
});
