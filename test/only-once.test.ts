import { onStatement } from '../db/statement.ts';
import { makeKbo } from '../schema/identifiers.ts';
import { acting, complete, facts, papers, uploaded } from './acting.ts';
import { insz, kbo, unit } from './cast.ts';
import { forbidden, type OpenedWorld, openWorld } from './opened-world.ts';

let world: OpenedWorld;
let as: ReturnType<typeof acting>;
beforeAll(async () => {
  world = await openWorld();
  as = acting(world);
});
afterAll(() => world?.stop());

const brewery = `EMPLOYER:${kbo.brewery}`;
const mandatary = `MANDATARY:${kbo.mandatary}`;
const counter = `ENTERPRISE_COUNTER:${kbo.counter}`;

const asked = (args: string, fields = 'employer { kbo } worker { lastName } replacedDocuments { code }') =>
  `{ prefill${args} { ${fields} } }`;
const about = (who: string, employer: string) => `(insz: "${who}", kbo: "${employer}")`;
const replaced = (...codes: string[]) => codes.map((code) => ({ code }));

test('an employer is spared what the KBO, social security and the registers hold of it and of its worker', async () => {
  const answer = await world.as(brewery)(
    asked(
      about(insz.rahul, '0123.456.749'),
      `employer { name seat { postalCode } jointCommittees { code } nace { code } establishments { edges { node { number } } } }
       worker { lastName firstNames birthDate nationality { code } }
       replacedDocuments { list code label }
       forbiddenDocuments { document { code label } reason lookedUpIn }`,
    ),
  );
  expect(answer).toEqual({
    data: {
      prefill: {
        employer: {
          name: 'Brouwerij De Zenne',
          seat: { postalCode: '1630' },
          jointCommittees: [{ code: '118' }],
          nace: [{ code: '11050' }],
          establishments: { edges: [{ node: { number: unit.brewery } }] },
        },
        worker: { lastName: 'Sharma', firstNames: 'Rahul', birthDate: '1988-02-03', nationality: [{ code: 'IN' }] },
        replacedDocuments: [{ list: 'documents', code: 'WRK_PAYSLIPS', label: 'Payslips' }],
        forbiddenDocuments: [
          {
            document: { code: 'WRK_RSZ_WAGE_CERTIFICATE', label: 'NSSO certificate of correct wage declaration' },
            reason: 'Not to be asked: the administration looks it up itself (only once)',
            lookedUpIn: 'DMFA',
          },
        ],
      },
    },
  });
});

test.each<[string, string, string, unknown]>([
  [
    'a mandatary, of its mandator and a worker of it',
    mandatary,
    about(insz.rahul, kbo.brewery),
    {
      employer: { kbo: kbo.brewery },
      worker: { lastName: 'Sharma' },
      replacedDocuments: replaced('WRK_EMPLOYER_ID', 'WRK_PAYSLIPS'),
    },
  ],
  [
    'a mandatary whose mandate has ended',
    `MANDATARY:${kbo.formerMandatary}`,
    about(insz.rahul, kbo.brewery),
    {
      employer: null,
      worker: null,
      replacedDocuments: [],
    },
  ],
  [
    'an employer, of itself when it names nobody',
    brewery,
    '',
    {
      employer: { kbo: kbo.brewery },
      worker: null,
      replacedDocuments: [],
    },
  ],
  [
    'an employer, of another employer',
    brewery,
    about(insz.rahul, kbo.ukkel),
    {
      employer: null,
      worker: { lastName: 'Sharma' },
      replacedDocuments: [],
    },
  ],
  [
    'an employer on whom nobody has a file yet',
    `EMPLOYER:${kbo.formerMandatary}`,
    '',
    {
      employer: { kbo: kbo.formerMandatary },
      worker: null,
      replacedDocuments: [],
    },
  ],
  [
    'a worker, of the own person',
    `WORKER:${insz.rahul}`,
    '',
    {
      employer: null,
      worker: { lastName: 'Sharma' },
      replacedDocuments: replaced('WRK_OLD_PERMITS'),
    },
  ],
  [
    'a worker, of another',
    `WORKER:${insz.rahul}`,
    `(insz: "${insz.ayse}")`,
    {
      employer: null,
      worker: null,
      replacedDocuments: [],
    },
  ],
])('what is held is told to %s', async (_, who, args, prefill) => {
  expect(await world.as(who)(asked(args))).toEqual({ data: { prefill } });
});

test('an enterprise counter, which sees no papers, is told of its clients alone', async () => {
  expect(await world.as(counter)(asked(`(insz: "${insz.grace}")`))).toEqual({
    data: { prefill: { employer: null, worker: { lastName: expect.any(String) }, replacedDocuments: null } },
    errors: [forbidden('Prefill.replacedDocuments', ['prefill', 'replacedDocuments'])],
  });
});

test('whoever applies for nothing is told nothing', async () => {
  for (const who of ['VLA-DEM', 'FED-DVZ', 'INS-RSZ', 'MUN-23100', 'HELPDESK', 'AUDITOR']) {
    expect(await world.as(who)(asked(''))).toEqual({
      data: { prefill: null },
      errors: [forbidden('Query.prefill', ['prefill'])],
    });
  }
});

/** The answer, how many statements it took, and what the log then holds of it. */
const trace = async (who: string, args: string) => {
  const [{ last = 0 } = {}] = await world.rows<{ last: number }>('select max(seq)::int as last from read_log.entry');
  let statements = 0;
  const stop = onStatement(() => {
    statements += 1;
  });
  const answer = await world.as(who)(asked(args));
  stop();
  const entries = await world.rows('select subject, read, outcome from read_log.entry where seq > $1 order by seq', [
    last,
  ]);
  return { answer, statements, entries };
};

test('nobody learns from it who exists, who works where, or who has a permit', async () => {
  const stranger = `EMPLOYER:${kbo.ukkel}`;
  await trace(stranger, about(insz.nobody, kbo.ukkel));
  const nobody = await trace(stranger, about(insz.nobody, kbo.ukkel));
  expect(nobody).toEqual({
    answer: { data: { prefill: { employer: { kbo: kbo.ukkel }, worker: null, replacedDocuments: [] } } },
    statements: expect.any(Number),
    entries: [{ subject: null, read: ['EMPLOYER', 'WORKER_IDENTITY', 'WORK_DOCUMENTS'], outcome: 'NOTHING' }],
  });
  for (const one of [insz.rahul, insz.ayse, insz.fatima]) {
    expect(await trace(stranger, about(one, kbo.ukkel))).toEqual(nobody);
  }
  const elsewhere = await trace(stranger, about(insz.nobody, makeKbo('09999999')));
  expect(elsewhere.answer).toEqual({ data: { prefill: { employer: null, worker: null, replacedDocuments: [] } } });
  expect(await trace(stranger, about(insz.rahul, kbo.brewery))).toEqual(elsewhere);
});

test('a document that an authority looks up itself is not taken, and the refusal says why', async () => {
  const { number, version } = await complete(world, brewery, { papers: [] });
  const upload = await uploaded(world, brewery);
  const refused = await as(brewery)('addDocument', {
    number,
    code: 'WRK_RSZ_WAGE_CERTIFICATE',
    fileName: 'attest.pdf',
    upload,
  });
  expect(refused).toMatchObject({
    dossier: { version },
    problems: [
      {
        code: 'BAD_USER_INPUT',
        guard: 'DOCUMENT_ACCEPTED',
        message:
          'NSSO certificate of correct wage declaration. Not to be asked: the administration looks it up itself (only once).',
      },
    ],
  });
  expect(await world.rows('select id from steps.upload where id = $1', [upload])).toEqual([{ id: upload }]);
});

/** A renewal by the brewery for somebody whom it names by number. */
const renewal = async (worker: {
  insz: string;
  lastName: string;
  firstNames: string;
  birthDate: string;
  nationalities: string[];
}) => {
  const needed = papers.filter((code) => !['RES_CRIMINAL_RECORD', 'RES_MEDICAL'].includes(code));
  const draft = await complete(world, brewery, {
    applicationType: 'RENEWAL',
    facts: { worker, diplomaticPost: null, periodFrom: '2029-01-01', periodTo: '2030-12-31' },
    papers: needed,
  });
  return as(brewery)('submitDossier', { number: draft.number, expectedVersion: draft.version });
};

test('a renewal needs no payslips where DmfA has the wages, and needs them where it has none', async () => {
  const rahul = {
    insz: insz.rahul,
    lastName: 'Sharma',
    firstNames: 'Rahul',
    birthDate: '1988-02-03',
    nationalities: ['IN'],
  };
  expect(await renewal(rahul)).toMatchObject({ dossier: { status: 'SUBMITTED' }, problems: [] });

  await world.rows(`delete from cadastre.dmfa_line where worker_id = 'W-0000002'`);
  await world.rows(
    `update dossiers.dossier set status = 'WITHOUT_OBJECT' where worker_id = 'W-0000002' and status = 'SUBMITTED'`,
  );
  expect((await renewal(rahul)).problems).toMatchObject([
    { code: 'BAD_STATE', guard: 'DOCUMENTS_PRESENT', message: expect.stringContaining('WRK_PAYSLIPS') },
  ]);
});

const numbersOf = (birthDate: string) =>
  world.rows<{ insz: string }>(
    `select a.insz from workers.insz_alias a join workers.worker w on w.id = a.worker_id
     where w.birth_date = $1 and a.kind = 'BIS' order by a.insz`,
    [birthDate],
  );

test('a worker without a number is given a bis number, and two of one day of birth at once get two', async () => {
  const twin = (firstNames: string, sex?: string) => ({
    ...facts.worker,
    birthDate: '1991-04-06',
    firstNames,
    ...(sex ? { sex } : { sex: null }),
  });
  const drafts = [];
  for (const worker of [twin('Chidi', 'M'), twin('Emeka', 'M'), twin('Ada', 'F'), twin('Uche')]) {
    drafts.push(await complete(world, brewery, { facts: { worker } }));
  }
  const filed = await Promise.all(
    drafts.map(({ number, version }) => as(brewery)('submitDossier', { number, expectedVersion: version })),
  );
  expect(filed.flatMap(({ problems }) => problems)).toEqual([]);
  // Month 04 + 20 where the sex is not known, + 40 where it is; the counter odd for men and even for women, from the top; the
  // check 97 - (the nine digits mod 97).
  expect(await numbersOf('1991-04-06')).toEqual([
    { insz: '91240699729' },
    { insz: '91440699574' },
    { insz: '91440699772' },
    { insz: '91440699871' },
  ]);
});

test('who files under a mandate proves it to nobody: to the region neither, and not when the mandate has ended since', async () => {
  const draft = await complete(world, mandatary, {
    papers: papers.filter((code) => code !== 'WRK_EMPLOYER_ID'),
    facts: { employer: kbo.brewery, worker: { ...facts.worker, birthDate: '1972-03-04' } },
  });
  const { number } = draft;
  const filed = await as(mandatary)('submitDossier', { number, expectedVersion: draft.version });
  expect(filed.problems).toEqual([]);
  await world.rows(`update access.involvement set valid_to = '2026-11-02' where party = $1 and capacity = 'MANDATE'`, [
    mandatary,
  ]);
  const admitted = await as('VLA-DEM')('declareAdmissible', { number, expectedVersion: filed.dossier?.version });
  expect([admitted.problems, admitted.dossier?.status]).toEqual([[], 'IN_TREATMENT']);
});
