import {
  buildClientSchema,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  type IntrospectionQuery,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
} from 'graphql';
import { makeDossierNumber, makeEstablishment, makeKbo, makeLimosa } from '../schema/identifiers.ts';
import { kinds, purposes, relations, roles } from '../schema/policy.ts';
import { sdl, subgraphNames } from '../schema/subgraphs.ts';
import { type Classification, classify, verdict } from '../schema/verdict.ts';
import { arrangedWorld } from './arranged.ts';
import { insz, kbo, number, unit } from './cast.ts';
import { coordinates } from './composed.ts';
import { inspecting, type OpenedWorld, treating } from './opened-world.ts';
import type { Answer, Stated } from './world.ts';

// Every way in and every way on, found in the contract itself: a new operation or a new field is tested without being named here.

let world: OpenedWorld;
let schema: GraphQLSchema;
/** A key of something in Flanders, and one of nothing, for each kind of argument that names one record. */
let keys: Record<string, readonly [theirs: string, nobodys: string]>;

beforeAll(async () => {
  world = await arrangedWorld();
  const { data } = await world.as('VLA-DEM')<IntrospectionQuery>(getIntrospectionQuery({ descriptions: false }));
  if (!data) throw new Error('no schema');
  schema = buildClientSchema(data);
  // A posting of Rahul's to the brewery, which so far has no number that the contract would take.
  const posting = makeLimosa(2026, 8888888);
  await world.rows(`update cadastre.limosa_declaration set number = $1 where number = 'L-BREWERY'`, [posting]);
  await world.rows(
    `insert into dossiers.message (id, dossier_number, at, sender_kind, sender, text) values ('MSG-RAHUL', $1, '2026-10-30', 'REGION', 'VLA-DEM', 'x')`,
    [number.rahul],
  );
  await world.rows(
    `insert into steps.outbox (position, at, event, dossier_number, message_id) values (nextval('steps.position'), '2026-10-30', 'MESSAGE_ADDED', $1, 'MSG-RAHUL')`,
    [number.rahul],
  );
  keys = {
    DossierNumber: [number.rahul, makeDossierNumber('SP', 2026, 9999999)],
    KboNumber: [kbo.brewery, makeKbo('09999999')],
    EstablishmentNumber: [unit.brewery, makeEstablishment('29999999')],
    Insz: [insz.rahul, insz.nobody],
    LimosaNumber: [posting, makeLimosa(2026, 9999999)],
    'message.id': ['MSG-RAHUL', 'MSG-NOBODY'],
    'decision.id': ['DEC-SAMUEL', 'DEC-NOBODY'],
    'document.id': ['DOC-3', 'DOC-9'],
    'worker.id': ['W-0000002', 'W-0000000'],
    worker: ['W-0000002', 'W-0000000'],
    'priorOutcomes.worker': ['W-0000006', 'W-0000000'], // Samuel, refused in Flanders
    'explainAccess.subject': [number.rahul, makeDossierNumber('SP', 2026, 9999999)],
    'mandates.holder': [kbo.formerMandatary, makeKbo('09999999')],
  };
});

afterAll(() => world.stop());

const visiting = { purpose: 'VISA_ISSUE', reference: 'r' } as const;
const registering = { purpose: 'REGISTRATION', reference: 'r' } as const;

type Field = GraphQLField<unknown, unknown>;
const fieldsOf = (type: GraphQLObjectType): Field[] => Object.values(type.getFields());
const isPlain = ({ args }: Field): boolean => !args.some(({ type }) => isNonNullType(type));

/** All that can be asked of a record without going on to another; of what holds records only, all that these hold. */
const leaves = (type: GraphQLOutputType): string => {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const plain = fieldsOf(named).filter((field) => isPlain(field) && isLeafType(getNamedType(field.type)));
  const holds = plain.length === 0 || ['edges', 'node'].some((name) => name in named.getFields());
  const inner = fieldsOf(named).filter(({ type: next }) => holds && isObjectType(getNamedType(next)));
  return `{ __typename ${[...plain.map(({ name }) => name), ...inner.map((field) => `${field.name} ${leaves(field.type)}`)].join(' ')} }`;
};

/** Every argument, of every operation on records, that names one record; and the question that it makes with a key. */
const keyed = (): { name: string; ask(at: 0 | 1): string }[] => {
  const query = schema.getQueryType();
  const constants: Record<string, string> = {
    from: '"2021-01-01"',
    to: '"2026-12-31"',
    coordinate: '"Dossier.status"',
  };
  return fieldsOf(query as GraphQLObjectType).flatMap((field) => {
    const pairOf = ({ name, type }: Field['args'][number]) => {
      const scalar = getNamedType(type).name;
      return keys[`${field.name}.${name}`] ?? keys[scalar === 'ID' ? name : scalar];
    };
    const written = (argument: Field['args'][number], at: 0 | 1): string => {
      const value = JSON.stringify(pairOf(argument)?.[at]);
      return `${argument.name}: ${isListType(isNonNullType(argument.type) ? argument.type.ofType : argument.type) ? `[${value}]` : value}`;
    };
    return field.args
      .filter((argument) => pairOf(argument))
      .map((argument) => ({
        name: `${field.name}.${argument.name}`,
        ask: (at: 0 | 1) => {
          const others = field.args
            .filter((other) => other !== argument && isNonNullType(other.type))
            .map((other) => (pairOf(other) ? written(other, 0) : `${other.name}: ${constants[other.name]}`));
          return `${field.name}(${[written(argument, at), ...others].join(', ')}) ${leaves(field.type)}`;
        },
      }));
  });
};

/** The answer to each question, asked fifteen at a time; what was asked about is written as one and the same. */
const answers = async (who: string, stated: Stated, at: 0 | 1): Promise<Record<string, string>> => {
  const questions = keyed();
  const found: Record<string, string> = {};
  for (let from = 0; from < questions.length; from += 15) {
    const some = questions.slice(from, from + 15);
    const { data, errors = [] } = await world.as(
      who,
      stated,
    )<Record<string, unknown>>(`{ ${some.map(({ ask }, i) => `q${i}: ${ask(at)}`).join(' ')} }`);
    for (const [i, { name }] of some.entries()) {
      const own = errors.filter(({ path }) => path?.[0] === `q${i}`).map(({ path: _, ...error }) => error);
      found[name] = JSON.stringify([data?.[`q${i}`], own]);
      for (const pair of Object.values(keys)) found[name] = found[name].replaceAll(pair[at], pair[0]);
    }
    expect(errors.filter(({ path }) => !path)).toEqual([]);
  }
  return found;
};

const outsiders: [string, Stated][] = [
  ['DG-MIN', treating],
  ['INS-DG', inspecting],
  ['POST-TR-2', visiting],
  ['MUN-63023', registering],
  [`EMPLOYER:${kbo.eupen}`, {}],
  [`MANDATARY:${kbo.counter}`, {}],
  [`WORKER:${insz.john}`, {}],
  [`ENTERPRISE_COUNTER:${kbo.counter}`, {}],
  ['HELPDESK', {}],
  ['EU-COM', {}],
];

test('A1: every argument that can name a record is asked with', () => {
  const ids = fieldsOf(schema.getQueryType() as GraphQLObjectType).flatMap(({ name, args }) =>
    args
      .filter(({ type }) => getNamedType(type).name === 'ID' && !keyed().some((one) => one.name.startsWith(`${name}.`)))
      .map((argument) => `${name}.${argument.name}`),
  );
  // Authorities, which are public.
  expect(ids.sort()).toEqual([
    'contactPoint.authority',
    'formDefinition.region',
    'info.region',
    'inspectionHits.territory',
    'limosaWithoutPermit.region',
  ]);
});

/** Who is answered about anybody, and why. */
const answered: Record<string, readonly string[]> = {
  // It is read the number of a dossier over the telephone (DOMAIN 11, no. 57).
  HELPDESK: ['explainAccess.subject', 'dossier.number', 'deliveries.dossier', 'forecast.dossier'],
  // Whether the person in front of it may work: asked with a purpose and a reference, and nothing else about the person.
  'DG-MIN': ['mayEmploy.insz', 'mayEmploy.kbo'],
  'INS-DG': ['mayEmploy.insz', 'mayEmploy.kbo'],
};

test('A1, A9: whatever is asked by a key, who has no file on it gets the answer of what does not exist', async () => {
  expect(keyed().length).toBeGreaterThan(25);
  for (const [who, stated] of outsiders) {
    const [theirs, nobodys] = [await answers(who, stated, 0), await answers(who, stated, 1)];
    const differing = Object.keys(theirs).filter((name) => theirs[name] !== nobodys[name]);
    expect([who, differing]).toEqual([who, answered[who] ?? []]);
  }
});

test('A1: each of these keys opens something for somebody, so that the outsiders were asked a real question', async () => {
  const insiders: [string, Stated][] = [
    ['VLA-DEM', treating],
    ['BRU-BEW', treating],
    ['INS-TSW', inspecting],
    [`EMPLOYER:${kbo.brewery}`, {}],
    [`MANDATARY:${kbo.mandatary}`, {}],
    [`WORKER:${insz.rahul}`, { purpose: 'SUBJECT_ACCESS', reference: 'r' }],
  ];
  const shut = new Set(keyed().map(({ name }) => name));
  for (const [who, stated] of insiders) {
    const [theirs, nobodys] = [await answers(who, stated, 0), await answers(who, stated, 1)];
    for (const name of [...shut]) if (theirs[name] !== nobodys[name]) shut.delete(name);
  }
  expect([...shut]).toEqual([]);
});

/** What there is to compare of a record that is met on the way, besides its key; and how the front door finds it. */
const entities: Record<string, { key: string; fields: readonly string[]; find(key: string): string }> = {
  Dossier: { key: 'number', fields: ['status', 'language'], find: (key) => `dossier(number: "${key}")` },
  Employer: { key: 'kbo', fields: ['name', 'startDate'], find: (key) => `employer(kbo: "${key}")` },
  Establishment: { key: 'number', fields: ['name'], find: (key) => `establishment(number: "${key}")` },
  Worker: { key: 'id', fields: ['lastName', 'sex'], find: (key) => `worker(id: "${key}")` },
  Decision: { key: 'id', fields: ['outcome', 'version'], find: (key) => `decision(id: "${key}")` },
};

/** From a type, every field that leads to a record, so many records deep. */
const onwards = (type: GraphQLOutputType, depth: number): string => {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const entity = entities[named.name];
  const own = entity ? `__typename ${entity.key} ${entity.fields.join(' ')}` : '';
  const left = entity ? depth - 1 : depth;
  const inner = fieldsOf(named)
    .filter((field) => isPlain(field) && left >= 0 && field.name !== 'pageInfo')
    .map(({ name, args, type: next }) => {
      const below = onwards(next, left);
      return below && `${name}${args.some((argument) => argument.name === 'first') ? '(first: 3)' : ''} ${below}`;
    });
  const all = [own, ...inner].filter(Boolean).join(' ');
  return all && `{ ${all} }`;
};

type Met = Record<string, unknown> & { __typename: string };

/** Every record in an answer, wherever it stands. */
const recordsIn = (value: unknown): Met[] => {
  if (Array.isArray(value)) return value.flatMap(recordsIn);
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.values(value).flatMap(recordsIn);
  return '__typename' in value ? [value as Met, ...below] : below; // only records are asked for their type
};

const shown = ({ __typename, ...record }: Met): unknown[] => {
  const { key = '', fields = [] } = entities[__typename] ?? {};
  return [__typename, record[key], ...fields.map((field) => record[field] ?? null)];
};

test.each<[string, Stated]>([
  ['VLA-DEM', treating],
  ['BRU-BEW', treating],
  ['FED-DVZ', {}],
  ['INS-VSI', inspecting],
  ['POST-IN-1', visiting],
  ['MUN-23100', registering],
  [`EMPLOYER:${kbo.brewery}`, {}],
  [`MANDATARY:${kbo.mandatary}`, {}],
  [`WORKER:${insz.rahul}`, {}],
  [`WORKER:${insz.katrien}`, {}],
  [`ENTERPRISE_COUNTER:${kbo.counter}`, {}],
])('A1, A2: no way through the graph shows %s more of a record than the front door does', async (who, stated) => {
  const ask = world.as(who, stated);
  const dossier = schema.getType('Dossier') as GraphQLObjectType;
  const starts = fieldsOf(dossier)
    .map((field) => ({ field, below: isPlain(field) ? onwards(field.type, 1) : '' }))
    .filter(({ below }) => below !== '');
  expect(starts.length).toBeGreaterThan(5);
  const met = new Map<string, Met>();
  for (const { field, below } of starts) {
    const { data, errors = [] }: Answer = await ask(
      `{ dossiers(first: 4) { edges { node { __typename number status language ${field.name} ${below} } } } }`,
    );
    expect(errors.filter(({ code }) => code !== 'FORBIDDEN' && code !== 'PURPOSE_REQUIRED')).toEqual([]);
    for (const record of recordsIn(data)) met.set(JSON.stringify(shown(record)), record);
  }
  const records = [...met.values()].filter(({ __typename }) => entities[__typename]);
  expect(records.length).toBeGreaterThan(0);
  for (let from = 0; from < records.length; from += 20) {
    const some = records.slice(from, from + 20);
    const questions = some.map((record, i) => {
      const { key = '', fields = [], find = String } = entities[record.__typename] ?? {};
      return `r${i}: ${find(String(record[key]))} { __typename ${key} ${fields.join(' ')} }`;
    });
    const { data } = await ask<Record<string, Met | null>>(`{ ${questions.join(' ')} }`);
    for (const [i, record] of some.entries()) {
      const [type, key, ...values] = shown(record);
      const front = data?.[`r${i}`];
      // What the front door does not know may be named by another record that is the caller's own: by its key, and no more.
      expect(shown(record)).toEqual(front ? shown(front) : [type, key, ...values.map(() => null)]);
    }
  }
});

/** What a list can be narrowed or sorted by -> the field that this tells of. */
const tells: Record<string, string> = {
  'DossierFilter.status': 'Dossier.status',
  'DossierFilter.kind': 'Dossier.kind',
  'DossierFilter.applicationType': 'Dossier.applicationType',
  'DossierFilter.category': 'Dossier.category',
  'DossierFilter.authority': 'Dossier.competentAuthority',
  'DossierFilter.employer': 'Employer.kbo',
  'DossierFilter.worker': 'Worker.id',
  'DossierFilter.nationality': 'Worker.nationality',
  'DossierFilter.deadlineUntil': 'Dossier.deadlines',
  'DossierFilter.submittedFrom': 'Dossier.submittedAt',
  'DossierFilter.submittedTo': 'Dossier.submittedAt',
  'DossierFilter.decidedFrom': 'Dossier.decidedAt',
  'DossierFilter.decidedTo': 'Dossier.decidedAt',
  'DossierSort.SUBMITTED_AT': 'Dossier.submittedAt',
  'DossierSort.DEADLINE': 'Dossier.deadlines',
  'DossierSort.STATUS': 'Dossier.status',
};

test('A5, A6: who may filter or sort by something may read it, of the same rows', () => {
  const known = new Map<string, Classification>(subgraphNames.flatMap((name) => [...classify(parse(sdl(name))).known]));
  const goingBy = coordinates
    .filter(({ place }) => place === 'filter' || place === 'sort')
    .map(({ coordinate }) => coordinate);
  const open = goingBy.filter((coordinate) => known.get(coordinate)?.categories.includes('REFERENCE'));
  expect(Object.keys(tells).sort()).toEqual(goingBy.filter((one) => !open.includes(one)).sort());
  const callers = kinds.flatMap((kind) =>
    [[], ...roles.map((role) => [role])].flatMap((held) =>
      [null, ...purposes[kind]].map((purpose) => ({ kind, roles: held, purpose })),
    ),
  );
  const worse = Object.entries(tells).flatMap(([by, of]) =>
    callers.flatMap((caller) =>
      relations.flatMap((relation) => {
        const [asked, read] = [known.get(by), known.get(of)].map((one) => one && verdict(caller, one, relation));
        return asked === 'CLEAR' && read !== 'CLEAR' ? [{ by, caller, relation, read }] : [];
      }),
    ),
  );
  expect(worse).toEqual([]);
});
