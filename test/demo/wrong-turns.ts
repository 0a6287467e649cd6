/** Steps that are not open: to nobody now, or not to who asks. */
import type { Counter } from './counter.ts';
import { mayNot, seen } from './teller.ts';

type Facts = Readonly<Record<string, unknown>>;
type Turn = readonly [who: string, step: string, because: string, input?: Facts];

const region = 'VLA-DEM';
const office = 'FED-DVZ';

/** What each step is given; none of it is why it is refused. */
const given: Readonly<Record<string, Facts>> = {
  updateDraft: { facts: { functionTitle: 'Directeur' } },
  requestInformation: { items: ['WRK_DIPLOMA'] },
  declareInadmissible: { grounds: ['MISSING_DOCS'] },
  transferDossier: { reason: 'Elders', facts: { workplaces: [{ postalCode: '1180' }] } },
  takeWorkDecision: { outcome: 'GRANT' },
  takeResidenceDecision: { outcome: 'GRANT' },
  closeWithoutObject: { reason: 'WORKER_EXEMPT' },
  decideAppeal: { outcome: 'UPHOLD' },
  withdrawPermit: { grounds: ['W4'], effectiveOn: '2029-04-01' },
  notifyTermination: { endedOn: '2029-04-01' },
  registerArrival: { enteredOn: '2029-03-01' },
};

/** On a dossier that was granted and whose permit was withdrawn: what is over is over. */
const afterwards = (mandatary: string): readonly Turn[] => [
  [mandatary, 'updateDraft', 'BAD_STATE'],
  [mandatary, 'submitDossier', 'BAD_STATE'],
  [mandatary, 'completeDossier', 'BAD_STATE'],
  [mandatary, 'withdrawApplication', 'BAD_STATE'],
  [region, 'requestInformation', 'BAD_STATE'],
  [region, 'declareAdmissible', 'BAD_STATE'],
  [region, 'declareInadmissible', 'BAD_STATE'],
  [region, 'transferDossier', 'BAD_STATE'],
  [region, 'takeWorkDecision', 'BAD_STATE'],
  [office, 'takeResidenceDecision', 'BAD_STATE'],
  [region, 'closeWithoutObject', 'BAD_STATE'],
  [region, 'decideAppeal', 'BAD_STATE'],
  [region, 'withdrawPermit', 'PERMIT_IN_FORCE'],
  [mandatary, 'notifyTermination', 'PERMIT_IN_FORCE'],
  ['MUN-23100', 'registerArrival', 'PERMIT_IN_FORCE'],
  ['MUN-23100', 'registerResidence', 'PERMIT_IN_FORCE'],
  ['MUN-23100', 'issueCard', 'PERMIT_IN_FORCE'],
  ['MUN-23100', 'issueAnnex49', 'BAD_STATE'],
];

/** Steps that are somebody else's, or of somebody who has no file. */
const others = (mandatary: string): readonly Turn[] => [
  [mandatary, 'takeWorkDecision', 'FORBIDDEN'],
  [region, 'takeResidenceDecision', 'FORBIDDEN'],
  [office, 'takeWorkDecision', 'FORBIDDEN'],
  ['WAL-SPW', 'withdrawPermit', 'NOT_FOUND'],
  ['EMPLOYER:0100100337', 'notifyTermination', 'NOT_FOUND'],
  ['POST-MA-1', 'issueVisa', 'NOT_FOUND'],
  ['MUN-21004', 'issueCard', 'NOT_FOUND'],
  ['INS-RSZ', 'withdrawPermit', 'FORBIDDEN'],
  ['HELPDESK', 'submitDossier', 'FORBIDDEN'],
];

/** Takes the wrong turns of the story; each is refused, with the reason. */
export const wrongTurns = async (
  counter: Counter,
  { mandatary, renewal, again, engineer }: { mandatary: string; renewal: string; again: string; engineer: Facts },
): Promise<void> => {
  seen('Wrong turns, on a dossier whose life is over:');
  for (const [who, step, because] of afterwards(mandatary)) {
    await mayNot(counter, who, step, renewal, { because, ...given[step] });
  }
  seen('Steps that are somebody else’s:');
  for (const [who, step, because] of others(mandatary)) {
    await mayNot(counter, who, step, renewal, { because, ...given[step] });
  }
  seen('Steps that are not open yet:');
  await mayNot(counter, 'BRU-BEW', 'takeWorkDecision', again, { because: 'BAD_STATE', outcome: 'GRANT' });
  seen('A mandate that ended:');
  const former = 'MANDATARY:0100200307';
  await mayNot(counter, former, 'createDraft', null, {
    because: 'MANDATE_IN_FORCE',
    kind: 'SP_LIM',
    language: 'NL',
    facts: engineer,
  });
  await mayNot(counter, former, 'withdrawApplication', again, { because: 'NOT_FOUND' });
};
