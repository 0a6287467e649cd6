import { randomUUID } from 'node:crypto';
import { arrangeDocuments, complete, facts, papers } from './acting.ts';
import { brewery, counter, mandatary, openAttack } from './attacking.ts';
import { callTo } from './caller.ts';
import { insz, kbo, number, unit } from './cast.ts';
import { coordinates } from './composed.ts';
import { documentOf, inputOf, mutations } from './matrix-steps.ts';
import { tokenFor } from './world.ts';

// What a change must not set, and whom it must not name: an application is its applicant's, and says no more than was asked.

let ground: Awaited<ReturnType<typeof openAttack>>;
beforeAll(async () => {
  ground = await openAttack();
});
afterAll(() => ground?.stop());

/** What a dossier has that no caller sets: by name, and by what it would be called. */
const ours = [
  ...[
    'status',
    'workTrack',
    'residenceTrack',
    'handling',
    'ruleSet',
    'competentAuthority',
    'competenceRule',
    'relation',
  ],
  ...[
    'applicant',
    'applicantKind',
    'applicantId',
    'employerKbo',
    'workerId',
    'mandatary',
    'mandataryKbo',
    'counterKbo',
  ],
  ...[
    'submittedAt',
    'admissibleAt',
    'decidedAt',
    'createdAt',
    'forwardedToDvzAt',
    'version',
    'duplicatedFrom',
    'decision',
  ],
  ...[
    'today',
    'notifiedOn',
    'actor',
    'roles',
    'authority',
    'at',
    'id',
    'permit',
    'legalHold',
    'statedWorker',
    'deadlines',
  ],
];

test('A11: no change can be given what the gateway itself says of a dossier, and what it is given besides refuses it whole', async () => {
  const given = coordinates.filter(({ place }) => place === 'change').map(({ name }) => name);
  expect(ours.filter((name) => given.includes(name))).toEqual([]);
  const before = await ground.changed();
  for (const { name } of mutations.filter((one) => !one.list)) {
    for (const field of ['status', 'competentAuthority', 'applicantKind', '__proto__']) {
      const input =
        name === 'createDraft'
          ? { kind: 'SP_LIM', language: 'NL', idempotencyKey: randomUUID() }
          : Object(inputOf(name, number.ayse));
      const { text, variables } = documentOf([{ name, input }]);
      // Written as it is sent: of an object, JSON.stringify leaves such a name out.
      const body = JSON.stringify({ query: text, variables }).replace('"v0":{', `"v0":{"${field}":"GRANTED",`);
      const { text: answer } = await callTo(ground.gateway.url, {
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await tokenFor(ground.gateway.env, brewery)}`,
        },
        body,
      });
      expect([name, field, JSON.parse(answer).errors?.[0]?.extensions.code]).toEqual([name, field, 'BAD_USER_INPUT']);
      expect(JSON.parse(answer).data).toBeUndefined();
    }
  }
  expect(await ground.changed()).toEqual(before);
});

test('A11: in a draft what is left out stays, what is null is taken out, and who it is for and of is not changed by it', async () => {
  const draft = await complete(ground.world, brewery, { papers: [] });
  const content = () =>
    ground.rows(
      `select application_type, language, channel, category, function_title, stated_worker ->> 'lastName' as worker, worker_id, worker_nationality,
         employer_kbo, applicant_kind, applicant_id, status from dossiers.dossier where number = $1`,
      [draft.number],
    );
  const whole = {
    ...{
      application_type: 'FIRST',
      language: 'NL',
      channel: 'ONLINE',
      category: 'HIGHSKILL',
      function_title: 'Ingenieur',
    },
    ...{ worker: 'Okafor', worker_id: null, worker_nationality: 'NG' },
    ...{ employer_kbo: kbo.brewery, applicant_kind: 'EMPLOYER', applicant_id: kbo.brewery, status: 'DRAFT' },
  };
  expect(await content()).toEqual([whole]);
  await ground.take(brewery, 'updateDraft', draft, { facts: {} });
  await ground.take(brewery, 'updateDraft', draft, { applicationType: null, language: null, facts: {} });
  expect(await content()).toEqual([whole]);
  await ground.take(brewery, 'updateDraft', draft, { facts: { category: null, functionTitle: null, worker: null } });
  expect(await content()).toEqual([
    { ...whole, category: null, function_title: null, worker: null, worker_nationality: null },
  ]);
  for (const employer of [kbo.eupen, null]) {
    const { problems } = await ground.as(brewery)('updateDraft', {
      number: draft.number,
      expectedVersion: await ground.versionOf(draft.number),
      facts: { employer },
    });
    expect(problems).toMatchObject([
      { code: 'BAD_USER_INPUT', message: expect.stringContaining('employer of a draft stays') },
    ]);
  }
});

test("A11: nobody files for another's account: an employer for another, a mandatary without a mandate, a worker for somebody else", async () => {
  const begin = (who: string, kind: string, of: Record<string, unknown>) =>
    ground.as(who)('createDraft', { kind, language: 'NL', facts: of });
  const before = await ground.changed();
  const wrong: [string, string, Record<string, unknown>, string][] = [
    [brewery, 'SP_LIM', { employer: kbo.eupen }, 'BAD_USER_INPUT'],
    [mandatary, 'SP_LIM', { employer: kbo.eupen }, 'BAD_STATE'],
    [mandatary, 'SP_LIM', { employer: '1987654318' }, 'BAD_STATE'],
    [mandatary, 'SP_LIM', {}, 'BAD_USER_INPUT'],
    [`WORKER:${insz.rahul}`, 'SP_UNL', { worker: facts.worker }, 'BAD_USER_INPUT'],
    [`SELF_EMPLOYED:${insz.grace}`, 'PC_SELF', { worker: facts.worker }, 'BAD_USER_INPUT'],
    [counter, 'PC_SELF', { employer: '1987654318', worker: facts.worker }, 'BAD_USER_INPUT'],
    // A unit of another enterprise, and a permit that is another's.
    [brewery, 'SP_LIM', { establishment: unit.ukkel }, 'BAD_USER_INPUT'],
    [brewery, 'SP_LIM', { establishment: '8999999993' }, 'BAD_USER_INPUT'],
    [brewery, 'SP_LIM', { residenceMunicipality: '99999' }, 'BAD_USER_INPUT'],
  ];
  for (const [who, kind, of, code] of wrong) {
    const { dossier, problems } = await begin(who, kind, of);
    expect([who, of, dossier, problems.map((one) => one.code)]).toEqual([who, of, null, [code]]);
  }
  // To the mandatary an employer that gave it no mandate is as one that is none.
  const [one, other] = [
    await begin(mandatary, 'SP_LIM', { employer: kbo.eupen }),
    await begin(mandatary, 'SP_LIM', { employer: '1987654318' }),
  ];
  expect(one).toEqual(other);
  expect(await ground.changed()).toEqual(before);
});

test("A11: a permit of another's is as one that nobody has, and one of another worker's is not renewed", async () => {
  const [own] = await ground.rows<{ id: string }>(`select id from cadastre.permit where dossier_number = $1`, [
    number.rahul,
  ]);
  const [foreign] = await ground.rows<{ id: string }>(
    `select p.id from cadastre.permit p where p.employer_kbo <> $1 and not exists (
       select from access.involvement i where i.subject = p.dossier_number and i.party in ('EMPLOYER:' || $1, $2)) limit 1`,
    [kbo.brewery, counter],
  );
  const begin = (who: string, kind: string, previousPermit: unknown, more = {}) =>
    ground.as(who)('createDraft', {
      kind,
      language: 'NL',
      applicationType: 'RENEWAL',
      facts: { ...facts, previousPermit, ...more },
    });
  expect(await begin(brewery, 'SP_LIM', foreign?.id)).toEqual(await begin(brewery, 'SP_LIM', 'PERMIT-OF-NOBODY'));
  // To name the employer opens none of the employer's permits to who is not that employer.
  const naming = { employer: kbo.brewery };
  expect(await begin(counter, 'PC_SELF', own?.id, naming)).toEqual(
    await begin(counter, 'PC_SELF', 'PERMIT-OF-NOBODY', naming),
  );
  // Rahul's permit, in an application for Chidi: to be granted it would take Rahul's place.
  const draft = await ground.ready({ previousPermit: own?.id });
  const { problems } = await ground.as(brewery)('submitDossier', {
    number: draft.number,
    expectedVersion: draft.version,
  });
  expect(problems).toMatchObject([{ code: 'BAD_USER_INPUT', message: expect.stringContaining("another worker's") }]);
});

test('A11: whom a draft names sees nothing of it before it is filed, and a counter learns of no dossier but its own', async () => {
  const shown = async (who: string, of: string) => {
    const { data } = await ground.world.as(who)<{ dossier: unknown }>(`{ dossier(number: "${of}") { status } }`);
    return data?.dossier !== null;
  };
  const [made, filed] = [
    await ground.as(counter)('createDraft', {
      kind: 'PC_SELF',
      language: 'NL',
      facts: { ...facts, employer: kbo.brewery, category: 'PC_ECON' },
    }),
    await ground.as(`WORKER:${insz.rahul}`)('createDraft', {
      kind: 'SP_UNL',
      language: 'NL',
      facts: { employer: kbo.brewery },
    }),
  ];
  for (const [who, { dossier }] of [[counter, made] as const, [`WORKER:${insz.rahul}`, filed] as const]) {
    expect([await shown(who, dossier?.number ?? ''), await shown(brewery, dossier?.number ?? '')]).toEqual([
      true,
      false,
    ]);
  }
  // Ayşe has a dossier open with the brewery. Whoever is told that the same application is open would be told so.
  const worker = { ...facts.worker, insz: insz.ayse, lastName: 'Demir', birthDate: '1991-05-17' };
  const asked = await ground.as(counter)('createDraft', {
    kind: 'PC_SELF',
    language: 'NL',
    facts: { ...facts, worker, employer: kbo.brewery, category: 'PC_ECON' },
  });
  const of = asked.dossier?.number ?? '';
  await arrangeDocuments(ground.world, of, [...papers, 'WRK_BUSINESS_PLAN']);
  const { problems } = await ground.as(counter)('submitDossier', {
    number: of,
    expectedVersion: await ground.versionOf(of),
  });
  expect(problems.map(({ guard }) => guard)).not.toContain('NO_DUPLICATE');
});

test('A11: a text that no database keeps is the fault of who sent it, and nothing is done', async () => {
  const before = await ground.changed();
  for (const text of ['a\u0000b', 'a\ud800b']) {
    const about = { number: number.ayse };
    for (const [who, step, input] of [
      [brewery, 'sendMessage', { ...about, text }],
      [brewery, 'addDocument', { ...about, code: 'WRK_FORM', fileName: text, upload: 'x' }],
      [
        brewery,
        'createDraft',
        { kind: 'SP_LIM', language: 'NL', facts: { worker: { ...facts.worker, lastName: text } } },
      ],
      [
        'MUN-23100',
        'registerResidence',
        { number: number.rahul, expectedVersion: await ground.versionOf(number.rahul), street: text },
      ],
    ] as const) {
      const { problems } = await ground.as(who)(step, input);
      expect([step, problems.map(({ code }) => code)]).toEqual([step, ['BAD_USER_INPUT']]);
    }
  }
  expect(await ground.changed()).toEqual(before);
});

test('A11: who files for the number of somebody else is refused, and each number that is tried is on record and counts', async () => {
  const draft = await ground.ready({
    worker: { ...facts.worker, insz: insz.john, lastName: 'Nobody', birthDate: '1982-10-05' },
  });
  const [last] = await ground.rows<{ seq: string }>('select max(seq) as seq from read_log.entry');
  const { problems } = await ground.as(brewery)('submitDossier', {
    number: draft.number,
    expectedVersion: await ground.versionOf(draft.number),
    reason: 'whatever is open',
  });
  expect(problems).toMatchObject([{ code: 'BAD_USER_INPUT', message: expect.stringContaining('another person') }]);
  const entries = await ground.rows('select outcome, subject, read from read_log.entry where seq > $1', [last?.seq]);
  expect(entries).toEqual([{ outcome: 'NOTHING', subject: null, read: ['WORKER_IDENTITY'] }]);
});
