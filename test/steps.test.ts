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

type Move = readonly [who: string, step: string, input: Record<string, unknown>, then: string];

/** Takes steps one after the other, each on the version that the one before left; fails at the first that is refused. */
const play = async (dossier: NonNullable<Stepped['dossier']>, moves: readonly Move[]) => {
  const { number } = dossier;
  let { version } = dossier;
  const reached: string[] = [];
  for (const [who, step, input] of moves) {
    const done = await as(who)(step, { number, expectedVersion: version, ...input });
    expect([step, done.problems]).toEqual([step, []]);
    version = done.dossier?.version ?? version;
    reached.push(`${done.dossier?.status} ${done.dossier?.workTrack} ${done.dossier?.residenceTrack}`);
  }
  expect(reached).toEqual(moves.map(([, , , then]) => then));
  return version;
};

test('a dossier lives from draft to permit and after: each party takes its step, and each step leaves its traces', async () => {
  const draft = await complete(world, employer);
  const { number } = draft;
  const granted = 'GRANTED GRANTED GRANTED';
  await play(draft, [
    [employer, 'submitDossier', {}, 'SUBMITTED NOT_STARTED NOT_STARTED'],
    ['VLA-DEM', 'requestInformation', { items: ['WRK_DIPLOMA'] }, 'INFO_REQUESTED NOT_STARTED NOT_STARTED'],
    [employer, 'completeDossier', {}, 'SUBMITTED NOT_STARTED NOT_STARTED'],
    ['VLA-DEM', 'declareAdmissible', {}, 'IN_TREATMENT IN_PROGRESS IN_PROGRESS'],
    ['VLA-DEM', 'takeWorkDecision', { outcome: 'GRANT' }, 'IN_TREATMENT GRANTED IN_PROGRESS'],
    ['FED-DVZ', 'takeResidenceDecision', { outcome: 'GRANT' }, granted],
    ['POST-NG-1', 'issueVisa', {}, granted],
    ['MUN-23100', 'registerArrival', { enteredOn: '2026-11-01' }, granted],
    ['MUN-23100', 'registerResidence', { street: 'Dorpsstraat', houseNumber: '1' }, granted],
    ['MUN-23100', 'issueCard', {}, granted],
    ['VLA-DEM', 'withdrawPermit', { grounds: ['W4'], effectiveOn: '2027-02-01' }, granted],
    [employer, 'lodgeAppeal', { language: 'NL', motivation: 'Dit klopt niet.' }, 'UNDER_APPEAL GRANTED GRANTED'],
    ['VLA-DEM', 'decideAppeal', { outcome: 'UPHOLD' }, granted],
    [employer, 'notifyTermination', { endedOn: '2027-06-30' }, granted],
  ]);
  const read = await world.as(
    'VLA-DEM',
    treating,
  )(`{ dossier(number: "${number}") {
    competentAuthority { id } competenceRule { code } ruleSet statedWorker { lastName }
    worker { lastName aliases { kind } } decisions { part outcome validFrom validTo annex { code } }
    deadlines { rule { code } startsOn dueOn metOn } milestones { kind { code } }
  } }`);
  const decision = { validFrom: null, validTo: null, annex: null };
  const period = { validFrom: '2027-01-01', validTo: '2028-12-31' };
  const today = '2026-11-02';
  expect(read).toEqual({
    data: {
      dossier: {
        competentAuthority: { id: 'VLA-DEM' },
        competenceRule: { code: 'R4' },
        ruleSet: 'RS2026',
        statedWorker: null,
        worker: { lastName: 'Okafor', aliases: [{ kind: 'BIS' }] },
        decisions: [
          { part: 'WORK', outcome: 'GRANT', ...period, annex: null },
          { part: 'RESIDENCE', outcome: 'GRANT', ...period, annex: { code: 'A46' } },
          { part: 'WORK', outcome: 'WITHDRAW', ...decision },
        ],
        deadlines: [
          { rule: { code: 'D11' }, startsOn: '2026-11-01', dueOn: '2026-11-12', metOn: today },
          { rule: { code: 'D02' }, startsOn: today, dueOn: '2026-11-17', metOn: today },
          { rule: { code: 'D03' }, startsOn: today, dueOn: '2026-11-17', metOn: today },
          { rule: { code: 'D04' }, startsOn: today, dueOn: '2027-02-01', metOn: today },
          { rule: { code: 'D08' }, startsOn: today, dueOn: '2026-12-02', metOn: today },
          { rule: { code: 'D10' }, startsOn: '2027-06-30', dueOn: '2027-09-30', metOn: null },
        ],
        milestones: ['VISA_ISSUED', 'ARRIVAL_REGISTERED', 'RESIDENCE_REGISTERED', 'CARD_ISSUED'].map((code) => ({
          kind: { code },
        })),
      },
    },
  });
  const permits = await world.rows(
    'select state, bridging, valid_from::text as "from", ended_on::text as ended, withdrawn_on as withdrawn, card_type as card from cadastre.permit where dossier_number = $1',
    [number],
  );
  expect(permits).toEqual([
    {
      state: 'ENDED_EMPLOYMENT',
      bridging: 'NONE',
      from: '2027-01-01',
      ended: '2027-06-30',
      withdrawn: null,
      card: 'A',
    },
  ]);
});
