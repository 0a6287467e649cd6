/** Who hears of what, over which channel (DOMAIN 10). The table stands in `data/notifications.json`; here it is only read. */
import { type Code, type Frozen, json, type Labels, type Language } from './data.ts';
import { controllersOf } from './inspection.ts';

export const channels = ['EBOX', 'MAIL', 'EVENT', 'LETTER'] as const;
/** The ways in which a message leaves: a government mailbox, mail, a signed event to another system, a registered letter. */
export type Channel = (typeof channels)[number];

/** What an event tells of itself: names, dates and outcomes, and no personal data. */
export type Details = Readonly<Record<string, unknown>>;

type Row = Code & {
  about: 'DOSSIER' | 'WORKER';
  due?: string[];
  services?: string[];
  to: { recipient: Recipient; channels: Channel[]; when?: Record<string, string | boolean> }[];
  source: string;
};
type Retry = { firstSeconds: number; longestSeconds: number; attempts: number; source: string };
type Data = {
  source: string;
  retry: Retry;
  recipients: Record<Recipient, string>;
  events: Row[];
  mail: { labels: Labels; due: Labels; source: string };
};

/** A recipient as the table names it: what somebody is to the dossier. */
export type Recipient =
  | 'APPLICANT'
  | 'EMPLOYER'
  | 'MANDATARY'
  | 'COUNTER'
  | 'WORKER'
  | 'NUMBERED_WORKER'
  | 'REGION'
  | 'FORMER_REGION'
  | 'DVZ'
  | 'POST'
  | 'MUNICIPALITY'
  | 'REGISTER'
  | 'INSPECTION_WITH_OPEN_HIT'
  | 'HANDLING_AUTHORITY'
  | 'EMPLOYER_OF_WORKER'
  | 'WELCOME_DESK';

const data = json<Data>('notifications.json');

/** What the table says of one event. */
export type Notification = Frozen<Row>;

/** All events that somebody hears of, in the order of the data. */
export const notifications: readonly Notification[] = data.events;

const byCode = new Map(notifications.map((row) => [row.code, row]));

/** What the table says of an event; null for one that nobody hears of. */
export const notification = (event: string): Notification | null => byCode.get(event) ?? null;

/** What is known, in the step that announces something, of whom it concerns. */
export type Concerned = {
  readonly applicantKind: string | null;
  readonly applicantId: string | null;
  readonly employerKbo: string | null;
  /** The mandatary who filed, while the mandate is in force. */
  readonly mandataryKbo: string | null;
  readonly counterKbo: string | null;
  readonly workerId: string | null;
  readonly region: string | null;
  readonly workTrack: string | null;
  readonly residenceTrack: string | null;
  readonly municipality: string | null;
  /** Who the reference register ties to the dossier today. */
  readonly ties: readonly { readonly party: string; readonly capacity: string }[];
  /** Inspection hits on the worker or the employer that are not closed. */
  readonly hits: readonly { readonly rule: string; readonly authority: string; readonly assignedTo: string | null }[];
  /** Enterprises with which the worker is, or may be, employed. */
  readonly employers: readonly string[];
  /** Workers of these who have a person number, and those of whom an address for mail is known. */
  readonly numbered: readonly string[];
  readonly mailed: readonly string[];
  /** The last day of each term that runs, by its rule. */
  readonly terms: Readonly<Record<string, string>>;
};

const enterprise = (kind: string, kbo: string | null): string[] => (kbo === null ? [] : [`${kind}:${kbo}`]);
const person = (id: string | null): string[] => (id === null ? [] : [`WORKER:${id}`]);

const applicantOf = ({ applicantKind: kind, applicantId: id, employerKbo, mandataryKbo }: Concerned): string[] => {
  if (kind === 'MANDATARY' && mandataryKbo === null) return enterprise('EMPLOYER', employerKbo);
  const isEnterprise = ['EMPLOYER', 'MANDATARY', 'ENTERPRISE_COUNTER'].includes(kind ?? '');
  return isEnterprise ? enterprise(kind ?? '', id) : person(id);
};

/** The region until it has decided on work; the Immigration Office once it is at work on residence. Beside each other, both. */
const handling = ({ region, workTrack, residenceTrack }: Concerned): string[] => {
  const residence = residenceTrack === 'IN_PROGRESS';
  const workIsDone = residence && workTrack !== 'IN_PROGRESS';
  return [...(workIsDone || region === null ? [] : [region]), ...(residence ? ['FED-DVZ'] : [])];
};

const tiedAs =
  (...capacities: readonly string[]) =>
  ({ ties }: Concerned): string[] =>
    ties.flatMap(({ party, capacity }) => (capacities.includes(capacity) ? [party] : []));

const named = (kind: string) => (concerned: Concerned) =>
  tiedAs('NAMED')(concerned).filter((party) => party.startsWith(kind));

const whoIs: Record<Recipient, (concerned: Concerned) => readonly string[]> = {
  APPLICANT: applicantOf,
  EMPLOYER: ({ employerKbo }) => enterprise('EMPLOYER', employerKbo),
  MANDATARY: ({ mandataryKbo }) => enterprise('MANDATARY', mandataryKbo),
  COUNTER: ({ counterKbo }) => enterprise('ENTERPRISE_COUNTER', counterKbo),
  WORKER: ({ workerId, ties }) => person(workerId).filter((worker) => ties.some(({ party }) => party === worker)),
  NUMBERED_WORKER: ({ workerId, numbered }) => person(workerId).filter((worker) => numbered.includes(worker)),
  REGION: ({ region }) => (region === null ? [] : [region]),
  FORMER_REGION: tiedAs('FORMER'),
  DVZ: tiedAs('FORWARDED', 'COPIED'),
  POST: named('POST-'),
  MUNICIPALITY: named('MUN-'),
  REGISTER: () => ['FED-RSZ'],
  INSPECTION_WITH_OPEN_HIT: ({ hits }) =>
    hits.flatMap(({ rule, authority, assignedTo }) =>
      assignedTo === null ? controllersOf(rule, authority) : [assignedTo],
    ),
  HANDLING_AUTHORITY: handling,
  EMPLOYER_OF_WORKER: ({ employers, employerKbo }) =>
    [...new Set([...employers, ...(employerKbo === null ? [] : [employerKbo])])].map((kbo) => `EMPLOYER:${kbo}`),
  WELCOME_DESK: ({ municipality, region }) =>
    municipality !== null ? [`MUN-${municipality}`] : region === null ? [] : [region],
};

/** One message that has to leave: to whom, as the reference register names a party, and over which channel. */
export type Addressed = { readonly recipient: string; readonly channel: Channel };

/** Whoever has to hear of an event, each recipient once for each channel; of an event without a row, nobody. */
export const addressees = (event: string, details: Details, concerned: Concerned): readonly Addressed[] => {
  const lines = notification(event)?.to ?? [];
  const fitting = lines.filter(({ when = {} }) =>
    Object.entries(when).every(([name, value]) => details[name] === value),
  );
  const all = fitting.flatMap(({ recipient, channels: over }) =>
    whoIs[recipient](concerned).flatMap((party) =>
      over.map((channel): Addressed => {
        const unreachable = channel === 'MAIL' && !concerned.mailed.includes(party);
        return { recipient: party, channel: unreachable ? 'EBOX' : channel };
      }),
    ),
  );
  return [...new Map(all.map((one) => [`${one.recipient} ${one.channel}`, one])).values()];
};

/** The last day that a message of an event tells, where a term goes with it. */
export const dueOn = (event: string, { terms }: Concerned): string | undefined =>
  notification(event)?.due?.flatMap((rule) => terms[rule] ?? [])[0];

/** How a message that could not leave is tried again (DOMAIN leaves it open). */
export const retry: Frozen<Retry> = data.retry;

/** Seconds until the next attempt, after so many that failed; `chance` from 0 to 1 keeps those apart that failed together. */
export const waitAfter = (attempts: number, chance: number): number => {
  const { firstSeconds, longestSeconds } = retry;
  const whole = Math.min(longestSeconds, firstSeconds * 2 ** Math.min(attempts - 1, 30));
  return whole * (0.5 + chance / 2);
};

/** The text of a mail: which dossier, and where to read on. */
export const mailText = (event: string, dossier: string, dueOn: string | null, language: Language) => {
  const subject = notification(event)?.labels[language] ?? event;
  const { labels, due } = data.mail;
  const text = labels[language].replace('{subject}', subject).replace('{dossier}', dossier);
  return {
    subject: `${subject} - ${dossier}`,
    text: dueOn === null ? text : `${text}\n\n${due[language].replace('{due}', dueOn)}`,
  };
};
