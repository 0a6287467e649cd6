/** Who a draft is for, once it is submitted: somebody the registers know, or somebody new to them. */
import type pg from 'pg';
import { statement } from '../../db/statement.ts';
import { inszFacts, makeBis } from '../../schema/identifiers.ts';
import type { StatedWorker } from './rows.ts';
import { turn } from './turns.ts';

const byNumber = statement<{ id: string; lastName: string }>(
  'select w.id, w.last_name as "lastName" from workers.worker w where w.id = access.worker_of($1)',
);

const add = statement<{ id: string }>(`
  insert into workers.worker (id, last_name, first_names, birth_date, sex, nationalities, passport_number, email, country)
  values ('W-' || nextval('workers.new_worker'), $1, $2, $3, $4, $5, $6, $7, $8) returning id`);

const addAlias = statement<{ insz: string }>(`
  insert into workers.insz_alias (insz, worker_id, kind, valid_from) values ($1, $2, $3, $4)
  on conflict (insz) do nothing returning insz`);

const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim();

const insertPerson = async (client: pg.PoolClient, stated: StatedWorker): Promise<string> => {
  const { lastName, firstNames, birthDate, sex = null, nationalities, passportNumber = null, email = null } = stated;
  const country = stated.abroad ? (nationalities[0] ?? null) : 'BE';
  const values = [lastName, firstNames, birthDate, sex, nationalities, passportNumber, email, country];
  const [row] = await add(client, values);
  if (!row) throw new Error('a worker was not added');
  return row.id;
};

/**
 * Gives a person a bis number, as the Crossroads Bank does on request; this register plays it. The day counter is odd for men
 * and even for women, from the top, where the National Register does not come.
 */
const giveBisNumber = async (
  client: pg.PoolClient,
  workerId: string,
  { birthDate, sex = null }: StatedWorker,
  today: string,
): Promise<void> => {
  const first = sex === 'F' ? 998 : 997;
  for (let counter = first; counter > 0; counter -= sex === null ? 1 : 2) {
    const number = makeBis({ birthDate, counter, sexKnown: sex !== null });
    const [given] = await addAlias(client, [number, workerId, 'BIS', today]);
    if (given) return;
  }
  throw new Error('the bis numbers of a day of birth are used up');
};

/** The worker of a draft that is submitted, by internal id; null where the register knows another person by the stated number. */
export const identified = async (
  client: pg.PoolClient,
  stated: StatedWorker,
  today: string,
): Promise<string | null> => {
  if (!stated.insz) {
    const id = await insertPerson(client, stated);
    await giveBisNumber(client, id, stated, today);
    return id;
  }
  await turn(client, 'NUMBER_OF_PERSON', stated.insz);
  const [met] = await byNumber(client, [stated.insz]);
  // A number with one digit wrong can be another person's, whose file this would become.
  if (met) return plain(met.lastName) === plain(stated.lastName) ? met.id : null;
  const facts = inszFacts(stated.insz, today);
  const id = await insertPerson(client, stated);
  await addAlias(client, [stated.insz, id, facts?.kind ?? 'BIS', today]);
  return id;
};
