import { acting, complete, type Stepped } from './acting.ts';
import { kbo } from './cast.ts';
import { type OpenedWorld, openWorld, treating } from './opened-world.ts';

let world: OpenedWorld;
let as: ReturnType<typeof acting>;
beforeAll(async () => {
  world = await openWorld();
  as = acting(world);
});
afterAll(() => world?.stop());

const employer = `EMPLOYER:${kbo.brewery}`;
const inFlanders = { places: { workplaces: [{ postalCode: '1630' }] } };
const inBrussels = { places: { workplaces: [{ postalCode: '1180' }] }, category: 'HIGHSKILL' };

type Dossier = NonNullable<Stepped['dossier']>;

const take = async (who: string, step: string, on: Dossier, input: Record<string, unknown> = {}) => {
  const done = await as(who)(step, { number: on.number, expectedVersion: on.version, ...input });
  if (done.problems.length > 0 || !done.dossier) throw new Error(`${step}: ${JSON.stringify(done.problems)}`);
  return done.dossier;
};

/** A dossier up to its treatment. */
const treated = async (region: string, facts: Record<string, unknown>): Promise<Dossier> => {
  const draft = await complete(world, employer, { facts });
  const filed = await take(employer, 'submitDossier', draft);
  return take(region, 'declareAdmissible', filed);
};

const clocks = async (region: string, { number }: Dossier) => {
  const { data } = await world.as(
    region,
    treating,
  )<{ dossier: Record<string, unknown> }>(
    `{ dossier(number: "${number}") { handling tracks { part status } deadlines { rule { code } startsOn dueOn metOn daysLeft } timeline { type { code } } } }`,
  );
  return data?.dossier;
};

const named = (codes: readonly string[]) => codes.map((code) => ({ type: { code } }));
const filing = [
  'DRAFT_CREATED',
  ...Array.from({ length: 10 }, () => 'DOCUMENT_ADDED'),
  'DOSSIER_SUBMITTED',
  'DOSSIER_ROUTED',
  'ADMISSIBILITY_DECIDED',
  'DOSSIER_COPIED',
  'TREATMENT_BEGUN',
];
const day = '2026-11-02';
const deadline = (code: string, dueOn: string, metOn: string | null, daysLeft: number | null) => ({
  rule: { code },
  startsOn: day,
  dueOn,
  metOn,
  daysLeft,
});

test('serial, in Brussels: the Immigration Office waits for the work decision, and the dossier is then forwarded to it', async () => {
  const waiting = await treated('BRU-BEW', inBrussels);
  expect([waiting.workTrack, waiting.residenceTrack]).toEqual(['IN_PROGRESS', 'WAITING_WORK']);
  const tooSoon = await as('FED-DVZ')('takeResidenceDecision', {
    number: waiting.number,
    expectedVersion: waiting.version,
    outcome: 'GRANT',
  });
  expect(tooSoon.problems).toEqual([
    {
      code: 'BAD_STATE',
      message: 'The residence part follows the work part, which is IN_PROGRESS.',
      guard: 'WORK_GRANTED',
      status: 'IN_TREATMENT',
      version: null,
    },
  ]);
  const forwarded = await take('BRU-BEW', 'takeWorkDecision', waiting, { outcome: 'GRANT' });
  expect(forwarded.residenceTrack).toBe('IN_PROGRESS');
  const granted = await take('FED-DVZ', 'takeResidenceDecision', forwarded, { outcome: 'GRANT' });
  expect(await clocks('BRU-BEW', granted)).toEqual({
    handling: 'SERIAL',
    tracks: [
      { part: 'WORK', status: 'GRANTED' },
      { part: 'RESIDENCE', status: 'GRANTED' },
    ],
    deadlines: [deadline('D03', '2026-11-17', day, null), deadline('D04', '2027-02-01', day, null)],
    timeline: named([...filing, 'WORK_DECIDED', 'DOSSIER_FORWARDED', 'RESIDENCE_DECIDED']),
  });
});

test('parallel, in Flanders: the Immigration Office decides on its copy, before the region or after, and both are needed', async () => {
  const both = await treated('VLA-DEM', inFlanders);
  expect([both.workTrack, both.residenceTrack]).toEqual(['IN_PROGRESS', 'IN_PROGRESS']);
  const half = await take('FED-DVZ', 'takeResidenceDecision', both, { outcome: 'GRANT' });
  expect([half.status, half.residenceTrack]).toEqual(['IN_TREATMENT', 'GRANTED']);
  expect(await clocks('VLA-DEM', half)).toMatchObject({
    deadlines: [deadline('D03', '2026-11-17', day, null), deadline('D04', '2027-02-01', null, 91)],
  });
  const granted = await take('VLA-DEM', 'takeWorkDecision', half, { outcome: 'GRANT' });
  expect(granted.status).toBe('GRANTED');
  expect(await clocks('VLA-DEM', granted)).toEqual({
    handling: 'PARALLEL',
    tracks: [
      { part: 'WORK', status: 'GRANTED' },
      { part: 'RESIDENCE', status: 'GRANTED' },
    ],
    deadlines: [deadline('D03', '2026-11-17', day, null), deadline('D04', '2027-02-01', day, null)],
    timeline: named([...filing, 'RESIDENCE_DECIDED', 'WORK_DECIDED']),
  });
});

test('a wrong address leads to a transfer, never to a refusal: the new region handles it in its own way, the old one keeps the status', async () => {
  const draft = await complete(world, employer, { facts: inFlanders });
  const filed = await take(employer, 'submitDossier', draft);
  const nothingNew = await as('VLA-DEM')('transferDossier', {
    number: filed.number,
    expectedVersion: filed.version,
    reason: 'Naar Brussel',
  });
  expect(nothingNew.problems.map(({ guard }) => guard)).toEqual(['TARGET_DERIVES']);
  const moved = await as('VLA-DEM')('transferDossier', {
    number: filed.number,
    expectedVersion: filed.version,
    toAuthority: 'BRU-BEW',
    facts: inBrussels.places,
    reason: 'Het werk is in Ukkel.',
  });
  expect(moved.problems).toEqual([]);
  const question = `{ dossier(number: "${filed.number}") { status competentAuthority { id } competenceRule { code } workplacePostalCode } }`;
  expect(await world.as('BRU-BEW', treating)(question)).toEqual({
    data: {
      dossier: {
        status: 'SUBMITTED',
        competentAuthority: { id: 'BRU-BEW' },
        competenceRule: { code: 'R4' },
        workplacePostalCode: '1180',
      },
    },
  });
  expect(await world.as('VLA-DEM', treating)(question)).toMatchObject({
    data: { dossier: { status: 'SUBMITTED', competenceRule: null, workplacePostalCode: null } },
    errors: [{ code: 'FORBIDDEN' }, { code: 'FORBIDDEN' }],
  });
  const late = await as('VLA-DEM')('declareAdmissible', { number: filed.number, expectedVersion: filed.version + 1 });
  expect(late.problems.map(({ code }) => code)).toEqual(['FORBIDDEN']);
  const handled = await take('BRU-BEW', 'declareAdmissible', { ...filed, version: filed.version + 1 });
  expect(handled.residenceTrack).toBe('WAITING_WORK');
  expect(
    await world.rows(
      'select from_authority as "from", to_authority as "to", reason from dossiers.transfer where dossier_number = $1',
      [filed.number],
    ),
  ).toEqual([{ from: 'VLA-DEM', to: 'BRU-BEW', reason: 'Het werk is in Ukkel.' }]);
});

test('a term that stands still ends as many days later, and has no days left meanwhile', async () => {
  // After a transfer the new region may ask again while the decision term runs.
  const both = await treated('VLA-DEM', inFlanders);
  const moved = await as('VLA-DEM')('transferDossier', {
    number: both.number,
    expectedVersion: both.version,
    facts: inBrussels.places,
    reason: 'Het werk is in Ukkel.',
  });
  expect(moved.problems).toEqual([]);
  const next = { ...both, version: both.version + 1 };
  const asked = await take('BRU-BEW', 'requestInformation', next, { items: ['WRK_DIPLOMA'] });
  const standing = await clocks('BRU-BEW', asked);
  expect(standing?.deadlines).toEqual([
    deadline('D02', '2026-11-17', null, 15),
    deadline('D03', '2026-11-17', day, null),
    deadline('D04', '2027-02-01', null, null),
  ]);
});
