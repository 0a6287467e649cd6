/** Composes contracts into one graph, and refuses what would compose and not be guarded. */
import { composeServices } from '@apollo/composition';
import { type DocumentNode, type FieldDefinitionNode, parse, type SelectionSetNode, type TypeNode } from 'graphql';
import { kinds, purposes, relations, roles } from './policy.ts';
import { type Classification, classify, verdict, verdicts } from './verdict.ts';

/** A contract: its subgraph's name and its SDL. */
export type Contract = { name: string; sdl: string };

const named = (type: TypeNode): string => (type.kind === 'NamedType' ? type.name.value : named(type.type));

/** The fields of each type of a contract, all its definitions and extensions together. */
const fieldsOf = (document: DocumentNode): Map<string, FieldDefinitionNode[]> => {
  const types = new Map<string, FieldDefinitionNode[]>();
  for (const one of document.definitions) {
    if (one.kind !== 'ObjectTypeDefinition' && one.kind !== 'ObjectTypeExtension') continue;
    types.set(one.name.value, [...(types.get(one.name.value) ?? []), ...(one.fields ?? [])]);
  }
  return types;
};

/** What a field is computed from: the coordinates that its `@requires` names. */
const sourcesOf = (types: Map<string, FieldDefinitionNode[]>, type: string, field: FieldDefinitionNode): string[] => {
  const requires = field.directives?.find(({ name }) => name.value === 'requires');
  const value = requires?.arguments?.find(({ name }) => name.value === 'fields')?.value;
  if (value?.kind !== 'StringValue') return [];
  const within = (set: SelectionSetNode, parent: string): string[] =>
    set.selections.flatMap((selection) => {
      if (selection.kind !== 'Field')
        return selection.kind === 'InlineFragment' ? within(selection.selectionSet, parent) : [];
      const found = types.get(parent)?.find(({ name }) => name.value === selection.name.value);
      const below = found && selection.selectionSet ? within(selection.selectionSet, named(found.type)) : [];
      return [`${parent}.${selection.name.value}`, ...below];
    });
  const [operation] = parse(`{ ${value.value} }`).definitions;
  return operation?.kind === 'OperationDefinition' ? within(operation.selectionSet, type) : [];
};

/** Whether somebody gets more of the field than of what it is computed from. */
const tellsMore = (field: Classification, source: Classification): boolean =>
  kinds.some((kind) =>
    relations.some((relation) =>
      [null, ...purposes[kind]].some((purpose) =>
        [roles, ...roles.map((role) => [role])].some((held) => {
          const caller = { kind, roles: held, purpose };
          return (
            verdicts.indexOf(verdict(caller, field, relation)) < verdicts.indexOf(verdict(caller, source, relation))
          );
        }),
      ),
    ),
  );

const faultsOf = (contracts: readonly { name: string; document: DocumentNode }[]): string[] => {
  const all = contracts.map(({ name, document }) => ({ name, document, ...classify(document) }));
  return all.flatMap(({ name, document, known, missing }) => {
    const types = fieldsOf(document);
    const required = [...types].flatMap(([type, fields]) =>
      fields.flatMap((field) =>
        sourcesOf(types, type, field).map((source) => ({ field: `${type}.${field.name.value}`, source })),
      ),
    );
    return [
      ...missing.map((coordinate) => `${name}: ${coordinate} has no category`),
      // graphql-shield takes a rule on either, and leaves what implements it open.
      ...document.definitions
        .filter(({ kind }) => /^(Interface|Union)/.test(kind))
        .map((one) => `${name}: ${'name' in one && one.name?.value} is an interface or a union, which nothing guards`),
      ...required
        .filter(({ field, source }) => {
          const own = known.get(field);
          return own && all.some((other) => other.known.has(source) && tellsMore(own, other.known.get(source) ?? own));
        })
        .map(({ field, source }) => `${name}: ${field} is less protected than ${source}, which it is computed from`),
    ];
  });
};

/** The supergraph of these contracts. Fails with the composer's own words, or with what would not be guarded. */
export const compose = (contracts: readonly Contract[]): string => {
  const parsed = contracts.map(({ name, sdl }) => ({ name, document: parse(sdl) }));
  const faults = faultsOf(parsed);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const services = parsed.map(({ name, document }) => ({ name, url: `http://${name}/graphql`, typeDefs: document }));
  const { supergraphSdl, errors } = composeServices(services);
  if (errors?.length || !supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
};
