import { overBefore } from '../schema/retention.ts';
import { type Queryable, statement } from './statement.ts';

const clock = statement<{ today: string }>(`select (now() at time zone 'Europe/Brussels')::date::text as today`);
const erase = statement<{ erased: number }>('select read_log.erase($1::date)::integer as erased');

// The log is emptied from its beginning on: what is held holds all that came after.
const held = statement<{ from: string | null }>(`
  select (min(e.at) at time zone 'Europe/Brussels')::date::text as "from"
  from dossiers.dossier d join read_log.entry e on e.subject = d.worker_id where d.legal_hold`);

/**
 * Empties what of the read log is over, as the owner of the database, who alone may; answers how many entries. The chain
 * stays, and an entry says what was done. What was read of the worker of a dossier under legal hold stays.
 */
export const eraseReadLog = async (owner: Queryable, today: string): Promise<number> => {
  const [own] = await clock(owner);
  // A clock that is fixed ahead of the database's own erases nothing sooner.
  const day = own && own.today < today ? own.today : today;
  const over = overBefore('READ_LOG', day);
  const [hold] = await held(owner);
  const before = hold?.from && hold.from < over ? hold.from : over;
  for (let count = 0; ; ) {
    const [row] = await erase(owner, [before]);
    if (!row?.erased) return count;
    count += row.erased;
  }
};
