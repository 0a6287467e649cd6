/** What was measured, as a table in Markdown. */
import type { Window } from './load.ts';
import { type OperationName, operationNames, operations } from './operations.ts';

const titles = {
  embedded: 'this project, embedded',
  open: 'the same, without rules on fields and without read log',
  apart: 'this project, apart',
  stock: 'stock Apollo gateway',
  floor: 'floor: SQL by hand',
} as const;
export type VariantName = keyof typeof titles;
const variantNames = Object.keys(titles) as VariantName[]; // its keys are the names

/**
 * A window with the processor time of each request: of all node processes, of the gateway's alone, of PostgreSQL; and the
 * share of the machine that went to programs which have no part in the bench.
 */
export type Measured = Window & { node: number; gateway: number; database: number; strangers: number };

export type Results = Record<OperationName, Partial<Record<VariantName, Measured>>>;

const digits = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const times = (value: number): string => `${digits(value)}x`;

/** One row for each operation and variant. */
export const tableOf = (results: Results): string[] => [
  '| | node CPU ms | of it the gateway | PostgreSQL CPU ms | requests/s | p50 ms | p99 ms | less CPU than stock | CPU of the floor |',
  '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
  ...operationNames.flatMap((operation) => {
    const { stock, floor } = results[operation];
    return [
      `| **${operation}: ${operations[operation].title}** | | | | | | | | |`,
      ...variantNames.flatMap((name) => {
        const measured = results[operation][name];
        if (!measured || !stock || !floor) return [];
        const { node, gateway, database, requests, seconds, p50, p99 } = measured;
        const cells = [
          digits(node),
          name === 'floor' ? '' : digits(gateway),
          digits(database),
          (requests / seconds).toFixed(0),
          digits(p50),
          digits(p99),
          times(stock.node / node),
          times(node / floor.node),
        ];
        return [`| ${titles[name]} | ${cells.join(' | ')} |`];
      }),
    ];
  }),
];

const all = ({ node, database }: Measured): number => node + database;

/** What the rules on fields and the read log cost: processor time with them as a multiple of that without, PostgreSQL's included. */
export const protectionOf = (results: Results): string =>
  operationNames
    .flatMap((operation) => {
      const { embedded, open } = results[operation];
      return embedded && open ? [`${operation} ${times(all(embedded) / all(open))}`] : [];
    })
    .join(', ');

/** The most that other programs took in a window that counts: what it says of the numbers above, the reader judges. */
export const strangersIn = (results: Results): string => {
  const shares = Object.values(results).flatMap((variants) =>
    Object.values(variants).map(({ strangers }) => strangers),
  );
  return `${Math.round(Math.max(0, ...shares) * 100)} %`;
};
