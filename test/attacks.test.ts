import { readdirSync, readFileSync } from 'node:fs';
import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import { embedded } from '../gateway/embedded.ts';
import { makeDossierNumber } from '../schema/identifiers.ts';
import { insz, kbo, number, unit } from './cast.ts';
import { freshDatabase } from './database.ts';
import { house, noDocuments, type Stated, tokenFor, unlimited } from './world.ts';

/**
 * The attack list: each row, what it tries, and the files whose tests hold it. The title of such a test begins with the row.
 */
const list = `
T1  | a question in an address                               | door
T2  | a change by GET or PUT                                 | door
T3  | a GET that looks simple to a browser                   | door
T4  | a form, plain text, parts, no type at all              | door
T5  | another site's script                                  | door
T6  | another character set, or none                         | door
T7  | two requests in one, for who stands in between         | door
T8  | an answer that a cache gives to another                | attacks door
T9  | a question by its hash                                 | door
T10 | another method, address or host than it seems          | door
T11 | pages that are not for everybody                       | door
T12 | headers that protect, and none that tells              | door
J1  | a token without a signature                            | identity
J2  | the public key as a shared secret                      | tokens identity
J3  | times that are over, to come, or no times              | tokens oidc identity
J4  | another issuer, audience, kind of token                | tokens identity
J5  | the name of a key as a path, a flood of names          | tokens oidc
J6  | a key brought along, and fetched                       | tokens oidc identity
J7  | signatures of zeros, short keys, claims read in two ways | tokens identity
J8  | the token twice, elsewhere, too long; and in the log   | identity door
J9  | who one is, in headers of one's own                    | identity apart
J10 | a subgraph asked directly, with a signature of old     | direct door contents-apart
J11 | a representation that lies                             | access-subgraph
J12 | a key or a mandate that was taken back                 | oidc access-rows
J13 | what the work done tells                               | identity access-oracles
A1  | another's record, by its key or by a way around        | paths access-oracles access-subgraph
A2  | the same field on every path                           | paths access-oracles access-subgraph
A3  | a rule on an interface, which would be ignored         | access-subgraph
A4  | a field that another one needs to be computed          | attacks
A5  | a filter by what one may not read                      | paths access-oracles access-rows inspection
A6  | a sort by it, and a cursor of another's                | paths access-oracles
A7  | counts and pages                                       | access-rows access-oracles
A8  | a number that is taken already                         | attack-steps
A9  | an error that tells                                    | paths attacks attack-steps access-oracles
A10 | the schema itself                                      | attacks
A11 | fields that a change must not set                      | attack-drafts
A12 | steps out of turn                                      | attack-steps
A13 | a change whose second half is forbidden                | attack-steps
A14 | a hundred keys, of which one is another's              | attacks access-subgraph
A15 | personal data without saying what for              | reading
A16 | a read that leaves no trace                        | reading
A17 | two callers at once                                    | attacks access-subgraph
A18 | a subscription that lives on                           | stream
`;

const rows = list
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([id = '', , where = '']) => ({ id, where }));

test('each row of the attack list is held by the tests that it names, and by no other', () => {
  const folder = new URL('.', import.meta.url);
  const held = new Map<string, Set<string>>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.test.ts'))) {
    const titles = readFileSync(new URL(file, folder), 'utf8').matchAll(/^.*['"`]((?:[TJA]\d+(?:, )?)+): .*$/gm);
    for (const [line, ids = ''] of titles) {
      expect(line).not.toMatch(/\.(skip|todo|only)\b/);
      for (const id of ids.split(', ')) held.set(id, (held.get(id) ?? new Set()).add(file.replace('.test.ts', '')));
    }
  }
  const found = rows.map(({ id }) => [id, [...(held.get(id) ?? [])].sort()]);
  const said = rows.map(({ id, where }) => [id, where.split(' ').sort()]);
  expect(found).toEqual(said);
  expect([...held.keys()].filter((id) => !rows.some((row) => row.id === id))).toEqual([]);
});

let database: Awaited<ReturnType<typeof freshDatabase>>;
let gateway: Awaited<ReturnType<typeof house>>;
const tokens = new Map<string, string>();

beforeAll(async () => {
  database = await freshDatabase();
  const secret = 'a secret of tests, and of tests alone';
  gateway = await house(database, {
    parts: unlimited(embedded(database.urlOf, { secret, connections: 4, folder: noDocuments })),
  });
});
afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
});

type Who = readonly [principal: string, stated: Stated];
type Reply = { status: number; headers: Record<string, string>; text: string };

/** An answer as it comes over HTTP, byte for byte. */
const ask = async ([principal, { purpose, reference }]: Who, query: string): Promise<Reply> => {
  const token = tokens.get(principal) ?? (await tokenFor(gateway.env, principal));
  tokens.set(principal, token);
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      ...(purpose && reference ? { 'x-purpose': purpose, 'x-reference': reference } : {}),
    },
    body: JSON.stringify({ query }),
  });
  const { date: _, 'x-request-id': __, ...headers } = Object.fromEntries(response.headers);
  return { status: response.status, headers, text: await response.text() };
};

const treating = { purpose: 'TREAT_DOSSIER', reference: 'r' };
const inspecting = { purpose: 'INSPECTION_COMPLAINT', reference: 'r' };
const nowhere = makeDossierNumber('SP', 2026, 9999999);

test("A9: status, headers and bytes are the same for another's record and for none, and a field that is closed changes neither", async () => {
  const record = (of: string) => `{ dossier(number: "${of}") { status grossMonthly worker { lastName } } }`;
  for (const who of [
    ['DG-MIN', treating],
    ['INS-DG', inspecting],
    [`WORKER:${insz.john}`, {}],
  ] as Who[]) {
    const [theirs, nobodys] = [await ask(who, record(number.ayse)), await ask(who, record(nowhere))];
    expect(theirs).toEqual(nobodys);
    expect([theirs.status, theirs.text]).toEqual([200, '{"data":{"dossier":null}}\n']);
  }
  const closed = await ask(['HELPDESK', {}], record(number.ayse));
  const open = await ask(['VLA-DEM', treating], record(number.ayse));
  const length = { 'content-length': expect.any(String) };
  expect(closed).toMatchObject({ status: 200, text: expect.stringContaining('FORBIDDEN') });
  expect({ ...closed.headers, ...length }).toEqual({ ...open.headers, ...length });
});

test('A10: the schema is public and the same for everybody with a token; what is closed is the data', async () => {
  // The contracts stand in this repository and ACCESS.md says who reads what: hiding names would protect nothing, and the
  // console, the clients' tools and the reader of an error need them.
  const query = getIntrospectionQuery();
  const { text } = await ask(['FED-RSZ', {}], query);
  for (const principal of ['EU-COM', 'AUDITOR', `WORKER:${insz.john}`, `EMPLOYER:${kbo.eupen}`, 'HELPDESK']) {
    expect((await ask([principal, {}], query)).text).toBe(text);
  }
  const shown = printSchema(buildClientSchema(JSON.parse(text).data));
  expect(shown).toContain('type InspectionHit');
  // Nothing of how it is put together, and nobody's number.
  expect(shown).not.toMatch(/join__|link__|_Service|_Entity|_Any|@key|https?:|127\.0\.0\.1|localhost|postgres/);
  expect(shown).not.toMatch(/\d{11}/);
  const anonymous = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  expect([anonymous.status, (await anonymous.text()).includes('InspectionHit')]).toEqual([401, false]);
});

const contracts = () =>
  readdirSync(new URL('../schema/', import.meta.url))
    .filter((file) => file.endsWith('.graphql') && file !== 'supergraph.graphql')
    .map((file) => readFileSync(new URL(`../schema/${file}`, import.meta.url), 'utf8'))
    .join('\n');

test('A4: no field is computed from another subgraph’s that its reader might not see: one is, from what was asked', () => {
  expect(contracts()).not.toMatch(/@(fromContext|provides|interfaceObject|override)\b/);
  const computed = contracts().match(/^ +\w+: [^"]*@(requires|external)\b.*$/gm) ?? [];
  expect(computed.map((line) => line.trim().replace(/ @category.*/, ''))).toEqual([
    'asOf: DateTime @external',
    'decisions: [Decision!] @requires(fields: "asOf")',
  ]);
});

test("A14: of many keys one that is another's is as one that is nobody's, and moves no other", async () => {
  const own = [number.dragan, number.rahul, number.ayse, number.olena, number.priya];
  const keys = (odd: string) => Array.from({ length: 20 }, (_, i) => (i === 7 ? odd : (own[i % own.length] ?? '')));
  const query = (odd: string) =>
    `{ ${keys(odd)
      .map((key, i) => `d${i}: dossier(number: "${key}") { number }`)
      .join(' ')} }`;
  const employer: Who = [`EMPLOYER:${kbo.brewery}`, {}];
  const [theirs, nobodys] = [await ask(employer, query(number.grace)), await ask(employer, query(nowhere))];
  expect(theirs).toEqual(nobodys);
  expect(JSON.parse(theirs.text)).toEqual({
    data: Object.fromEntries(keys('').map((key, i) => [`d${i}`, i === 7 ? null : { number: key }])),
  });
  // A hundred persons found at a site, one of whom works in another region.
  const persons = (odd: string) => Array.from({ length: 100 }, (_, i) => (i === 41 ? odd : insz.rahul));
  const site = (odd: string) =>
    `{ siteCheck(number: "${unit.brewery}", insz: ${JSON.stringify(persons(odd))}) { position worker { id } allowed declared } }`;
  const inspector: Who = ['INS-VSI', inspecting];
  const [found, unknown] = [await ask(inspector, site(insz.emma)), await ask(inspector, site(insz.nobody))];
  expect(found).toEqual(unknown);
  const known = { worker: { id: 'W-0000002' }, allowed: true, declared: true };
  const odd = { worker: null, allowed: false, declared: false };
  expect(JSON.parse(found.text)).toEqual({
    data: { siteCheck: persons('').map((_, i) => ({ position: i, ...(i === 41 ? odd : known) })) },
  });
});

const callers: Who[] = [
  ['VLA-DEM', treating],
  ['BRU-BEW', treating],
  ['FED-DVZ', { purpose: 'RESIDENCE_CHECK', reference: 'r' }],
  ['FED-RSZ', {}],
  ['INS-VSI', inspecting],
  ['INS-TSW', {}],
  [`EMPLOYER:${kbo.brewery}`, {}],
  [`EMPLOYER:${kbo.ukkel}`, {}],
  [`WORKER:${insz.rahul}`, {}],
  [`WORKER:${insz.ayse}`, {}],
];
/** How many requests are interleaved: more is a matter of patience, as in `INTERLEAVED=100000 npm test -- test/attacks.test.ts`. */
const interleaved = Number(process.env.INTERLEAVED ?? 1000);
const atOnce = 20;

test('A17, T8: what ten callers ask at once, of the same records in the same words, none gets of another', async () => {
  const query = `{
    dossier(number: "${number.rahul}") { status grossMonthly worker { insz lastName } }
    myDossiers(first: 1) { edges { cursor } }
  }`;
  const alone: string[] = [];
  for (const who of callers) {
    const { status, headers, text } = await ask(who, query);
    expect([status, headers['cache-control'], headers.etag, headers.age]).toEqual([
      200,
      'no-store',
      undefined,
      undefined,
    ]);
    alone.push(text);
  }
  expect(new Set(alone).size).toBe(callers.length); // each is told from every other
  const wrong: string[] = [];
  let next = 0;
  const inTurn = async (): Promise<void> => {
    while (next < interleaved) {
      // 7 has no factor in common with 10: every caller meets every other.
      const at = (next * 7 + Math.floor(next / 10)) % callers.length;
      next += 1;
      let { text } = await ask(callers[at] ?? ['', {}], query);
      // On a machine that has no time a register may not answer: that is nobody's data.
      while (text.includes('DEPENDENCY_UNAVAILABLE')) ({ text } = await ask(callers[at] ?? ['', {}], query));
      if (text !== alone[at]) wrong.push(`${callers[at]?.[0]} got ${text}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, inTurn));
  expect({ asked: next, wrong }).toEqual({ asked: interleaved, wrong: [] });
}, 3_600_000);
