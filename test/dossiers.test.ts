import { kbo, number } from './cast.ts';
import { forbidden, moment, type OpenedWorld, on, openWorld, treating } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

const employer = `EMPLOYER:${kbo.brewery}`;
const codes = (all: readonly string[]) => all.map((code) => ({ code }));

test('the competent region reads a whole dossier in one answer', async () => {
  const answer = await world.as(
    'VLA-DEM',
    treating,
  )(`{
    dossier(number: "${number.ayse}") {
      number kind applicationType status statusLabel(lang: NL) workTrack residenceTrack
      tracks { part authority { id kind name(lang: FR) } status }
      handling channel helpdeskTicket language ruleSet
      competentAuthority { id name(lang: NL) } competenceRule { list code label } category { code label(lang: NL) }
      employer { kbo name } establishment { number authority { id } } worker { id lastName firstNames insz }
      applicantKind mandatary { kbo } workplace { nis name(lang: NL) employmentAuthority { id } } workplacePostalCode
      functionTitle isco08 naceCode jointCommittee { code label(lang: NL) } weeklyHours grossMonthly
      posting { sender } residenceMunicipality { nis } previousPermit { id } duplicatedFrom dvzReference
      submittedAt admissibleAt forwardedToDvzAt decidedAt
      requests { dueOn } transfers { at } appeals { lodgedOn } milestones { at } version permit { id } decisions { id }
    }
  }`);
  expect(answer).toEqual({
    data: {
      dossier: {
        number: 'SP-2026-0000001-59',
        kind: 'SP_LIM',
        applicationType: 'FIRST',
        status: 'IN_TREATMENT',
        statusLabel: 'Beslissing over werk en verblijf',
        workTrack: 'IN_PROGRESS',
        residenceTrack: 'IN_PROGRESS',
        tracks: [
          {
            part: 'WORK',
            authority: {
              id: 'VLA-DEM',
              kind: 'REGION',
              name: 'Service Migration économique (Département Emploi et Économie sociale, Flandre)',
            },
            status: 'IN_PROGRESS',
          },
          {
            part: 'RESIDENCE',
            authority: { id: 'FED-DVZ', kind: 'RESIDENCE', name: 'Office des étrangers' },
            status: 'IN_PROGRESS',
          },
        ],
        handling: 'PARALLEL',
        channel: 'ONLINE',
        helpdeskTicket: null,
        language: 'NL',
        ruleSet: 'RS2026',
        competentAuthority: {
          id: 'VLA-DEM',
          name: 'Dienst Economische Migratie (Departement Werk en Sociale Economie)',
        },
        competenceRule: {
          list: 'competenceRules',
          code: 'R4',
          label: 'Establishment unit where the worker will (mainly) work',
        },
        category: { code: 'HIGHSKILL', label: 'Hooggeschoolde' },
        employer: { kbo: '0123456749', name: 'Brouwerij De Zenne' },
        establishment: { number: '8900000121', authority: { id: 'VLA-DEM' } },
        worker: { id: 'W-0000001', lastName: 'Demir', firstNames: 'Ayşe', insz: '91451799839' },
        applicantKind: 'EMPLOYER',
        mandatary: null,
        workplace: { nis: '23100', name: 'Linkebeek', employmentAuthority: { id: 'VLA-DEM' } },
        workplacePostalCode: '1630',
        functionTitle: 'brouwmeester',
        isco08: '3122',
        naceCode: '11050',
        jointCommittee: { code: '118', label: 'Voedingsnijverheid' },
        weeklyHours: 38,
        grossMonthly: '4800.00',
        posting: null,
        residenceMunicipality: { nis: '23100' },
        previousPermit: null,
        duplicatedFrom: null,
        dvzReference: null,
        submittedAt: on('2026-09-21'),
        admissibleAt: on('2026-09-29'),
        forwardedToDvzAt: null,
        decidedAt: null,
        requests: [],
        transfers: [],
        appeals: [],
        milestones: [],
        version: 6,
        permit: null,
        decisions: [],
      },
    },
  });
});

test('terms are counted from the day of the act, and a running one tells the days left', async () => {
  const answer = await world.as('VLA-DEM')(
    `{ dossier(number: "${number.ayse}") { deadlines { rule { code label } startsOn dueOn metOn daysLeft } } }`,
  );
  const copied = { startsOn: '2026-09-29', dueOn: '2026-10-14', metOn: expect.any(String), daysLeft: null };
  const decided = { startsOn: '2026-09-29', dueOn: '2026-12-28', metOn: null, daysLeft: 56 };
  expect(answer.data).toEqual({
    dossier: {
      deadlines: [
        { rule: { code: 'D03', label: 'Copy to the Immigration Office' }, ...copied },
        { rule: { code: 'D04', label: 'Decision on the application' }, ...decided },
      ],
    },
  });
});

test('a term that passed has days below zero, and one that is suspended has none', async () => {
  const ask = world.as('VLA-DEM');
  const left = `{ dossier(number: "${number.yuki}") { deadlines { rule { code } daysLeft } } }`;
  const answers = (days: number | null) => ({
    data: {
      dossier: {
        deadlines: [
          { rule: { code: 'D03' }, daysLeft: null },
          { rule: { code: 'D04' }, daysLeft: days },
        ],
      },
    },
  });
  const set = (what: string) =>
    world.rows(`update dossiers.deadline set ${what} where dossier_number = $1 and rule = 'D04'`, [number.yuki]);
  await set(`due_on = '2026-10-30'`);
  expect(await ask(left)).toEqual(answers(-3));
  await set(`suspended_since = '2026-10-01'`);
  expect(await ask(left)).toEqual(answers(null));
});

test('a transfer between regions stands in the dossier and in its timeline', async () => {
  const answer = await world.as('VLA-DEM')(`{
    dossier(number: "${number.yuki}") {
      transfers { at from { id } to { id } reason }
      timeline { sequence type { code } at actorKind actor { id } }
    }
  }`);
  const event = (sequence: number, code: string, actorKind: string, actor: string | null = null) => ({
    sequence,
    type: { code },
    at: moment,
    actorKind,
    actor: actor === null ? null : { id: actor },
  });
  expect(answer).toEqual({
    data: {
      dossier: {
        transfers: [
          { at: on('2026-09-21'), from: { id: 'WAL-SPW' }, to: { id: 'VLA-DEM' }, reason: 'WORKPLACE_CORRECTED' },
        ],
        timeline: [
          event(1, 'DRAFT_CREATED', 'EMPLOYER'),
          event(2, 'DOSSIER_SUBMITTED', 'EMPLOYER'),
          event(3, 'DOSSIER_ROUTED', 'SYSTEM'),
          event(4, 'TRANSFERRED', 'REGION', 'WAL-SPW'),
          event(5, 'ADMISSIBILITY_DECIDED', 'REGION', 'VLA-DEM'),
          event(6, 'DOSSIER_COPIED', 'SYSTEM'),
          event(7, 'TREATMENT_BEGUN', 'SYSTEM'),
        ],
      },
    },
  });
});

test('the region that transferred a dossier goes on seeing its status and dates, and no more', async () => {
  const answer = await world.as('WAL-SPW')(`{
    dossier(number: "${number.yuki}") {
      number kind status submittedAt tracks { part status } timeline { type { code } } applicationType grossMonthly
      worker { lastName firstNames birthDate nationality { code } } transfers { reason }
    }
  }`);
  expect(answer).toEqual({
    data: {
      dossier: {
        number: number.yuki,
        kind: 'SP_LIM',
        status: 'IN_TREATMENT',
        submittedAt: on('2026-09-15'),
        tracks: [
          { part: 'WORK', status: 'IN_PROGRESS' },
          { part: 'RESIDENCE', status: 'IN_PROGRESS' },
        ],
        timeline: [
          'DRAFT_CREATED',
          'DOSSIER_SUBMITTED',
          'DOSSIER_ROUTED',
          'TRANSFERRED',
          'ADMISSIBILITY_DECIDED',
          'DOSSIER_COPIED',
          'TREATMENT_BEGUN',
        ].map((code) => ({ type: { code } })),
        applicationType: null,
        grossMonthly: null,
        worker: { lastName: 'T.', firstNames: 'Y.', birthDate: '1995', nationality: [{ code: 'JP' }] },
        transfers: null,
      },
    },
    errors: [
      forbidden('Dossier.applicationType', ['dossier', 'applicationType']),
      forbidden('Dossier.grossMonthly', ['dossier', 'grossMonthly']),
      forbidden('Dossier.transfers', ['dossier', 'transfers']),
    ],
  });
});

test('an appeal tells who lodged it, against what, and that it still runs', async () => {
  const query = `{ dossier(number: "${number.omar}") { status appeals { lodgedOn lodgedByKind against outcome decidedOn } } }`;
  const lodged = { lodgedOn: '2026-10-09', lodgedByKind: 'EMPLOYER', against: 'WORK', outcome: null, decidedOn: null };
  expect(await world.as('VLA-DEM')(query)).toEqual({
    data: { dossier: { status: 'UNDER_APPEAL', appeals: [lodged] } },
  });
});

test('after the grant, the post and the municipality leave their milestones', async () => {
  const query = `{ dossier(number: "${number.rahul}") { milestones { kind { code label } at authority { id } } } }`;
  const step = (code: string, label: string, id: unknown) => ({ kind: { code, label }, at: moment, authority: { id } });
  expect(await world.as(employer)(query)).toEqual({
    data: {
      dossier: {
        milestones: [
          step('VISA_ISSUED', 'Visa D issued', expect.stringMatching(/^POST-IN-\d$/)),
          step('ARRIVAL_REGISTERED', 'Arrival registered', 'MUN-23100'),
          step('RESIDENCE_REGISTERED', 'Residence registered', 'MUN-23100'),
          step('CARD_ISSUED', 'Card issued', 'MUN-23100'),
        ],
      },
    },
  });
});

test('a request for information names what is missing', async () => {
  const query = `{ dossier(number: "${number.priya}") { status requests { dossier { number } requestedOn dueOn items { code } answeredOn } } }`;
  const [request] = await world.rows<{ items: string[] }>(
    'select items from dossiers.information_request where dossier_number = $1',
    [number.priya],
  );
  // Fifteen days from 27 October end on Armistice Day, and so the day after.
  expect(await world.as(employer)(query)).toEqual({
    data: {
      dossier: {
        status: 'INFO_REQUESTED',
        requests: [
          {
            dossier: { number: number.priya },
            requestedOn: '2026-10-27',
            dueOn: '2026-11-12',
            items: codes(request?.items ?? []),
            answeredOn: null,
          },
        ],
      },
    },
  });
});

test('a draft is there for who makes it, and for nobody else', async () => {
  const query = `{ dossier(number: "${number.olena}") { number status submittedAt deadlines { dueOn } } }`;
  expect(await world.as(employer)(query)).toEqual({
    data: { dossier: { number: number.olena, status: 'DRAFT', submittedAt: null, deadlines: [] } },
  });
  for (const who of ['VLA-DEM', 'FED-DVZ', 'FED-RSZ', 'INS-RSZ', 'HELPDESK', `EMPLOYER:${kbo.ukkel}`]) {
    expect(await world.as(who, who === 'VLA-DEM' ? treating : {})(query)).toEqual({ data: { dossier: null } });
  }
});

test('a dossier that is not there answers as one that is not yours', async () => {
  const query = (wanted: string) => `{ dossier(number: "${wanted}") { number } }`;
  for (const wanted of ['SP-2026-0000059-01', number.samuelRefiled]) {
    expect(await world.as(employer)(query(wanted))).toEqual({ data: { dossier: null } });
  }
});
