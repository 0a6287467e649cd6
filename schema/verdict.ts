/** What the policy says of one field, filter or sort: read from the contract's `@category`, decided by the matrix. */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type NamedTypeNode,
  type TypeNode,
  valueFromASTUntyped,
} from 'graphql';
import { accessTo, type Kind, type Level, levels, type Relation, reaches, relations } from './policy.ts';

export const masks = ['INSZ', 'INITIALS', 'YEAR'] as const;
export type Mask = (typeof masks)[number];

/** What a coordinate is classified as. `leads` when it returns objects rather than values. */
export type Classification = {
  coordinate: string;
  type: string;
  field: string;
  categories: readonly string[];
  from: Level;
  mask: Mask | undefined;
  returns: string;
  nullable: boolean;
  place: 'field' | 'input' | 'enum';
};

const read = (
  directives: readonly ConstDirectiveNode[] = [],
): Pick<Classification, 'categories' | 'from' | 'mask'> | undefined => {
  const directive = directives.find(({ name }) => name.value === 'category');
  if (!directive) return undefined;
  const given = new Map(directive.arguments?.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
  const categories = [given.get('is')].flat().map(String);
  return {
    categories,
    from: levels.find((level) => level === given.get('from')) ?? 'READ',
    mask: masks.find((mask) => mask === given.get('mask')),
  };
};

const named = (type: TypeNode): NamedTypeNode => (type.kind === 'NamedType' ? type : named(type.type));

const value = { returns: '', nullable: true, place: 'enum' } as const;

/** The classification of every field, input field and enum value that carries one, by coordinate; and which fields lack one. */
export const classify = (document: DocumentNode): { known: Map<string, Classification>; missing: string[] } => {
  const known = new Map<string, Classification>();
  const missing: string[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === 'EnumTypeDefinition') {
      for (const { name, directives } of definition.values ?? []) {
        const found = read(directives);
        const coordinate = `${definition.name.value}.${name.value}`;
        if (found)
          known.set(coordinate, { coordinate, type: definition.name.value, field: name.value, ...found, ...value });
      }
      continue;
    }
    if (
      definition.kind !== 'ObjectTypeDefinition' &&
      definition.kind !== 'ObjectTypeExtension' &&
      definition.kind !== 'InterfaceTypeDefinition' &&
      definition.kind !== 'InputObjectTypeDefinition'
    ) {
      continue;
    }
    const type = definition.name.value;
    for (const field of definition.fields ?? []) {
      const coordinate = `${type}.${field.name.value}`;
      const found = read(field.directives);
      if (!found) {
        missing.push(coordinate);
        continue;
      }
      known.set(coordinate, {
        coordinate,
        type,
        field: field.name.value,
        ...found,
        returns: named(field.type).name.value,
        nullable: field.type.kind !== 'NonNullType',
        place: definition.kind === 'InputObjectTypeDefinition' ? 'input' : 'field',
      });
    }
  }
  return { known, missing };
};

export const verdicts = ['CLEAR', 'MASKED', 'PURPOSE_REQUIRED', 'FORBIDDEN'] as const;
/** What a viewer gets: the value, a mask of it, a request to state a purpose, or a refusal. From good to bad. */
export type Verdict = (typeof verdicts)[number];

const one = (
  kind: Kind,
  relation: Relation,
  category: string,
  { from, mask }: Pick<Classification, 'from' | 'mask'>,
  purpose: boolean,
): Verdict => {
  const { plain, logged } = accessTo(kind, relation, category);
  const now = purpose ? logged : plain;
  if (reaches(now, from)) return 'CLEAR';
  if (mask && reaches(now, 'MASKED')) return 'MASKED';
  return !purpose && reaches(logged, mask ? 'MASKED' : from) ? 'PURPOSE_REQUIRED' : 'FORBIDDEN';
};

/**
 * The best verdict over the categories and relations that apply. Without a relation, all are tried: so it is asked of what
 * leads to rows, which then have relations of their own.
 */
export const verdict = (
  kind: Kind,
  { categories, from, mask }: Pick<Classification, 'categories' | 'from' | 'mask'>,
  { relation, purpose }: { relation?: Relation | undefined; purpose: boolean },
): Verdict => {
  const each = categories.flatMap((category) =>
    (relation ? [relation] : relations).map((tie) =>
      verdicts.indexOf(one(kind, tie, category, { from, mask }, purpose)),
    ),
  );
  return verdicts[Math.min(...each)] ?? 'FORBIDDEN';
};

/** Whether a field gives the same, clear, answer whatever the row is and without a purpose: then nothing has to be asked. */
export const alwaysClear = (kind: Kind, classification: Classification): boolean =>
  classification.categories.every((category) =>
    relations.every((relation) => one(kind, relation, category, classification, false) === 'CLEAR'),
  );
