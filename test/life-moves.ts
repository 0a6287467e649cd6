/** What a test asks of each step: inputs as the graph takes them, and the same as the life cycle is asked. */
import type { StepName } from '../schema/lifecycle.ts';
import type { StepInput } from '../schema/step-facts.ts';
import { facts } from './acting.ts';
import { insz, kbo, unit } from './cast.ts';

/** One way to ask for a step. */
export type Ask = {
  /** What the mutation is given beside number, version and key. */
  readonly graph: Readonly<Record<string, unknown>>;
  readonly model?: StepInput;
  /** The places that a transfer corrects. */
  readonly places?: Readonly<Record<string, unknown>>;
  /** What is wrong with the input that the life cycle does not judge. */
  readonly fault?: string;
};

/** Where a test puts the id of content that its caller has sent. */
export const freshUpload = 'an upload of the caller';

const both = (input: StepInput): Ask => ({ graph: input, model: input });
const plain: readonly Ask[] = [{ graph: {} }];

const transfer = (postalCode: string, toAuthority?: string): Ask => {
  const places = { workplaces: [{ postalCode }] };
  return {
    graph: { facts: places, reason: 'Het werk is elders.', ...(toAuthority === undefined ? {} : { toAuthority }) },
    model: { toAuthority },
    places,
  };
};

const document = (code: string, of: Partial<Ask> & { upload?: string } = {}): Ask => {
  const { upload = freshUpload, ...rest } = of;
  return { graph: { code, fileName: 'stuk.pdf', upload }, model: { document: code }, ...rest };
};

const refusal = { outcome: 'REFUSE', grounds: ['DIPLOMA'], motivation: 'Het diploma volstaat niet.' };

/** The mutations on a dossier; of each, the first way is the usual one. */
export const asks: Partial<Record<StepName, readonly Ask[]>> = {
  updateDraft: [
    { graph: { facts: { functionTitle: 'Hoofdingenieur' } } },
    { graph: { facts: { places: { workplaces: [{ postalCode: '4000' }] } } } },
    { graph: { facts: { weeklyHours: 200 } }, fault: 'The hours a week are none.' },
  ],
  addDocument: [
    document('WRK_DIPLOMA'),
    document('RES_PASSPORT'),
    document('NO_SUCH_CODE'),
    document('WRK_CONTRACT', {
      upload: 'none',
      fault: 'There is no such upload of yours: send the content to /documents first.',
    }),
  ],
  submitDossier: [{ graph: {} }, both({ reason: 'Een tweede, met reden.' })],
  duplicateDossier: plain,
  transferDossier: [transfer('4000'), transfer('1000'), transfer('1630'), transfer('4700', 'VLA-DEM')],
  requestInformation: [both({ items: ['WRK_DIPLOMA'] }), both({ items: [] }), both({ items: ['NO_SUCH_CODE'] })],
  completeDossier: plain,
  declareInadmissible: [both({ grounds: ['FEE_UNPAID'] }), both({ grounds: [] }), both({ grounds: ['W1'] })],
  declareAdmissible: [{ graph: {} }, both({ complex: true })],
  takeWorkDecision: [
    both({ outcome: 'GRANT' }),
    both(refusal),
    both({ ...refusal, motivation: ' ' }),
    both({ outcome: 'GRANT', validFrom: '2020-01-01' }),
  ],
  takeResidenceDecision: [both({ outcome: 'GRANT' }), both({ ...refusal, grounds: ['RES_FEE'] }), both(refusal)],
  withdrawApplication: plain,
  closeWithoutObject: [both({ reason: 'WORKER_EXEMPT' }), both({ reason: 'BECAUSE' })],
  lodgeAppeal: [
    both({ language: 'NL', motivation: 'Dit klopt niet.' }),
    both({ language: 'EN', motivation: 'This is wrong.' }),
  ],
  decideAppeal: [both({ outcome: 'UPHOLD' }), both({ outcome: 'REJECT' })],
  withdrawPermit: [
    both({ grounds: ['W8'], effectiveOn: '2027-09-01' }),
    both({ grounds: ['DIPLOMA'], effectiveOn: '2027-09-01' }),
  ],
  notifyTermination: [both({ endedOn: '2027-02-28' }), both({ endedOn: '2040-01-01' })],
  issueVisa: plain,
  registerArrival: [both({ enteredOn: '2026-11-01' }), both({ enteredOn: '2040-01-01' })],
  registerResidence: [{ graph: { street: 'Dorpsstraat', houseNumber: '1' } }],
  issueCard: plain,
  issueAnnex49: plain,
  sendMessage: [both({ text: 'Is het dossier volledig?' }), both({ text: ' ' })],
  giveAdvice: [both({ text: 'Het plan is goed.' })],
  consentWelcome: plain,
};

/** A party that may ask, as its token says. */
export type Party = { readonly name: string; readonly roles?: readonly string[] };

/** How a life begins: who applies, and with what beside the facts that all share. */
export type Beginning = {
  readonly who: string;
  readonly kind: string;
  readonly facts: Readonly<Record<string, unknown>>;
};

/** Those who may take some step. */
export const takers: readonly Party[] = [
  { name: `EMPLOYER:${kbo.brewery}` },
  { name: 'VLA-DEM' },
  { name: 'FED-DVZ' },
  { name: 'WAL-SPW' },
  { name: 'BRU-BEW' },
  { name: 'POST-NG-1' },
  { name: 'MUN-23100' },
  { name: `MANDATARY:${kbo.mandatary}` },
  { name: `WORKER:${insz.rahul}` },
  { name: `SELF_EMPLOYED:${insz.grace}` },
  { name: `ENTERPRISE_COUNTER:${kbo.counter}` },
];

/** Those who never may: another enterprise, a colleague who only reads, an inspection. */
export const strangers: readonly Party[] = [
  { name: `EMPLOYER:${kbo.ukkel}` },
  { name: 'VLA-DEM', roles: ['READER'] },
  { name: 'INS-VSI' },
];

const own = { periodFrom: '2027-01-01', periodTo: '2028-12-31', places: { residence: '1630' } };

/** Dossiers of several kinds: with both parts, with one, beside each other or one after the other. */
export const beginnings: readonly Beginning[] = [
  { who: `EMPLOYER:${kbo.brewery}`, kind: 'SP_LIM', facts },
  {
    who: `EMPLOYER:${kbo.brewery}`,
    kind: 'SP_LIM',
    facts: { ...facts, places: { workplaces: [{ postalCode: '4000' }] } },
  },
  { who: `MANDATARY:${kbo.mandatary}`, kind: 'SP_LIM', facts: { ...facts, employer: kbo.brewery } },
  { who: `EMPLOYER:${kbo.brewery}`, kind: 'WA_SHORT', facts: { ...facts, periodTo: '2027-03-01' } },
  { who: `EMPLOYER:${kbo.brewery}`, kind: 'SP_RES', facts: { ...facts, category: 'RESEARCHER' } },
  {
    who: `SELF_EMPLOYED:${insz.grace}`,
    kind: 'PC_SELF',
    facts: { ...own, category: 'PC_ECON', employer: kbo.waterloo, establishment: unit.waterloo, counter: kbo.counter },
  },
  { who: `WORKER:${insz.rahul}`, kind: 'SP_UNL', facts: { ...own, category: 'UNL_4Y' } },
];
