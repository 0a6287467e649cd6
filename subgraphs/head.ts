import { type Queryable, statement } from '../db/statement.ts';

// What is committed, and not what the sequence gave out: a position that nobody can read yet is no news.
const select = statement<{ position: string }>('select coalesce(max(position), 0) as position from steps.outbox');

/** The position in the outbox of what happened last. */
export const head = async (db: Queryable): Promise<number> => {
  const [last] = await select(db);
  return Number(last?.position ?? 0);
};
