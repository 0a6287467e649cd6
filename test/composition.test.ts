import { compose } from '../schema/compose.ts';
import { sdl, subgraphNames } from '../schema/subgraphs.ts';

const contracts = subgraphNames.map((name) => ({ name: name as string, sdl: sdl(name) }));
const and = (text: string) => [
  ...contracts,
  {
    name: 'planted',
    sdl: `${sdl('workers').split('type Query')[0]} type Query { planted: Int @category(is: REFERENCE) } ${text}`,
  },
];

test('a contract composes when every field has a category and none is computed from a better kept one', () => {
  const computed = `type Worker @key(fields: "id") { id: ID! @category(is: WORKER_IDENTITY, from: MASKED)
    insz: String @external @category(is: INSZ, mask: INSZ) check: Int @requires(fields: "insz") @category(is: INSZ) }`;
  const withRequires = and(computed).map((one) => ({
    ...one,
    sdl: one.sdl.replace('import: ["@key", "@shareable"', 'import: ["@key", "@external", "@requires", "@shareable"'),
  }));
  expect(compose(contracts)).toContain('type Worker');
  expect(compose(withRequires)).toContain('check: Int @join__field(graph: PLANTED, requires: "insz")');
});

test.each([
  ['without a category', 'type Secret { text: String }', 'planted: Secret.text has no category'],
  [
    'an interface',
    'interface Secret { text: String @category(is: INTERNAL_NOTES) }',
    'planted: Secret is an interface or a union, which nothing guards',
  ],
  [
    'a union',
    'union Either = A | B type A { a: Int @category(is: REFERENCE) } type B { b: Int @category(is: REFERENCE) }',
    'planted: Either is an interface or a union, which nothing guards',
  ],
  [
    'a field that tells what it is computed from, to who may not know',
    `type Worker @key(fields: "id") { id: ID! @category(is: WORKER_IDENTITY, from: MASKED)
      insz: String @external @category(is: INSZ, mask: INSZ) check: Int @requires(fields: "insz") @category(is: WORKER_IDENTITY) }`,
    'planted: Worker.check is less protected than Worker.insz, which it is computed from',
  ],
  [
    'a field computed from one within another',
    `type Worker @key(fields: "id") { id: ID! @category(is: WORKER_IDENTITY, from: MASKED)
      residence: Residence @external @category(is: PERMITS) early: Boolean @requires(fields: "residence { until }") @category(is: PERMITS) }
      type Residence { until: Int @external @category(is: RESIDENCE_MOTIVATION) }`,
    'planted: Worker.early is less protected than Residence.until, which it is computed from',
  ],
])('composition refuses %s', (_, text, fault) => {
  expect(() => compose(and(text))).toThrow(new Error(fault));
});
