import { steps } from '../schema/lifecycle.ts';
import {
  addressees,
  type Concerned,
  dueOn,
  mailText,
  notification,
  notifications,
  retry,
  waitAfter,
} from '../schema/notifications.ts';

// DOMAIN 10, row by row and by hand: who is told, on which channel. `if` is the circumstance; (T..) what another section adds.
const domain: Record<string, string> = {
  DOSSIER_SUBMITTED: 'applicant mail, region event, numbered worker ebox',
  DOSSIER_ROUTED: 'applicant mail, region event, former region event, dvz event',
  DOSSIER_TRANSFERRED: 'applicant mail, region event, former region event, dvz event, employer ebox, worker ebox', // T03: all parties
  INFO_REQUESTED: 'applicant mail, applicant ebox',
  ADMISSIBILITY_DECIDED: 'applicant mail, applicant ebox if admissible false, dvz event', // T06, T07
  WORK_DECIDED:
    'applicant mail, applicant ebox if outcome REFUSE, applicant letter if letter true, dvz event, worker ebox',
  RESIDENCE_DECIDED: 'applicant ebox, worker ebox, region event, post event, municipality event',
  FINAL_DECISION: 'applicant ebox, employer ebox, worker ebox, region event, dvz event, post event, municipality event',
  PERMIT_WITHDRAWN:
    'applicant ebox, employer ebox, mandatary ebox, counter ebox, worker ebox, region event, dvz event, post event, municipality event, register event, inspection with open hit event',
  TERMINATION_NOTIFIED: 'worker ebox, municipality event, dvz event, region event',
  JOBSEARCH_90D_STARTED: 'worker ebox, municipality event, dvz event, region event',
  JOBSEARCH_EXPIRING: 'worker ebox, municipality event, dvz event, region event',
  PERMIT_EXPIRING: 'employer ebox, worker ebox',
  DEADLINE_APPROACHING: 'handling authority event',
  DEADLINE_MISSED: 'handling authority event',
  RELEVANT_CHANGE: 'employer of worker ebox',
  VISA_ISSUED: 'region event, dvz event, employer ebox',
  ARRIVAL_REGISTERED: 'region event, dvz event, employer ebox',
  CARD_ISSUED: 'region event, dvz event, employer ebox',
  WELCOME_REFERRAL: 'welcome desk event',
};

test('every event of DOMAIN 10 goes to the recipients that it names', () => {
  const written = notifications.map(({ code, to }) => [
    code,
    to
      .flatMap(({ recipient, channels, when = {} }) =>
        channels.map((channel) => {
          const circumstance = Object.entries(when).map(([name, value]) => ` if ${name} ${value}`);
          return `${recipient.toLowerCase().replaceAll('_', ' ')} ${channel.toLowerCase()}${circumstance.join('')}`;
        }),
      )
      .join(', '),
  ]);
  expect(Object.fromEntries(written)).toEqual(domain);
});

const ways = steps.flatMap(({ step, ways: each }) => each.map((way) => ({ step, way })));
const namesIn = (entries: readonly (string | { readonly name: string })[] = []): string[] =>
  entries.map((entry) => (typeof entry === 'string' ? entry : entry.name));

test('whatever a step notifies, somebody is named for it', () => {
  const unheard = ways.flatMap(({ way }) => namesIn(way.notify)).filter((name) => notification(name) === null);
  expect(unheard).toEqual([]);
});

test('where a step sends a registered letter, one of its notifications goes by letter', () => {
  const lettered = ways.filter(({ way }) => namesIn(way.effects).includes('SEND_REGISTERED_LETTER'));
  expect(lettered.map(({ step }) => step)).toEqual(['takeWorkDecision']);
  for (const { way } of lettered) {
    const goes = namesIn(way.notify).flatMap((name) => addressees(name, { letter: true }, rahul));
    expect(goes.filter(({ channel }) => channel === 'LETTER')).toEqual([
      { recipient: 'EMPLOYER:0123456749', channel: 'LETTER' },
    ]);
  }
});

const rahul: Concerned = {
  applicantKind: 'EMPLOYER',
  applicantId: '0123456749',
  employerKbo: '0123456749',
  mandataryKbo: null,
  counterKbo: null,
  workerId: 'W-0000002',
  region: 'VLA-DEM',
  workTrack: 'GRANTED',
  residenceTrack: 'GRANTED',
  municipality: '23100',
  ties: [],
  hits: [],
  employers: [],
  numbered: [],
  mailed: [],
  terms: {},
};

const told = (event: string, concerned: Partial<Concerned>, details = {}): string[] =>
  addressees(event, details, { ...rahul, ...concerned }).map(({ recipient, channel }) => `${recipient} ${channel}`);

test('who applies is told as what it is: employer, mandatary, counter, worker or host family', () => {
  const applied = (applicantKind: string, applicantId: string, more: Partial<Concerned> = {}) =>
    told('DOSSIER_SUBMITTED', { applicantKind, applicantId, ...more })[0];
  expect([
    applied('EMPLOYER', '0123456749'),
    applied('MANDATARY', '0100200109', { mandataryKbo: '0100200109' }),
    applied('MANDATARY', '0100200109'), // its mandate has ended
    applied('ENTERPRISE_COUNTER', '0100300374'),
    applied('WORKER', 'W-1'),
    applied('SELF_EMPLOYED', 'W-1'),
    applied('HOST_FAMILY', 'W-2', { mailed: ['WORKER:W-2'] }),
  ]).toEqual([
    'EMPLOYER:0123456749 EBOX',
    'MANDATARY:0100200109 EBOX',
    'EMPLOYER:0123456749 EBOX',
    'ENTERPRISE_COUNTER:0100300374 EBOX',
    'WORKER:W-1 EBOX',
    'WORKER:W-1 EBOX',
    'WORKER:W-2 MAIL',
  ]);
});

test('a worker hears of a filing once a number exists, and of what follows once a party to the dossier', () => {
  const worker = 'WORKER:W-0000002';
  expect(told('DOSSIER_SUBMITTED', {})).not.toContain(`${worker} EBOX`);
  expect(told('DOSSIER_SUBMITTED', { numbered: [worker] })).toContain(`${worker} EBOX`);
  expect(told('WORK_DECIDED', { numbered: [worker] })).not.toContain(`${worker} EBOX`);
  expect(told('WORK_DECIDED', { ties: [{ party: worker, capacity: 'PARTY' }] })).toContain(`${worker} EBOX`);
});

test('a missed deadline is told to who has to act: the region, the Immigration Office, or both', () => {
  const missed = (workTrack: string, residenceTrack: string) => told('DEADLINE_MISSED', { workTrack, residenceTrack });
  expect(missed('NOT_STARTED', 'NOT_STARTED')).toEqual(['VLA-DEM EVENT']);
  expect(missed('IN_PROGRESS', 'WAITING_WORK')).toEqual(['VLA-DEM EVENT']);
  expect(missed('IN_PROGRESS', 'IN_PROGRESS')).toEqual(['VLA-DEM EVENT', 'FED-DVZ EVENT']);
  expect(missed('GRANTED', 'IN_PROGRESS')).toEqual(['FED-DVZ EVENT']);
  expect(missed('NOT_APPLICABLE', 'IN_PROGRESS')).toEqual(['FED-DVZ EVENT']);
});

test('of an open hit the service hears that it is assigned to, else each that controls its rule in its territory', () => {
  const inspected = (rule: string, authority: string, assignedTo: string | null = null) =>
    told('PERMIT_WITHDRAWN', { hits: [{ rule, authority, assignedTo }] }).filter((one) => one.startsWith('INS-'));
  expect(inspected('I12', 'WAL-SPW')).toEqual(['INS-WAL EVENT']);
  expect(inspected('I14', 'DG-MIN')).toEqual(['INS-TSW EVENT', 'INS-DG EVENT']);
  expect(inspected('I10', 'VLA-DEM').length).toBe(5);
  expect(inspected('I04', 'VLA-DEM', 'INS-RSZ')).toEqual(['INS-RSZ EVENT']);
  expect(inspected('I17', 'VLA-DEM')).toEqual([]);
});

test('who is wanted for the welcome: the desk where the worker will live, or else the region', () => {
  expect(told('WELCOME_REFERRAL', {})).toEqual(['MUN-23100 EVENT']);
  expect(told('WELCOME_REFERRAL', { municipality: null })).toEqual(['VLA-DEM EVENT']);
});

test('nobody is told twice on one channel, and nobody of what has no row', () => {
  const ties = [{ party: 'WORKER:W-0000002', capacity: 'PARTY' }];
  const unlimited = { applicantKind: 'WORKER', applicantId: 'W-0000002', employerKbo: null, ties };
  expect(told('FINAL_DECISION', unlimited)).toEqual(['WORKER:W-0000002 EBOX', 'VLA-DEM EVENT']);
  expect(told('DOSSIER_COPIED', {})).toEqual([]);
});

test('the term that a message tells is the one that its event starts', () => {
  const terms = { D02: '2026-11-17', D08: '2026-12-02' };
  const due = (event: string) => dueOn(event, { ...rahul, terms });
  expect([due('INFO_REQUESTED'), due('WORK_DECIDED'), due('PERMIT_WITHDRAWN'), due('FINAL_DECISION')]).toEqual([
    '2026-11-17',
    '2026-12-02',
    '2026-12-02',
    undefined,
  ]);
});

test('a mail holds the number of the dossier, and nothing else of anybody', () => {
  expect(mailText('INFO_REQUESTED', 'SP-2025-0000002-37', '2026-11-17', 'fr')).toEqual({
    subject: 'Le dossier est incomplet - SP-2025-0000002-37',
    text: [
      'Le dossier est incomplet : dossier SP-2025-0000002-37.',
      '',
      'Connectez-vous au guichet unique pour lire le message.',
      'Ceci est un message automatique ; les réponses ne sont pas lues.',
      '',
      'Dernier jour : 2026-11-17.',
    ].join('\n'),
  });
  expect(mailText('FINAL_DECISION', 'SP-2025-0000002-37', null, 'nl').text).not.toContain('Uiterste');
});

test('the wait doubles up to an hour, half of it by chance, and the attempts last through a weekend', () => {
  expect([1, 2, 3, 10, 11, 99].map((attempts) => waitAfter(attempts, 1))).toEqual([5, 10, 20, 2560, 3600, 3600]);
  expect(waitAfter(3, 0)).toBe(10);
  const shortest = Array.from({ length: retry.attempts - 1 }, (_, i) => waitAfter(i + 1, 0));
  expect(shortest.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(40 * 3600);
});
