/** Tells the story as it goes, and stops at the first thing that does not go as it should. */
import { randomUUID } from 'node:crypto';
import { ask, type Counter } from './counter.ts';

type Payload = {
  dossier: { number: string; status: string } | null;
  problems: { code: string; message: string; guard: string | null }[];
};

const inputs: Readonly<Record<string, string>> = {
  takeWorkDecision: 'WorkDecisionInput',
  takeResidenceDecision: 'ResidenceDecisionInput',
};

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

const titled = (day: string): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`));

/** Begins a day of the story. */
export const dayOf = ({ day }: Counter, title: string): void => say(`\n${titled(day)}: ${title}`);

/** Tells something that was seen. */
export const seen = (line: string): void => say(`  ${line}`);

const told = (who: string, step: string, outcome: string): void =>
  say(`  ${who.padEnd(22)} ${step.padEnd(22)} ${outcome}`);

const fail = (who: string, step: string, found: unknown): never => {
  throw new Error(`${who} ${step}: not as it should be: ${JSON.stringify(found)}`);
};

const taken = async (counter: Counter, who: string, step: string, input: Record<string, unknown>): Promise<Payload> => {
  const type = inputs[step] ?? `${step.charAt(0).toUpperCase()}${step.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${step}(input: $input) { dossier { number status } problems { code message guard } } }`;
  const answer = await ask<Record<string, Payload>>(counter, who, query, {
    input: { idempotencyKey: randomUUID(), ...input },
  });
  const [error] = answer.errors ?? [];
  // A step that is not for this kind of caller at all is an error of the graph; others are problems of the step.
  if (error && answer.data?.[step] == null) {
    return { dossier: null, problems: [{ code: error.extensions.code, message: error.message, guard: null }] };
  }
  return answer.data?.[step] ?? fail(who, step, answer);
};

/** The dossier with the version that the caller sees: as a person does who looks before acting. */
const on = async (counter: Counter, who: string, number: string | null) => {
  if (number === null) return {};
  const query = 'query ($number: DossierNumber!) { dossier(number: $number) { version } }';
  const { data } = await ask<{ dossier: { version: number } | null }>(counter, who, query, { number });
  return { number, expectedVersion: data?.dossier?.version ?? 1 };
};

/** Looks at the dossier and takes the step; where the dossier changed in between, looks again, as a person would. */
const afterLooking = async (
  counter: Counter,
  who: string,
  step: string,
  number: string | null,
  input: Record<string, unknown>,
): Promise<Payload> => {
  const payload = await taken(counter, who, step, { ...(await on(counter, who, number)), ...input });
  const isStale = payload.problems.some(({ code }) => code === 'STALE_VERSION');
  return isStale ? afterLooking(counter, who, step, number, input) : payload;
};

/** Adds documents, and tells of them in one line. */
export const adds = async (
  counter: Counter,
  who: string,
  number: string,
  documents: readonly { code: string; upload: string }[],
): Promise<void> => {
  for (const { code, upload } of documents) {
    const payload = await afterLooking(counter, who, 'addDocument', number, { code, fileName: `${code}.pdf`, upload });
    if (payload.problems.length > 0) return fail(who, 'addDocument', payload);
  }
  told(who, 'addDocument', `${number} ${documents.map(({ code }) => code).join(', ')}`);
};

/** A step that goes well; answers the dossier's number. */
export const does = async (
  counter: Counter,
  who: string,
  step: string,
  number: string | null,
  input: Record<string, unknown> = {},
): Promise<string> => {
  const payload = await afterLooking(counter, who, step, number, input);
  if (payload.problems.length > 0 || payload.dossier === null) return fail(who, step, payload);
  told(who, step, `${payload.dossier.number} ${payload.dossier.status}`);
  return payload.dossier.number;
};

/** A wrong turn: the step is refused with that code, or because of that condition, and says why. */
export const mayNot = async (
  counter: Counter,
  who: string,
  step: string,
  number: string | null,
  { because, ...input }: { because: string } & Record<string, unknown>,
): Promise<void> => {
  const payload = await afterLooking(counter, who, step, number, input);
  const [problem] = payload.problems;
  if (problem === undefined || (problem.guard ?? problem.code) !== because) return fail(who, step, payload);
  told(who, step, `refused: ${problem.message}`);
};
