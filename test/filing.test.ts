import { acting, arrangeDocuments, complete, facts, papers, type Stepped } from './acting.ts';
import { insz, kbo } from './cast.ts';
import { type OpenedWorld, openWorld, treating } from './opened-world.ts';

let world: OpenedWorld;
let as: ReturnType<typeof acting>;
beforeAll(async () => {
  world = await openWorld();
  as = acting(world);
});
afterAll(() => world?.stop());

const employer = `EMPLOYER:${kbo.brewery}`;
type Dossier = NonNullable<Stepped['dossier']>;

let born = 0;
const someone = (other: Record<string, unknown> = {}) => ({
  worker: { ...facts.worker, birthDate: `19${60 + born++}-07-08`, ...other },
});

const take = async (who: string, step: string, on: Dossier, input: Record<string, unknown> = {}): Promise<Dossier> => {
  const done = await as(who)(step, { number: on.number, expectedVersion: on.version, ...input });
  if (done.problems.length > 0) throw new Error(`${step}: ${JSON.stringify(done.problems)}`);
  return done.dossier ?? on;
};

/** A complete draft without a round trip for each of its documents. */
const ready = async (other: Record<string, unknown> = {}): Promise<Dossier> => {
  const draft = await complete(world, employer, { papers: [], facts: { ...someone(), ...other } });
  await arrangeDocuments(world, draft.number, papers);
  return draft;
};

const shown = (number: string) =>
  `{ dossier(number: "${number}") { status duplicatedFrom category { code } grossMonthly statedWorker { lastName birthDate } documents { code { code } } decisions { id } } }`;

test('a draft is seen by its applicant and by nobody else; the worker follows the dossier from admissibility on', async () => {
  const draft = await ready();
  const question = `{ dossier(number: "${draft.number}") { status } }`;
  const none = { data: { dossier: null } };
  const seen = (status: string) => ({ data: { dossier: { status } } });
  expect(await world.as(employer)(question)).toEqual(seen('DRAFT'));
  for (const who of ['VLA-DEM', 'FED-DVZ', 'FED-RSZ', `EMPLOYER:${kbo.ukkel}`, 'INS-VSI', 'INS-RSZ']) {
    expect(await world.as(who)(question)).toEqual(none);
  }
  const filed = await take(employer, 'submitDossier', draft);
  for (const who of ['VLA-DEM', 'FED-RSZ', 'INS-VSI', 'INS-RSZ']) {
    expect(await world.as(who)(question)).toEqual(seen('SUBMITTED'));
  }
  expect(await world.as('FED-DVZ')(question)).toEqual(none);
  const [row] = await world.rows<{ insz: string }>(
    'select a.insz from workers.insz_alias a join dossiers.dossier d on d.worker_id = a.worker_id where d.number = $1',
    [draft.number],
  );
  expect(await world.as(`WORKER:${row?.insz}`)(question)).toEqual(none);
  await take('VLA-DEM', 'declareAdmissible', filed);
  for (const who of ['FED-DVZ', `WORKER:${row?.insz}`]) {
    expect(await world.as(who)(question)).toEqual(seen('IN_TREATMENT'));
  }
});

test('a duplicate has the data and the documents that are still valid, and nothing of what was decided', async () => {
  const draft = await ready();
  const filed = await take(employer, 'submitDossier', draft);
  const treated = await take('VLA-DEM', 'declareAdmissible', filed);
  await take('VLA-DEM', 'takeWorkDecision', treated, { outcome: 'REFUSE', grounds: ['DIPLOMA'], motivation: 'Neen.' });
  const { dossier } = await as(employer)('duplicateDossier', { number: draft.number });
  const { data } = await world.as(employer)<{ dossier: { documents: { code: { code: string } }[] } }>(
    shown(dossier?.number ?? ''),
  );
  expect(data?.dossier.documents.map(({ code }) => code.code).sort()).toEqual(
    // Neither the proof that a fee was paid nor the form of another application, nor what an employer never reads back.
    ['RES_INSURANCE', 'RES_MEANS', 'RES_PASSPORT', 'WRK_CONTRACT', 'WRK_DIPLOMA', 'WRK_EMPLOYER_ID'],
  );
  expect({ ...data?.dossier, documents: [] }).toEqual({
    status: 'DRAFT',
    duplicatedFrom: draft.number,
    category: { code: 'HIGHSKILL' },
    grossMonthly: '5200.00',
    statedWorker: null,
    documents: [],
    decisions: [],
  });
});

test('the same application is not filed twice without a reason; the same worker for another employer is', async () => {
  const worker = someone().worker;
  const first = await ready({ worker });
  await take(employer, 'submitDossier', first);
  const [row] = await world.rows<{ insz: string }>(
    'select a.insz from workers.insz_alias a join dossiers.dossier d on d.worker_id = a.worker_id where d.number = $1',
    [first.number],
  );
  const again = await ready({ worker: { ...worker, insz: row?.insz } });
  const refused = await as(employer)('submitDossier', { number: again.number, expectedVersion: again.version });
  expect(refused.problems).toEqual([
    {
      code: 'BAD_USER_INPUT',
      message: 'The same application is open: a second one needs a reason.',
      guard: 'NO_DUPLICATE',
      status: null,
      version: null,
    },
  ]);
  const filed = await take(employer, 'submitDossier', again, { reason: 'Andere functie' });
  expect(filed.status).toBe('SUBMITTED');
});

test('a number that is another person’s becomes nobody’s file: the registers know that person by another name', async () => {
  const draft = await ready({ worker: { ...facts.worker, insz: insz.rahul, birthDate: '1988-02-03' } });
  const refused = await as(employer)('submitDossier', { number: draft.number, expectedVersion: draft.version });
  expect(refused.problems.map(({ code, message }) => [code, message])).toEqual([
    ['BAD_USER_INPUT', 'The registers know another person by the number of the worker.'],
  ]);
  const wrongDay = await as(employer)('createDraft', {
    kind: 'SP_LIM',
    language: 'NL',
    facts: { ...facts, worker: { ...facts.worker, insz: insz.rahul } },
  });
  expect(wrongDay.problems.map(({ message }) => message)).toEqual([
    'The number of the worker tells another day of birth.',
  ]);
});

test('what is wrong in a draft is told in a sentence, and nothing is made', async () => {
  const before = await world.rows('select count(*)::integer as n from dossiers.dossier');
  const wrong: [Record<string, unknown>, string][] = [
    [{ category: 'WIZARD' }, 'There is no such admission category.'],
    [{ periodTo: '2026-12-31' }, 'The employment ends before it begins.'],
    [{ diplomaticPost: 'VLA-DEM' }, 'There is no such diplomatic post.'],
    [{ functionTitle: 'x'.repeat(301) }, 'A text is longer than 300 characters.'],
    [{ weeklyHours: 0 }, 'The hours a week are none.'],
    [{ jointCommittee: '999' }, 'There is no such joint committee.'],
    [{ places: { workplaces: [{ postalCode: '1630', share: 1.5 }] } }, 'A share of time lies between 0 and 1.'],
    [
      { worker: { ...facts.worker, nationalities: [] } },
      'The worker has a nationality; XS says stateless, XX unknown.',
    ],
    [{ employer: kbo.ukkel }, 'You file for yourself: the employer is you.'],
    [{ previousPermit: 'P-0000001' }, 'There is no such permit to renew or to follow, or none for you.'],
  ];
  for (const [other, message] of wrong) {
    const refused = await as(employer)('createDraft', {
      kind: 'SP_LIM',
      language: 'NL',
      facts: { ...facts, ...other },
    });
    expect(refused).toEqual({
      dossier: null,
      problems: [{ code: 'BAD_USER_INPUT', message, guard: null, status: null, version: null }],
    });
  }
  expect(await world.rows('select count(*)::integer as n from dossiers.dossier')).toEqual(before);
});

test('English is a language of labels, and not one in which a dossier is treated', async () => {
  const message = 'A dossier is treated in Dutch, French or German.';
  const begun = await as(employer)('createDraft', { kind: 'SP_LIM', language: 'EN', facts });
  expect(begun.problems.map((problem) => problem.message)).toEqual([message]);
  const draft = await ready();
  const changed = { number: draft.number, expectedVersion: draft.version, language: 'EN', facts: {} };
  expect((await as(employer)('updateDraft', changed)).problems.map((problem) => problem.message)).toEqual([message]);
});

test('what a draft leaves out stays as it is, and what is null is taken out', async () => {
  const draft = await ready();
  const changed = await take(employer, 'updateDraft', draft, {
    facts: { category: null, functionTitle: 'Brouwer', worker: { ...facts.worker, lastName: 'Okonkwo' } },
  });
  const read = (version: number) =>
    world
      .as(employer)(
        `{ dossier(number: "${draft.number}") { version category { code } functionTitle grossMonthly statedWorker { lastName } } }`,
      )
      .then(({ data }) =>
        expect(data).toEqual({
          dossier: {
            version,
            category: null,
            functionTitle: 'Brouwer',
            grossMonthly: '5200.00',
            statedWorker: { lastName: 'Okonkwo' },
          },
        }),
      );
  await read(changed.version);
  const incomplete = await as(employer)('submitDossier', { number: draft.number, expectedVersion: changed.version });
  expect(incomplete.problems).toHaveLength(1);
  await read(changed.version);
});

test('the parties of a draft stay as they were when it was begun', async () => {
  const draft = await ready();
  for (const [facts, message] of [
    [{ employer: kbo.ukkel }, 'The employer of a draft stays: begin another draft.'],
    [{ counter: kbo.counter }, 'The enterprise counter of a draft stays: begin another draft.'],
  ] as const) {
    const refused = await as(employer)('updateDraft', { number: draft.number, expectedVersion: draft.version, facts });
    expect(refused.problems.map((problem) => problem.message)).toEqual([message]);
  }
});

test('a worker who agrees is referred to the welcome services: at once after the grant, else with it', async () => {
  const draft = await ready();
  const filed = await take(employer, 'submitDossier', draft);
  const treated = await take('VLA-DEM', 'declareAdmissible', filed);
  const [row] = await world.rows<{ insz: string }>(
    'select a.insz from workers.insz_alias a join dossiers.dossier d on d.worker_id = a.worker_id where d.number = $1',
    [draft.number],
  );
  const worker = `WORKER:${row?.insz}`;
  const referred = () =>
    world.rows(`select event from steps.outbox where dossier_number = $1 and event = 'WELCOME_REFERRAL'`, [
      draft.number,
    ]);
  const agreed = await take(worker, 'consentWelcome', treated);
  expect(await referred()).toEqual([]);
  const half = await take('VLA-DEM', 'takeWorkDecision', agreed, { outcome: 'GRANT' });
  const granted = await take('FED-DVZ', 'takeResidenceDecision', half, { outcome: 'GRANT' });
  expect(await referred()).toHaveLength(1);
  await take(worker, 'consentWelcome', granted);
  expect(await referred()).toHaveLength(2);
});

test('messages go both ways on a dossier and change nothing of it; only who may read them does', async () => {
  const draft = await ready();
  const filed = await take(employer, 'submitDossier', draft);
  const said = await take(employer, 'sendMessage', filed, { text: 'Is het dossier volledig?' });
  await take('VLA-DEM', 'sendMessage', said, { text: 'Ja.' });
  expect(said.version).toBe(filed.version);
  const question = `{ dossier(number: "${draft.number}") { messages { senderKind text } } }`;
  const messages = [
    { senderKind: 'EMPLOYER', text: 'Is het dossier volledig?' },
    { senderKind: 'REGION', text: 'Ja.' },
  ];
  for (const who of [employer, 'VLA-DEM']) {
    expect(await world.as(who)(question)).toEqual({ data: { dossier: { messages } } });
  }
  const empty = await as(employer)('sendMessage', { number: draft.number, text: '  ' });
  expect(empty.problems.map(({ guard }) => guard)).toEqual(['TEXT_GIVEN']);
  const long = await as(employer)('sendMessage', { number: draft.number, text: 'x'.repeat(10_001) });
  expect(long.problems.map(({ message }) => message)).toEqual(['A message has at most 10000 characters.']);
});

test('regions with a dossier on the same worker know of each other’s, and of no more than its status', async () => {
  const worker = someone().worker;
  const flemish = await ready({ worker });
  await take(employer, 'submitDossier', flemish);
  const [row] = await world.rows<{ insz: string }>(
    'select a.insz from workers.insz_alias a join dossiers.dossier d on d.worker_id = a.worker_id where d.number = $1',
    [flemish.number],
  );
  const question = `{ dossier(number: "${flemish.number}") { status functionTitle } }`;
  expect(await world.as('WAL-SPW', treating)(question)).toEqual({ data: { dossier: null } });
  const walloon = await complete(world, `EMPLOYER:${kbo.waterloo}`, {
    papers: [],
    language: 'FR',
    facts: { worker: { ...worker, insz: row?.insz }, places: { workplaces: [{ postalCode: '1410' }] } },
  });
  await arrangeDocuments(world, walloon.number, papers);
  await take(`EMPLOYER:${kbo.waterloo}`, 'submitDossier', walloon);
  expect(await world.as('WAL-SPW', treating)(question)).toMatchObject({
    data: { dossier: { status: 'SUBMITTED', functionTitle: null } },
    errors: [{ code: 'FORBIDDEN', path: ['dossier', 'functionTitle'] }],
  });
});

test('an enterprise counter advises on a professional card that it follows, and on no other dossier', async () => {
  const counter = `ENTERPRISE_COUNTER:${kbo.counter}`;
  const made = await as(counter)('createDraft', {
    kind: 'PC_SELF',
    language: 'DE',
    facts: { ...facts, ...someone(), category: 'PC_ECON', employer: kbo.eupen },
  });
  const advised = await as(counter)('giveAdvice', {
    number: made.dossier?.number,
    text: 'Das Vorhaben ist tragfähig.',
  });
  expect(advised.problems).toEqual([]);
  const other = await ready();
  const refused = await as(counter)('giveAdvice', { number: other.number, text: 'x' });
  expect(refused).toEqual({
    dossier: null,
    problems: [
      {
        code: 'NOT_FOUND',
        message: 'There is no such dossier, or none for you',
        guard: null,
        status: null,
        version: null,
      },
    ],
  });
});
