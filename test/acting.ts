/** Steps as a test takes them: through the graph, as somebody, with a key of its own. */
import { randomUUID } from 'node:crypto';
import { callerKey } from '../subgraphs/caller-key.ts';
import { principalOf, pseudonym } from '../subgraphs/principal.ts';
import { today } from './cluster.ts';
import type { OpenedWorld } from './opened-world.ts';
import type { Answer, Stated } from './world.ts';

/** What a step answered, as far as every test asks. */
export type Stepped = {
  dossier: { number: string; status: string; version: number; workTrack: string; residenceTrack: string } | null;
  problems: { code: string; message: string; guard: string | null; status: string | null; version: number | null }[];
};

const inputOf = (step: string): string =>
  ({
    takeWorkDecision: 'WorkDecisionInput',
    takeResidenceDecision: 'ResidenceDecisionInput',
  })[step] ?? `${step.charAt(0).toUpperCase()}${step.slice(1)}Input`;

/** Takes a step as a principal and answers the payload; what the principal may not see of the dossier is null. */
export const acting =
  (world: OpenedWorld) =>
  (principal: string, stated?: Stated) =>
  async (step: string, input: Record<string, unknown>): Promise<Stepped> => {
    const answer: Answer<Record<string, Stepped>> = await world.as(principal, stated)(
      `mutation($input: ${inputOf(step)}!) { ${step}(input: $input) {
        dossier { number status version workTrack residenceTrack } problems { code message guard status version } } }`,
      { input: { idempotencyKey: randomUUID(), ...input } },
    );
    const payload = answer.data?.[step];
    // Who takes a step need not see all of what it leaves: a region that transfers keeps the status alone.
    const wrong = answer.errors?.some(({ code, path }) => code !== 'FORBIDDEN' || path?.[1] !== 'dossier');
    if (wrong || !payload) throw new Error(`${step} as ${principal}: ${JSON.stringify(answer)}`);
    return payload;
  };

/** The facts of an application that is complete but for its documents: an engineer from Nigeria, for work in Linkebeek. */
export const facts = {
  category: 'HIGHSKILL',
  worker: {
    lastName: 'Okafor',
    firstNames: 'Chidi',
    birthDate: '1991-04-05',
    sex: 'M',
    nationalities: ['NG'],
    abroad: true,
  },
  places: { workplaces: [{ postalCode: '1630' }] },
  functionTitle: 'Ingenieur',
  grossMonthly: '5200.00',
  weeklyHours: 38,
  periodFrom: '2027-01-01',
  periodTo: '2028-12-31',
  diplomaticPost: 'POST-NG-1',
};

/** What a first application of that kind has to hold. */
export const papers = [
  ...['RES_FEE_PROOF', 'RES_PASSPORT', 'RES_MEANS', 'RES_CRIMINAL_RECORD', 'RES_MEDICAL', 'RES_INSURANCE'],
  ...['WRK_FORM', 'WRK_CONTRACT', 'WRK_EMPLOYER_ID', 'WRK_DIPLOMA'],
];

/** Puts content of an enterprise's own where a document can be made of it, and answers its id. */
export const uploaded = async (world: OpenedWorld, enterprise: string): Promise<string> => {
  const named = principalOf(enterprise, today);
  if ('reason' in named) throw new Error(named.reason);
  const id = randomUUID();
  const owner = callerKey({ ...named.principal, id: pseudonym('', named.principal) });
  await world.rows(
    `insert into steps.upload (id, owner, mime, size_bytes, sha256, at) values ($1, $2, 'application/pdf', 3, 'abc', now())`,
    [id, owner],
  );
  return id;
};

/** A draft of an enterprise with its documents, ready to be submitted; answers it as it is. */
export const complete = async (
  world: OpenedWorld,
  applicant: string,
  other: {
    kind?: string;
    language?: string;
    applicationType?: string;
    facts?: Record<string, unknown>;
    papers?: readonly string[];
  } = {},
): Promise<NonNullable<Stepped['dossier']>> => {
  const act = acting(world)(applicant);
  const { facts: changed, papers: needed = papers, ...rest } = other;
  const made = await act('createDraft', { kind: 'SP_LIM', language: 'NL', ...rest, facts: { ...facts, ...changed } });
  if (!made.dossier) throw new Error(JSON.stringify(made));
  let { dossier } = made;
  for (const code of needed) {
    const upload = await uploaded(world, applicant);
    const added = await act('addDocument', { number: dossier.number, code, fileName: `${code}.pdf`, upload });
    if (!added.dossier || added.problems.length > 0) throw new Error(JSON.stringify(added));
    dossier = added.dossier;
  }
  return dossier;
};

/** Puts documents of any kind into a dossier, as if they had been uploaded. */
export const arrangeDocuments = async (world: OpenedWorld, number: string, codes: readonly string[]): Promise<void> => {
  await world.rows(
    `insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at)
     select gen_random_uuid()::text, $1, code, code || '.pdf', 'application/pdf', 3, 'abc', 'EMPLOYER', 'x', now() from unnest($2::text[]) code`,
    [number, codes],
  );
};
