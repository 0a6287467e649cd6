import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import pg from 'pg';
import { importKbo } from '../db/kbo.ts';
import { freshDatabase } from './database.ts';

/** Real rows of the register, in its published layout. */
export const real = join(import.meta.dirname, 'fixtures/kbo');

/** The tables that an import fills. */
export const tables = ['enterprise', 'establishment', 'branch', 'denomination', 'address', 'activity', 'kbo_code'];

/** Three enterprises of the real rows. */
export const [veneco, farys, brabant] = ['0200.065.765', '0200.068.636', '0200.171.970'] as const;

/** A meta.csv. */
export const meta = (number: number, type: 'full' | 'update' = 'full', snapshot = '30-06-2025'): string =>
  `"Variable","Value"\n"SnapshotDate","${snapshot}"\n"ExtractTimestamp","01-07-2025 07:07:49"\n"ExtractType","${type}"\n"ExtractNumber","${number}"\n`;

/** The header of enterprise.csv. */
export const enterpriseHeader =
  '"EnterpriseNumber","Status","JuridicalSituation","TypeOfEnterprise","JuridicalForm","JuridicalFormCAC","StartDate"';

/** The header of address.csv. */
export const addressHeader =
  '"EntityNumber","TypeOfAddress","CountryNL","CountryFR","Zipcode","MunicipalityNL","MunicipalityFR","StreetNL","StreetFR","HouseNumber","Box","ExtraAddressInfo","DateStrikingOff"';
const denominationHeader = '"EntityNumber","Language","TypeOfDenomination","Denomination"';

/** An enterprise.csv with these numbers. */
export const enterprises = (...numbers: string[]): string =>
  `${[enterpriseHeader, ...numbers.map((number) => `"${number}","AC","000","2","610",,01-02-2003`)].join('\n')}\n`;

/** A denomination.csv with these names. */
export const names = (...rows: [string, string][]): string =>
  `${[denominationHeader, ...rows.map(([entity, name]) => `"${entity}","2","001","${name}"`)].join('\n')}\n`;

/** A file of an update set that lists what goes. */
export const keys = (header: string, ...numbers: string[]): string =>
  `${[header, ...numbers].map((one) => `"${one}"`).join('\n')}\n`;

/** A zip file with its entries stored as they are, under any name. */
export const zip = async (path: string, entries: [string, Buffer][]): Promise<void> => {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of entries) {
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt16LE(20, 6);
    central.writeUInt32LE(crc32(content), 16);
    for (const at of [20, 24]) central.writeUInt32LE(content.length, at);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt32LE(offset, 42);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), central.subarray(6, 32)]);
    locals.push(local, Buffer.from(name), content);
    directory.push(central, Buffer.from(name));
    offset += local.length + Buffer.byteLength(name) + content.length;
  }
  const last = Buffer.alloc(22);
  last.writeUInt32LE(0x06054b50);
  for (const at of [8, 10]) last.writeUInt16LE(entries.length, at);
  last.writeUInt32LE(Buffer.concat(directory).length, 12);
  last.writeUInt32LE(offset, 16);
  await writeFile(path, Buffer.concat([...locals, ...directory, last]));
};

/** Gives each test a database without any enterprise and a folder of its own. */
export const emptyRegister = () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let owner: pg.Client;
  let work: string;

  const clear = () =>
    owner.query(`truncate ${[...tables, 'kbo_extract'].map((name) => `employers.${name}`).join(', ')}`);

  beforeEach(async () => {
    database = await freshDatabase();
    owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
    await clear();
    work = await mkdtemp(join(tmpdir(), 'kbo-test-'));
  });

  afterEach(async () => {
    await owner.end();
    await database.drop();
    await rm(work, { recursive: true });
  });

  const select = async (sql: string): Promise<unknown[][]> =>
    (await owner.query({ text: sql, rowMode: 'array' })).rows.map((row: unknown[]) => row);

  return {
    clear,
    select,
    url: () => database.ownerUrl,
    file: (name: string) => join(work, name),
    run: (sql: string) => owner.query(sql),

    /** Every row of every table of the register, as text. */
    contents: async (): Promise<Record<string, unknown>> => {
      const rows: Record<string, unknown> = {};
      for (const name of tables)
        rows[name] = (await select(`select t::text from employers.${name} t order by 1`)).flat();
      return rows;
    },

    /** Imports, and answers for each file: rows read, written, removed, bad, orphans. */
    counts: async (path: string) => {
      const { files } = await importKbo(database.ownerUrl, path);
      return files.map((one) => [one.file, one.read, one.written, one.removed, one.bad, one.orphans]);
    },

    extract: async (name: string, files: Record<string, string>): Promise<string> => {
      const folder = join(work, name);
      await mkdir(folder, { recursive: true });
      for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
      return folder;
    },

    /** Runs while nobody else can read the table, so that an import waits at it. */
    locked: async (table: string, during: () => Promise<void>): Promise<void> => {
      const other = new pg.Client({ connectionString: database.ownerUrl });
      await other.connect();
      try {
        await other.query(`begin; lock table employers.${table} in access exclusive mode`);
        await during();
      } finally {
        await other.end();
      }
    },

    /** Waits until an import waits for a lock, and does this to it. */
    untilWaiting: async (act: string): Promise<void> => {
      const waiting = `from pg_stat_activity
        where application_name = 'import:kbo' and datname = current_database() and wait_event_type = 'Lock'`;
      while ((await select(`select ${act} ${waiting}`)).length === 0) await sleep(10);
    },
  };
};
