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
import { type Classification, classify, explain, verdict } from '../../schema/verdict.ts';
import type { Table } from '../access.ts';
import { refuse } from '../errors.ts';
import { principalOf } from '../principal.ts';
import type { Viewer } from '../viewer.ts';
import type { Context } from './store.ts';
import type { AccessCell, AccessExplanation, DataCategory } from './types.ts';

/**
 * By what a record is named, whom it is about, the row scope that decides what it is to a caller, and the category that says
 * whether there is such a record.
 */
type RecordKind = { table: Table; column: string; worker: string | null; category: string; types: readonly string[] };

const ofDossiers = [
  ...['Dossier', 'Posting', 'Track', 'Document', 'Deadline', 'InformationRequest', 'Transfer', 'Appeal', 'Milestone'],
  ...['Message', 'Note', 'TimelineEvent'],
];
const ofWorkers = { column: 'worker_id', worker: 'worker_id' };

const recordKinds: readonly RecordKind[] = [
  { table: 'file', column: 'number', worker: 'worker_id', category: 'ENVELOPE', types: ofDossiers },
  { table: 'ruling', column: 'number', worker: 'worker_id', category: 'WORK_DECISION', types: ['Decision'] },
  {
    ...{ table: 'person', column: 'id', worker: 'id', category: 'WORKER_IDENTITY' },
    types: ['Worker', 'InszAlias', 'ResidenceStatus'],
  },
  {
    ...{ table: 'enterprise', column: 'kbo', worker: null, category: 'EMPLOYER' },
    types: ['Employer', 'Denomination', 'NaceActivity', 'Insolvency'],
  },
  { ...ofWorkers, table: 'permit', category: 'PERMITS', types: ['Permit', 'Withdrawal'] },
  { ...ofWorkers, table: 'dimona', category: 'DIMONA_DMFA', types: ['DimonaPeriod'] },
  { ...ofWorkers, table: 'dmfa', category: 'DIMONA_DMFA', types: ['DmfaLine', 'WageQuarter'] },
  { ...ofWorkers, table: 'limosa', category: 'LIMOSA_A1', types: ['LimosaDeclaration', 'ForeignEmployer'] },
  { ...ofWorkers, table: 'a1', category: 'LIMOSA_A1', types: ['A1Certificate'] },
  { ...ofWorkers, table: 'hit', category: 'INSPECTION', types: ['InspectionHit', 'Evidence'] },
];

/** Whether a caller may know, as it asks now, that there is such a record. */
const mayKnowOf = (caller: Viewer, { category }: RecordKind): boolean =>
  relations.some(
    (relation) => verdict(caller, { categories: [category], from: 'STATUS', mask: undefined }, relation) === 'CLEAR',
  );

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
  { viewer, store, readings }: Context,
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
  const record = recordKinds.find(({ types }) => types.includes(field.type));
  if (!record) throw refuse('BAD_USER_INPUT', `A ${field.type} is explained without a record`);
  // That there is a record, or none, is told to nobody to whom its register is shut.
  if (!mayKnowOf(caller, record)) return relations.flatMap(explained);
  const found = await store.relationsTo(caller, record, subject);
  const told = { read: [record.category], refused: [], counts: true };
  for (const { worker } of found) if (worker !== null) readings.note(worker, told);
  if (found.length === 0) {
    if (record.worker !== null) readings.miss(told); // an enterprise is no person
    throw refuse('NOT_FOUND', 'There is no such record');
  }
  // Of the documents of a dossier a party has its own side's, and is involved in the others.
  const met = new Set([
    ...found.map(({ relation }) => relation),
    ...(field.type === 'Document' && isParty(caller.kind) ? ['INVOLVED'] : []),
  ]);
  return relations.filter((relation) => met.has(relation)).flatMap(explained);
};
