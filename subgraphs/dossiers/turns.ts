/** Turns: where a step looks first and writes afterwards, and two of them would both find nothing, one waits for the other. */
import type pg from 'pg';
import { statement } from '../../db/statement.ts';

// Numbers of our own; a transaction takes its turns in this order, so that no two wait for each other.
const kinds = { SUBMISSION_FOR: 1, NUMBER_OF_PERSON: 2, REGIONS_OF_WORKER: 3 } as const;

const take = statement('select pg_advisory_xact_lock($1, hashtext($2))');

/** Waits until nobody else has this turn, and keeps it until the transaction is over. */
export const turn = async (client: pg.PoolClient, kind: keyof typeof kinds, of: string): Promise<void> => {
  await take(client, [kinds[kind], of]);
};
