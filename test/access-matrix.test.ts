import { type Kind, roles } from '../schema/policy.ts';
import { type Coordinate, coordinates, kindsOfDefinition, objects } from './composed.ts';
import { questions, runFilters } from './matrix-filters.ts';
import { protectedFields, runGraph } from './matrix-graph.ts';
import { runRows } from './matrix-rows.ts';
import { changers, mutations, runPayloads, runSteps } from './matrix-steps.ts';
import { type Case, runStubs } from './matrix-stubs.ts';
import { compareTables } from './matrix-table.ts';
import { type MatrixWorld, openMatrixWorld } from './matrix-world.ts';
import { categories, choices, kinds, purposes, relations } from './referee.ts';
import { askers, tables } from './referee-rows.ts';
import { isRoot, stubPaths } from './stub-schemas.ts';
import { graph } from './world.ts';

let world: MatrixWorld;
let asked: Awaited<ReturnType<typeof graph>>;

beforeAll(async () => {
  world = await openMatrixWorld();
  asked = await graph(world);
});

afterAll(async () => {
  await asked.stop();
  await world.stop();
});

const patience = 300_000; // a hundred thousand cases take their time where others work too

const stating = (kind: Kind): number => (purposes[kind].length > 0 ? 2 : 1);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const rowsOf = (type: string): number =>
  isRoot(type) ? 1 : (relations.length + 1) * (choices[type] ? Object.keys(choices[type].of).length + 1 : 1);

test('the policy says of every cell what the referee reads in the text', () => {
  expect(compareTables()).toEqual({ cases: kinds.length * relations.length * categories.length, wrong: [] });
});

test(
  'every field of the composed schema gives every kind, of every row, what the referee expects, on every path',
  async () => {
    const covered = new Map<string, Set<string>>(stubPaths.map((path) => [path, new Set()]));
    const cellOf = ({ kind, subgraph, coordinate, relation, choice, stated }: Case) =>
      `${kind} ${subgraph} ${coordinate} ${relation} ${choice} ${stated}`;
    const { wrong } = await runStubs(
      {},
      (one) => void covered.get(one.path)?.add(one.path === 'root' ? cellOf(one) : one.coordinate),
    );
    expect(wrong).toEqual([]);
    const fields = coordinates.filter(({ place }) => place === 'field');
    const there = sum(fields.map(({ type, graphs }) => graphs.length * rowsOf(type))) * sum(kinds.map(stating));
    expect(covered.get('root')?.size).toBe(there);
    const ofRows = protectedFields.filter((coordinate) => !coordinate.startsWith('Query.')).sort();
    const changes = fields.flatMap(({ type, coordinate }) => (type === 'Mutation' ? [coordinate] : [])).sort();
    for (const path of ['list', 'alias', 'fragment']) {
      const met = [...(covered.get(path) ?? [])].filter((one) => !one.startsWith('Query.')).sort();
      expect(met.filter((one) => !one.startsWith('Mutation.'))).toEqual(ofRows);
      expect(met.filter((one) => one.startsWith('Mutation.'))).toEqual(path === 'list' ? [] : changes);
    }
    const ofEntities = [...objects.keys()].filter((type) =>
      [...(covered.get('entity') ?? [])].some((one) => one.startsWith(`${type}.`)),
    );
    expect(ofEntities.sort()).toEqual([
      'Decision',
      'Dossier',
      'Employer',
      'Establishment',
      'LimosaDeclaration',
      'Permit',
      'Worker',
    ]);
  },
  patience,
);

test.each(roles)('a %s of an authority gets no more of any field than that role reaches', async (role) => {
  const { cases, wrong } = await runStubs({ role, kinds: ['REGION', 'RESIDENCE'], paths: ['root'] });
  expect(wrong).toEqual([]);
  expect(cases).toBeGreaterThan(5000);
});

test('every table has for everybody the rows that the referee finds, each with what it is to them', async () => {
  expect(await runRows(world)).toEqual({ cases: askers.length * Object.keys(tables).length, wrong: [] });
  expect(new Set(askers.map(({ kind }) => kind)).size).toBe(kinds.length);
});

test(
  'the graph gives of every row of the world what the referee expects, on every path',
  async () => {
    const shown = new Set<string>();
    const { wrong } = await runGraph(world, asked, {
      covered: (_, coordinate, outcome) => void (outcome === 'FULL' && shown.add(coordinate)),
    });
    expect(wrong).toEqual([]);
    // Of these no record of the world says anything: only rows of the stubs do. Nobody has read anything yet: what the log
    // gives has tests of its own, and so have what is streamed and a document that is asked for by itself.
    const elsewhere = /^Consultation\.|accessLog|^Subscription\.|^Query\.document$/;
    const silent = protectedFields.filter((coordinate) => !shown.has(coordinate) && !elsewhere.test(coordinate));
    expect(silent).toEqual([
      'Decision.supersedes',
      'Document.erasedAt',
      'Dossier.helpdeskTicket',
      'Dossier.posting',
      'Dossier.previousPermit',
      'Dossier.duplicatedFrom',
      'Employer.endDate',
      'Employer.insolvency',
      'Establishment.name',
      'Establishment.endDate',
      'MandatePayload.mandate', // no question leads to it, as to the other payload: the mandates have tests of their own
      'PriorOutcome.sameEmployer',
      'StepPayload.dossier', // below
    ]);
  },
  patience,
);

test(
  'every mutation gives every kind, of every dossier, what the referee reads in the text: taken, refused, or not there',
  async () => {
    const met = new Map<string, Set<string>>();
    const { cases, wrong } = await runSteps(world, asked, {}, (_, coordinate, outcome) =>
      met.set(coordinate, (met.get(coordinate) ?? new Set()).add(outcome)),
    );
    expect(wrong).toEqual([]);
    expect(cases).toBeGreaterThan(2500);
    expect([...met.keys()].sort()).toEqual(mutations.map(({ coordinate }) => coordinate).sort());
    // Each was offered to somebody and kept from somebody.
    expect([...met].filter(([, outcomes]) => !outcomes.has('error FORBIDDEN') || outcomes.size < 2)).toEqual([]);
  },
  patience,
);

test.each(roles)('a %s of an authority takes no other step than that role may take', async (role) => {
  const who = ['VLA-DEM', 'FED-DVZ', 'POST-IN-1', 'MUN-23100'];
  const { cases, wrong } = await runSteps(world, asked, { role, wanted: (one) => who.includes(one.who) });
  expect(wrong).toEqual([]);
  expect(cases).toBeGreaterThan(300);
});

test(
  'a payload shows of its dossier what a question does, to every kind, with a purpose and without',
  async () => {
    const shown = new Set<string>();
    const { wrong } = await runPayloads(world, asked, {}, (kind, coordinate, outcome) =>
      shown.add(`${kind} ${coordinate} ${outcome}`),
    );
    expect(wrong).toEqual([]);
    expect(changers.filter((kind) => !shown.has(`${kind} StepPayload.dossier FULL`))).toEqual([]);
  },
  patience,
);

test('every filter and sort keeps to the rows whose data the viewer may read, or is refused', async () => {
  const { cases, wrong } = await runFilters(world, asked);
  expect(wrong).toEqual([]);
  expect(cases).toBe(questions.length * sum(askers.map(({ kind }) => stating(kind))));
});

test('what a question is asked with carries a data category of its own, and what a change brings along carries none', () => {
  // A filter tells of the rows that it leaves over; what a change is given, its step judges.
  const of = (place: Coordinate['place']) => coordinates.filter((one) => one.place === place);
  expect(of('filter').filter(({ categories }) => categories.includes('STRUCTURE'))).toEqual([]);
  expect(of('change').filter(({ categories }) => categories.join() !== 'STRUCTURE')).toEqual([]);
  expect([...new Set(of('filter').map(({ type }) => type))].sort()).toEqual([
    'CategoryFacts',
    'CompetenceFacts',
    'DossierFilter',
    'WorkplaceInput',
  ]);
});

test('nothing else in the composed schema could be asked for: no interface, no union', () => {
  expect([...kindsOfDefinition].filter((kind) => /^(Interface|Union)/.test(kind))).toEqual([]);
});
