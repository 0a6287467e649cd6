/** The steps of a dossier's life, as the mutations take them: each is one transaction, and refused ones change nothing. */
import { randomUUID } from 'node:crypto';
import { statement } from '../../db/statement.ts';
import { documentCode } from '../../schema/forms.ts';
import type { StepInput } from '../../schema/step-facts.ts';
import { refuse } from '../errors.ts';
import type { StepGround } from '../take.ts';
import { beginning, unknownIn } from './beginning.ts';
import { columnsOf, faultIn } from './draft.ts';
import type { Places, Whole } from './locked.ts';
import { identified } from './persons.ts';
import { type More, type Stepped, stepping, wrong } from './stepping.ts';
import type * as Inputs from './types.ts';
import { takeUpload } from './uploads.ts';

const addDocument = statement(`
  insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`);
const supersede = statement(`
  update dossiers.document set superseded_by = $1 where dossier_number = $2 and code = $3 and superseded_by is null and id <> $1`);
const addMessage = statement(`
  insert into dossiers.message (id, dossier_number, at, sender_kind, sender, text) values ($1, $2, $3, $4, $5, $6)`);
const setAddress = statement(`
  update workers.worker set street = coalesce($2, street), house_number = coalesce($3, house_number), country = 'BE', municipality = $4
  where id = $1`);

const permitOf = statement('select from cadastre.permit where id = $1 and worker_id = $2');

const longest = 10_000;

/** Steps for one viewer. */
export const dossierSteps = (ground: StepGround) => {
  const { viewer, readings } = ground;
  const { today } = viewer;
  const steps = stepping(ground);
  const { on } = steps;

  const submitDossier = (input: Inputs.SubmitDossierInput): Promise<Stepped> =>
    on(
      'submitDossier',
      input,
      { reason: input.reason ?? undefined },
      {
        more: async (client, { before }) => {
          const incomplete = required.filter(([name]) => before[name] === null).map(([, label]) => label);
          if (incomplete.length > 0) {
            return { code: 'BAD_STATE', message: `The draft lacks: ${incomplete.join(', ')}.`, status: before.status };
          }
          const stated = before.workerId === null ? before.statedWorker : null;
          const workerId = stated === null ? before.workerId : await identified(client, stated, today);
          if (stated !== null && workerId === null) {
            // Whoever tries numbers looks for persons: it is on record, and each counts.
            readings.miss({ read: ['WORKER_IDENTITY'], refused: [], counts: true });
            return wrong('The registers know another person by the number of the worker.');
          }
          const { previousPermitId } = before;
          if (previousPermitId !== null && (await permitOf(client, [previousPermitId, workerId])).length === 0)
            return wrong("The permit to renew or to follow is another worker's.");
          return stated === null ? {} : { columns: { workerId }, written: ['WORKER_IDENTITY'] };
        },
      },
    );

  /** A step that is there to write something, to whoever may read messages. */
  const says = (name: 'sendMessage' | 'giveAdvice', input: Inputs.SendMessageInput): Promise<Stepped> => {
    const { text } = input;
    const more: More = async (client, { before, now }) => {
      if (text.length > longest) return wrong(`A message has at most ${longest} characters.`);
      const id = randomUUID();
      const sender = viewer.authority ?? viewer.kbo ?? viewer.party;
      await addMessage(client, [id, before.number, now, viewer.kind, sender, text]);
      return { message: id, written: ['WORK_DOCUMENTS'] };
    };
    return on(name, input, { text }, { more });
  };

  const each = async <Input>(inputs: readonly Input[], one: (input: Input) => Promise<Stepped>): Promise<Stepped[]> => {
    if (inputs.length > 100) throw refuse('LIMIT_EXCEEDED', 'At most 100 at once', { limit: 100 });
    const results: Stepped[] = [];
    // One after the other: two of them may be about the same dossier.
    for (const input of inputs) results.push(await one(input));
    return results;
  };

  const declareAdmissible = (input: Inputs.DeclareAdmissibleInput) =>
    on('declareAdmissible', input, { complex: input.complex ?? undefined });
  const takeWorkDecision = (input: Inputs.WorkDecisionInput) => on('takeWorkDecision', input, brought(input));
  const takeResidenceDecision = (input: Inputs.ResidenceDecisionInput) =>
    on('takeResidenceDecision', input, brought(input));

  return {
    ...beginning(viewer, steps),
    submitDossier,
    updateDraft: (input: Inputs.UpdateDraftInput) =>
      on(
        'updateDraft',
        input,
        {},
        {
          more: async (client, { before }) => {
            const { facts } = input;
            const fault = faultIn(input, today);
            if (fault !== null) return wrong(fault);
            if (facts.employer !== undefined && facts.employer !== before.employerKbo) {
              return wrong('The employer of a draft stays: begin another draft.');
            }
            if (facts.counter !== undefined && facts.counter !== before.counterKbo) {
              return wrong('The enterprise counter of a draft stays: begin another draft.');
            }
            const unknown = await unknownIn(client, viewer, facts, before);
            if (unknown !== null) return wrong(unknown);
            return {
              columns: {
                ...columnsOf(facts, before),
                ...(input.applicationType == null ? {} : { applicationType: input.applicationType }),
                ...(input.language == null ? {} : { language: input.language }),
                ...(input.helpdeskTicket === undefined ? {} : { helpdeskTicket: input.helpdeskTicket }),
              },
            };
          },
        },
      ),
    addDocument: (input: Inputs.AddDocumentInput) =>
      on(
        'addDocument',
        input,
        { document: input.code },
        {
          more: async (client, { before, caller, now }) => {
            const upload = await takeUpload(client, viewer, input.upload);
            if (upload === null)
              return wrong('There is no such upload of yours: send the content to /documents first.');
            const fileName = input.fileName.trim();
            if (!/^[^\p{Cc}/\\]{1,200}$/u.test(fileName)) return wrong('The name of the file is none, or too long.');
            const { id, mime, sizeBytes, sha256 } = upload;
            const uploader = viewer.kbo ?? before.applicantId;
            await addDocument(client, [
              id,
              before.number,
              input.code,
              fileName,
              mime,
              sizeBytes,
              sha256,
              caller.kind,
              uploader,
              now,
            ]);
            await supersede(client, [id, before.number, input.code]);
            return { written: [documentCode(input.code)?.dataCategory ?? 'CRIMINAL_MEDICAL'] };
          },
        },
      ),
    completeDossier: (input: Inputs.CompleteDossierInput) => on('completeDossier', input),
    withdrawApplication: (input: Inputs.WithdrawApplicationInput) => on('withdrawApplication', input),
    requestInformation: (input: Inputs.RequestInformationInput) =>
      on('requestInformation', input, { items: [...new Set(input.items)] }),
    declareAdmissible,
    declareInadmissible: (input: Inputs.DeclareInadmissibleInput) => on('declareInadmissible', input, brought(input)),
    transferDossier: ({ facts, ...input }: Inputs.TransferDossierInput) =>
      on(
        'transferDossier',
        { ...input, ...(facts == null ? {} : { facts }) },
        { toAuthority: input.toAuthority ?? undefined },
        {
          // The generated type allows nulls inside, which the readers of places take for absent.
          places: (facts ?? {}) as Places,
          reason: input.reason,
        },
      ),
    takeWorkDecision,
    takeResidenceDecision,
    closeWithoutObject: (input: Inputs.CloseWithoutObjectInput) =>
      on('closeWithoutObject', input, { reason: input.reason }),
    lodgeAppeal: (input: Inputs.LodgeAppealInput) =>
      on('lodgeAppeal', input, { language: input.language, motivation: input.motivation }),
    decideAppeal: (input: Inputs.DecideAppealInput) => on('decideAppeal', input, { outcome: input.outcome }),
    withdrawPermit: (input: Inputs.WithdrawPermitInput) =>
      on('withdrawPermit', input, { ...brought(input), effectiveOn: input.effectiveOn }),
    notifyTermination: (input: Inputs.NotifyTerminationInput) =>
      on('notifyTermination', input, { endedOn: input.endedOn }),
    issueVisa: (input: Inputs.IssueVisaInput) => on('issueVisa', input),
    registerArrival: (input: Inputs.RegisterArrivalInput) =>
      on('registerArrival', input, { enteredOn: input.enteredOn }),
    registerResidence: (input: Inputs.RegisterResidenceInput) =>
      on(
        'registerResidence',
        input,
        {},
        {
          more: async (client, { before }) => {
            if ([input.street, input.houseNumber].some((one) => (one?.length ?? 0) > 300))
              return wrong('A text is longer than 300 characters.');
            const nis = viewer.authority?.replace(/^MUN-/, '') ?? null;
            await setAddress(client, [before.workerId, input.street ?? null, input.houseNumber ?? null, nis]);
            return { columns: { residenceMunicipality: nis }, written: ['CONTACT'] };
          },
        },
      ),
    issueCard: (input: Inputs.IssueCardInput) => on('issueCard', input),
    issueAnnex49: (input: Inputs.IssueAnnex49Input) => on('issueAnnex49', input),
    sendMessage: (input: Inputs.SendMessageInput) => says('sendMessage', input),
    giveAdvice: (input: Inputs.GiveAdviceInput) => says('giveAdvice', input),
    consentWelcome: (input: Inputs.ConsentWelcomeInput) => on('consentWelcome', input),
    submitDossiers: (inputs: readonly Inputs.SubmitDossierInput[]) => each(inputs, submitDossier),
    declareDossiersAdmissible: (inputs: readonly Inputs.DeclareAdmissibleInput[]) => each(inputs, declareAdmissible),
    takeWorkDecisions: (inputs: readonly Inputs.WorkDecisionInput[]) => each(inputs, takeWorkDecision),
    takeResidenceDecisions: (inputs: readonly Inputs.ResidenceDecisionInput[]) => each(inputs, takeResidenceDecision),
  };
};

/** What a dossier lacks as long as it is a draft; the rest is the life cycle's to ask. */
const required = [
  ['category', 'the admission category'],
  ['periodFrom', 'the first day of the employment'],
  ['workerNationality', 'the nationality of the worker'],
] as const satisfies readonly (readonly [keyof Whole, string])[];

type Brought = {
  outcome?: string | null | undefined;
  grounds?: readonly string[] | null | undefined;
  motivation?: string | null | undefined;
  validFrom?: string | null | undefined;
  validTo?: string | null | undefined;
};

const brought = ({ outcome, grounds, motivation, validFrom, validTo }: Brought): StepInput => ({
  outcome: outcome ?? undefined,
  grounds: grounds ?? undefined,
  motivation: motivation ?? undefined,
  validFrom: validFrom ?? undefined,
  validTo: validTo ?? undefined,
});
