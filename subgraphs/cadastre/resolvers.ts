import { quarterOf } from '../../schema/calendar.ts';
import { authorityOf, code, codes, countryOf, mustBeAuthorities, mustBeCodes } from '../common.ts';
import { refuse } from '../errors.ts';
import { permitted } from '../filter.ts';
import type { Condition } from '../page.ts';
import { cells, explanations } from './explain.ts';
import type { Inspected } from './rows.ts';
import { allowed, inForceSql, isVanderElst, lacksPermit, stateOn, stateSql, wageQuarter } from './rules.ts';
import type { Asked } from './store.ts';
import type { Resolvers } from './types.ts';

const siteLimit = 200;

const mayFilter = permitted('cadastre');

/** The conditions that were set; an argument left out sets none. */
const set = (conditions: Record<string, { sql: string; value: unknown }>): Condition[] =>
  Object.entries(conditions).flatMap(([name, { sql, value }]) =>
    value == null ? [] : [{ sql, values: { [name]: value } }],
  );

const inspected = (about: Partial<Inspected>): Inspected => ({
  worker: null,
  employer: null,
  establishment: null,
  at: null,
  // What an inspection asks about is in its territory or it is not; each row found says which.
  relation: 'INVOLVED',
  ...about,
});

/** One line a field: which store function, which rule or which column answers. */
export const resolvers: Resolvers = {
  Query: {
    cadastre: async (_, { insz, worker, employer, establishment, at }, { store }) => {
      const subjects = [insz, worker, employer, establishment].filter((subject) => subject != null);
      if (subjects.length !== 1)
        throw refuse('BAD_USER_INPUT', 'ask about one: insz, worker, employer or establishment');
      if (insz == null)
        return {
          worker: worker ?? null,
          employer: employer ?? null,
          establishment: establishment ?? null,
          at: at ?? null,
        };
      // Of a number that no register knows the answer is as of one that the viewer has no file on: nothing.
      const [known] = await store.workersOf([insz]);
      return { worker: known ?? '', employer: null, establishment: null, at: at ?? null };
    },
    permits: (_, { kind, state, worker, employer, establishment, at, ...args }, { store, viewer }) =>
      store.permits(
        [
          ...set({
            kind: { sql: 't.kind = any(?::text[])', value: kind },
            worker: { sql: 't.worker_id = ?', value: worker },
            employer: { sql: 't.employer_kbo = ?', value: employer },
            establishment: { sql: 't.establishment_number = ?', value: establishment },
          }),
          ...(at == null ? [] : [{ sql: inForceSql, values: { begunOn: at, until: at } }]),
          ...(state == null
            ? []
            : [
                {
                  sql: `${stateSql} = any(?::text[])`,
                  values: { begunBy: viewer.today, endedBefore: viewer.today, state },
                },
              ]),
        ],
        args,
      ),
    mayEmploy: async (_, { insz, kbo, at }, { store, viewer }) => {
      if (!(await store.mayAskFor(kbo))) return null;
      const [worker] = await store.workersOf([insz]);
      // A person whom no register knows is looked up as any other: not even the time it takes tells them apart.
      const facts = await store.workFacts.load(worker ?? '');
      const { conditions, ...answer } = allowed(facts, kbo, at ?? viewer.today);
      return { ...answer, conditions: codes('workConditions', conditions), workerId: worker ?? null };
    },
    siteCheck: async (_, { number, insz, at }, { store, viewer }) => {
      if (insz.length > siteLimit)
        throw refuse('LIMIT_EXCEEDED', `a site check takes at most ${siteLimit} persons`, { limit: siteLimit });
      const on = at ?? viewer.today;
      const [site, workers] = await Promise.all([store.site.load(number), store.workersOf(insz)]);
      if (!site) return null;
      const asked = workers.map((worker) => worker ?? '');
      const [facts, declared] = await Promise.all([
        store.workFacts.loadMany(asked),
        store.declared(asked, site.kbo, on),
      ]);
      return asked.map((worker, position) => {
        const found = facts[position];
        if (found instanceof Error) throw found;
        const { allowed: yes, until } = allowed(found ?? null, site.kbo, on);
        return {
          workerId: worker,
          position,
          allowed: yes,
          until,
          declared: declared.has(worker),
          relation: site.relation,
        };
      });
    },
    inspectWorker: async (_, { insz, at }, { store }) => {
      const [known] = await store.workersOf([insz]);
      return inspected({ worker: known ?? '', at: at ?? null });
    },
    inspectEmployer: (_, { kbo, at }) => inspected({ employer: kbo, at: at ?? null }),
    inspectEstablishment: (_, { number, at }) => inspected({ establishment: number, at: at ?? null }),
    wageCompliance: async (_, { dossier }, { store }) => {
      const terms = await store.terms(dossier);
      if (!terms?.employerKbo) return [];
      const lines = await store.select('dmfa', { worker: terms.workerId, employer: terms.employerKbo });
      return lines.map((line) => ({ ...wageQuarter(line, terms), workerId: line.workerId, relation: line.relation }));
    },
    dimona: (_, { worker, employer }, { store }) => store.select('dimona', { worker, employer }),
    dmfa: (_, { worker, employer, quarter }, { store }) => store.select('dmfa', { worker, employer, quarter }),
    limosa: (_, { number, worker }, { store }) => store.select('limosa', { number, worker }),
    a1: (_, { worker, at }, { store }) => store.select('a1', { worker, inForce: at }),
    limosaWithoutPermit: async (_, { region, from, to }, { store }) => {
      mustBeAuthorities([region]);
      const begun = (await store.limosaBegun(from, to, region ?? null)).filter((row) => !isVanderElst(row));
      const facts = await store.workFacts.loadMany([...new Set(begun.map(({ workerId }) => workerId))]);
      const lacking = new Map(
        facts.flatMap((one) => (one === null || one instanceof Error ? [] : [[one.workerId, one] as const])),
      );
      return begun
        .filter(({ workerId, startDate }) => {
          const person = lacking.get(workerId);
          return person !== undefined && lacksPermit(person, startDate);
        })
        .slice(0, 100);
    },
    inspectionHits: (_, { rule, severity, territory, since, ...args }, { store, viewer }) => {
      mustBeCodes('inspectionRules', rule ?? []);
      mustBeAuthorities([territory]);
      return store.hits(
        [
          ...set({
            rule: { sql: 't.rule = any(?::text[])', value: rule },
            severity: { sql: 't.severity = any(?::text[])', value: severity },
            region: { sql: 't.authority = ?', value: territory },
            since: { sql: `t.detected_at >= ?::date::timestamp at time zone 'Europe/Brussels'`, value: since },
          }),
          // Where a hit was is as much as whom it is about: who may see neither does not find it by either.
          ...(territory == null ? [] : mayFilter(viewer, 'hit', ['InspectionHit.subjectEmployer'])),
        ],
        args,
      );
    },
    explainAccess: (_, { coordinate, subject, principal, roles, purpose }, context) =>
      explanations(
        context,
        coordinate,
        subject ?? null,
        principal == null ? null : { principal, roles: roles ?? null, purpose: purpose ?? null },
      ),
    accessMatrix: (_, { category, kind }) => cells(category ?? null, kind ?? null),
    accessLog: (_, { worker, party, outcome, from, to, ...args }, { store }) =>
      store.consultations(
        set({
          worker: { sql: 't.subject = ?', value: worker },
          by: { sql: 't.party = ?', value: party },
          outcome: { sql: 't.outcome = any(?::text[])', value: outcome },
          from: { sql: `t.at >= ?::date::timestamp at time zone 'Europe/Brussels'`, value: from },
          to: { sql: `t.at < (?::date + 1)::timestamp at time zone 'Europe/Brussels'`, value: to },
        }),
        args,
      ),
  },
  Consultation: {
    authority: ({ party }) => authorityOf(party),
    user: ({ userId }) => userId,
  },
  Inspection: {
    worker: ({ worker }, _, { store }) => (worker === null ? null : store.person.load(worker)),
    employer: ({ employer, relation }) => (employer === null ? null : { kbo: employer, relation }),
    establishment: ({ establishment, relation }) =>
      establishment === null ? null : { number: establishment, relation },
    cadastre: ({ worker, employer, establishment, at }) => ({ worker, employer, establishment, at }),
    hits: async ({ worker, employer, establishment }, _, { store }) => {
      if (worker !== null) return store.hitsAbout('worker', worker);
      // A site that the viewer may not inspect is asked about as one that is not there: by the same statements.
      const kbo = establishment === null ? employer : (await store.site.load(establishment))?.kbo;
      return store.hitsAbout('employer', kbo ?? '');
    },
  },
  Cadastre: {
    permits: ({ at, ...subject }, _, { store }) => store.select('permit', { ...subject, permitted: at }),
    dimona: ({ at, ...subject }, _, { store }) => store.select('dimona', { ...subject, running: at }),
    dmfa: ({ at, ...subject }, _, { store }) =>
      store.select('dmfa', { ...subject, quarter: at === null ? null : quarterOf(at) }),
    limosa: async ({ worker, employer, establishment, at }, _, { store }) => {
      const client = establishment === null ? employer : ((await store.employerOfUnit(establishment)) ?? '');
      const asked: Asked = worker === null ? { client } : { worker };
      return store.select('limosa', { ...asked, running: at });
    },
    a1: ({ worker, at }, _, { store }) => (worker === null ? [] : store.select('a1', { worker, inForce: at })),
  },
  Permit: {
    __resolveReference: ({ id }, { store }) => store.permit.load(id),
    dossier: ({ dossierNumber, relation }) => (dossierNumber === null ? null : { number: dossierNumber, relation }),
    worker: ({ workerId, relation }) => ({ id: workerId, relation }),
    employer: ({ employerKbo, relation }) => (employerKbo === null ? null : { kbo: employerKbo, relation }),
    establishment: ({ establishmentNumber, relation }) =>
      establishmentNumber === null ? null : { number: establishmentNumber, relation },
    authority: ({ authority }) => authorityOf(authority),
    labourMarket: ({ labourMarket }) => code('labourMarketMentions', labourMarket),
    state: (row, _, { viewer }) => stateOn(row, viewer.today),
    withdrawal: ({ withdrawnOn, withdrawalGround, withdrawalAuthority }) =>
      withdrawnOn === null
        ? null
        : {
            effectiveOn: withdrawnOn,
            ground: code('groundsWithdrawal', withdrawalGround),
            authority: authorityOf(withdrawalAuthority),
          },
    cardType: ({ cardType }) => code('cardTypes', cardType),
  },
  DimonaPeriod: {
    worker: ({ workerId, relation }) => ({ id: workerId, relation }),
    employer: ({ employerKbo, relation }) => ({ kbo: employerKbo, relation }),
    establishment: ({ establishmentNumber, relation }) =>
      establishmentNumber === null ? null : { number: establishmentNumber, relation },
    type: ({ type }) => code('dimonaTypes', type),
    jointCommittee: ({ jointCommittee }) => code('jointCommittees', jointCommittee),
  },
  DmfaLine: {
    worker: ({ workerId, relation }) => ({ id: workerId, relation }),
    employer: ({ employerKbo, relation }) => ({ kbo: employerKbo, relation }),
    establishment: ({ establishmentNumber, relation }) =>
      establishmentNumber === null ? null : { number: establishmentNumber, relation },
    jointCommittee: ({ jointCommittee }) => code('jointCommittees', jointCommittee || null),
    days: ({ days }) => Number(days),
    hours: ({ hours }) => Number(hours),
  },
  LimosaDeclaration: {
    __resolveReference: ({ number }, { store }) => store.limosa.load(number),
    worker: ({ workerId, relation }) => ({ id: workerId, relation }),
    sender: ({ senderName, senderCountry, senderReference }) => ({
      name: senderName,
      country: countryOf(senderCountry),
      reference: senderReference,
    }),
    clients: ({ clients, relation }) => clients.map((kbo) => ({ kbo, relation })),
    places: ({ places }) =>
      places.map(({ postalCode, locality, street }) => ({
        street: street ?? null,
        houseNumber: null,
        postalCode: postalCode ?? null,
        locality: locality ?? null,
        countries: countryOf('BE')?.labels ?? {},
        struckOffOn: null,
      })),
    a1: ({ a1Number }, _, { store }) => (a1Number === null ? null : store.a1.load(a1Number)),
  },
  A1Certificate: { issuingCountry: ({ issuingCountry }) => countryOf(issuingCountry) },
  SiteCheckResult: {
    worker: ({ workerId }, _, { store }) => store.person.load(workerId),
  },
  InspectionHit: {
    rule: ({ rule }) => code('inspectionRules', rule),
    subjectWorker: ({ workerId, relation }) => (workerId === null ? null : { id: workerId, relation }),
    subjectEmployer: ({ employerKbo, relation }) => (employerKbo === null ? null : { kbo: employerKbo, relation }),
    assignedTo: ({ assignedTo }) => authorityOf(assignedTo),
  },
  Worker: {
    __resolveReference: ({ id }) => ({ id }),
    permits: ({ id }, _, { store }) => store.permitsOfWorker.load(id),
  },
  Employer: {
    __resolveReference: ({ kbo }) => ({ kbo }),
    permits: ({ kbo }, _, { store }) => store.permitsOfEmployer.load(kbo),
  },
  Establishment: { __resolveReference: ({ number }) => ({ number }) },
  Dossier: {
    __resolveReference: ({ number }) => ({ number }),
    permit: async ({ number }, _, { store }) => (await store.permitsOfDossier.load(number))[0] ?? null,
  },
};
