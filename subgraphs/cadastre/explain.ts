/** The policy as an answer: the matrix itself, and why a caller may or may not see a field. */
import { parse } from 'graphql';
import {
  accessTo,
  categories,
  hasRoles,
  isParty,
  kinds,
  type Relation,
  type Role,
  relations,
  rowCategories,
  sources,
} from '../../schema/policy.ts';
import { sdl, subgraphNames } from '../../schema/subgraphs.ts';
import { type Classification, classify, explain } from '../../schema/verdict.ts';
import type { Table } from '../access.ts';
import { refuse } from '../errors.ts';
import { principalOf } from '../principal.ts';
import type { Viewer } from '../viewer.ts';
import type { Context } from './store.ts';
import type { AccessCell, AccessExplanation, DataCategory } from './types.ts';

/** By what a record of a type is named, and the row scope that decides what it is to a caller. */
const records: Readonly<Record<string, { table: Table; column: 'number' | 'worker_id' | 'id' | 'kbo' }>> =
  Object.fromEntries([
    ...[
      'Dossier',
      'Posting',
      'Track',
      'Document',
      'Deadline',
      'InformationRequest',
      'Transfer',
      'Appeal',
      'Milestone',
      'Message',
      'Note',
      'TimelineEvent',
    ].map((type) => [type, { table: 'file', column: 'number' }] as const),
    ['Decision', { table: 'ruling', column: 'number' }],
    ...['Worker', 'InszAlias', 'ResidenceStatus'].map((type) => [type, { table: 'person', column: 'id' }] as const),
    ...['Employer', 'Denomination', 'NaceActivity', 'Insolvency'].map(
      (type) => [type, { table: 'enterprise', column: 'kbo' }] as const,
    ),
    ...['Permit', 'Withdrawal'].map((type) => [type, { table: 'permit', column: 'worker_id' }] as const),
    ['DimonaPeriod', { table: 'dimona', column: 'worker_id' }],
    ...['DmfaLine', 'WageQuarter'].map((type) => [type, { table: 'dmfa', column: 'worker_id' }] as const),
    ...['LimosaDeclaration', 'ForeignEmployer'].map(
      (type) => [type, { table: 'limosa', column: 'worker_id' }] as const,
    ),
    ['A1Certificate', { table: 'a1', column: 'worker_id' }],
    ...['InspectionHit', 'Evidence'].map((type) => [type, { table: 'hit', column: 'worker_id' }] as const),
  ]);

const contracts = subgraphNames.map((name) => classify(parse(sdl(name))).known);

const classified = (coordinate: string): Classification => {
  const found = contracts.map((known) => known.get(coordinate)).find((one) => one !== undefined);
  if (!found) throw refuse('BAD_USER_INPUT', 'There is no such field, filter or sort; write Type.field');
  return found;
};

/** A category as the contract has it; a test holds the contract's list to the policy's. */
const named = (category: string) => category as DataCategory;

/** The cells of the matrix, of some categories and one kind of principal where these are given. */
export const cells = (of: readonly DataCategory[] | null, forKind: string | null): AccessCell[] =>
  categories
    .filter((category) => of === null || of.includes(named(category)))
    .flatMap((category) =>
      kinds
        .filter((kind) => forKind === null || kind === forKind)
        .flatMap((kind) =>
          relations.map((relation) => {
            const { plain, logged, source } = accessTo(kind, relation, category);
            const cited = sources[source] ?? source;
            return { category: named(category), kind, relation, level: plain, withPurpose: logged, source: cited };
          }),
        ),
    );

/** Another principal, as an auditor imagines it. */
export type Imagined = { principal: string; roles: readonly Role[] | null; purpose: string | null };

const imagined = (viewer: Viewer, { principal, roles, purpose }: Imagined): Viewer => {
  if (viewer.kind !== 'AUDITOR') throw refuse('FORBIDDEN', 'Only an auditor asks for another principal');
  const found = principalOf(principal, viewer.today);
  if ('reason' in found) throw refuse('BAD_USER_INPUT', `There is no such principal: ${found.reason}`);
  const held = hasRoles(found.principal.kind) ? (roles ?? ['READER']) : [];
  return { ...viewer, ...found.principal, roles: held, purpose };
};

/** One explanation for each thing that the record is to the caller; NOT_FOUND where it is nothing to it. */
export const explanations = async (
  { viewer, store }: Context,
  coordinate: string,
  subject: string | null,
  other: Imagined | null,
): Promise<AccessExplanation[]> => {
  const caller = other ? imagined(viewer, other) : viewer;
  const field = classified(coordinate);
  // Where a row belongs to one of several categories, each is explained.
  const each = rowCategories[field.type] ? field.categories.map((category) => [category]) : [field.categories];
  const explained = (relation: Relation): AccessExplanation[] =>
    each.map((categories) => {
      const { category, ...rest } = explain(caller, { ...field, categories }, relation);
      return { ...rest, category: named(category) };
    });
  if (subject === null) return relations.flatMap(explained);
  const record = records[field.type];
  if (!record) throw refuse('BAD_USER_INPUT', `A ${field.type} is explained without a record`);
  const found = await store.relationsTo(caller, record.table, record.column, subject);
  if (found.length === 0) throw refuse('NOT_FOUND', 'There is no such record');
  // Of the documents of a dossier a party has its own side's, and is involved in the others.
  const others = field.type === 'Document' && isParty(caller.kind) ? ['INVOLVED'] : [];
  return relations.filter((relation) => found.includes(relation) || others.includes(relation)).flatMap(explained);
};
