/** What the policy says of one field, filter or sort: read from the contract's `@category`, decided by the matrix. */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type NamedTypeNode,
  type TypeNode,
  valueFromASTUntyped,
} from 'graphql';
import {
  accessTo,
  capOf,
  hasRoles,
  type Kind,
  type Level,
  levels,
  offeredTo,
  opens,
  purposes,
  type Relation,
  type Role,
  reaches,
  relations,
  roles,
  sources,
} from './policy.ts';

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

/** What of a caller the policy asks: its kind, its roles inside an authority, and the purpose that it states. */
export type Caller = { kind: Kind; roles: readonly Role[]; purpose: string | null };

const lower = (one: Level, other: Level): Level => (reaches(one, other) ? other : one);

const one = (
  { kind, roles, purpose }: Caller,
  relation: Relation,
  category: string,
  { from, mask }: Pick<Classification, 'from' | 'mask'>,
): Verdict => {
  const access = accessTo(kind, relation, category);
  const cap = capOf(kind, roles, category);
  const opened = purpose !== null && opens(purpose, category);
  const now = lower(opened ? access.logged : access.plain, cap);
  if (reaches(now, from)) return 'CLEAR';
  if (mask && reaches(now, 'MASKED')) return 'MASKED';
  return !opened && reaches(lower(access.logged, cap), mask ? 'MASKED' : from) ? 'PURPOSE_REQUIRED' : 'FORBIDDEN';
};

/**
 * The best verdict over the categories and relations that apply. Without a relation, all are tried: so it is asked of what
 * leads to rows, which then have relations of their own.
 */
export const verdict = (
  caller: Caller,
  { categories, from, mask }: Pick<Classification, 'categories' | 'from' | 'mask'>,
  relation?: Relation,
): Verdict => {
  const each = categories.flatMap((category) =>
    (relation ? [relation] : relations).map((tie) => verdicts.indexOf(one(caller, tie, category, { from, mask }))),
  );
  return verdicts[Math.min(...each)] ?? 'FORBIDDEN';
};

/** Why a verdict is what it is: the line of the matrix, and what would give a better one. */
export type Explanation = {
  verdict: Verdict;
  relation: Relation;
  category: string;
  /** What the caller has now, by the matrix and by its roles; and the lowest level at which the value is shown as it is. */
  level: Level;
  needed: Level;
  source: string;
  purposes: string[];
  roles: Role[];
  relations: Relation[];
};

/** Explains the verdict on a field for a row of that relation. */
export const explain = (
  caller: Caller,
  classification: Pick<Classification, 'coordinate' | 'categories' | 'from' | 'mask'>,
  relation: Relation,
): Explanation => {
  const { coordinate, categories, from } = classification;
  const offered = offeredTo(coordinate, caller.kind);
  const outcome = (of: Caller, tie: Relation): Verdict => (offered ? verdict(of, classification, tie) : 'FORBIDDEN');
  const now = outcome(caller, relation);
  const better = (of: Caller, tie: Relation) => verdicts.indexOf(outcome(of, tie)) < verdicts.indexOf(now);
  // Of several categories the one that decided: the verdict is the best of theirs.
  const category = categories.find(
    (one) => verdict(caller, { ...classification, categories: [one] }, relation) === now,
  );
  const by = category ?? categories[0] ?? '';
  const access = accessTo(caller.kind, relation, by);
  const opened = caller.purpose !== null && opens(caller.purpose, by);
  return {
    verdict: now,
    relation,
    category: by,
    level: offered ? lower(opened ? access.logged : access.plain, capOf(caller.kind, caller.roles, by)) : 'NONE',
    needed: from,
    source: offered
      ? (sources[access.source] ?? access.source)
      : 'operations that only some kinds of principal have a use for',
    purposes: purposes[caller.kind].filter((purpose) => better({ ...caller, purpose }, relation)),
    roles: hasRoles(caller.kind) ? roles.filter((role) => better({ ...caller, roles: [role] }, relation)) : [],
    relations: relations.filter((tie) => better(caller, tie)),
  };
};

/** Whether a field gives the same, clear, answer whatever the row is and without a purpose: then nothing has to be asked. */
export const alwaysClear = (caller: Omit<Caller, 'purpose'>, classification: Classification): boolean =>
  classification.categories.every((category) =>
    relations.every((relation) => one({ ...caller, purpose: null }, relation, category, classification) === 'CLEAR'),
  );
