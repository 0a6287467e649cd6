import { randomUUID } from 'node:crypto';
import { makeDossierNumber } from '../schema/identifiers.ts';
import { uploaded } from './acting.ts';
import { brewery, counter, type Dossier, mandatary, openAttack } from './attacking.ts';
import { callTo } from './caller.ts';
import { insz, kbo, number } from './cast.ts';
import { documentOf, inputOf } from './matrix-steps.ts';
import { forbidden } from './opened-world.ts';
import { changes } from './referee-steps.ts';
import { tokenFor } from './world.ts';

// The attack list where something is changed: what is not one's own stays as it is, and tells nothing of itself.

const nowhere = makeDossierNumber('SP', 2025, 9999999);

let ground: Awaited<ReturnType<typeof openAttack>>;
beforeAll(async () => {
  ground = await openAttack();
});
afterAll(() => ground?.stop());

test("A8: another's key, upload and dossier are to a caller as one that nobody has, byte for byte", async () => {
  const stranger = `EMPLOYER:${kbo.eupen}`;
  const key = randomUUID();
  const message = { number: number.ayse, text: 'Hello', idempotencyKey: key };
  const { problems } = await ground.as(brewery)('sendMessage', message);
  expect(problems).toEqual([]);
  const before = await ground.changed();
  // The same request under the same key, of who could not make it: neither the answer that is kept, nor that there is one.
  const [taken, fresh] = [
    await ground.answered(stranger, 'sendMessage', message),
    await ground.answered(stranger, 'sendMessage', { ...message, idempotencyKey: randomUUID() }),
  ];
  expect(taken).toEqual(fresh);
  expect(taken.body).toContain('NOT_FOUND');
  expect(taken.body).not.toContain('IDEMPOTENCY_CONFLICT');
  // An upload of the employer's is none of its mandatary's, and stays where it is.
  const upload = await uploaded(ground.world, brewery);
  const paper = { number: number.ayse, code: 'WRK_FORM', fileName: 'form.pdf' };
  const [another, none] = [
    await ground.answered(mandatary, 'addDocument', { ...paper, upload, idempotencyKey: key }),
    await ground.answered(mandatary, 'addDocument', { ...paper, upload: randomUUID(), idempotencyKey: key }),
  ];
  expect(another).toEqual(none);
  expect(another.body).toContain('There is no such upload of yours');
  expect(await ground.rows('select id from steps.upload where id = $1', [upload])).toEqual([{ id: upload }]);
  // Dossiers of others, drafts and filed ones.
  for (const name of ['duplicateDossier', 'updateDraft', 'submitDossier', 'addDocument', 'withdrawApplication']) {
    for (const one of [number.olena, number.ayse]) {
      const [theirs, nobodys] = [
        await ground.answered(stranger, name, inputOf(name, one)),
        await ground.answered(stranger, name, inputOf(name, nowhere)),
      ];
      expect(theirs).toEqual(nobodys);
      expect(theirs.body).toContain('NOT_FOUND');
    }
  }
  expect(await ground.changed()).toEqual(before.map((row) => ({ ...(row as object), uploads: expect.anything() })));
});

test('A8: an own key that was used for something else is a conflict, and shows nothing of it', async () => {
  const key = randomUUID();
  await ground.as(brewery)('sendMessage', { number: number.ayse, text: 'One', idempotencyKey: key });
  const before = await ground.changed();
  for (const [step, input] of [
    ['sendMessage', { number: number.ayse, text: 'Two' }],
    ['sendMessage', { number: number.rahul, text: 'One' }],
    ['withdrawApplication', { number: number.ayse, expectedVersion: await ground.versionOf(number.ayse) }],
  ] as const) {
    const { problems } = await ground.as(brewery)(step, { ...input, idempotencyKey: key });
    expect(problems.map(({ code }) => code)).toEqual(['IDEMPOTENCY_CONFLICT']);
  }
  expect(await ground.changed()).toEqual(before);
});

test('A8: a draft for a number that the registers know is taken as one for a number that nobody has', async () => {
  const begin = async (of: string, birthDate: string): Promise<string> => {
    const worker = { insz: of, lastName: 'Somebody', firstNames: 'A.', birthDate, nationalities: ['IN'] };
    const input = {
      kind: 'SP_LIM',
      language: 'NL',
      facts: { category: 'HIGHSKILL', worker },
      idempotencyKey: randomUUID(),
    };
    const selection =
      'dossier { status version worker { id } statedWorker { lastName birthDate } } problems { code message }';
    return (await ground.answered(brewery, 'createDraft', input, selection)).body.replaceAll(birthDate, '');
  };
  const known = await begin(insz.john, '1982'); // of no file of the brewery's
  expect(known).toBe(await begin(insz.nobody, '1993'));
  expect(known).toContain('"problems":[]');
  expect(known).toContain('"worker":null');
  // What the log keeps of it is about nobody, either.
  const entries = await ground.rows(
    `select outcome, subject from read_log.entry where operation = 'createDraft' order by seq desc limit 2`,
  );
  expect(entries).toEqual([
    { outcome: 'WRITTEN', subject: null },
    { outcome: 'WRITTEN', subject: null },
  ]);
});

/** Who takes each step, where it is its to take: of the dossier that is arranged below. */
const acts = (name: string): string => {
  const [kind = ''] = changes.get(name)?.by[0]?.kinds ?? [];
  return (
    { EMPLOYER: brewery, REGION: 'VLA-DEM', RESIDENCE: 'FED-DVZ', POST: 'POST-IN-1', MUNICIPALITY: 'MUN-23100' }[
      kind as string
    ] ?? (kind === 'ENTERPRISE_COUNTER' ? counter : `WORKER:${insz.rahul}`)
  );
};

const statuses = [
  ...['DRAFT', 'SUBMITTED', 'INFO_REQUESTED', 'INADMISSIBLE', 'ADMISSIBLE', 'IN_TREATMENT', 'GRANTED', 'REFUSED'],
  ...['APPLICANT_WITHDRAWN', 'WITHOUT_OBJECT', 'UNDER_APPEAL'],
];

test.each(
  statuses,
)('A12: on a dossier that is %s every step from elsewhere is refused, and says where it stands', async (status) => {
  const arranged = [number.rahul, number.grace];
  const then = await ground.rows<{ number: string; status: string }>(
    'select number, status::text from dossiers.dossier where number = any($1)',
    [arranged],
  );
  await ground.rows('update dossiers.dossier set status = $2 where number = any($1)', [arranged, status]);
  const before = await ground.changed();
  const elsewhere = [...changes].filter(([name, { from }]) => name !== 'createDraft' && !from.includes(status));
  const wrong: unknown[] = [];
  for (const [name] of elsewhere) {
    const who = acts(name);
    const of = who === counter ? number.grace : number.rahul;
    const input = inputOf(name, of, { expectedVersion: await ground.versionOf(of) });
    const { text, variables } = documentOf([{ name, input }], 'problems { code guard status }');
    const { data } = await ground.world.as(who)<{ m0: unknown }>(text, variables);
    const [payload] = [data?.m0].flat();
    const expected = { problems: [{ code: 'BAD_STATE', guard: null, status }] };
    if (JSON.stringify(payload) !== JSON.stringify(expected)) wrong.push([name, who, payload]);
  }
  expect(wrong).toEqual([]);
  expect(elsewhere.length).toBeGreaterThan(5);
  expect(await ground.changed()).toEqual(before);
  for (const one of then) {
    await ground.rows('update dossiers.dossier set status = $2 where number = $1', [one.number, one.status]);
  }
});

test('A12: of two decisions at once one is taken, and the other is told that the dossier has changed', async () => {
  const dossier = await ground.inTreatment();
  const expectedVersion = dossier.version;
  const of = { number: dossier.number, expectedVersion };
  const refuse = { ...of, outcome: 'REFUSE', grounds: ['DIPLOMA'], motivation: 'Why.' };
  const both = await Promise.all([
    ground.as('VLA-DEM')('takeWorkDecision', { ...of, outcome: 'GRANT' }),
    ground.as('VLA-DEM')('takeWorkDecision', refuse),
    ground.as('VLA-DEM')('closeWithoutObject', { ...of, reason: 'WORKER_EXEMPT' }),
    ground.as('FED-DVZ')('closeWithoutObject', { ...of, reason: 'WORKER_EXEMPT' }),
  ]);
  const codes = both.map(({ problems }) => problems[0]?.code ?? 'DONE').sort();
  expect(codes).toEqual(['DONE', 'STALE_VERSION', 'STALE_VERSION', 'STALE_VERSION']);
  expect(await ground.versionOf(dossier.number)).toBe(expectedVersion + 1);
  const decided = await ground.rows('select id from decisions.decision where dossier_number = $1', [dossier.number]);
  expect(decided).toHaveLength(1);
});

test('A12: what is dated where it cannot be is refused: an entry to come, an end before the beginning, a permit beyond the contract', async () => {
  const before = await ground.inTreatment();
  const refused = async (who: string, step: string, { number: of }: Dossier, input: Record<string, unknown>) => {
    const { problems } = await ground.as(who)(step, {
      number: of,
      expectedVersion: await ground.versionOf(of),
      ...input,
    });
    return problems.map(({ code, guard }) => `${code} ${guard}`).join();
  };
  const work = (period: Record<string, unknown>) =>
    refused('VLA-DEM', 'takeWorkDecision', before, { outcome: 'GRANT', ...period });
  const beyond = 'BAD_USER_INPUT PERIOD_ALLOWED';
  expect([
    await work({ validFrom: '2026-12-31' }), // the contract: 2027-01-01 to 2028-12-31
    await work({ validTo: '2029-01-01' }),
    await work({ validFrom: '2028-01-01', validTo: '2027-12-31' }),
    await work({ validFrom: '1900-01-01', validTo: '1900-12-31' }),
  ]).toEqual([beyond, beyond, beyond, beyond]);
  const after = await ground.granted();
  const [row] = await ground.rows<{ mun: string }>(
    'select residence_municipality as mun from dossiers.dossier where number = $1',
    [after.number],
  );
  const municipality = `MUN-${row?.mun}`;
  const dated: [string, string, Record<string, unknown>, string][] = [
    [municipality, 'registerArrival', { enteredOn: '2026-11-03' }, 'ENTRY_DATED'], // tomorrow
    ['VLA-DEM', 'withdrawPermit', { grounds: ['W4'], effectiveOn: '2026-11-01' }, 'EFFECTIVE_DATE'], // yesterday; it has not begun
    ['VLA-DEM', 'withdrawPermit', { grounds: ['W4'], effectiveOn: '2029-01-01' }, 'EFFECTIVE_DATE'],
    [brewery, 'notifyTermination', { endedOn: '2026-11-01' }, 'END_BEFORE_PERMIT_END'],
    [brewery, 'notifyTermination', { endedOn: '2028-12-31' }, 'END_BEFORE_PERMIT_END'],
  ];
  for (const [who, step, input, guard] of dated) {
    expect([step, input, await refused(who, step, after, input)]).toEqual([step, input, `BAD_USER_INPUT ${guard}`]);
  }
});

test('A12: a step asked again under its key is answered as the dossier now stands and not done again, of who may still see it', async () => {
  const draft = await ground.ready();
  await ground.take(brewery, 'submitDossier', draft);
  const key = randomUUID();
  const request = {
    number: draft.number,
    expectedVersion: await ground.versionOf(draft.number),
    items: ['WRK_DIPLOMA'],
    idempotencyKey: key,
  };
  expect((await ground.as('VLA-DEM')('requestInformation', request)).dossier?.status).toBe('INFO_REQUESTED');
  await ground.take(brewery, 'completeDossier', draft);
  const before = await ground.changed();
  const again = await ground.as('VLA-DEM')('requestInformation', request);
  expect([again.dossier?.status, again.problems]).toEqual(['SUBMITTED', []]);
  expect(await ground.changed()).toEqual(before);
  // With another's token the key is new: what is then asked is a step on the dossier as it stands.
  const { problems } = await ground.as('FED-DVZ')('closeWithoutObject', {
    number: draft.number,
    expectedVersion: 1,
    reason: 'x',
    idempotencyKey: key,
  });
  expect(problems.map(({ code }) => code)).toEqual(['NOT_FOUND']);
  // A mandatary whose mandate has ended since hears nothing of what it once did.
  const word = { number: draft.number, text: 'A word', idempotencyKey: randomUUID() };
  expect((await ground.as(mandatary)('sendMessage', word)).dossier?.status).toBe('SUBMITTED');
  const [mandate] = await ground.rows<{ until: string | null }>(
    `update access.involvement set valid_to = '2026-11-01' where party = $1 and subject = $2 and capacity = 'MANDATE' returning null as until`,
    [mandatary, kbo.brewery],
  );
  expect(mandate).toBeDefined();
  const told = await ground.changed();
  expect(await ground.as(mandatary)('sendMessage', word)).toEqual({ dossier: null, problems: [] });
  const anew = await ground.as(mandatary)('sendMessage', { ...word, idempotencyKey: randomUUID() });
  expect(anew).toMatchObject({ dossier: null, problems: [{ code: 'NOT_FOUND' }] });
  expect(await ground.changed()).toEqual(told);
  await ground.rows(`update access.involvement set valid_to = null where party = $1 and subject = $2`, [
    mandatary,
    kbo.brewery,
  ]);
});

test('A9: no problem says again what was given in the place of a code, a text or a key', async () => {
  const told = '91.45.17-998.39';
  const texts: readonly (readonly [who: string, step: string, input: Record<string, unknown>])[] = [
    ['VLA-DEM', 'declareInadmissible', { grounds: [told], motivation: told }],
    ['VLA-DEM', 'closeWithoutObject', { reason: told }],
    ['VLA-DEM', 'requestInformation', { items: [told] }],
    ['VLA-DEM', 'transferDossier', { toAuthority: told, reason: told }],
    [brewery, 'addDocument', { code: told, fileName: told, upload: told }],
    [brewery, 'duplicateDossier', { idempotencyKey: `${told} ` }],
    [brewery, 'lodgeAppeal', { language: 'EN', motivation: told }],
  ];
  const draft = await ground.ready();
  const filed = await ground.take(brewery, 'submitDossier', draft);
  for (const [who, step, input] of texts) {
    const about = { number: filed.number, expectedVersion: filed.version };
    const { body } = await ground.answered(who, step, { ...about, idempotencyKey: randomUUID(), ...input });
    expect([step, body.includes('"code":"BAD_'), body.includes(told)]).toEqual([step, true, false]);
  }
});

const messagesOn = async (of: string): Promise<string[]> => {
  const rows = await ground.rows<{ text: string }>(
    'select text from dossiers.message where dossier_number = $1 order by at',
    [of],
  );
  return rows.map(({ text }) => text);
};

test('A13: of two changes in one document the one that is forbidden is not done, first or last, whatever it is called', async () => {
  const dossier = await ground.inTreatment();
  const message = (text: string) => ({
    name: 'sendMessage',
    input: { number: dossier.number, text, idempotencyKey: randomUUID() },
  });
  const decision = {
    name: 'takeWorkDecision',
    input: inputOf('takeWorkDecision', dossier.number, { expectedVersion: dossier.version }),
  };
  const selection = 'problems { code }';
  const done = { problems: [] };
  const { text, variables } = documentOf([message('first'), decision, message('last')], selection);
  expect(await ground.world.as(brewery)(text, variables)).toEqual({
    data: { m0: done, m1: null, m2: done },
    errors: [forbidden('Mutation.takeWorkDecision', ['m1'])],
  });
  const [plain, hidden] = [message('plain'), message('hidden')];
  const renamed = `mutation($a: SendMessageInput!, $b: WorkDecisionInput!, $yes: Boolean!) {
    sendMessage: takeWorkDecision(input: $b) { problems { code } }
    ... @include(if: $yes) { ...More }
    ... @skip(if: $yes) { skipped: takeWorkDecision(input: $b) { problems { code } } }
  } fragment More on Mutation { withdrawApplication: sendMessage(input: $a) { problems { code } } __typename }`;
  expect(await ground.world.as(brewery)(renamed, { a: plain.input, b: decision.input, yes: true })).toEqual({
    data: { sendMessage: null, withdrawApplication: done, __typename: 'Mutation' },
    errors: [forbidden('Mutation.takeWorkDecision', ['sendMessage'])],
  });
  // Of several operations the one that is named runs, and no other.
  const two = `mutation A($a: SendMessageInput!) { sendMessage(input: $a) { problems { code } } } mutation B($b: WorkDecisionInput!) { takeWorkDecision(input: $b) { problems { code } } }`;
  const nameless = await ground.post(brewery, { text: two, variables: { a: hidden.input, b: decision.input } });
  expect([nameless.status, nameless.body.includes('BAD_USER_INPUT')]).toEqual([400, true]);
  expect(await messagesOn(dossier.number)).toEqual(['first', 'last', 'plain']);
  expect(await ground.versionOf(dossier.number)).toBe(dossier.version);
  expect(await ground.rows('select id from decisions.decision where dossier_number = $1', [dossier.number])).toEqual(
    [],
  );
});

test('A13: what is asked by GET, as a question, twenty-one times at once or of a hundred and one dossiers, is not done at all', async () => {
  const dossier = await ground.inTreatment();
  const message = (text: string) => ({ number: dossier.number, text, idempotencyKey: randomUUID() });
  const before = await ground.changed();
  const authorization = `Bearer ${await tokenFor(ground.gateway.env, brewery)}`;
  const query = `mutation { sendMessage(input: ${JSON.stringify(message('got')).replace(/"(\w+)":/g, '$1:')}) { problems { code } } }`;
  const got = await callTo(ground.gateway.url, {
    method: 'GET',
    path: `/graphql?query=${encodeURIComponent(query)}`,
    headers: { authorization, 'apollo-require-preflight': '1' },
  });
  expect([got.status, got.headers.allow]).toEqual([405, 'POST']);
  const asked = await ground.post(brewery, { text: query.replace('mutation', 'query') });
  expect([asked.status, JSON.parse(asked.body).errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  const many = Array.from({ length: 21 }, (_, i) => ({ name: 'sendMessage', input: message(`${i}`) }));
  const over = await ground.post(brewery, documentOf(many, 'problems { code }'));
  expect(JSON.parse(over.body).errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'rootFields' } }]);
  const hundred = Array.from({ length: 101 }, () =>
    inputOf('takeWorkDecision', dossier.number, { expectedVersion: dossier.version }),
  );
  const { text } = documentOf([{ name: 'takeWorkDecisions', input: [] }], 'problems { code }');
  const bulk = await ground.post('VLA-DEM', { text, variables: { v0: hundred } });
  expect(JSON.parse(bulk.body)).toMatchObject({
    data: { m0: null },
    errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 100 } }],
  });
  expect(await ground.changed()).toEqual(before);
});

test("A13: of several dossiers at once one that is another's is not there, and the others are decided", async () => {
  const [one, other] = [await ground.inTreatment(), await ground.inTreatment()];
  const input = ({ number: of, version }: { number: string; version: number }) => ({
    number: of,
    expectedVersion: version,
    outcome: 'GRANT',
    idempotencyKey: randomUUID(),
  });
  const foreign = { number: number.samuelRefiled, version: await ground.versionOf(number.samuelRefiled) }; // Brussels decides on it
  const decide = (odd: { number: string; version: number }) =>
    ground.world.as('VLA-DEM')(
      `mutation($inputs: [WorkDecisionInput!]!) { takeWorkDecisions(inputs: $inputs) { dossier { number workTrack } problems { code } } }`,
      { inputs: [input(one), input(odd), input(other), input(one)] },
    );
  const missing = { dossier: null, problems: [{ code: 'NOT_FOUND' }] };
  const answer = await decide({ number: nowhere, version: 1 });
  const done = ({ number: of }: Dossier) => ({ dossier: { number: of, workTrack: 'GRANTED' }, problems: [] });
  const stale = { dossier: { number: one.number, workTrack: 'GRANTED' }, problems: [{ code: 'STALE_VERSION' }] };
  expect(answer).toEqual({ data: { takeWorkDecisions: [done(one), missing, done(other), stale] } });
  // To a region that has a dossier of the same worker, that of another is there, and not its to decide; nothing happens to it.
  const closed = await decide(foreign);
  expect(JSON.stringify(closed)).toContain('"FORBIDDEN"');
  expect(await ground.versionOf(foreign.number)).toBe(foreign.version);
});
