/** People at the counter who never give up: each asks again, under the same key, until a gateway has said what came of it. */
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Env } from '../subgraphs/env.ts';
import { facts } from './acting.ts';
import { kbo } from './cast.ts';
import type { Replicas } from './replicas.ts';
import { tokenFor } from './world.ts';

/** A step that was said to be done, or refused because another was quicker. */
export type Acknowledged = { caller: string; key: string; step: string; number: string; isStale: boolean };

/** A dossier as those who live it have been told. */
export type Told = {
  number: string;
  status: string;
  version: number;
  events: string[];
  outbox: string[];
  decisions: [part: string, outcome: string, annex: string | null][];
  messages: string[];
  documents: string[];
};

/** What a test keeps of all that was said; `again` counts how often somebody had to ask anew, `sent` has SHA-256 of contents. */
export type Ledger = {
  acknowledged: Acknowledged[];
  dossiers: Told[];
  incidents: string[];
  sent: Set<string>;
  again: number;
};

type Waiting = { many: number; resolve(by: string): void };

type Payload = {
  dossier: { number: string; status: string; version: number | null } | null;
  problems: { code: string; message: string }[];
};
type Answer = { data?: Record<string, Payload | null>; errors?: { message: string; extensions: { code: string } }[] };

// What each step leaves: events of the timeline, names in the outbox, and by how much the version grows. Written out.
const twice = (...events: string[]) => ({ events, outbox: events });
const leaves: Record<string, { events: string[]; outbox: string[]; grows?: number }> = {
  createDraft: twice('DRAFT_CREATED'),
  updateDraft: twice(),
  addDocument: twice('DOCUMENT_ADDED'),
  submitDossier: twice('DOSSIER_SUBMITTED', 'DOSSIER_ROUTED'),
  requestInformation: twice('INFO_REQUESTED'),
  completeDossier: twice('COMPLETED'),
  declareAdmissible: { ...twice('ADMISSIBILITY_DECIDED', 'DOSSIER_COPIED', 'TREATMENT_BEGUN'), grows: 2 },
  'takeWorkDecision in parallel': twice('WORK_DECIDED'),
  'takeWorkDecision in turn': twice('WORK_DECIDED', 'DOSSIER_FORWARDED'),
  takeResidenceDecision: { events: ['RESIDENCE_DECIDED'], outbox: ['RESIDENCE_DECIDED', 'FINAL_DECISION'] },
  withdrawApplication: twice('WITHDRAWN_BY_APPLICANT'),
  sendMessage: { events: [], outbox: ['MESSAGE_ADDED'], grows: 0 },
  issueVisa: twice('VISA_ISSUED'),
  withdrawPermit: { events: ['PERMIT_WITHDRAWN'], outbox: ['PERMIT_WITHDRAWN', 'RELEVANT_CHANGE'] },
};

// Four employers, each before the authority of the place of work; Flanders lets both parts run beside each other.
const filed = [
  { employer: kbo.brewery, region: 'VLA-DEM', postalCode: '1630', isParallel: true },
  { employer: kbo.ukkel, region: 'BRU-BEW', postalCode: '1180', isParallel: false },
  { employer: kbo.waterloo, region: 'WAL-SPW', postalCode: '1410', isParallel: false },
  { employer: kbo.eupen, region: 'DG-MIN', postalCode: '4700', isParallel: false },
];

const patience = 180_000; // milliseconds after which somebody gives up all the same

const inputOf = (step: string): string =>
  ({ takeWorkDecision: 'WorkDecisionInput', takeResidenceDecision: 'ResidenceDecisionInput' })[step] ??
  `${step.charAt(0).toUpperCase()}${step.slice(1)}Input`;

/** Lives dossiers through the gateways; `arrange` puts all papers but one into a draft, and answers their ids. */
export const counter = (
  gateways: Pick<Replicas, 'url'>,
  { env, arrange }: { env: Env; arrange: (number: string) => Promise<string[]> },
) => {
  const ledger: Ledger = { acknowledged: [], dossiers: [], incidents: [], sent: new Set(), again: 0 };
  let waiting: Waiting | undefined;
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (principal: string): Promise<string> => {
    const token = tokens.get(principal) ?? tokenFor(env, principal);
    tokens.set(principal, token);
    return token;
  };

  /** Tries until a gateway has answered: what it says, and which one it was. */
  const insist = async <Said>(attempt: (by: string) => Promise<Said | null>): Promise<{ said: Said; by: string }> => {
    for (const since = Date.now(); ; ) {
      if (Date.now() - since > patience) throw new Error('nobody answers any more');
      const by = await gateways.url();
      try {
        const said = await attempt(by);
        if (said !== null) return { said, by };
      } catch (error) {
        // fetch failed, took too long, or was cut short
        if (!['TypeError', 'TimeoutError', 'SyntaxError'].includes(String(Object(error).name))) throw error;
      }
      ledger.again += 1;
      await sleep(20 + randomInt(60));
    }
  };

  /** Only a register that does not answer is a reason to ask again; anything else should not have been. */
  const notAnswered = (errors: readonly { extensions: { code: string } }[]): null => {
    const codes = errors.map(({ extensions }) => extensions.code);
    ledger.incidents.push(...codes.filter((code) => code !== 'DEPENDENCY_UNAVAILABLE'));
    return null;
  };

  /** Takes a step as often as is needed. Nothing is known of what came of a request that broke; its key says what it was. */
  const ask = async (principal: string, step: string, input: Record<string, unknown>) => {
    const query = `mutation($input: ${inputOf(step)}!) { ${step}(input: $input) { dossier { number status version } problems { code message } } }`;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await tokenOf(principal)}` };
    const body = JSON.stringify({ query, variables: { input } });
    return insist(async (by) => {
      const signal = AbortSignal.timeout(15_000);
      const response = await fetch(`${by}/graphql`, { method: 'POST', headers, body, signal });
      const { data, errors = [] }: Answer = JSON.parse(await response.text());
      const payload = data?.[step];
      return payload && errors.length === 0 ? payload : notAnswered(errors);
    });
  };

  /** Sends content for a document; what was sent in vain belongs to nothing. */
  const send = async (principal: string): Promise<string> => {
    const body = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(200_000)]);
    ledger.sent.add(createHash('sha256').update(body).digest('hex'));
    const headers = { 'content-type': 'application/pdf', authorization: `Bearer ${await tokenOf(principal)}` };
    const { said } = await insist(async (by) => {
      const signal = AbortSignal.timeout(15_000);
      const response = await fetch(`${by}/documents`, { method: 'POST', headers, body, signal });
      const answer: { id?: string } & Answer = JSON.parse(await response.text());
      return answer.id ?? notAnswered(answer.errors ?? []);
    });
    return said;
  };

  /** Takes a step, and writes down what was said of it. Answers whether it was taken. */
  const take = async (principal: string, step: string, input: Record<string, unknown>, told?: Told, as = step) => {
    const key = randomUUID();
    const { said, by } = await ask(principal, step, { ...input, idempotencyKey: key });
    const { dossier, problems } = said;
    const isStale = problems.length === 1 && problems[0]?.code === 'STALE_VERSION';
    const number = dossier?.number;
    if (number === undefined || (problems.length > 0 && !isStale)) {
      throw new Error(`${step} as ${principal}: ${JSON.stringify({ dossier, problems })}`);
    }
    ledger.acknowledged.push({ caller: principal, key, step, number, isStale });
    if (ledger.acknowledged.length === waiting?.many) waiting.resolve(by);
    if (told && !isStale) {
      const { events = [], outbox = [], grows = 1 } = leaves[as] ?? {};
      told.events.push(...events);
      told.outbox.push(...outbox);
      told.version += grows;
      told.status = dossier?.status ?? told.status;
    }
    return { number, isStale };
  };

  /** One dossier, from its draft to wherever it comes. */
  const live = async (nth: number): Promise<void> => {
    const { employer, region, postalCode, isParallel } = filed[nth % filed.length] ?? filed[0] ?? {};
    if (employer === undefined || region === undefined) throw new Error('nobody files');
    const applicant = `EMPLOYER:${employer}`;
    const birthDate = `${1950 + randomInt(50)}-${String(1 + randomInt(12)).padStart(2, '0')}-${10 + randomInt(18)}`;
    const stated = { ...facts, worker: { ...facts.worker, birthDate }, places: { workplaces: [{ postalCode }] } };
    const made = await take(applicant, 'createDraft', { kind: 'SP_LIM', language: 'NL', facts: stated });
    const { number } = made;
    const { events, outbox } = leaves.createDraft ?? twice();
    const told: Told = {
      number,
      status: 'DRAFT',
      version: 1,
      events: [...events],
      outbox: [...outbox],
      decisions: [],
      messages: [],
      documents: [],
    };
    ledger.dossiers.push(told);
    const on = async (who: string, step: string, input: Record<string, unknown> = {}, as = step): Promise<void> => {
      const { isStale } = await take(who, step, { number, expectedVersion: told.version, ...input }, told, as);
      if (isStale) throw new Error(`${number}: ${step} was taken before, and its key is not kept`);
    };
    const write = async (who: string): Promise<void> => {
      const text = randomUUID();
      await take(who, 'sendMessage', { number, text }, told);
      told.messages.push(text);
    };

    await on(applicant, 'updateDraft', { facts: { functionTitle: `Ingenieur ${nth}` } });
    const upload = await send(applicant);
    told.documents.push(...(await arrange(number)), upload);
    await on(applicant, 'addDocument', { code: 'WRK_DIPLOMA', fileName: 'diploma.pdf', upload });
    await on(applicant, 'submitDossier');
    await Promise.all([write(applicant), write(region)]);
    if (nth % 3 === 0) {
      await on(region, 'requestInformation', { items: ['WRK_CONTRACT'] });
      await on(applicant, 'completeDossier');
    }
    if (nth % 7 === 6) {
      await on(applicant, 'withdrawApplication');
      return;
    }
    // Two handlers of one region, each under a key of its own: one is quicker.
    const before = told.version;
    const both = await Promise.all(
      [1, 2].map(() => take(region, 'declareAdmissible', { number, expectedVersion: before }, told)),
    );
    if (both.filter(({ isStale }) => isStale).length !== 1)
      throw new Error(`${number} became admissible twice, or never`);
    await on(
      region,
      'takeWorkDecision',
      { outcome: 'GRANT' },
      `takeWorkDecision ${isParallel ? 'in parallel' : 'in turn'}`,
    );
    told.decisions.push(['WORK', 'GRANT', null]);
    await Promise.all([write(applicant), write(region)]);
    await on('FED-DVZ', 'takeResidenceDecision', { outcome: 'GRANT' });
    told.decisions.push(['RESIDENCE', 'GRANT', 'A46']);
    await on('POST-NG-1', 'issueVisa');
    if (nth % 2 === 0) {
      await on(region, 'withdrawPermit', { grounds: ['W8'], effectiveOn: '2027-06-01' });
      told.decisions.push(['WORK', 'WITHDRAW', null]);
    }
  };

  /** Which gateway acknowledges the step that comes so many after the last; answers at that very moment. */
  const acknowledges = (more: number): Promise<string> =>
    new Promise((resolve) => {
      waiting = { many: ledger.acknowledged.length + more, resolve };
    });

  return { ledger, live, acknowledges };
};
