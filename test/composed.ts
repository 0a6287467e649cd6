/** The composed schema as the matrix reads it: every field, filter and sort, how it is classified, and which subgraphs answer it. */
import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  parse,
  print,
  type TypeNode,
  valueFromASTUntyped,
} from 'graphql';
import { type SubgraphName, subgraphNames, supergraph } from '../schema/subgraphs.ts';
import type { Classified } from './referee.ts';

/** A field of a type of objects, a part of a filter, a value that is sorted by, or a part of what a change is given. */
export type Coordinate = Classified & {
  place: 'field' | 'filter' | 'sort' | 'change';
  name: string;
  /** The subgraphs that answer it. */
  graphs: readonly SubgraphName[];
  /** The type that it is of, as written, and the name alone. */
  written: string;
  returns: string;
  nullable: boolean;
  list: boolean;
  args: readonly { name: string; type: TypeNode; required: boolean }[];
};

type Node = { readonly directives?: readonly ConstDirectiveNode[] | undefined };

const argumentsOf = (node: Node, directive: string): Record<string, unknown>[] =>
  (node.directives ?? [])
    .filter(({ name }) => name.value === directive)
    .map(({ arguments: given = [] }) =>
      Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)])),
    );

const named = (type: TypeNode): string => (type.kind === 'NamedType' ? type.name.value : named(type.type));
const isList = (type: TypeNode): boolean =>
  type.kind === 'ListType' || (type.kind === 'NonNullType' && isList(type.type));

const document = parse(supergraph());
const graphOf = (value: unknown): SubgraphName | undefined =>
  subgraphNames.find((name) => name.toUpperCase() === value);
const graphsOf = (nodes: Record<string, unknown>[]): SubgraphName[] =>
  nodes.flatMap(({ graph }) => graphOf(graph) ?? []);

const classified = (coordinate: string, type: string, node: Node): Classified => {
  const [found] = argumentsOf(node, 'category');
  if (!found) throw new Error(`the composed schema has no category for ${coordinate}`);
  const mask = found.mask === undefined ? null : String(found.mask);
  return { coordinate, type, categories: [found.is].flat().map(String), from: String(found.from ?? 'READ'), mask };
};

const typesWithin = (type: string): string[] => {
  const definition = document.definitions.find((one) => 'name' in one && one.name?.value === type);
  if (definition?.kind !== 'InputObjectTypeDefinition') return [];
  return [type, ...(definition.fields ?? []).flatMap((field) => typesWithin(named(field.type)))];
};

/** The types of what questions are asked with: an argument of a field that answers, whatever else it is used for. */
const asked: ReadonlySet<string> = new Set(
  document.definitions.flatMap((definition) =>
    definition.kind === 'ObjectTypeDefinition' && definition.name.value !== 'Mutation'
      ? (definition.fields ?? []).flatMap((field) =>
          (field.arguments ?? []).flatMap((arg) => typesWithin(named(arg.type))),
        )
      : [],
  ),
);

const isOwn = (name: string): boolean => !/^(join__|link__|_)/.test(name);

const fieldOf = (
  type: string,
  owners: readonly SubgraphName[],
  node: FieldDefinitionNode | InputValueDefinitionNode,
): Coordinate => {
  const name = node.name.value;
  const narrowed = graphsOf(argumentsOf(node, 'join__field'));
  return {
    ...classified(`${type}.${name}`, type, node),
    place: node.kind === 'FieldDefinition' ? 'field' : asked.has(type) ? 'filter' : 'change',
    name,
    graphs: narrowed.length > 0 ? narrowed : owners,
    written: print(node.type),
    returns: named(node.type),
    nullable: node.type.kind !== 'NonNullType',
    list: isList(node.type),
    args: (node.kind === 'FieldDefinition' ? (node.arguments ?? []) : []).map((arg) => ({
      name: arg.name.value,
      type: arg.type,
      required: arg.type.kind === 'NonNullType',
    })),
  };
};

/** Every coordinate that a caller can name and that the policy decides on. */
export const coordinates: readonly Coordinate[] = document.definitions.flatMap((definition): Coordinate[] => {
  if (!('name' in definition) || !definition.name || !isOwn(definition.name.value)) return [];
  const type = definition.name.value;
  const owners = graphsOf(argumentsOf(definition as Node, 'join__type'));
  if (definition.kind === 'ObjectTypeDefinition' || definition.kind === 'InputObjectTypeDefinition') {
    return (definition.fields ?? []).map((field) => fieldOf(type, owners, field));
  }
  if (definition.kind !== 'EnumTypeDefinition') return [];
  // Of enums only what a list can be sorted by carries a category.
  return (definition.values ?? [])
    .filter((value) => argumentsOf(value, 'category').length > 0)
    .map((value) => ({
      ...classified(`${type}.${value.name.value}`, type, value),
      place: 'sort',
      name: value.name.value,
      graphs: owners,
      written: type,
      returns: type,
      nullable: true,
      list: false,
      args: [],
    }));
});

/** The types of objects, with their fields. */
export const objects: ReadonlyMap<string, readonly Coordinate[]> = (() => {
  const types = new Map<string, Coordinate[]>();
  for (const one of coordinates.filter(({ place }) => place === 'field')) {
    types.set(one.type, [...(types.get(one.type) ?? []), one]);
  }
  return types;
})();

const kindsOf = new Map(
  document.definitions.flatMap((definition) =>
    'name' in definition && definition.name ? [[definition.name.value, definition] as const] : [],
  ),
);

/** The kinds of definition that the composed schema holds. */
export const kindsOfDefinition: ReadonlySet<string> = new Set(document.definitions.map(({ kind }) => kind));

/** A value that an argument or a scalar of a type takes, as JSON. */
export const sample = (type: TypeNode): unknown => {
  if (type.kind === 'NonNullType') return sample(type.type);
  if (type.kind === 'ListType') return [sample(type.type)];
  const name = type.name.value;
  const definition = kindsOf.get(name);
  if (definition?.kind === 'EnumTypeDefinition') return definition.values?.[0]?.name.value;
  if (definition?.kind === 'InputObjectTypeDefinition') {
    const required = (definition.fields ?? []).filter((field) => field.type.kind === 'NonNullType');
    return Object.fromEntries(required.map((field) => [field.name.value, sample(field.type)]));
  }
  return name === 'Int' || name === 'Float' ? 1 : name === 'Boolean' ? true : 'x';
};
