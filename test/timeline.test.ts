import { type StepName, step, steps } from '../schema/lifecycle.ts';
import {
  type CallerFacts,
  type DossierFacts,
  type DossierState,
  noDossier,
  type StepInput,
} from '../schema/step-facts.ts';
import { replay, type TimelineEvent } from '../schema/timeline.ts';
import { caller, dossier, input, permit, taken } from './life.ts';

type Taken = { name: StepName; by: CallerFacts['kind']; on: string; with?: StepInput; but?: Partial<DossierFacts> };

const stateOf = ({
  status,
  workTrack,
  residenceTrack,
  handling,
  competentAuthority,
  deadlines,
}: DossierFacts): DossierState => ({
  status,
  workTrack,
  residenceTrack,
  handling,
  competentAuthority,
  deadlines,
});

/** Lives a dossier step by step, and checks after each that the timeline so far rebuilds it. */
const lived = (kind: string, course: readonly Taken[]): { events: TimelineEvent[]; last: DossierFacts } => {
  let last: DossierFacts = {
    ...dossier(null),
    ...noDossier(kind),
    documents: dossier(null).documents,
    workerKnownBy: 'INSZ',
    employerKbo: '0123456749',
    category: 'HIGHSKILL',
    periodFrom: '2027-01-01',
    periodTo: '2027-03-31',
    grossMonthly: 6000,
    derivedAuthority: 'VLA-DEM',
  };
  const events: TimelineEvent[] = [];
  for (const { name, by, on, with: brought, but } of course) {
    const answer = step(name, {
      dossier: { ...last, ...but },
      caller: caller(by, { today: on }),
      input: { ...input[name], ...brought },
    });
    if (!('transition' in answer)) throw new Error(`${name}: ${JSON.stringify(answer.refusal)}`);
    const { state, events: written, effects } = answer.transition;
    // As the timeline stores them: as JSON.
    events.push(...JSON.parse(JSON.stringify(written.map(({ type, data }) => ({ type, data })))));
    last = { ...last, ...but, ...state };
    if (name === 'submitDossier') last = { ...last, submittedOn: on };
    if (effects.includes('DATE_ADMISSIBLE')) last = { ...last, admissibleOn: on };
    expect([name, replay(events)]).toEqual([name, stateOf(last)]);
  }
  return { events, last };
};

const begin: readonly Taken[] = [
  { name: 'createDraft', by: 'EMPLOYER', on: '2026-06-01' },
  { name: 'submitDossier', by: 'EMPLOYER', on: '2026-06-02' },
];
const items = { request: { missing: ['WRK_DIPLOMA'], dueOn: '2026-06-18', proposed: false } };

const lives: [string, string, Taken[], string[]][] = [
  [
    'through a request and a transfer to Wallonia, where residence waits for work',
    'SP_LIM',
    [
      { name: 'requestInformation', by: 'REGION', on: '2026-06-03' },
      { name: 'completeDossier', by: 'EMPLOYER', on: '2026-06-10', but: items },
      { name: 'declareAdmissible', by: 'REGION', on: '2026-06-11' },
      { name: 'beginTreatment', by: 'SYSTEM', on: '2026-06-11' },
      { name: 'transferDossier', by: 'REGION', on: '2026-06-15', but: { derivedAuthority: 'WAL-SPW' } },
      { name: 'requestInformation', by: 'REGION', on: '2026-06-16' },
      {
        name: 'completeDossier',
        by: 'EMPLOYER',
        on: '2026-06-26',
        but: { request: { ...items.request, dueOn: '2026-07-01' } },
      },
      { name: 'declareAdmissible', by: 'REGION', on: '2026-06-29' },
      { name: 'beginTreatment', by: 'SYSTEM', on: '2026-06-29' },
      { name: 'takeWorkDecision', by: 'REGION', on: '2026-07-10' },
      { name: 'takeResidenceDecision', by: 'RESIDENCE', on: '2026-07-20' },
    ],
    ['GRANTED GRANTED GRANTED SERIAL WAL-SPW', 'D02 2026-06-03', 'D04 2026-06-11', 'D03 2026-06-11', 'D02 2026-06-16'],
  ],
  [
    'in Flanders, where both parts run together and the permit is withdrawn, appealed and given back',
    'SP_LIM',
    [
      { name: 'declareAdmissible', by: 'REGION', on: '2026-06-11' },
      { name: 'beginTreatment', by: 'SYSTEM', on: '2026-06-11' },
      { name: 'takeResidenceDecision', by: 'RESIDENCE', on: '2026-07-10' },
      { name: 'takeWorkDecision', by: 'REGION', on: '2026-07-20' },
      { name: 'withdrawPermit', by: 'REGION', on: '2026-10-01', but: { permit } },
      {
        name: 'lodgeAppeal',
        by: 'EMPLOYER',
        on: '2026-10-20',
        but: {
          permit: { ...permit, state: 'WITHDRAWN' },
          contested: { part: 'WORK', cause: 'WITHDRAWAL', notifiedOn: '2026-10-01' },
        },
      },
      { name: 'decideAppeal', by: 'REGION', on: '2026-11-20' },
    ],
    ['GRANTED GRANTED GRANTED PARALLEL VLA-DEM', 'D04 2026-06-11', 'D03 2026-06-11', 'D08 2026-10-01'],
  ],
  [
    'to a refusal that is appealed and upheld',
    'WA_SHORT',
    [
      { name: 'declareAdmissible', by: 'REGION', on: '2026-06-11' },
      { name: 'beginTreatment', by: 'SYSTEM', on: '2026-06-11' },
      {
        name: 'takeWorkDecision',
        by: 'REGION',
        on: '2026-07-20',
        with: { outcome: 'REFUSE', grounds: ['DIPLOMA'], motivation: 'Geen diploma.' },
      },
      {
        name: 'lodgeAppeal',
        by: 'EMPLOYER',
        on: '2026-08-10',
        but: { contested: { part: 'WORK', cause: 'REFUSAL', notifiedOn: '2026-07-20' } },
      },
      { name: 'decideAppeal', by: 'REGION', on: '2026-11-20' },
    ],
    ['GRANTED GRANTED NOT_APPLICABLE SERIAL VLA-DEM', 'D04 2026-06-11', 'D08 2026-07-20'],
  ],
  [
    'to its end for want of an answer',
    'SP_LIM',
    [
      { name: 'requestInformation', by: 'REGION', on: '2026-06-03' },
      { name: 'proposeInadmissible', by: 'SYSTEM', on: '2026-06-19', but: items },
      { name: 'declareInadmissible', by: 'REGION', on: '2026-06-22' },
    ],
    ['INADMISSIBLE NOT_STARTED NOT_STARTED PARALLEL VLA-DEM', 'D02 2026-06-03'],
  ],
  [
    'to a deadline that is missed, and a withdrawal',
    'SP_LIM',
    [
      { name: 'declareAdmissible', by: 'REGION', on: '2026-06-11' },
      { name: 'beginTreatment', by: 'SYSTEM', on: '2026-06-11' },
      { name: 'missDeadline', by: 'SYSTEM', on: '2026-09-10' },
      { name: 'withdrawApplication', by: 'EMPLOYER', on: '2026-09-11' },
    ],
    ['APPLICANT_WITHDRAWN IN_PROGRESS IN_PROGRESS PARALLEL VLA-DEM', 'D04 2026-06-11', 'D03 2026-06-11'],
  ],
];

test.each(lives)('a life is rebuilt from its timeline: %s', (_title, kind, course, end) => {
  const { events } = lived(kind, [...begin, ...course]);
  const { deadlines, ...state } = replay(events);
  const { status, workTrack, residenceTrack, handling, competentAuthority } = state;
  expect([
    [status, workTrack, residenceTrack, handling, competentAuthority].join(' '),
    ...deadlines.map(({ rule, startsOn }) => `${rule} ${startsOn}`),
  ]).toEqual(end);
});

test('the first event of a step carries what changed, and the details that people look for stand beside it', () => {
  const { events } = lived('SP_LIM', begin);
  expect(events).toEqual([
    {
      type: 'DRAFT_CREATED',
      data: {
        change: {
          status: 'DRAFT',
          workTrack: 'NOT_STARTED',
          residenceTrack: 'NOT_STARTED',
          handling: 'SERIAL',
          competentAuthority: null,
        },
      },
    },
    {
      type: 'DOSSIER_SUBMITTED',
      data: { change: { status: 'SUBMITTED', handling: 'PARALLEL', competentAuthority: 'VLA-DEM' } },
    },
    { type: 'DOSSIER_ROUTED', data: { authority: 'VLA-DEM' } },
  ]);
  const refused = taken('takeResidenceDecision', {
    by: 'RESIDENCE',
    of: dossier('IN_TREATMENT', { workTrack: 'GRANTED', residenceTrack: 'IN_PROGRESS' }),
    with: { outcome: 'REFUSE', grounds: ['RES_MEANS'] },
  });
  expect(refused.events).toEqual([
    {
      type: 'RESIDENCE_DECIDED',
      by: 'CALLER',
      milestone: null,
      data: {
        outcome: 'REFUSE',
        change: {
          status: 'REFUSED',
          residenceTrack: 'REFUSED',
          deadlines: [{ rule: 'D09', startsOn: '2026-11-23', dueOn: '2026-12-23', metOn: null, suspendedSince: null }],
        },
      },
    },
  ]);
});

test('a step that changes anything leaves an event', () => {
  const silent = steps.filter(({ ways }) => ways.some(({ events = [] }) => events.length === 0)).map((one) => one.step);
  const changes = steps.flatMap(({ step: name, ways }) =>
    ways.some(({ to, work, residence, deadlines, permit: change }) => to || work || residence || deadlines || change)
      ? [name]
      : [],
  );
  expect([silent, silent.filter((name) => changes.includes(name))]).toEqual([['updateDraft', 'sendMessage'], []]);
});

test('an empty timeline is a dossier that is not there', () => {
  expect(replay([]).status).toBeNull();
});
