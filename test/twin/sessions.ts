/** Asks the same of two worlds that differ only in what a principal may not see, and says where the answers differ. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, parse } from 'graphql';
import { authorities } from '../../schema/authorities.ts';
import { makeDossierNumber, makeEstablishment, makeKbo } from '../../schema/identifiers.ts';
import { type Kind, roles } from '../../schema/policy.ts';
import { codeList } from '../../schema/reference.ts';
import { type SubgraphName, sdl, subgraphNames } from '../../schema/subgraphs.ts';
import { principalOf } from '../../subgraphs/principal.ts';
import type { Viewer } from '../../subgraphs/viewer.ts';
import { arrange } from '../arranged.ts';
import { insz, kbo } from '../cast.ts';
import { today } from '../cluster.ts';
import { freshDatabase } from '../database.ts';
import { openPools, type Question, type TwinGraph, twinGraph, type World } from './graph.ts';
import { type Draw, drawFrom, entityForms, type Form, fill, goOn, graphForms, type Pools } from './questions.ts';
import { isRefused, stepsFor } from './steps.ts';
import { makeTwin, type Owner, ownerOf, prepareMirrors, releasedWorkers } from './twins.ts';

/** One who asks, and what for; without a purpose where none is stated. */
export type Session = { kind: Kind; who: string; purpose: string | null };

const each = (kind: Kind, ...asking: readonly (readonly [who: string, purpose?: string])[]): Session[] =>
  asking.map(([who, purpose]) => ({ kind, who, purpose: purpose ?? null }));

/** Every kind of principal; several of one where the relations, or a purpose, make a difference. */
export const sessions: readonly Session[] = [
  ...each('REGION', ['BRU-BEW', 'TREAT_DOSSIER'], ['WAL-SPW', 'TREAT_DOSSIER'], ['VLA-DEM']),
  ...each('RESIDENCE', ['FED-DVZ', 'RESIDENCE_CHECK']),
  ...each('PLATFORM', ['FED-RSZ', 'AUDIT']),
  ...each('IDENTITY', ['FED-KSZ', 'REGISTRATION']),
  ...each('INSPECTION_FED', ['INS-TSW', 'INSPECTION_COMPLAINT']),
  ...each('INSPECTION_REG', ['INS-BRU', 'INSPECTION_COMPLAINT'], ['INS-VSI']),
  ...each('POST', ['POST-IN-1', 'VISA_ISSUE']),
  ...each('MUNICIPALITY', ['MUN-23077', 'REGISTRATION']),
  ...each('EMPLOYER', [`EMPLOYER:${kbo.brewery}`], [`EMPLOYER:${kbo.ukkel}`]),
  ...each('MANDATARY', [`MANDATARY:${kbo.mandatary}`], [`MANDATARY:${kbo.formerMandatary}`]),
  ...each('WORKER', [`WORKER:${insz.rahul}`], [`WORKER:${insz.katrien}`]),
  ...each('SELF_EMPLOYED', [`SELF_EMPLOYED:${insz.grace}`]),
  ...each('ENTERPRISE_COUNTER', [`ENTERPRISE_COUNTER:${kbo.counter}`]),
  ...each('HELPDESK', ['HELPDESK', 'HELPDESK']),
  ...each('AUDITOR', ['AUDITOR', 'AUDIT']),
  ...each('COORDINATION', ['COO-SIOD', 'STATISTICS']),
  ...each('RECIPIENT', ['EU-COM', 'STATISTICS']),
];

const viewerOf = ({ who, purpose }: Session): Viewer => {
  const named = principalOf(who, today);
  if ('reason' in named) throw new Error(named.reason);
  return {
    ...named.principal,
    id: `test:${who}`,
    roles,
    purpose,
    reference: purpose && 'r',
    wrongPurpose: null,
    today,
  };
};

const nobody = {
  dossier: makeDossierNumber('SP', 2026, 9999999),
  kbo: makeKbo('09999999'),
  unit: makeEstablishment('29999999'),
};

const forecastsNothing = `(t.status not in ('SUBMITTED', 'INFO_REQUESTED', 'ADMISSIBLE', 'IN_TREATMENT')
  or not exists (select from seen_dossier s where s.row_no = t.row_no))`;

const codes = (name: Parameters<typeof codeList>[0]) => codeList(name).map(({ code }) => code);

/** Values to ask by: of each key some that the principal sees, some that it does not, and one that nobody has. */
const poolsOf = async (base: Owner, draw: Draw): Promise<Pools> => {
  const some = async (table: string, key: string, none: string, where = 'true'): Promise<unknown[]> => {
    const name = table.slice(table.indexOf('.') + 1);
    const rows = await base.run<{ key: string; seen: boolean }>(
      `select t.${key} as key, exists (select from seen_${name} s where s.row_no = t.row_no) as seen from ${table} t where ${where} order by 1`,
    );
    const take = (seen: boolean) => {
      const found = rows.filter((row) => row.seen === seen).map((row) => row.key);
      return found.length === 0 ? [] : Array.from({ length: 8 }, () => draw.pick(found));
    };
    return [...take(true), ...take(false), none];
  };
  const dossiers = await some('dossiers.dossier', 'number', nobody.dossier);
  const enterprises = await some('employers.enterprise', 'kbo', nobody.kbo);
  const workers = await some('workers.worker', 'id', 'W-NOBODY');
  const asked = await some('workers.insz_alias', 'insz', insz.nobody, `t.worker_id ${releasedWorkers}`);
  const days = ['2024-03-01', '2025-12-31', '2026-06-01', today, '2027-01-01'];
  return {
    DossierNumber: dossiers,
    KboNumber: enterprises,
    EstablishmentNumber: await some('employers.establishment', 'number', nobody.unit),
    LimosaNumber: await some(
      'cadastre.limosa_declaration',
      'number',
      'L1-2026-000000000-00',
      `t.number not like 'L-%'`,
    ),
    Insz: await some('workers.insz_alias', 'insz', insz.nobody),
    // Whether a person may work is told of whomever it is asked; the twins leave that alone for half of all persons.
    'mayEmploy.insz': asked,
    'siteCheck.insz': asked,
    worker: workers,
    'worker.id': workers,
    // How long others took is told to whoever has a dossier that is open: those are left out.
    'forecast.dossier': await some('dossiers.dossier', 'number', nobody.dossier, forecastsNothing),
    'explainAccess.coordinate': [
      ...['Dossier.grossMonthly', 'Note.text', 'Decision.motivation', 'Worker.insz', 'Permit.state', 'DimonaPeriod.id'],
      ...['InspectionHit.rule', 'Employer.nace', 'DossierFilter.nationality', 'Query.dossiers', 'Dossier.nothing'],
    ],
    'explainAccess.subject': [...dossiers, ...workers, ...enterprises],
    // An auditor is told of another what that other sees; of one who sees nothing it can tell no two worlds apart.
    'explainAccess.principal': ['EU-COM', 'NOBODY'],
    'explainAccess.purpose': ['STATISTICS', 'NOTHING'],
    'accessMatrix.kind': ['REGION', 'EMPLOYER', 'NOBODY'],
    'accessLog.party': ['VLA-DEM', 'INS-TSW', 'NOBODY'],
    'decision.id': await some('decisions.decision', 'id', 'NOBODY'),
    'message.id': await some('dossiers.message', 'id', 'NOBODY'),
    'outbox.events': ['PERMIT_WITHDRAWN', 'MESSAGE_ADDED', 'WORK_DECIDED', 'DOCUMENT_ADDED', 'NOTHING'],
    mandate: await some('employers.mandate', 'id', 'NOBODY'),
    'document.id': await some('dossiers.document', 'id', 'NOBODY'),
    'permit.id': await some('cadastre.permit', 'id', 'NOBODY'),
    search: ['Brouwerij', 'br', 'cabinet', 'a', 's', kbo.brewery, 'ster', 'hof', 'huis', 'brug', 'nv', '', '???'],
    authority: authorities.slice(0, 12).map(({ id }) => id),
    region: ['VLA-DEM', 'BRU-BEW', 'WAL-SPW', 'DG-MIN', 'FED-DVZ'],
    territory: ['VLA-DEM', 'BRU-BEW', 'WAL-SPW', 'DG-MIN', 'NOBODY'],
    category: codes('admissionCategories'),
    rule: codes('inspectionRules'),
    CountryCode: ['IN', 'TR', 'MA', 'US', 'XK', 'BE'],
    Date: days,
    DateTime: days.map((day) => `${day}T00:00:00Z`),
    Quarter: ['2025Q4', '2026Q1', '2026Q2', '2026Q3'],
    Money: ['2500.00', '5000.00'],
    PostalCode: ['1000', '3000', '4700', '1630'],
    NisCode: ['23077', '24062'],
    Boolean: [true, false],
    Float: [0.5, 1, 2],
    Int: [30, 60],
    topic: ['POSTING', 'HOUSING', 'NOTHING'],
    name: ['documents', 'nothing'],
  };
};

const compose = async (graph: TwinGraph, world: World): Promise<GraphQLSchema> => {
  graph.turnTo(world);
  const asked = { of: 'graph', query: getIntrospectionQuery(), variables: {} } as const;
  const { text } = await graph.ask(asked, viewerOf({ kind: 'AUDITOR', who: 'AUDITOR', purpose: null }));
  return buildClientSchema(JSON.parse(text).data);
};

/** Where two worlds part: in the answer, or in the statements behind the same answer. */
export type Difference = {
  by: 'answer' | 'statements';
  who: string;
  purpose: string | null;
  question: Question;
  worlds: readonly [string, string];
};

/** A database that differs from the base in what one session may not see, and the values to ask both by. */
export type Twin = { world: World; session: Session; pools: Pools; drop(): Promise<void> };

/** What one session came to. */
export type Outcome = { asked: number; differences: Difference[] };

/** The statements of an answer: of a look-up that stands alone all, in their order; else which there were. */
const ranFor = ({ lookUp }: Form, statements: readonly string[]): string =>
  (lookUp ? [...statements].sort() : [...new Set(statements)].sort()).join('\n');

const atOnce = 4;

/** Asks some at a time, and answers in their order. */
const several = async <One, Other>(list: readonly One[], ask: (one: One) => Promise<Other>): Promise<Other[]> => {
  const answers: Other[] = [];
  for (let at = 0; at < list.length; at += atOnce) {
    answers.push(...(await Promise.all(list.slice(at, at + atOnce).map(ask))));
  }
  return answers;
};

/** The tables that are long and say little: a part of them tells as much, in less time. */
const thinner = [
  `delete from dossiers.document where id not like 'DOC-_' and abs(hashtext(id)) % 8 <> 0`,
  `delete from dossiers.event where dossier_number > 'SP-2026-0001' and abs(hashtext(dossier_number)) % 4 <> 0`,
  `delete from cadastre.dmfa_line where abs(hashtext(worker_id)) % 3 <> 0`,
  // Every dossier has something that is for one authority alone, and every decision its reasons.
  `insert into dossiers.note select 'N-' || number || a, number, created_at, a, 'note of ' || a || ' on ' || number
     from dossiers.dossier, unnest(array[competent_authority, 'FED-DVZ']) a where status <> 'DRAFT'`,
  `insert into dossiers.message select 'M-' || number, number, created_at, 'EMPLOYER', 'x', 'a word on ' || number from dossiers.dossier`,
  `insert into steps.outbox (position, at, event, dossier_number, message_id)
     select row_number() over (order by at, number, event), at, event, number, message from (
       select at, type as event, dossier_number as number, null as message from dossiers.event
       union all select at, 'MESSAGE_ADDED', dossier_number, id from dossiers.message
       union all select created_at, (array['TERMINATION_NOTIFIED', 'WELCOME_REFERRAL', 'INSPECTION_HIT'])[1 + abs(hashtext(number)) % 3], number, null
         from dossiers.dossier where status <> 'DRAFT') x`,
  // Each of several parties was told something about it, and some of that was given up.
  `insert into steps.delivery (id, position, dossier_number, event, recipient, channel, status, attempts, due_at, created_at, fault)
     select 'L-' || number || r, position, number, event, r, 'EVENT', (array['PENDING', 'SENT', 'DEAD'])[1 + abs(hashtext(number || r)) % 3],
       abs(hashtext(number || r)) % 7, now(), at, 'TIMEOUT'
     from steps.outbox o join dossiers.dossier d on d.number = o.dossier_number, unnest(array[competent_authority, 'FED-DVZ', 'FED-RSZ',
       'INS-TSW', 'INS-BRU', 'POST-IN-1', 'MUN-23077', 'EMPLOYER:' || d.employer_kbo, 'WORKER:' || d.worker_id]) r
     where o.event = 'DOSSIER_SUBMITTED' and r is not null and abs(hashtext(number || r)) % 4 <> 0`,
  `update decisions.decision set motivation = coalesce(motivation, 'why: ' || id)`,
  // What keeps the words in which a draft named its worker.
  `update dossiers.dossier set stated_worker = jsonb_build_object('lastName', 'of ' || number, 'firstNames', 'x', 'birthDate', '1990-01-01',
     'nationalities', jsonb_build_array('IN')) where abs(hashtext(number)) % 2 = 0`,
  // Half of all enterprises have a name besides.
  `insert into employers.denomination select entity, language, '003', name || ' ' || besides, search || ' ' || besides
     from (select d.*, (array['ster', 'hof', 'huis', 'brug'])[1 + abs(hashtext(entity)) % 4] as besides
           from employers.denomination d where abs(hashtext(entity)) % 2 = 0) d`,
  // Of hits the world has few: here each rule has one in each territory.
  `insert into cadastre.inspection_hit (id, rule, severity, worker_id, employer_kbo, authority, evidence, detected_at, status)
     select 'HIT-' || number, 'I' || lpad((1 + row_number() over (order by number) % 23)::text, 2, '0'),
       (array['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'])[1 + row_number() over (order by number) % 4], worker_id, employer_kbo,
       workplace_authority, jsonb_build_array(jsonb_build_object('kind', 'DOSSIER', 'id', number)), submitted_at, 'OPEN'
     from dossiers.dossier where workplace_authority is not null and submitted_at is not null and abs(hashtext(number)) % 3 = 0`,
];

/** Both answers, from a little before they part. */
const around = (one: string, other: string): readonly [string, string] => {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const from = Math.max(0, at - 200);
  return [one.slice(from, at + 300), other.slice(from, at + 300)];
};

/** The worlds that the twins are made of, and the forms that everybody fills in. */
export const openTwins = async ({ seed, documents }: { seed: number; documents: number }) => {
  const still = await freshDatabase();
  const arranging = await ownerOf(still.ownerUrl);
  await arrange(arranging.rows);
  // The timeline of a twin is another one too.
  await arranging.run('alter table dossiers.event disable trigger event_is_append_only');
  for (const text of thinner) await arranging.run(text);
  await prepareMirrors(arranging);
  await arranging.end();
  const base = await freshDatabase(still.name);
  const owner = await ownerOf(base.ownerUrl);
  const world = openPools(base.urlOf);
  const graph = await twinGraph();
  const draw = drawFrom(seed);
  const schema = await compose(graph, world);
  const forms = [
    ...graphForms(schema, draw, documents),
    ...entityForms(
      Object.fromEntries(
        subgraphNames.map((name) => [name, buildSubgraphSchema({ typeDefs: parse(sdl(name)) })]),
      ) as Record<SubgraphName, GraphQLSchema>, // one for each name
      draw,
    ),
  ];

  /** The twin for one session, as long as it is needed. */
  const twinFor = async (session: Session): Promise<Twin> => {
    const copy = await freshDatabase(still.name);
    const other = await ownerOf(copy.ownerUrl);
    await makeTwin(owner, other, { who: session.who, purpose: session.purpose !== null }).finally(other.end);
    const twin = openPools(copy.urlOf);
    return {
      world: twin,
      session,
      pools: await poolsOf(owner, drawFrom(seed)),
      drop: async () => {
        await twin.close();
        await copy.drop();
      },
    };
  };

  /** Asks so many questions of the one world, the same of its twin, and tells where the answers or the statements differ. */
  const compare = async ({ session, world: twin, pools }: Twin, least: number): Promise<Outcome> => {
    const draw = drawFrom(seed + session.who.length);
    const viewer = viewerOf(session);
    const plain = { ...viewer, purpose: null, reference: null };
    const questions: { form: Form; question: Question; viewer: Viewer }[] = [];
    for (let at = draw.below(forms.length), asked = 0; asked < least; at += 1) {
      const form = forms[at % forms.length] as Form; // the list is not empty
      const asking = draw.often(0.3) ? plain : viewer;
      // That a row is there, its entity would tell who needs no more than to state a purpose; through the gateway nothing leads to it.
      if (asking.purpose === null && ['Permit', 'LimosaDeclaration'].includes(form.entity ?? '')) continue;
      questions.push({ form, question: fill(draw, pools, form), viewer: asking });
      asked += form.fields;
    }
    graph.turnTo(world);
    const heard = (
      await several(questions, async (one) => {
        const first = { ...one, heard: await graph.ask(one.question, one.viewer) };
        const next = goOn(one.form, one.question, first.heard.text);
        return next ? [first, { ...one, question: next, heard: await graph.ask(next, one.viewer) }] : [first];
      })
    ).flat();
    graph.turnTo(twin);
    const both = await several(heard, async (one) => ({ ...one, again: await graph.ask(one.question, one.viewer) }));
    await twin.idle();
    const differences = both.flatMap<Difference>(({ form, question, viewer: { purpose }, heard: once, again }) => {
      const asked = { who: session.who, purpose, question };
      if (once.text !== again.text) return [{ by: 'answer', ...asked, worlds: around(once.text, again.text) }];
      const [one, other] = [ranFor(form, once.statements), ranFor(form, again.statements)];
      return one === other ? [] : [{ by: 'statements', ...asked, worlds: around(one, other) }];
    });
    return { asked: heard.reduce((sum, { form }) => sum + form.fields, 0), differences };
  };

  /** Asks steps of both worlds that the one refuses as nobody's or not the caller's, and tells where the other answers otherwise. */
  const refuse = async ({ session, world: twin, pools }: Twin): Promise<Outcome> => {
    const viewer = viewerOf(session);
    const questions = stepsFor(drawFrom(seed), { kind: session.kind, pools });
    graph.turnTo(world);
    const once = await several(questions, async (question) => ({
      question,
      heard: await graph.ask(question, viewer),
    }));
    const refused = once.filter(({ question, heard }) => isRefused(question, heard.text));
    graph.turnTo(twin);
    const both = await several(refused, async (one) => ({ ...one, again: await graph.ask(one.question, viewer) }));
    const differences = both.flatMap<Difference>(({ question, heard, again }) => {
      const asked = { who: session.who, purpose: session.purpose, question };
      if (heard.text !== again.text) return [{ by: 'answer', ...asked, worlds: around(heard.text, again.text) }];
      const [one, other] = [heard, again].map(({ statements }) => [...statements].sort().join('\n'));
      return one === other ? [] : [{ by: 'statements', ...asked, worlds: around(one ?? '', other ?? '') }];
    });
    return { asked: refused.length, differences };
  };

  return {
    forms,
    schema,
    twinFor,
    compare,
    refuse,
    /** Plants a leak, or takes it out again. */
    plant: graph.plant,
    stop: async () => {
      await graph.stop();
      await world.close();
      await owner.end();
      await base.drop();
      await still.drop();
    },
  };
};
