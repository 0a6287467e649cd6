import pg from 'pg';
import { freshDatabase } from './database.ts';
import { type Ask, graph, type Stated } from './world.ts';

/** A graph over a database of the test's own, and the owner's view of its tables: the referee, and the hand that arranges. */
export const openWorld = async (): Promise<{
  as: (principal: string, stated?: Stated) => Ask;
  rows: <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
  database: Awaited<ReturnType<typeof freshDatabase>>;
  stop: () => Promise<void>;
}> => {
  const database = await freshDatabase();
  const world = await graph(database);
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  return {
    database,
    as: world.as,
    // The shape of a row is what the test's own text asks for.
    rows: async (text, values = []) => (await owner.query(text, [...values])).rows,
    stop: async () => {
      await owner.end();
      await world.stop();
      await database.drop();
    },
  };
};

/** A world as one test file has it. */
export type OpenedWorld = Awaited<ReturnType<typeof openWorld>>;

/** What a region, or an inspection service, states so that the registers open. */
export const treating = { purpose: 'TREAT_DOSSIER', reference: 'D-1' } as const;
export const inspecting = { purpose: 'INSPECTION_COMPLAINT', reference: 'PV-1' } as const;

type Path = (string | number)[];

/** A refusal of a field, as a caller sees it. */
export const forbidden = (coordinate: string, path: Path) => ({
  code: 'FORBIDDEN',
  path,
  message: `${coordinate} is not open to you`,
});

/** A field that a purpose would open. */
export const purposeRequired = (coordinate: string, path: Path) => ({
  code: 'PURPOSE_REQUIRED',
  path,
  message: `${coordinate} needs a purpose and a reference`,
});

/** A moment, whichever. */
export const moment: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
/** A moment of a day, by UTC. */
export const on = (day: string): unknown => expect.stringMatching(new RegExp(`^${day}T`));
