import { categoryAdvice } from '../../schema/advice.ts';
import { contactPoint } from '../../schema/authorities.ts';
import { daysBetween } from '../../schema/calendar.ts';
import { annualFloor } from '../../schema/categories.ts';
import { competentAuthority } from '../../schema/competence.ts';
import { documentCode, forbiddenDocuments, formDefinition } from '../../schema/forms.ts';
import { guide, info, infoTopics } from '../../schema/guides.ts';
import { listOfEvent } from '../../schema/outbox.ts';
import { regions } from '../../schema/places.ts';
import { codeList, codeLists, codeOf } from '../../schema/reference.ts';
import { authorityOf, code, codes, countryOf, languageOf, municipalityOf } from '../common.ts';
import { refuse } from '../errors.ts';
import type { Scoped } from '../rows.ts';
import { known } from './as-of.ts';
import { kindOf } from './deliveries.ts';
import type { DossierRow } from './rows.ts';
import { documentsFor, itemsFor, proceduresFor } from './rules.ts';
import type { CompetenceFacts, Resolvers } from './types.ts';

const place = (postalCode: string | null | undefined) => (postalCode == null ? undefined : { postalCode });

const competence = ({
  kind,
  workplaces,
  seat,
  residence,
  establishment,
  host,
  hostFamily,
  ...flags
}: CompetenceFacts) => {
  if (workplaces?.some(({ share }) => share != null && !(share >= 0 && share <= 1))) {
    throw refuse('BAD_USER_INPUT', 'a share of time lies between 0 and 1');
  }
  const found = competentAuthority({
    kind: kind ?? 'SP_LIM',
    workplaces: workplaces?.map(({ postalCode, nis, share }) => ({
      postalCode: postalCode ?? undefined,
      nis: nis ?? undefined,
      share: share ?? undefined,
    })),
    seat: place(seat),
    residence: place(residence),
    establishment: place(establishment),
    hostEstablishment: place(host),
    hostFamily: place(hostFamily),
    posted: flags.posted ?? undefined,
    foreignEmployer: flags.foreignEmployer ?? undefined,
  });
  return (
    found && {
      authority: authorityOf(found.authority),
      rule: code('competenceRules', found.rule),
      confidence: found.confidence,
    }
  );
};

/** A region that decides on work, or a refusal: what an unknown id would answer for is nobody's. */
const regionOf = (id: string): string => {
  if (!regions.some((region) => region === id))
    throw refuse('BAD_USER_INPUT', 'no such authority decides on work', { regions });
  return id;
};

/** What hangs from a dossier is to the viewer what the dossier is, and is shown as of the same moment. */
const hanging = <Row>({ relation, asOf }: Scoped<DossierRow>, rows: readonly Row[]) =>
  rows.map((row) => ({ ...row, relation, ...(asOf ? { asOf } : {}) }));

/** One line a field: which store function, which rule or which column answers. */
export const resolvers: Resolvers = {
  Query: {
    dossier: (_, { number, asOf }, { store }) => store.dossier(number, asOf),
    document: async (_, { id }, { store, viewer }) => {
      const row = await store.document.load(id);
      return (row && documentsFor(viewer, row.relation, [row])[0]) ?? null;
    },
    dossiers: (_, args, { store }) => store.list(args),
    myDossiers: (_, args, { store }) => store.mine(args),
    outbox: (_, args, { store }) => store.outbox(args),
    message: (_, { id }, { store }) => store.message.load(id),
    openRequests: (_, __, { store }) => store.openRequests(),
    postWorklist: (_, __, { store }) => store.worklist('post'),
    municipalWorklist: (_, __, { store }) => store.worklist('municipality'),
    counterWorklist: (_, __, { store }) => store.worklist('counter'),
    deliveries: async (_, { dossier }, { store }) =>
      (await store.byNumber.load(dossier)) && store.deliveries.load(dossier),
    deadLetters: (_, { first }, { store }) => store.deadLetters(first),
    competentAuthority: (_, { facts }) => competence(facts),
    competenceCheck: (_, { facts }) => competence(facts) ?? { authority: null, rule: null, confidence: 'LOW' },
    categoryAdvice: (_, { facts: { region, at, kind, grossMonthly, age, ...facts } }, { viewer }) =>
      categoryAdvice({
        ...Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null)),
        region: regionOf(region),
        date: at ?? viewer.today,
        kind: kind ?? undefined,
        age: age ?? undefined,
        grossAnnual: grossMonthly == null ? undefined : Number(grossMonthly) * 12,
      }).map(({ category, fit, reasons }) => ({
        category: { list: 'admissionCategories', code: category },
        fit,
        reasons: reasons.map(({ code, met, floor }) => ({
          reason: { list: 'adviceReasons', code },
          met,
          floorYearly: floor && annualFloor(floor).toFixed(2),
        })),
      })),
    forecast: (_, { dossier }, { store }) => store.forecast(dossier),
    prefill: (_, asked, { store }) => store.prefill(asked),
    formDefinition: (_, { kind, region, category, at }, { viewer }) => {
      if (category != null && !codeOf('admissionCategories', category)) {
        throw refuse('BAD_USER_INPUT', 'no such admission category');
      }
      const form = formDefinition({ kind, region: regionOf(region), category: category ?? '', at: at ?? viewer.today });
      return {
        fields: [...form.fields],
        documents: form.documents.map(({ code, part, condition }) => ({
          code: { list: 'documents', code },
          part,
          condition,
        })),
        forbidden: form.forbidden.map(({ code }) => ({ list: 'forbiddenDocuments', code })),
      };
    },
    codeList: (_, { name }) => {
      const list = codeLists.find((known) => known === name);
      return list ? codeList(list).map(({ code, labels }) => ({ code, ...labels })) : null;
    },
    codeLists: () => [...codeLists],
    contactPoint: (_, { authority }) => {
      const body = authorityOf(authority);
      if (!body) throw refuse('NOT_FOUND', 'no such authority');
      const contact = contactPoint(authority);
      return {
        authority: body,
        email: contact?.email ?? null,
        phone: contact?.phone ?? null,
        url: contact?.url ?? null,
      };
    },
    guide: (_, { topic, lang }) =>
      guide(topic)?.steps.map(({ title, text }) => ({
        title: title[languageOf({ lang })],
        text: text[languageOf({ lang })],
      })) ?? null,
    info: (_, { topic, region, lang, audience }) =>
      info(topic, regionOf(region), languageOf({ lang }), audience ?? 'WORKER'),
    infoTopics: () => [...infoTopics],
  },
  Mutation: {
    createDraft: (_, { input }, { steps }) => steps.createDraft(input),
    updateDraft: (_, { input }, { steps }) => steps.updateDraft(input),
    duplicateDossier: (_, { input }, { steps }) => steps.duplicateDossier(input),
    submitDossier: (_, { input }, { steps }) => steps.submitDossier(input),
    addDocument: (_, { input }, { steps }) => steps.addDocument(input),
    completeDossier: (_, { input }, { steps }) => steps.completeDossier(input),
    withdrawApplication: (_, { input }, { steps }) => steps.withdrawApplication(input),
    requestInformation: (_, { input }, { steps }) => steps.requestInformation(input),
    declareAdmissible: (_, { input }, { steps }) => steps.declareAdmissible(input),
    declareInadmissible: (_, { input }, { steps }) => steps.declareInadmissible(input),
    transferDossier: (_, { input }, { steps }) => steps.transferDossier(input),
    takeWorkDecision: (_, { input }, { steps }) => steps.takeWorkDecision(input),
    takeResidenceDecision: (_, { input }, { steps }) => steps.takeResidenceDecision(input),
    closeWithoutObject: (_, { input }, { steps }) => steps.closeWithoutObject(input),
    lodgeAppeal: (_, { input }, { steps }) => steps.lodgeAppeal(input),
    decideAppeal: (_, { input }, { steps }) => steps.decideAppeal(input),
    withdrawPermit: (_, { input }, { steps }) => steps.withdrawPermit(input),
    notifyTermination: (_, { input }, { steps }) => steps.notifyTermination(input),
    issueVisa: (_, { input }, { steps }) => steps.issueVisa(input),
    registerArrival: (_, { input }, { steps }) => steps.registerArrival(input),
    registerResidence: (_, { input }, { steps }) => steps.registerResidence(input),
    issueCard: (_, { input }, { steps }) => steps.issueCard(input),
    issueAnnex49: (_, { input }, { steps }) => steps.issueAnnex49(input),
    sendMessage: (_, { input }, { steps }) => steps.sendMessage(input),
    giveAdvice: (_, { input }, { steps }) => steps.giveAdvice(input),
    consentWelcome: (_, { input }, { steps }) => steps.consentWelcome(input),
    submitDossiers: (_, { inputs }, { steps }) => steps.submitDossiers(inputs),
    declareDossiersAdmissible: (_, { inputs }, { steps }) => steps.declareDossiersAdmissible(inputs),
    takeWorkDecisions: (_, { inputs }, { steps }) => steps.takeWorkDecisions(inputs),
    takeResidenceDecisions: (_, { inputs }, { steps }) => steps.takeResidenceDecisions(inputs),
  },
  StepPayload: {
    // Read anew: the step has changed what was loaded before.
    dossier: ({ number }, _, { store }) => (number === null ? null : store.byNumber.load(number)),
  },
  Dossier: {
    __resolveReference: ({ number }, { store }) => store.byNumber.load(number),
    statusLabel: ({ status }, args) => {
      const row = codeOf('dossierStatuses', status);
      return (row?.publicLabels ?? row?.labels)?.[languageOf(args)] ?? status;
    },
    tracks: ({ workTrack, residenceTrack, competentAuthority, relation }) => [
      { part: 'WORK', authority: competentAuthority, status: workTrack, relation },
      { part: 'RESIDENCE', authority: 'FED-DVZ', status: residenceTrack, relation },
    ],
    competentAuthority: (row) => authorityOf(row.competentAuthority),
    competenceRule: (row) => code('competenceRules', row.competenceRule),
    category: (row) => code('admissionCategories', row.category),
    employer: ({ employerKbo, relation }) => (employerKbo === null ? null : { kbo: employerKbo, relation }),
    establishment: ({ establishmentNumber, relation }) =>
      establishmentNumber === null ? null : { number: establishmentNumber, relation },
    worker: ({ workerId, relation }) => (workerId === null ? null : { id: workerId, relation }),
    statedWorker: ({ statedWorker }) =>
      statedWorker && {
        lastName: statedWorker.lastName,
        firstNames: statedWorker.firstNames,
        birthDate: statedWorker.birthDate,
        nationalities: statedWorker.nationalities.flatMap((one) => countryOf(one) ?? []),
        abroad: statedWorker.abroad ?? false,
      },
    mandatary: ({ mandataryKbo, relation }) => (mandataryKbo === null ? null : { kbo: mandataryKbo, relation }),
    workplace: ({ workplaceNis }) => municipalityOf(workplaceNis),
    jointCommittee: (row) => code('jointCommittees', row.jointCommittee),
    weeklyHours: ({ weeklyHours }) => (weeklyHours === null ? null : Number(weeklyHours)),
    posting: ({ posting }) =>
      posting && {
        sender: posting.sender ?? null,
        senderCountry: countryOf(posting.senderCountry),
        limosaNumber: posting.limosaNumber ?? null,
      },
    diplomaticPost: (row) => authorityOf(row.diplomaticPost),
    residenceMunicipality: (row) => municipalityOf(row.residenceMunicipality),
    previousPermit: ({ previousPermitId, relation }) =>
      previousPermitId === null ? null : { id: previousPermitId, relation },
    asOf: ({ asOf }) => asOf?.moment ?? null,
    deadlines: async (dossier, _, { store, viewer }) =>
      known.deadlines(dossier, await store.deadlines.load(dossier.number)).map((row) => ({
        ...row,
        relation: dossier.relation,
        daysLeft:
          row.metOn === null && row.suspendedSince === null
            ? daysBetween(dossier.asOf?.day ?? viewer.today, row.dueOn)
            : null,
      })),
    documents: async (dossier, _, { store, viewer }) =>
      documentsFor(viewer, dossier.relation, known.documents(dossier, await store.documents.load(dossier.number))),
    requests: async (dossier, _, { store }) =>
      hanging(dossier, known.requests(dossier, await store.requests.load(dossier.number))),
    transfers: async (dossier, _, { store }) =>
      hanging(dossier, known.transfers(dossier, await store.transfers.load(dossier.number))),
    appeals: async (dossier, _, { store }) =>
      hanging(dossier, known.appeals(dossier, await store.appeals.load(dossier.number))),
    milestones: async (dossier, _, { store }) =>
      hanging(dossier, known.milestones(dossier, await store.milestones.load(dossier.number))),
    messages: async (dossier, _, { store }) =>
      hanging(dossier, known.messages(dossier, await store.messages.load(dossier.number))),
    notes: async (dossier, _, { store }) =>
      hanging(dossier, known.notes(dossier, await store.notes.load(dossier.number))),
    timeline: async (dossier, _, { store }) =>
      hanging(dossier, known.timeline(dossier, await store.timeline.load(dossier.number))),
  },
  Track: { authority: ({ authority }) => authorityOf(authority) },
  Deadline: { rule: ({ rule }) => code('deadlines', rule) },
  Document: {
    code: (row) => code('documents', row.code),
    part: (row) => documentCode(row.code)?.part ?? null,
  },
  InformationRequest: {
    dossier: ({ dossierNumber, asOf }, _, { store }) => store.dossier(dossierNumber, asOf?.moment),
    items: ({ items, relation }, _, { viewer }) => codes('documents', [...itemsFor(viewer, relation, items)]),
  },
  Transfer: {
    from: ({ fromAuthority }) => authorityOf(fromAuthority),
    to: ({ toAuthority }) => authorityOf(toAuthority),
  },
  Appeal: { against: ({ againstPart }) => againstPart },
  Milestone: {
    kind: ({ kind }) => code('milestones', kind),
    authority: ({ authority }) => authorityOf(authority),
  },
  Message: { dossier: ({ dossierNumber, asOf }, _, { store }) => store.dossier(dossierNumber, asOf?.moment) },
  OutboxEvent: {
    event: ({ event }) => ({ list: listOfEvent(event) ?? 'timelineEvents', code: event }),
    dossier: ({ dossierNumber }, _, { store }) => store.byNumber.load(dossierNumber),
    message: ({ messageId }, _, { store }) => (messageId === null ? null : store.message.load(messageId)),
  },
  TimelineEvent: {
    type: ({ type }) => code('timelineEvents', type),
    actor: ({ actor }) => authorityOf(actor),
  },
  Prefill: {
    employer: ({ kbo, relation }) => (kbo === null ? null : { kbo, relation }),
    worker: ({ workerId, relation }) => (workerId ? { id: workerId, relation } : null),
    replacedDocuments: ({ replaced }) => codes('documents', replaced),
    forbiddenDocuments: () => forbiddenDocuments,
  },
  ForbiddenDocument: {
    document: (row) => ({ list: 'forbiddenDocuments', code: row.code }),
    reason: ({ reasonLabels }, args) => reasonLabels[languageOf(args)],
  },
  Delivery: {
    event: ({ event }) => code('notifications', event),
    recipientKind: ({ recipient }) => kindOf(recipient),
    authority: ({ recipient }) => authorityOf(recipient),
  },
  FormField: { label: ({ labels }, args) => labels[languageOf(args)] },
  Employer: {
    __resolveReference: ({ kbo }) => ({ kbo }),
    dossiers: ({ kbo }, args, { store }) => store.ofEmployer(args).load(kbo),
  },
  Establishment: { __resolveReference: ({ number }) => ({ number }) },
  Mandatary: { __resolveReference: ({ kbo }) => ({ kbo }) },
  Worker: {
    __resolveReference: ({ id }) => ({ id }),
    dossiers: ({ id }, _, { store }) => store.ofWorker.load(id),
    availableProcedures: async ({ id }, _, { store, viewer }) => {
      const dossiers = await store.ofWorker.load(id);
      const courses = await Promise.all(
        dossiers.map(async ({ number }) => {
          const [timeline, deadlines] = await Promise.all([store.timeline.load(number), store.deadlines.load(number)]);
          return { timeline, deadlines };
        }),
      );
      return codes('procedures', proceduresFor(viewer, dossiers, courses));
    },
  },
  Permit: { __resolveReference: ({ id }) => ({ id }) },
};
