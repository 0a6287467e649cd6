/** What is asked of the real graph: documents that take every field of a row, by every way of writing it. */

import type { SubgraphName } from '../schema/subgraphs.ts';
import { insz } from './cast.ts';
import { type Coordinate, objects } from './composed.ts';
import type { TableName } from './referee-rows.ts';

/** The ways to a field: through the gateway, `when` by `@include` and `@skip` in an inline fragment; and straight to a subgraph. */
export const graphPaths = ['plain', 'alias', 'fragment', 'when', 'entity'] as const;
export type GraphPath = (typeof graphPaths)[number];

export type Owned = { table: TableName; key: string; graph: SubgraphName };

/** Types whose rows have a table of their own: where the referee finds them, and by which field. */
export const rowTypes: Readonly<Record<string, Owned>> = {
  Dossier: { table: 'dossier', key: 'number', graph: 'dossiers' },
  Message: { table: 'message', key: 'id', graph: 'dossiers' },
  Employer: { table: 'employer', key: 'kbo', graph: 'employers' },
  Establishment: { table: 'establishment', key: 'number', graph: 'employers' },
  Mandate: { table: 'mandate', key: 'id', graph: 'employers' },
  Worker: { table: 'worker', key: 'id', graph: 'workers' },
  Decision: { table: 'decision', key: 'id', graph: 'decisions' },
  Permit: { table: 'permit', key: 'id', graph: 'cadastre' },
  LimosaDeclaration: { table: 'limosa', key: 'number', graph: 'cadastre' },
  A1Certificate: { table: 'a1', key: 'number', graph: 'cadastre' },
};
export const entities = ['Dossier', 'Employer', 'Establishment', 'Worker', 'Decision', 'Permit', 'LimosaDeclaration'];

/** A field as it is asked: under which name, and what below it. */
export type Asked = { field: Coordinate; key: string; below: Asked[] };

export const isKey = (field: Coordinate): boolean =>
  rowTypes[field.type]?.key === field.name || field.coordinate === 'Mandatary.kbo';

/** What is asked of a type: everything at the top; of another row on the way, what is its own; nothing that leads on from there. */
export const selectionOf = (
  type: string,
  depth: number,
  only?: SubgraphName,
  light = false,
  met: readonly string[] = [],
): Asked[] => {
  const whole = (objects.get(type) ?? []).flatMap((field) => {
    if (only && !field.graphs.includes(only)) return [];
    const owner = rowTypes[type]?.graph;
    if (depth > 0 && owner && !field.graphs.includes(owner) && !isKey(field)) return [];
    if (!objects.has(field.returns)) return [{ field, key: field.name, below: [] }];
    const isRow = field.returns in rowTypes || field.returns.endsWith('Connection');
    if (met.includes(field.returns) || (depth > 0 && rowTypes[type] && isRow)) return [];
    const inner = depth + (type in rowTypes || depth > 0 ? 1 : 0);
    const below = selectionOf(field.returns, inner, only, light, [...met, type]).filter(
      ({ field: one }) => !(depth > 1 && objects.has(one.returns) && one.returns in rowTypes),
    );
    return below.length > 0 ? [{ field, key: field.name, below }] : [];
  });
  return light && depth > 0 && type in rowTypes ? whole.filter(({ below }) => below.length === 0).slice(0, 6) : whole;
};

const calls: Readonly<Record<string, string>> = {
  headcount: '(quarter: "2026Q1")',
  dossiers: '(first: 2)',
  establishments: '(first: 2)',
};

/** Writes a selection on one of the paths. */
export const write = (selection: readonly Asked[], path: GraphPath, type: string, top = true): string => {
  const text = selection
    .map(({ field, key, below }) => {
      const name = `${key === field.name ? '' : `${key}: `}${field.name}`;
      const pages = field.args.some(({ name: arg }) => arg === 'first' || arg === 'quarter');
      const when = top && path === 'when' ? (key.length % 2 ? ' @include(if: $yes)' : ' @skip(if: $no)') : '';
      return `${name}${pages ? (calls[field.name] ?? '') : ''}${when}${below.length > 0 ? ` { ${write(below, path, field.returns, false)} }` : ''}`;
    })
    .join(' ');
  return top && path === 'when' ? `... on ${type} { ${text} }` : `__typename ${text}`;
};

/** A way in: a field of Query, what it is called with, and the table whose rows it leads to. */
type Root = { field: string; args?: string };
export const roots: readonly (readonly Root[])[] = [
  [{ field: 'dossier', args: 'number: $dossier' }],
  [
    { field: 'decision', args: 'id: $decision' },
    { field: 'employer', args: 'kbo: $employer' },
    { field: 'establishment', args: 'number: $establishment' },
    { field: 'worker', args: 'id: $worker' },
  ],
  [
    { field: 'dossiers', args: 'first: 2, filter: { worker: $worker }' },
    { field: 'employers', args: 'first: 2' },
    { field: 'mandates' },
    { field: 'myFile' },
    { field: 'openRequests' },
    { field: 'deliveries', args: 'dossier: $dossier' },
    { field: 'deadLetters' },
    { field: 'priorOutcomes', args: 'worker: "W-0000006"' },
  ],
  [
    { field: 'permits', args: 'first: 2, worker: $worker' },
    { field: 'cadastre', args: 'worker: $worker' },
    { field: 'limosa', args: 'worker: $worker' },
    { field: 'a1', args: 'worker: $worker' },
    { field: 'wageCompliance', args: 'dossier: $dossier' },
    { field: 'forecast', args: 'dossier: $dossier' },
    { field: 'prefill', args: `insz: "${insz.rahul}", kbo: $employer` },
  ],
  [
    { field: 'outbox', args: 'first: 8, dossier: $dossier' },
    { field: 'message', args: 'id: "MSG-RAHUL"' },
  ],
  [
    { field: 'dimona', args: 'worker: $worker' },
    { field: 'dmfa', args: 'worker: $worker' },
    { field: 'inspectionHits', args: 'first: 2' },
  ],
  [
    { field: 'inspectEstablishment', args: 'number: $establishment' },
    { field: 'siteCheck', args: 'number: $establishment, insz: ["88020399796"]' },
  ],
  [
    { field: 'myDossiers', args: 'first: 2' },
    { field: 'postWorklist' },
    { field: 'municipalWorklist' },
    { field: 'counterWorklist' },
    { field: 'inspectWorker', args: `insz: "${insz.rahul}"` },
    { field: 'inspectEmployer', args: 'kbo: $employer' },
    { field: 'mayEmploy', args: `insz: "${insz.rahul}", kbo: $employer` },
    { field: 'limosaWithoutPermit', args: 'from: "2026-01-01", to: "2026-12-31"' },
  ],
];

const declared =
  '$dossier: DossierNumber!, $decision: ID!, $employer: KboNumber!, $establishment: EstablishmentNumber!, $worker: ID!, $yes: Boolean!, $no: Boolean!';

const queryField = (name: string): Coordinate => {
  const one = objects.get('Query')?.find((field) => field.name === name);
  if (!one) throw new Error(`no such operation: ${name}`);
  return one;
};

export type Question = { text: string; asked: Asked[] };

/** What a document does not use it may not declare. */
const withDeclarations = (body: string): string => {
  const used = declared.split(', ').filter((one) => new RegExp(`\\${one.split(':')[0]}\\b`).test(body));
  return `query(${used.join(', ')}) ${body}`.replace('query() ', '');
};

export const questionOf = (group: readonly Root[], path: GraphPath): Question => {
  let names = 45; // the gateway takes fifty of a caller's own
  const asked = group.map(({ field: name }): Asked => {
    const field = queryField(name);
    const deep = /ossiers$|Worklist$|^inspect|^employers$|^openRequests$|^limosaW/.test(name) ? 1 : 0;
    const below = selectionOf(field.returns, deep, undefined, group !== roots[0]);
    const renamed =
      path === 'alias' ? below.map((one) => (names-- > 0 ? { ...one, key: `own_${one.key}` } : one)) : below;
    return { field, key: name, below: renamed };
  });
  const fragments = asked.map(
    ({ field, key, below }) => `fragment F_${key} on ${field.returns} { ${write(below, path, field.returns)} }`,
  );
  const body = asked.map(({ field, key, below }, i) => {
    const args = group[i]?.args;
    return `${key}${args ? `(${args})` : ''} { ${path === 'fragment' ? `...F_${key}` : write(below, path, field.returns)} }`;
  });
  return { text: withDeclarations(`{ ${body.join(' ')} } ${path === 'fragment' ? fragments.join(' ') : ''}`), asked };
};
