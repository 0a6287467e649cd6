import { randomUUID } from 'node:crypto';
import { onStatement } from '../db/statement.ts';
import { makeKbo } from '../schema/identifiers.ts';
import { acting, complete, facts } from './acting.ts';
import { kbo } from './cast.ts';
import { type OpenedWorld, openWorld } from './opened-world.ts';

let world: OpenedWorld;
let as: ReturnType<typeof acting>;
beforeEach(async () => {
  world = await openWorld();
  as = acting(world);
});
afterEach(() => world?.stop());

type Payload = {
  mandate: { id: string; status: string; proposedBy: string; lastDay: string | null } | null;
  problems: { code: string; message: string }[];
};

const change =
  (name: 'createMandate' | 'endMandate') =>
  async (who: string, input: Record<string, unknown>): Promise<Payload> => {
    const type = name === 'createMandate' ? 'CreateMandateInput' : 'EndMandateInput';
    const { data, errors } = await world.as(who)<Record<string, Payload>>(
      `mutation($input: ${type}!) { ${name}(input: $input) { mandate { id status proposedBy lastDay } problems { code message } } }`,
      { input: { idempotencyKey: randomUUID(), ...input } },
    );
    const payload = data?.[name];
    if (errors || !payload) throw new Error(JSON.stringify(errors));
    return payload;
  };
const create = change('createMandate');
const end = change('endMandate');

const employer = `EMPLOYER:${kbo.ukkel}`;
const mandatary = `MANDATARY:${kbo.mandatary}`;
const terms = { giver: kbo.ukkel, holder: kbo.mandatary, group: 'SINGLE_PERMIT', fromQuarter: '2026Q4' };
const nobody = makeKbo('09999999');

/** Both parties agree to a mandate; answers its id. */
const agree = async (other: Record<string, unknown> = {}): Promise<string> => {
  await create(employer, { ...terms, ...other });
  const { mandate, problems } = await create(mandatary, { ...terms, ...other });
  expect(problems).toEqual([]);
  return mandate?.id ?? '';
};

/** When the reference register lets the mandatary act for the employer. */
const registered = (holder: string = kbo.mandatary) =>
  world.rows(
    `select valid_from::text as "from", valid_to::text as "to" from access.involvement where party = $1 and subject = $2`,
    [`MANDATARY:${holder}`, kbo.ukkel],
  );

const standsAt = (who: string) =>
  world.as(who)(`{ mandates(giver: "${kbo.ukkel}", holder: "${kbo.mandatary}") {
    giver { kbo } giverKbo holder { kbo name kind } group { code } fromQuarter toQuarter lastDay proposedBy status } }`);

/** What somebody sees of the employer in Ukkel: whether it is there, and how many of its dossiers. */
const sightOf = async (who: string) => {
  const { data } = await world.as(who)<{ employer: object | null; dossiers: { totalCount: number } }>(
    `{ employer(kbo: "${kbo.ukkel}") { kbo } dossiers(filter: { employer: "${kbo.ukkel}" }) { totalCount } }`,
  );
  return { isThere: data?.employer != null, hasDossiers: (data?.dossiers.totalCount ?? 0) > 0 };
};
const nothing = { isThere: false, hasDossiers: false };
const everything = { isThere: true, hasDossiers: true };

/** What a mandatary files for the employer in Ukkel. */
const inBrussels = { ...facts, employer: kbo.ukkel, places: { workplaces: [{ postalCode: '1180' }] } };
const begun = { kind: 'SP_LIM', language: 'FR', facts: { employer: kbo.ukkel } };

test('an employer proposes, its mandatary agrees, and only then may the mandatary see and file', async () => {
  const proposal = { id: expect.stringMatching(/^MAN-/), status: 'PENDING', proposedBy: 'GIVER', lastDay: null };
  expect(await create(employer, terms)).toEqual({ mandate: proposal, problems: [] });

  const waiting = {
    giver: null,
    giverKbo: kbo.ukkel,
    holder: { kbo: kbo.mandatary, name: 'Sociaal Secretariaat De Brug', kind: 'SOCIAL_SECRETARIAT' },
    group: { code: 'SINGLE_PERMIT' },
    fromQuarter: '2026Q4',
    toQuarter: null,
    lastDay: null,
    proposedBy: 'GIVER',
    status: 'PENDING',
  };
  expect(await standsAt(mandatary)).toEqual({ data: { mandates: [waiting] } });
  expect(await registered()).toEqual([]);
  expect(await sightOf(mandatary)).toEqual(nothing);
  expect((await as(mandatary)('createDraft', begun)).problems).toMatchObject([{ guard: 'MANDATE_IN_FORCE' }]);

  expect(await create(mandatary, terms)).toEqual({ mandate: { ...proposal, status: 'ACTIVE' }, problems: [] });
  expect(await registered()).toEqual([{ from: '2026-11-02', to: null }]); // its quarter began before both had agreed
  expect(await sightOf(mandatary)).toEqual(everything);
  const inForce = { ...waiting, giver: { kbo: kbo.ukkel }, status: 'ACTIVE' };
  expect(await standsAt(mandatary)).toEqual({ data: { mandates: [inForce] } });

  const draft = await complete(world, mandatary, { language: 'FR', facts: inBrussels });
  const filed = await as(mandatary)('submitDossier', { number: draft.number, expectedVersion: draft.version });
  expect(filed).toMatchObject({ dossier: { status: 'SUBMITTED' }, problems: [] });
});

test('a mandatary proposes and the employer agrees; it counts from the first day of its first quarter to the last of its last', async () => {
  const later = { ...terms, fromQuarter: '2027Q1', toQuarter: '2027Q2' };
  const proposal = { id: expect.any(String), status: 'PENDING', proposedBy: 'HOLDER', lastDay: '2027-06-30' };
  expect(await create(mandatary, later)).toEqual({ mandate: proposal, problems: [] });
  expect(await create(employer, later)).toEqual({ mandate: { ...proposal, status: 'ACTIVE' }, problems: [] });
  expect(await registered()).toEqual([{ from: '2027-01-01', to: '2027-06-30' }]);
  expect(await sightOf(mandatary)).toEqual(nothing);
});

test('who repeats its own proposal agrees to nothing; other terms are another proposal', async () => {
  const { mandate } = await create(employer, terms);
  expect(await create(employer, terms)).toEqual({
    mandate,
    problems: [{ code: 'BAD_STATE', message: 'You proposed this before: it waits for the other party' }],
  });
  const other = await create(mandatary, { ...terms, toQuarter: '2027Q4' });
  expect(other.mandate).toEqual({
    id: expect.any(String),
    status: 'PENDING',
    proposedBy: 'HOLDER',
    lastDay: '2027-12-31',
  });
  expect(other.mandate?.id).not.toBe(mandate?.id);
  expect(await registered()).toEqual([]);
});

test('two parties that propose the same at the same time have agreed', async () => {
  const both = await Promise.all([create(employer, terms), create(mandatary, terms)]);
  expect(both.flatMap(({ problems }) => problems)).toEqual([]);
  expect(await world.rows('select status from employers.mandate where giver_kbo = $1', [kbo.ukkel])).toEqual([
    { status: 'ACTIVE' },
  ]);
});

test.each([
  ['refused by the other party', mandatary],
  ['taken back by who proposed it', employer],
])('a proposal can be %s, and be made anew', async (_, who) => {
  const { mandate } = await create(employer, terms);
  const closing = { mandate: mandate?.id, lastDay: '2026-12-31' };
  expect((await end(who, closing)).problems).toEqual([
    { code: 'BAD_USER_INPUT', message: 'A mandate that is not agreed has no last day: it is refused, or taken back' },
  ]);
  const rejected = { ...mandate, status: 'REJECTED' };
  expect(await end(who, { mandate: mandate?.id })).toEqual({ mandate: rejected, problems: [] });
  expect(await end(who, { mandate: mandate?.id })).toEqual({
    mandate: rejected,
    problems: [{ code: 'BAD_STATE', message: 'This mandate is REJECTED' }],
  });
  expect((await create(mandatary, terms)).mandate).toMatchObject({ status: 'PENDING', proposedBy: 'HOLDER' });
  expect(await registered()).toEqual([]);
});

test.each([
  ['the employer', employer],
  ['the mandatary', mandatary],
])('a mandate that %s ends at once counts no more at the next request', async (_, who) => {
  const id = await agree();
  const draft = await complete(world, mandatary, { language: 'FR', facts: inBrussels });
  expect(await sightOf(mandatary)).toEqual(everything);
  expect(await end(who, { mandate: id })).toEqual({
    mandate: { id, status: 'CLOSED', proposedBy: 'GIVER', lastDay: '2026-11-01' },
    problems: [],
  });
  expect(await sightOf(mandatary)).toEqual(nothing);
  const submit = { number: draft.number, expectedVersion: draft.version };
  expect((await as(mandatary)('submitDossier', submit)).problems).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect((await as(mandatary)('createDraft', begun)).problems).toMatchObject([{ guard: 'MANDATE_IN_FORCE' }]);
  // What was begun for the employer is the employer's, who can go on with it.
  expect((await as(employer)('submitDossier', submit)).problems).toEqual([]);
  // And the two may begin again, this quarter still.
  await agree();
  expect(await sightOf(mandatary)).toEqual(everything);
});

test('a mandate that is ended later runs until its last day, and is closed by then without anybody closing it', async () => {
  const id = await agree();
  expect(await end(employer, { mandate: id, lastDay: '2026-11-30' })).toEqual({
    mandate: { id, status: 'ACTIVE', proposedBy: 'GIVER', lastDay: '2026-11-30' },
    problems: [],
  });
  expect(await registered()).toEqual([{ from: '2026-11-02', to: '2026-11-30' }]);
  expect(await sightOf(mandatary)).toEqual(everything);
  await world.rows(`update employers.mandate set ended_on = '2026-11-01' where id = $1`, [id]);
  expect(await standsAt(employer)).toMatchObject({ data: { mandates: [{ status: 'CLOSED', lastDay: '2026-11-01' }] } });
});

test.each([
  ['yesterday', '2026-11-01'],
  ['after its end', '2027-04-01'],
])('the last day of a mandate is not %s', async (_, lastDay) => {
  const id = await agree({ toQuarter: '2027Q1' });
  expect((await end(employer, { mandate: id, lastDay })).problems).toEqual([
    {
      code: 'BAD_USER_INPUT',
      message: 'The last day of a mandate lies in it, today or later; without one it ends at once',
    },
  ]);
  expect(await registered()).toEqual([{ from: '2026-11-02', to: '2027-03-31' }]);
});

test.each([
  ['a quarter that is over', { fromQuarter: '2026Q3' }, 'A mandate begins this quarter at the earliest.'],
  ['an end before its beginning', { fromQuarter: '2027Q2', toQuarter: '2027Q1' }, 'The mandate ends before it begins.'],
  ['applications that are none', { group: 'EVERYTHING' }, 'There is no such group of applications.'],
  ['oneself', { holder: kbo.ukkel }, 'For yourself you need no mandate'],
])('a mandate for %s is not proposed', async (_, wrong, message) => {
  expect(await create(employer, { ...terms, ...wrong })).toEqual({
    mandate: null,
    problems: [{ code: 'BAD_USER_INPUT', message }],
  });
});

test('one mandatary holds one mandate of a group at a time, and no days lie between two of them', async () => {
  const id = await agree({ toQuarter: '2027Q1' });
  const again = await create(employer, { ...terms, fromQuarter: '2027Q1', toQuarter: null });
  expect(again).toMatchObject({ mandate: { id }, problems: [{ code: 'BAD_STATE' }] });
  const apart = { ...terms, fromQuarter: '2027Q3' };
  await create(employer, apart);
  expect(await create(mandatary, apart)).toMatchObject({ mandate: null, problems: [{ code: 'BAD_STATE' }] });
  expect(await registered()).toEqual([{ from: '2026-11-02', to: '2027-03-31' }]);

  await agree({ fromQuarter: '2027Q2' });
  expect(await registered()).toEqual([{ from: '2026-11-02', to: null }]);
  const early = await end(employer, { mandate: id, lastDay: '2026-12-31' });
  expect(early).toMatchObject({ mandate: null, problems: [{ code: 'BAD_STATE' }] });
  expect(await registered()).toEqual([{ from: '2026-11-02', to: null }]);
  await end(employer, { mandate: id });
  expect(await registered()).toEqual([{ from: '2027-04-01', to: null }]);
});

test('a mandate for other applications opens no dossiers', async () => {
  await agree({ group: 'NSSO' });
  expect(await registered()).toEqual([]);
  await agree({ group: 'ALL' });
  expect(await registered()).toEqual([{ from: '2026-11-02', to: null }]);
});

test('whoever is no party to a mandate neither sees nor changes it, and is told the same of one that is not there', async () => {
  const id = await agree();
  const notThere = 'There is no such mandate, or none of yours';
  const notYou = 'A mandate is given by an employer and held by a mandatary: one of them is you';
  const refused = (code: string, message: string) => ({ mandate: null, problems: [{ code, message }] });
  for (const stranger of [`EMPLOYER:${kbo.eupen}`, `MANDATARY:${kbo.formerMandatary}`]) {
    expect(await standsAt(stranger)).toEqual({ data: { mandates: [] } });
    for (const one of [id, 'MAN-NOBODY']) {
      expect(await end(stranger, { mandate: one })).toEqual(refused('NOT_FOUND', notThere));
    }
    for (const giver of [kbo.ukkel, nobody]) {
      expect(await create(stranger, { ...terms, giver })).toEqual(refused('FORBIDDEN', notYou));
    }
  }
  // An enterprise acts as what its token says: as an employer it does not end what it holds.
  expect(await end(`EMPLOYER:${kbo.mandatary}`, { mandate: id })).toEqual(refused('FORBIDDEN', notYou));
  for (const other of ['VLA-DEM', 'INS-RSZ', `ENTERPRISE_COUNTER:${kbo.counter}`]) {
    const answer = await world.as(other)(
      `mutation { endMandate(input: { mandate: "${id}", idempotencyKey: "end-of-it" }) { problems { code } } }`,
    );
    expect(answer.errors).toMatchObject([{ code: 'FORBIDDEN', message: 'Mutation.endMandate is not open to you' }]);
  }
  expect(await registered()).toEqual([{ from: '2026-11-02', to: null }]);
});

/** What a proposal answers and shows, without its id, and how many statements it took. */
const trace = async (who: string, other: Record<string, unknown>) => {
  let statements = 0;
  const stop = onStatement(() => {
    statements += 1;
  });
  const { data } = await world.as(who)<{ createMandate: { mandate: { id?: string } } }>(
    `mutation($input: CreateMandateInput!) { createMandate(input: $input) {
      mandate { id status giver { name } holder { name kind } } problems { code } } }`,
    { input: { ...terms, ...other, idempotencyKey: randomUUID() } },
  );
  stop();
  delete data?.createMandate.mandate.id;
  return { answer: data, statements };
};

test('nobody learns by proposing whether a number is an employer, or who holds its mandates', async () => {
  const proposed = (answer: object) => ({
    answer: { createMandate: { mandate: { status: 'PENDING', ...answer }, problems: [] } },
    statements: expect.any(Number),
  });
  await trace(mandatary, { giver: makeKbo('09999998') });
  const unknown = await trace(mandatary, { giver: nobody });
  const brug = { name: 'Sociaal Secretariaat De Brug', kind: 'SOCIAL_SECRETARIAT' };
  expect(unknown).toEqual(proposed({ giver: null, holder: brug }));
  expect(await trace(mandatary, { giver: kbo.eupen })).toEqual(unknown);
  // Its mandates are another's.
  await world.rows(
    `insert into employers.mandate values ('MAN-OTHER', $1, $2, 'SINGLE_PERMIT', '2026Q4', null, 'ACTIVE')`,
    [kbo.waterloo, kbo.formerMandatary],
  );
  expect(await trace(mandatary, { giver: kbo.waterloo })).toEqual(unknown);

  await trace(employer, { holder: makeKbo('09999998') });
  const noMandatary = await trace(employer, { holder: nobody });
  expect(noMandatary).toEqual(proposed({ giver: { name: expect.any(String) }, holder: { name: null, kind: null } }));
  expect(await trace(employer, { holder: kbo.eupen })).toEqual(noMandatary);
});

test('an enterprise that the register knows becomes a mandatary with its first mandate; another is none', async () => {
  const named = (holder: string) => ({ ...terms, holder });
  await create(employer, named(kbo.eupen));
  const kindOf = (holder: string) => world.rows('select kind from employers.mandatary where kbo = $1', [holder]);
  expect(await kindOf(kbo.eupen)).toEqual([]);
  expect((await create(`MANDATARY:${kbo.eupen}`, named(kbo.eupen))).mandate?.status).toBe('ACTIVE');
  expect(await kindOf(kbo.eupen)).toEqual([{ kind: 'SERVICE_PROVIDER' }]);

  await create(employer, named(nobody));
  expect(await create(`MANDATARY:${nobody}`, named(nobody))).toEqual({
    mandate: null,
    problems: [{ code: 'BAD_STATE', message: 'The register of enterprises has you as stopped, or not at all' }],
  });
  expect(await kindOf(nobody)).toEqual([]);
});

test('a request that is repeated under its key is done once; another under the same key is refused', async () => {
  const idempotencyKey = 'a-mandate-of-ours';
  const first = await create(employer, { ...terms, idempotencyKey });
  expect(await create(employer, { ...terms, idempotencyKey })).toEqual(first);
  expect(await create(employer, { ...terms, toQuarter: '2027Q4', idempotencyKey })).toMatchObject({
    problems: [{ code: 'IDEMPOTENCY_CONFLICT' }],
  });
  expect(await world.rows('select id from employers.mandate where giver_kbo = $1', [kbo.ukkel])).toEqual([
    { id: first.mandate?.id },
  ]);
});

test('each change is announced and goes on record, without a person and without a dossier', async () => {
  const id = await agree();
  await end(employer, { mandate: id });
  const told = await world.rows<{ event: string }>(
    'select event, dossier_number, worker_id, employer_kbo, data from steps.outbox order by position',
  );
  const of = { dossier_number: null, worker_id: null, employer_kbo: kbo.ukkel };
  const data = { mandate: id, holder: kbo.mandatary };
  expect(told).toEqual(
    ['MANDATE_PROPOSED', 'MANDATE_CONFIRMED', 'MANDATE_ENDED'].map((event) => ({ event, ...of, data })),
  );
  const record = await world.rows(
    `select party, subject, read, outcome from read_log.entry where outcome = 'WRITTEN' order by seq`,
  );
  expect(record).toEqual(
    [employer, mandatary, employer].map((party) => ({ party, subject: null, read: ['EMPLOYER'], outcome: 'WRITTEN' })),
  );
});
