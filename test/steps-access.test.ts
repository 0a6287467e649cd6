import { makeDossierNumber } from '../schema/identifiers.ts';
import { roles as everyRole } from '../schema/policy.ts';
import { complete } from './acting.ts';
import { arrangedWorld, joy } from './arranged.ts';
import { insz, kbo, number } from './cast.ts';
import { documentOf, inputOf, mutations } from './matrix-steps.ts';
import { forbidden, type OpenedWorld, purposeRequired, treating } from './opened-world.ts';
import type { Stated } from './world.ts';

let world: OpenedWorld;
beforeAll(async () => {
  world = await arrangedWorld();
});
afterAll(() => world?.stop());

const brewery = `EMPLOYER:${kbo.brewery}`;
const nowhere = makeDossierNumber('SP', 2025, 9999999);
const names = mutations.map(({ name }) => name);

const inLists = ['submitDossiers', 'declareDossiersAdmissible', 'takeWorkDecisions', 'takeResidenceDecisions'];

/** Who is offered what, by hand from DOMAIN 3.3, 3.1 and 11; whom no line names is offered nothing. */
const applicants = [
  ...['createDraft', 'duplicateDossier', 'updateDraft', 'addDocument', 'submitDossier', 'submitDossiers'],
  ...['completeDossier', 'withdrawApplication', 'lodgeAppeal', 'sendMessage'],
];
const regions = [
  ...['transferDossier', 'requestInformation', 'declareAdmissible', 'declareDossiersAdmissible', 'declareInadmissible'],
  ...['takeWorkDecision', 'takeWorkDecisions', 'closeWithoutObject', 'decideAppeal', 'withdrawPermit', 'sendMessage'],
];
const offered: Readonly<Record<string, readonly string[]>> = {
  'VLA-DEM': regions,
  'FED-DVZ': [
    ...['takeResidenceDecision', 'takeResidenceDecisions', 'closeWithoutObject', 'decideAppeal', 'withdrawPermit'],
  ],
  'FED-RSZ': [],
  'FED-KSZ': [],
  'INS-TSW': [],
  'INS-VSI': [],
  'POST-IN-1': ['issueVisa'],
  'MUN-23100': ['registerArrival', 'registerResidence', 'issueCard', 'issueAnnex49'],
  [brewery]: [...applicants, 'notifyTermination'],
  [`MANDATARY:${kbo.mandatary}`]: [...applicants, 'notifyTermination'],
  [`WORKER:${insz.rahul}`]: [...applicants, 'consentWelcome'],
  [`SELF_EMPLOYED:${insz.grace}`]: [...applicants, 'consentWelcome'],
  [`ENTERPRISE_COUNTER:${kbo.counter}`]: [...applicants, 'giveAdvice'],
  HELPDESK: [],
  AUDITOR: [],
  'COO-SIOD': [],
  'EU-COM': [],
};

type Entry = { outcome: string; subject: string | null; read: string[]; refused: string[] };

/** What goes on record while something is done. */
const recorded = async (doing: () => Promise<unknown>): Promise<Entry[]> => {
  const [last] = await world.rows<{ seq: string }>('select coalesce(max(seq), 0) as seq from read_log.entry');
  await doing();
  return world.rows<Entry>('select outcome, subject, read, refused from read_log.entry where seq > $1 order by seq', [
    last?.seq,
  ]);
};

/** All that a step could change, counted. */
const changed = () =>
  world.rows(
    `select (select count(*) from dossiers.dossier) as dossiers, (select sum(version) from dossiers.dossier) as versions,
       (select count(*) from dossiers.event) as events, (select count(*) from steps.outbox) as outbox,
       (select count(*) from dossiers.message) as messages, (select count(*) from steps.idempotency) as keys`,
  );

const whole = 'dossier { number } problems { code message guard status version }';

const asked = (
  who: string,
  wanted: readonly string[],
  { about, stated = {}, selection = whole }: { about: string; stated?: Stated; selection?: string },
) => {
  const draft = { kind: 'SP_LIM', language: 'NL', idempotencyKey: 'steps-access' };
  const some = wanted.map((name) => ({ name, input: name === 'createDraft' ? draft : inputOf(name, about) }));
  const { text, variables } = documentOf(some, selection);
  return world.as(who, stated)<Record<string, unknown>>(text, variables);
};

/** The problem of each mutation, or that there is none; asked fifteen at a time. */
const codesOf = async (who: string, wanted: readonly string[], about: string, stated: Stated = {}) => {
  const codes: Record<string, string> = {};
  for (let from = 0; from < wanted.length; from += 15) {
    const some = wanted.slice(from, from + 15);
    const { data } = await asked(who, some, { about, stated, selection: 'problems { code }' });
    for (const [i, name] of some.entries()) {
      const [payload] = [data?.[`m${i}`]].flat() as ({ problems: { code: string }[] } | null)[]; // as it was asked for
      codes[name] = payload?.problems[0]?.code ?? 'DONE';
    }
  }
  return codes;
};

const entry = (of: Partial<Entry>): Entry => ({ outcome: 'READ', subject: null, read: [], refused: [], ...of });

test.each(
  Object.keys(offered),
)('%s hears FORBIDDEN of what is not offered to it, of its own dossiers as of none; nothing is done, and it is on record', async (who) => {
  const not = names.filter((name) => !offered[who]?.includes(name));
  const before = await changed();
  for (let from = 0; from < not.length; from += 15) {
    const some = not.slice(from, from + 15);
    const refused = {
      data: Object.fromEntries(some.map((_, i) => [`m${i}`, null])),
      errors: some.map((name, i) => forbidden(`Mutation.${name}`, [`m${i}`])),
    };
    for (const about of [number.rahul, number.ayse, nowhere]) {
      const entries = await recorded(async () => expect(await asked(who, some, { about })).toEqual(refused));
      expect(entries).toEqual([entry({ outcome: 'REFUSED', refused: ['STRUCTURE'] })]);
    }
  }
  expect(await changed()).toEqual(before);
});

/** Who has no file on which dossier, and what it could ask if it had. */
const strangers: readonly (readonly [who: string, as: string, about: string])[] = [
  ['DG-MIN', 'VLA-DEM', number.ayse],
  ['FED-DVZ', 'FED-DVZ', number.priya],
  ['POST-TR-2', 'POST-IN-1', number.rahul],
  ['MUN-63023', 'MUN-23100', number.rahul],
  [`EMPLOYER:${kbo.eupen}`, brewery, number.ayse],
  [`MANDATARY:${kbo.formerMandatary}`, `MANDATARY:${kbo.mandatary}`, number.ayse], // the mandate ended
  [`WORKER:${insz.john}`, `WORKER:${insz.rahul}`, number.ayse],
  [`SELF_EMPLOYED:${insz.john}`, `SELF_EMPLOYED:${insz.grace}`, number.grace],
  [`ENTERPRISE_COUNTER:${kbo.counter}`, `ENTERPRISE_COUNTER:${kbo.counter}`, number.ayse],
];

test.each(
  strangers,
)('%s hears of every step that another could take the same of a dossier that is not there for it and of none, and it is on record', async (who, as, about) => {
  const some = (offered[as] ?? []).filter((name) => name !== 'createDraft');
  const message = 'There is no such dossier, or none for you';
  const problem = { code: 'NOT_FOUND', message, guard: null, status: null, version: null };
  const payload = { dossier: null, problems: [problem] };
  const data = Object.fromEntries(some.map((name, i) => [`m${i}`, inLists.includes(name) ? [payload] : payload]));
  const before = await changed();
  const bytes: string[] = [];
  for (const one of [about, nowhere]) {
    const entries = await recorded(async () => {
      const answer = await asked(who, some, { about: one });
      expect(answer).toEqual({ data });
      bytes.push(JSON.stringify(answer));
    });
    expect(entries).toEqual(some.map(() => entry({ outcome: 'NOTHING', read: ['ENVELOPE'] })));
  }
  expect(bytes[0]).toBe(bytes[1]);
  expect(await changed()).toEqual(before);
});

const filing = applicants.filter((name) => name !== 'createDraft');
const handling = [
  'transferDossier',
  'requestInformation',
  'declareAdmissible',
  'declareDossiersAdmissible',
  'sendMessage',
];
const settling = [
  ...['takeResidenceDecision', 'takeResidenceDecisions', 'closeWithoutObject', 'decideAppeal', 'withdrawPermit'],
];
const milestones = ['registerArrival', 'registerResidence', 'issueCard', 'issueAnnex49'];
const own = ['lodgeAppeal', 'sendMessage', 'consentWelcome'];
const aPair = `WORKER:${insz.katrien}`;

/** Who sees which dossier, in which role, and the steps that are then its to take: by hand from DOMAIN 3.3, roles [asm]. */
const takers: readonly (readonly [who: string, role: string, about: string, may: readonly string[]])[] = [
  ['VLA-DEM', 'DECISION_MAKER', number.ayse, regions],
  ['VLA-DEM', 'SYSTEM', number.ayse, regions],
  ['VLA-DEM', 'HANDLER', number.ayse, handling],
  ['VLA-DEM', 'READER', number.ayse, []],
  ['BRU-BEW', 'DECISION_MAKER', number.samuelRefused, []], // it has a dossier of the same worker
  ['WAL-SPW', 'DECISION_MAKER', number.yuki, []], // it transferred the dossier
  ['WAL-SPW', 'SYSTEM', number.yuki, []],
  ['FED-DVZ', 'DECISION_MAKER', number.rahul, settling],
  ['FED-DVZ', 'SYSTEM', number.rahul, settling],
  ['FED-DVZ', 'HANDLER', number.rahul, []],
  ['FED-DVZ', 'READER', number.rahul, []],
  ['POST-IN-1', 'HANDLER', number.rahul, ['issueVisa']],
  ['POST-IN-1', 'READER', number.rahul, []],
  ['MUN-23100', 'HANDLER', number.rahul, milestones],
  ['MUN-23100', 'READER', number.rahul, []],
  [brewery, 'itself', number.rahul, [...filing, 'notifyTermination']],
  [`MANDATARY:${kbo.mandatary}`, 'itself', number.rahul, [...filing, 'notifyTermination']],
  [`WORKER:${insz.rahul}`, 'itself', number.rahul, own],
  [`SELF_EMPLOYED:${insz.rahul}`, 'itself', number.rahul, ['sendMessage', 'consentWelcome']],
  [`ENTERPRISE_COUNTER:${kbo.counter}`, 'itself', number.grace, [...filing, 'giveAdvice']],
  [`SELF_EMPLOYED:${insz.grace}`, 'itself', number.grace, [...filing, 'consentWelcome']],
  [`WORKER:${insz.grace}`, 'itself', number.grace, own],
  [aPair, 'itself', joy, filing], // the host family, which filed for her
  [`SELF_EMPLOYED:${insz.katrien}`, 'itself', joy, filing],
  ['the au pair', 'itself', joy, own],
];

test.each(
  takers,
)('%s as %s takes on %s the steps that are its own, and hears FORBIDDEN of the others', async (...line) => {
  const [who, role, about, may] = line;
  const [found] = await world.rows<{ insz: string }>('select insz from workers.insz_alias where worker_id = $1', [
    'W-0000021',
  ]);
  const principal = who === 'the au pair' ? `WORKER:${found?.insz}` : who;
  const kind = principal.split(':')[0] ?? '';
  const like = Object.keys(offered).find((one) => one.split(':')[0] === kind || one.slice(0, 3) === kind.slice(0, 3));
  const region = ['BRU-BEW', 'WAL-SPW'].includes(who) ? 'VLA-DEM' : (like ?? '');
  const some = (offered[region] ?? []).filter((name) => name !== 'createDraft');
  const before = await changed();
  const codes = await codesOf(principal, some, about, role === 'itself' ? {} : { roles: [role] });
  expect(some.filter((name) => codes[name] !== 'FORBIDDEN').sort()).toEqual([...may].sort());
  // What is its own did not go through, as nobody ever saw that version of the dossier.
  expect([...new Set(may.map((name) => codes[name]))].filter((code) => code !== 'STALE_VERSION')).toEqual([]);
  expect(await changed()).toEqual(before);
});

test('an officer for data protection has no dossier, and hears of its organisation’s own what it hears of none', async () => {
  const stated = { roles: ['DATA_PROTECTION_OFFICER'] };
  for (const [who, about] of [
    ['VLA-DEM', number.ayse],
    ['FED-DVZ', number.rahul],
    ['POST-IN-1', number.rahul],
    ['MUN-23100', number.rahul],
  ] as const) {
    const some = offered[who] ?? [];
    const [there, none] = [
      await asked(who, some, { about, stated }),
      await asked(who, some, { about: nowhere, stated }),
    ];
    expect(JSON.stringify(there)).toBe(JSON.stringify(none));
    expect([...new Set(Object.values(await codesOf(who, some, about, stated)))]).toEqual(['NOT_FOUND']);
  }
});

test('who applies for a kind of permit begins a draft of it, and whoever else is offered to apply hears FORBIDDEN', async () => {
  // DOMAIN 3.1, column "applicant"; of an au pair a person applies, whichever token it has.
  const expected: Record<string, readonly string[]> = {
    SP_LIM: ['EMPLOYER', 'MANDATARY'],
    SP_UNL: ['WORKER'],
    WA_SHORT: ['EMPLOYER', 'MANDATARY'],
    WA_UNL: ['WORKER'],
    PC_SELF: ['SELF_EMPLOYED', 'ENTERPRISE_COUNTER'],
    WA_AUPAIR: ['WORKER', 'SELF_EMPLOYED'],
  };
  const parties = Object.keys(offered).filter((who) => offered[who]?.includes('createDraft'));
  const found: Record<string, string[]> = {};
  for (const kind of Object.keys(expected)) {
    found[kind] = [];
    for (const who of parties) {
      const input = {
        kind,
        language: 'NL',
        facts: { category: 'NONE', employer: kbo.brewery },
        idempotencyKey: `${kind}-draft`,
      };
      const { text, variables } = documentOf([{ name: 'createDraft', input }], 'problems { code }');
      const { data } = await world.as(who)<{ m0: { problems: { code: string }[] } }>(text, variables);
      if (data?.m0.problems[0]?.code !== 'FORBIDDEN') found[kind].push(who.split(':')[0] ?? '');
    }
  }
  expect(found).toEqual(expected);
});

test('a refused step is on record as what it was: a refusal, a search in vain, or a look at the dossier', async () => {
  const about = number.rahul;
  const of = (who: string, name: string, stated: Stated = {}, on: string = about) =>
    recorded(() => asked(who, [name], { about: on, stated, selection: 'problems { code }' }));
  const subject = 'W-0000002';
  const refused = entry({ outcome: 'REFUSED', subject, refused: ['ENVELOPE'] });
  expect(await of('VLA-DEM', 'takeWorkDecision', { roles: ['HANDLER'] })).toEqual([refused]);
  expect(await of(`WORKER:${insz.rahul}`, 'duplicateDossier')).toEqual([refused]);
  expect(await of(`WORKER:${insz.rahul}`, 'withdrawApplication')).toEqual([refused]);
  expect(await of(brewery, 'duplicateDossier', {}, nowhere)).toEqual([
    entry({ outcome: 'NOTHING', read: ['ENVELOPE'] }),
  ]);
  // That the dossier has another version, or another status, is something that it tells of a person.
  expect(await of('VLA-DEM', 'withdrawPermit', { roles: ['DECISION_MAKER'] })).toEqual([
    entry({ subject, read: ['ENVELOPE'] }),
  ]);
  expect(await of(brewery, 'duplicateDossier')).toEqual([entry({ subject, read: ['ENVELOPE'] })]);
});

test('a step that is taken is on record with what it changed and of whom, before what its payload shows', async () => {
  const take = async (who: string, name: string, about: string, of: Record<string, unknown>) => {
    const [row] = await world.rows<{ version: number }>('select version from dossiers.dossier where number = $1', [
      about,
    ]);
    const { text, variables } = documentOf(
      [{ name, input: inputOf(name, about, { expectedVersion: row?.version, ...of }) }],
      'dossier { status } problems { code message }',
    );
    return recorded(async () => {
      const { data } = await world.as(who)<{ m0: { problems: unknown[] } }>(text, variables);
      expect([name, data?.m0.problems]).toEqual([name, []]);
    });
  };
  const subject = 'W-0000002';
  const seen = entry({ subject, read: ['ENVELOPE'] });
  const written = (read: string[]): Entry[] => [entry({ outcome: 'WRITTEN', subject, read }), seen];
  expect(await take(brewery, 'sendMessage', number.rahul, {})).toEqual(written(['WORK_DOCUMENTS']));
  expect(await take('MUN-23100', 'registerResidence', number.rahul, { street: 'Dorpsstraat' })).toEqual(
    written(['CONTACT', 'ENVELOPE']),
  );
  expect(await take('MUN-23100', 'issueCard', number.rahul, {})).toEqual(written(['ENVELOPE']));
  expect(await take(`WORKER:${insz.rahul}`, 'consentWelcome', number.rahul, {})).toEqual(written(['ENVELOPE']));
  expect(await take('VLA-DEM', 'withdrawPermit', number.rahul, {})).toEqual(
    written(['ENVELOPE', 'PERMITS', 'WORK_DECISION', 'WORK_MOTIVATION']),
  );
  // A draft is about nobody whom the registers know: that it was written is on record, and that it was seen needs not be.
  const draft = await complete(world, brewery, { papers: [] });
  expect(await take(brewery, 'updateDraft', draft.number, { facts: { functionTitle: 'Brouwer' } })).toEqual([
    entry({ outcome: 'WRITTEN', read: ['ENVELOPE', 'JOB', 'WORKER_IDENTITY'] }),
  ]);
});

test('a payload shows of its dossier what the taker may see, and no more for having taken the step', async () => {
  const pay = async (who: string, name: string, about: string, selection: string, stated: Stated = {}) =>
    asked(who, [name], { about, stated, selection: `dossier { ${selection} } problems { code }` });
  const stale = [{ code: 'STALE_VERSION' }];
  // c14: why residence was refused is told to no employer; c12: why work was, it is.
  expect(await pay(brewery, 'sendMessage', number.samuelRefused, 'decisions { part motivation }')).toEqual({
    data: {
      m0: {
        dossier: {
          decisions: [
            { part: 'WORK', motivation: 'why no work' },
            { part: 'RESIDENCE', motivation: null },
          ],
        },
        problems: stale,
      },
    },
    errors: [forbidden('Decision.motivation', ['m0', 'dossier', 'decisions', 1, 'motivation'])],
  });
  // c20: a program is no colleague. c03: a number needs a purpose, for who decides too.
  expect(await pay('VLA-DEM', 'sendMessage', number.ayse, 'status notes { text }', { roles: ['SYSTEM'] })).toEqual({
    data: { m0: { dossier: { status: 'IN_TREATMENT', notes: null }, problems: stale } },
    errors: [forbidden('Dossier.notes', ['m0', 'dossier', 'notes'])],
  });
  const handler = { roles: ['HANDLER'] };
  const person = 'worker { lastName insz }';
  expect(await pay('VLA-DEM', 'sendMessage', number.ayse, person, handler)).toEqual({
    data: { m0: { dossier: { worker: { lastName: 'Demir', insz: null } }, problems: stale } },
    errors: [purposeRequired('Worker.insz', ['m0', 'dossier', 'worker', 'insz'])],
  });
  expect(await pay('VLA-DEM', 'sendMessage', number.ayse, person, { ...handler, ...treating })).toEqual({
    data: { m0: { dossier: { worker: { lastName: 'Demir', insz: insz.ayse } }, problems: stale } },
  });
  // A region that handed the dossier on is refused the step, and sees of it what it sees otherwise: where it stands.
  expect(await pay('WAL-SPW', 'sendMessage', number.yuki, 'status grossMonthly', { roles: everyRole })).toMatchObject({
    data: { m0: { dossier: { grossMonthly: null }, problems: [{ code: 'FORBIDDEN' }] } },
    errors: [forbidden('Dossier.grossMonthly', ['m0', 'dossier', 'grossMonthly'])],
  });
});
