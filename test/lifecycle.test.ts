import { deadlineRow } from '../schema/deadlines.ts';
import { inputGuards, stateGuards } from '../schema/guards.ts';
import { effects, handlingOf, openSteps, type StepName, step, steps } from '../schema/lifecycle.ts';
import { capOf, isParty, type Kind, kinds, type Relation, type Role, relations, roles } from '../schema/policy.ts';
import { codeList, codeOf } from '../schema/reference.ts';
import { type CallerFacts, type DossierStatus, noDossier } from '../schema/step-facts.ts';
import { caller, dossier, input, ripe } from './life.ts';

/**
 * DOMAIN 3.3 by hand: who takes a step on a single permit that an employer applies for, from where, and where it leads. `from>to`,
 * `from` alone where the status stays, `-` before there is a dossier; behind a kind its relation, O own, I involved, and its roles,
 * H handler, D decision-maker, S a program. What does not stand here is closed.
 */
const law: Record<StepName, { who: string; from: string }> = {
  createDraft: { who: 'EMPLOYER:O MANDATARY:O', from: '->DRAFT' },
  duplicateDossier: {
    who: 'EMPLOYER:O MANDATARY:O',
    from: 'DRAFT SUBMITTED>DRAFT INFO_REQUESTED>DRAFT INADMISSIBLE>DRAFT ADMISSIBLE>DRAFT IN_TREATMENT>DRAFT GRANTED>DRAFT REFUSED>DRAFT APPLICANT_WITHDRAWN>DRAFT WITHOUT_OBJECT>DRAFT UNDER_APPEAL>DRAFT',
  },
  updateDraft: { who: 'EMPLOYER:O MANDATARY:O', from: 'DRAFT' },
  addDocument: { who: 'EMPLOYER:O MANDATARY:O', from: 'DRAFT SUBMITTED INFO_REQUESTED ADMISSIBLE IN_TREATMENT' },
  submitDossier: { who: 'EMPLOYER:O MANDATARY:O', from: 'DRAFT>SUBMITTED' },
  transferDossier: { who: 'REGION:O:HDS', from: 'SUBMITTED ADMISSIBLE>SUBMITTED IN_TREATMENT>SUBMITTED' },
  requestInformation: { who: 'REGION:O:HDS', from: 'SUBMITTED>INFO_REQUESTED' },
  completeDossier: { who: 'EMPLOYER:O MANDATARY:O', from: 'INFO_REQUESTED>SUBMITTED' },
  proposeInadmissible: { who: 'SYSTEM:O', from: 'INFO_REQUESTED' },
  declareInadmissible: { who: 'REGION:O:DS', from: 'SUBMITTED>INADMISSIBLE INFO_REQUESTED>INADMISSIBLE' },
  declareAdmissible: { who: 'REGION:O:HDS', from: 'SUBMITTED>ADMISSIBLE' },
  beginTreatment: { who: 'SYSTEM:O', from: 'ADMISSIBLE>IN_TREATMENT' },
  takeWorkDecision: { who: 'REGION:O:DS', from: 'IN_TREATMENT' },
  takeResidenceDecision: { who: 'RESIDENCE:O:DS', from: 'IN_TREATMENT>GRANTED' },
  withdrawApplication: {
    who: 'EMPLOYER:O MANDATARY:O',
    from: 'DRAFT>APPLICANT_WITHDRAWN SUBMITTED>APPLICANT_WITHDRAWN INFO_REQUESTED>APPLICANT_WITHDRAWN ADMISSIBLE>APPLICANT_WITHDRAWN IN_TREATMENT>APPLICANT_WITHDRAWN',
  },
  closeWithoutObject: {
    who: 'REGION:O:DS RESIDENCE:O:DS',
    from: 'SUBMITTED>WITHOUT_OBJECT INFO_REQUESTED>WITHOUT_OBJECT ADMISSIBLE>WITHOUT_OBJECT IN_TREATMENT>WITHOUT_OBJECT',
  },
  lodgeAppeal: { who: 'EMPLOYER:O MANDATARY:O WORKER:O', from: 'REFUSED>UNDER_APPEAL GRANTED>UNDER_APPEAL' },
  decideAppeal: { who: 'REGION:O:DS RESIDENCE:O:DS', from: 'UNDER_APPEAL>IN_TREATMENT' },
  withdrawPermit: { who: 'REGION:O:DS RESIDENCE:O:DS', from: 'GRANTED' },
  notifyTermination: { who: 'EMPLOYER:O MANDATARY:O', from: 'GRANTED' },
  expirePermit: { who: 'SYSTEM:O', from: 'GRANTED' },
  missDeadline: { who: 'SYSTEM:O', from: 'SUBMITTED INFO_REQUESTED ADMISSIBLE IN_TREATMENT UNDER_APPEAL' },
  issueVisa: { who: 'POST:OI:HDS', from: 'GRANTED' },
  registerArrival: { who: 'MUNICIPALITY:OI:HDS', from: 'GRANTED' },
  registerResidence: { who: 'MUNICIPALITY:OI:HDS', from: 'GRANTED' },
  issueCard: { who: 'MUNICIPALITY:OI:HDS', from: 'GRANTED' },
  issueAnnex49: { who: 'MUNICIPALITY:OI:HDS', from: 'ADMISSIBLE IN_TREATMENT' },
  sendMessage: {
    who: 'EMPLOYER:O MANDATARY:O WORKER:O SELF_EMPLOYED:O REGION:O:HDS',
    from: 'SUBMITTED INFO_REQUESTED INADMISSIBLE ADMISSIBLE IN_TREATMENT GRANTED REFUSED APPLICANT_WITHDRAWN WITHOUT_OBJECT UNDER_APPEAL',
  },
  giveAdvice: { who: 'ENTERPRISE_COUNTER:O', from: 'DRAFT SUBMITTED INFO_REQUESTED ADMISSIBLE IN_TREATMENT' },
  consentWelcome: { who: 'WORKER:O SELF_EMPLOYED:O', from: 'ADMISSIBLE IN_TREATMENT GRANTED' },
};

const names = Object.keys(law) as StepName[]; // the keys of the table above
const statuses: readonly (DossierStatus | null)[] = [
  null,
  ...codeList('dossierStatuses').map(({ code }) => code as DossierStatus), // the test below holds the list to the type
];
const everybody: readonly CallerFacts['kind'][] = [...kinds, 'HOST_FAMILY', 'SYSTEM'];
const letters: Record<string, Relation | Role> = {
  O: 'OWN',
  I: 'INVOLVED',
  H: 'HANDLER',
  D: 'DECISION_MAKER',
  S: 'SYSTEM',
};
const spelt = (text = ''): string[] => [...text].map((letter) => letters[letter] ?? letter);

const allowed = (name: StepName, { kind, relation, roles: held }: CallerFacts): boolean =>
  law[name].who.split(' ').some((one) => {
    const [who, relationLetters, roleLetters] = one.split(':');
    const inRole = roleLetters === undefined || spelt(roleLetters).some((role) => held.some((own) => own === role));
    return who === kind && spelt(relationLetters).includes(relation) && inRole;
  });

const leads = (name: StepName, status: DossierStatus | null): string | undefined => {
  for (const pair of law[name].from.split(' ')) {
    const [, from, to] = /^(-|[A-Z_]+)(?:>(.+))?$/.exec(pair) ?? [];
    if (from === (status ?? '-')) return to ?? from;
  }
  return undefined;
};

const expected = (name: StepName, status: DossierStatus | null, who: CallerFacts): string => {
  if (!allowed(name, who)) return 'FORBIDDEN';
  return leads(name, status) ?? `BAD_STATE ${status}`;
};

const given = (name: StepName, status: DossierStatus | null, who: CallerFacts): string => {
  const answer = step(name, { dossier: ripe(name, status, who.kind), caller: who, input: input[name] ?? {} });
  if ('transition' in answer) return `${answer.transition.state.status}`;
  const { refusal } = answer;
  if (refusal.code === 'BAD_STATE') return `BAD_STATE ${refusal.status}`;
  return refusal.code === 'GUARD' ? `${refusal.guard}: ${refusal.sentence}` : refusal.code;
};

const rolesHeld: readonly (readonly Role[])[] = [[], ...roles.map((role) => [role]), roles];

test('every step in every status is open to whom the table names, and to nobody else', () => {
  const callers = everybody.flatMap((kind) =>
    relations.flatMap((relation) => rolesHeld.map((held) => caller(kind, { relation, roles: held }))),
  );
  const wrong = names.flatMap((name) =>
    statuses.flatMap((status) =>
      callers.flatMap((who) => {
        const [should, is] = [expected(name, status, who), given(name, status, who)];
        const what = `${name} in ${status} by ${who.kind} ${who.relation} ${who.roles.join('+')}`;
        return should === is ? [] : [`${what} is ${is}, should be ${should}`];
      }),
    ),
  );
  expect(wrong).toEqual([]);
});

test('openSteps names the steps that step() lets through, for every caller and status', () => {
  const wrong = names.flatMap((name) =>
    statuses.flatMap((status) =>
      everybody.flatMap((kind) => {
        const who = caller(kind);
        const open = openSteps(ripe(name, status, kind), who).some((one) => one.step === name);
        return open === (expected(name, status, who) === `${leads(name, status)}`) ? [] : [`${name} ${status} ${kind}`];
      }),
    ),
  );
  expect(wrong).toEqual([]);
});

/** DOMAIN 3.1 by hand: who applies. */
const applicants: Record<string, readonly CallerFacts['kind'][]> = {
  SP_LIM: ['EMPLOYER', 'MANDATARY'],
  SP_UNL: ['WORKER'],
  WA_SHORT: ['EMPLOYER', 'MANDATARY'],
  WA_UNL: ['WORKER'],
  PC_SELF: ['SELF_EMPLOYED', 'ENTERPRISE_COUNTER'],
  SP_BLUE: ['EMPLOYER', 'MANDATARY'],
  SP_ICT: ['EMPLOYER', 'MANDATARY'],
  SP_ICT_MOB: ['EMPLOYER', 'MANDATARY'],
  SP_SEAS: ['EMPLOYER', 'MANDATARY'],
  SP_RES: ['EMPLOYER', 'MANDATARY'],
  WA_AUPAIR: ['HOST_FAMILY'],
  SP_TRAINEE: ['EMPLOYER', 'MANDATARY'],
};

test.each(Object.entries(applicants))('%s is applied for, completed and withdrawn by %j alone', (kind, own) => {
  const may = (name: StepName, status: DossierStatus) =>
    everybody.filter((who) => 'transition' in step(name, { dossier: dossier(status, { kind }), caller: caller(who) }));
  const drafts = everybody.filter((who) => {
    const answer = step('createDraft', { dossier: noDossier(kind), caller: caller(who) });
    return !('refusal' in answer && answer.refusal.code === 'FORBIDDEN');
  });
  expect([drafts, may('completeDossier', 'INFO_REQUESTED'), may('withdrawApplication', 'IN_TREATMENT')]).toEqual(
    [own, own, own].map((list) => everybody.filter((who) => list.includes(who))),
  );
});

test('a host family acts for its au pair though the dossier is about somebody else; nobody else does so', () => {
  const about = dossier('SUBMITTED', { kind: 'WA_AUPAIR' });
  const may = everybody.filter(
    (kind) =>
      'transition' in step('withdrawApplication', { dossier: about, caller: caller(kind, { relation: 'INVOLVED' }) }),
  );
  expect(may).toEqual(['HOST_FAMILY']);
});

test('the steps of the data are those of the table, and each way names its source', () => {
  expect(steps.map((one) => one.step)).toEqual(names);
  expect(steps.flatMap(({ ways }) => ways).filter(({ source }) => source === '')).toEqual([]);
});

test('every transition T01 to T21 is there', () => {
  const ids = steps.flatMap(({ ways }) => ways.flatMap(({ id }) => id ?? []));
  const all = Array.from({ length: 21 }, (_, i) => `T${String(i + 1).padStart(2, '0')}`);
  expect([...new Set(ids)].sort()).toEqual(all);
});

/** The names of DOMAIN 10 that follow on a step. */
const notifications = [
  'DOSSIER_SUBMITTED',
  'DOSSIER_ROUTED',
  'DOSSIER_TRANSFERRED',
  'INFO_REQUESTED',
  'ADMISSIBILITY_DECIDED',
  'WORK_DECIDED',
  'RESIDENCE_DECIDED',
  'FINAL_DECISION',
  'PERMIT_WITHDRAWN',
  'TERMINATION_NOTIFIED',
  'JOBSEARCH_90D_STARTED',
  'DEADLINE_MISSED',
  'RELEVANT_CHANGE',
  'ARRIVAL_REGISTERED',
  'VISA_ISSUED',
  'CARD_ISSUED',
  'WELCOME_REFERRAL',
];

test('the data name only guards, lists, codes and deadlines that exist', () => {
  const known: Record<string, (name: string) => boolean> = {
    guards: (name) => name in stateGuards || name in inputGuards || ['GROUNDS_LISTED', 'OUTCOME_STATED'].includes(name),
    events: (name) => codeOf('timelineEvents', name) !== null,
    notify: (name) => notifications.includes(name),
    effects: (name) => effects.some((one) => one === name),
    deadlines: (id) =>
      codeOf('deadlines', id) !== null &&
      deadlineRow(id as 'D04', { region: 'VLA-DEM', submittedOn: '2026-06-01', kind: 'PC_SELF' }) !== null, // any id
    outcomes: (name) => codeOf('outcomes', name) !== null,
    annexes: (name) => codeOf('annexes', name) !== null,
  };
  const used = steps.flatMap(({ guards = [], ways }) => [
    ...guards.map((name) => ['guards', name] as const),
    ...ways.flatMap((way) => [
      ...(way.guards ?? []).map((name) => ['guards', name] as const),
      ...(['events', 'notify', 'effects'] as const).flatMap((list) =>
        (way[list] ?? []).map((one) => [list, typeof one === 'string' ? one : one.name] as const),
      ),
      ...(way.deadlines ?? []).flatMap((move) =>
        Object.entries(move).flatMap(([verb, ids]) =>
          ['set', 'meet', 'suspend', 'resume'].includes(verb)
            ? [ids].flat().map((id) => ['deadlines', `${id}`] as const)
            : [],
        ),
      ),
      ...(way.decision ? [['outcomes', way.decision.outcome] as const] : []),
      ...(way.decision?.annex ? [['annexes', way.decision.annex] as const] : []),
    ]),
  ]);
  expect(used.filter(([list, name]) => !known[list]?.(name))).toEqual([]);
});

test('every guard guards something', () => {
  const used = steps.flatMap(({ guards = [], ways }) => [...guards, ...ways.flatMap((way) => way.guards ?? [])]);
  expect(
    [...Object.keys(stateGuards), ...Object.keys(inputGuards)].filter((name) => !used.some((one) => one === name)),
  ).toEqual([]);
});

test('whoever records a decision holds a role that may write one', () => {
  const writes = steps.filter(({ ways }) => ways.some(({ decision }) => decision));
  const wrong = writes.flatMap(({ step: name }) =>
    everybody.flatMap((kind) => {
      if (kind === 'HOST_FAMILY' || kind === 'SYSTEM' || isParty(kind as Kind)) return [];
      const category = kind === 'RESIDENCE' ? 'RESIDENCE_DECISION' : 'WORK_DECISION';
      return roles
        .filter((role) => allowed(name, caller(kind, { roles: [role] })) && capOf(kind, [role], category) !== 'WRITE')
        .map((role) => `${name} ${kind} ${role}`);
    }),
  );
  expect(wrong).toEqual([]);
});

test('how a region handles a dossier depends on the day it was submitted', () => {
  const [before, after] = ['2023-12-31', '2024-01-01'].map((on) =>
    ['VLA-DEM', 'BRU-BEW', 'WAL-SPW', 'DG-MIN'].map((region) => handlingOf('SP_LIM', region, on)),
  );
  expect([before, after]).toEqual([
    ['SERIAL', 'SERIAL', 'SERIAL', 'SERIAL'],
    ['PARALLEL', 'SERIAL', 'SERIAL', 'SERIAL'],
  ]);
  expect(handlingOf('WA_SHORT', 'VLA-DEM', '2026-01-01')).toBe('SERIAL');
});
