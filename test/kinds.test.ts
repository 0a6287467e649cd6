import { acting, arrangeDocuments, facts, papers, type Stepped } from './acting.ts';
import { insz, kbo } from './cast.ts';
import { type OpenedWorld, openWorld } from './opened-world.ts';

let world: OpenedWorld;
let as: ReturnType<typeof acting>;
beforeAll(async () => {
  world = await openWorld();
  as = acting(world);
});
afterAll(() => world?.stop());

const everyDocument = [
  ...papers,
  ...['WRK_LMT_PROOF', 'WRK_PAYSLIPS', 'WRK_LIMOSA', 'WRK_ASSIGNMENT_LETTER', 'WRK_HOSTING_AGREEMENT'],
  ...['WRK_TRAINING_PLAN', 'WRK_OLD_PERMITS', 'WRK_MUTUAL', 'WRK_BUSINESS_PLAN'],
];
const employer = `EMPLOYER:${kbo.brewery}`;

type Row = {
  kind: string;
  who: string;
  facts: Record<string, unknown>;
  region: string;
  rule: string;
  /** Who decides, in the order in which they do. */
  deciders: readonly string[];
  permit: { card: string | null; market: string; employer: string | null };
};

const nobody = { worker: undefined, diplomaticPost: undefined };
const withEmployer = { market: 'LIMITED', employer: kbo.brewery };
const unlimited = { ...nobody, category: 'UNL_4Y', periodTo: null, places: { residence: '1630' } };

// By hand from DOMAIN 3.1 (who applies, who decides), 3.8 (categories) and 4.1 (rules); card types [mem].
const rows: readonly Row[] = [
  {
    kind: 'SP_LIM',
    who: employer,
    facts: {},
    region: 'VLA-DEM',
    rule: 'R4',
    deciders: ['VLA-DEM', 'FED-DVZ'],
    permit: { card: 'A', ...withEmployer },
  },
  {
    kind: 'SP_UNL',
    who: `WORKER:${insz.rahul}`,
    facts: unlimited,
    region: 'VLA-DEM',
    rule: 'R1',
    deciders: ['VLA-DEM', 'FED-DVZ'],
    permit: { card: 'A', market: 'UNLIMITED', employer: null },
  },
  {
    kind: 'WA_SHORT',
    who: employer,
    facts: { category: 'SEASONAL', periodTo: '2027-03-31' },
    region: 'VLA-DEM',
    rule: 'R4',
    deciders: ['VLA-DEM'],
    permit: { card: null, ...withEmployer },
  },
  {
    kind: 'WA_UNL',
    who: `WORKER:${insz.fatima}`,
    facts: { ...unlimited, places: { residence: '1180' } },
    region: 'BRU-BEW',
    rule: 'R1',
    deciders: ['BRU-BEW'],
    permit: { card: null, market: 'UNLIMITED', employer: null },
  },
  {
    kind: 'PC_SELF',
    who: `ENTERPRISE_COUNTER:${kbo.counter}`,
    facts: { category: 'PC_ECON', employer: kbo.eupen, grossMonthly: undefined },
    region: 'DG-MIN',
    rule: 'R2',
    deciders: ['DG-MIN'],
    permit: { card: null, market: 'NONE', employer: kbo.eupen },
  },
  {
    kind: 'SP_BLUE',
    who: employer,
    facts: { category: 'BLUECARD', grossMonthly: '6000.00' },
    region: 'VLA-DEM',
    rule: 'R4',
    deciders: ['VLA-DEM', 'FED-DVZ'],
    permit: { card: 'H', ...withEmployer },
  },
  {
    kind: 'SP_ICT',
    who: employer,
    facts: { category: 'ICT_MGR', grossMonthly: '9000.00', places: { host: '1410' } },
    region: 'WAL-SPW',
    rule: 'R3',
    deciders: ['WAL-SPW', 'FED-DVZ'],
    permit: { card: 'I', ...withEmployer },
  },
  {
    kind: 'SP_ICT_MOB',
    who: employer,
    facts: { category: 'ICT_EXP', grossMonthly: '9000.00', places: { host: '4700' } },
    region: 'DG-MIN',
    rule: 'R3',
    deciders: ['DG-MIN', 'FED-DVZ'],
    permit: { card: 'J', ...withEmployer },
  },
  {
    kind: 'SP_SEAS',
    who: employer,
    facts: { category: 'SEASONAL', periodTo: '2027-05-31', places: { workplaces: [{ postalCode: '3790' }] } },
    region: 'VLA-DEM',
    rule: 'R4',
    deciders: ['VLA-DEM', 'FED-DVZ'],
    permit: { card: 'A', ...withEmployer },
  },
  {
    kind: 'SP_RES',
    who: employer,
    facts: { category: 'RESEARCHER' },
    region: 'VLA-DEM',
    rule: 'R4',
    deciders: ['FED-DVZ'],
    permit: { card: 'A', ...withEmployer },
  },
  {
    kind: 'SP_TRAINEE',
    who: employer,
    facts: { category: 'TRAINEE', periodTo: '2027-06-30', places: { workplaces: [{ postalCode: '1180' }] } },
    region: 'BRU-BEW',
    rule: 'R4',
    deciders: ['BRU-BEW', 'FED-DVZ'],
    permit: { card: 'A', ...withEmployer },
  },
];

let born = 0;
const someone = () => ({ ...facts.worker, birthDate: `19${70 + born++}-02-03` });
const decisionOf = (who: string) => (who === 'FED-DVZ' ? 'takeResidenceDecision' : 'takeWorkDecision');

test.each(rows)('$kind is filed by $who, goes to $region by $rule, and becomes a permit', async (row) => {
  const made = await as(row.who)('createDraft', {
    kind: row.kind,
    language: 'NL',
    ...(row.kind.endsWith('UNL') ? { applicationType: 'UNLIMITED' } : {}),
    facts: { ...facts, worker: someone(), ...row.facts },
  });
  const number = made.dossier?.number ?? '';
  await arrangeDocuments(world, number, everyDocument);
  const problems: Stepped['problems'][] = [];
  let version = 1;
  const take = async (who: string, name: string, input: Record<string, unknown> = {}) => {
    const done = await as(who)(name, { number, expectedVersion: version, ...input });
    problems.push(done.problems);
    version = done.dossier?.version ?? version;
    return done.dossier?.status;
  };
  await take(row.who, 'submitDossier');
  await take(row.region, 'declareAdmissible');
  const reached: (string | undefined)[] = [];
  for (const who of row.deciders) reached.push(await take(who, decisionOf(who), { outcome: 'GRANT' }));
  expect(problems.flat()).toEqual([]);
  expect(reached).toEqual(row.deciders.map((_, i) => (i === row.deciders.length - 1 ? 'GRANTED' : 'IN_TREATMENT')));
  const [stored] = await world.rows(
    `select d.competent_authority as region, d.competence_rule as rule, p.card_type as card, p.labour_market as market, p.employer_kbo as employer
     from dossiers.dossier d join cadastre.permit p on p.dossier_number = d.number where d.number = $1`,
    [number],
  );
  expect(stored).toEqual({ region: row.region, rule: row.rule, ...row.permit });
});

test('an au pair waits for its flag: no draft is made before', async () => {
  const refused = await as(`WORKER:${insz.katrien}`)('createDraft', {
    kind: 'WA_AUPAIR',
    language: 'NL',
    facts: { worker: someone(), places: { residence: '1630' } },
  });
  expect(refused).toEqual({
    dossier: null,
    problems: [
      {
        code: 'BAD_STATE',
        message: 'The counter does not take WA_AUPAIR yet.',
        guard: 'KIND_OFFERED',
        status: null,
        version: null,
      },
    ],
  });
});
