import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importKbo } from '../db/kbo.ts';
import { emptyRegister, enterprises, farys, meta, names, real, veneco } from './kbo-register.ts';

const { clear, contents, counts, extract, file, locked, select, untilWaiting, url } = emptyRegister();

test('a bad row is reported with its file, line and reason, and the others are kept', async () => {
  const folder = await extract('bad', {
    'meta.csv': meta(1),
    'enterprise.csv': [
      '\ufeff"EnterpriseNumber","Status","JuridicalSituation","TypeOfEnterprise","JuridicalForm","JuridicalFormCAC","StartDate"\r',
      `"${veneco}","AC","000","2","416",,09-08-1960\r`,
      '"0200.068.637","AC","000","2","417",,16-02-1923',
      '"0200.171.970","AC","000","2","116",,31-02-1968',
      '"0200.245.711","AC","000","2","116"',
      '"0200.305.493","AC","000","2,"416",,19-03-1962',
      '"0200.362.210","AC,"000","2","706",,26-02-1968',
      '"0200.362.408","AC","000","2","706,,01-01-1968',
      '',
      '"2.000.000.339","","000","2","051",,01-01-1968',
      '"0200.420.608","AC","000","2","124",,01-01-1968',
    ].join('\n'),
    'establishment.csv':
      '"EstablishmentNumber","StartDate","EnterpriseNumber"\n"2.000.000.338",01-11-1974,"0200.065.765"\n',
    'denomination.csv': `${names([veneco, 'O\\N\tis\\.'], [farys, 'x'.repeat(501)])}"${veneco}","2","003","a ""quoted"" \0 name"\n`,
  });
  const heard: unknown[] = [];
  const { faults, files } = await importKbo(url(), folder, { fault: (one) => heard.push(one) });
  expect(faults).toEqual([
    { file: 'enterprise.csv', line: 3, reason: 'EnterpriseNumber "0200.068.637" has wrong check digits' },
    { file: 'enterprise.csv', line: 4, reason: 'StartDate "31-02-1968" is not a date dd-mm-yyyy' },
    { file: 'enterprise.csv', line: 5, reason: 'it has 5 columns instead of 7' },
    { file: 'enterprise.csv', line: 6, reason: 'its quotes do not match' },
    { file: 'enterprise.csv', line: 7, reason: 'its quotes do not match' },
    { file: 'enterprise.csv', line: 8, reason: 'its quotes do not match' },
    {
      file: 'enterprise.csv',
      line: 10,
      reason: 'EnterpriseNumber "2.000.000.339" does not begin as such a number does; Status is empty',
    },
    { file: 'establishment.csv', line: 2, reason: 'EstablishmentNumber "2.000.000.338" has wrong check digits' },
    { file: 'denomination.csv', line: 3, reason: 'Denomination is longer than 500 characters' },
    { file: 'denomination.csv', line: 4, reason: 'Denomination holds a zero byte' },
  ]);
  expect(heard).toEqual(faults);
  expect(files.map(({ file, read, written, bad }) => [file, read, written, bad])).toEqual([
    ['enterprise.csv', 9, 2, 7],
    ['establishment.csv', 1, 0, 1],
    ['denomination.csv', 3, 1, 2],
  ]);
  expect(await select('select kbo from employers.enterprise order by 1')).toEqual([['0200065765'], ['0200420608']]);
  expect(await select('select name from employers.denomination')).toEqual([['O\\N\tis\\.']]);
});

test('an entity with a bad row keeps what stood about it', async () => {
  await importKbo(url(), real);
  const before = await contents();
  const folder = await extract('next', {
    'meta.csv': meta(137),
    'enterprise.csv': (await readFile(join(real, 'enterprise.csv'), 'utf8')).replace('16-02-1923', '16-02-23'),
    'denomination.csv': (await readFile(join(real, 'denomination.csv'), 'utf8')).replace('"001","Farys"', '"001",""'),
  });
  expect(await counts(folder)).toEqual([
    ['enterprise.csv', 11, 10, 0, 1, 0],
    ['denomination.csv', 14, 0, 0, 1, 0],
  ]);
  const { denomination } = await contents();
  expect(denomination).toEqual(before.denomination);
  const farysRow = `select end_date, start_date::text, extract_number from employers.enterprise where kbo = '0200068636'`;
  expect(await select(farysRow)).toEqual([[null, '1923-02-16', 136]]);
});

test('a file without its columns is refused before anything is written; unknown columns and another order are no harm', async () => {
  const files = { 'meta.csv': meta(1), 'enterprise.csv': enterprises(veneco) };
  const lacking = await extract('lacking', { ...files, 'address.csv': '"EntityNumber","Zipcode"\n', 'branch.csv': '' });
  await expect(importKbo(url(), lacking)).rejects.toThrow(
    'this extract cannot be imported: branch.csv lacks the columns Id, StartDate, EnterpriseNumber; address.csv lacks the columns TypeOfAddress, CountryNL, CountryFR, MunicipalityNL, MunicipalityFR, StreetNL, StreetFR, HouseNumber, Box, ExtraAddressInfo, DateStrikingOff',
  );
  expect(await select('select kbo from employers.enterprise')).toEqual([]);
  const other = await extract('other', {
    ...files,
    'denomination.csv': `"Denomination","Colour","EntityNumber","Language","TypeOfDenomination"\n"Veneco","red","${veneco}","2","001"\n`,
  });
  const { notices } = await importKbo(url(), other);
  expect(notices).toEqual(['denomination.csv:1: unknown columns are left out: ["Colour"]']);
  expect(await select('select entity, language, type, name from employers.denomination')).toEqual([
    ['0200065765', '2', '001', 'Veneco'],
  ]);
});

test('an update needs a base that is not newer than itself', async () => {
  const update = async (number: number) =>
    importKbo(
      url(),
      await extract(`update ${number}`, {
        'meta.csv': meta(number, 'update'),
        'enterprise_insert.csv': enterprises(veneco),
      }),
    );
  await expect(update(137)).rejects.toThrow(
    'this extract cannot be imported: it is an update, and no full extract was imported before it',
  );
  await importKbo(url(), real);
  await expect(update(135)).rejects.toThrow(
    'this extract cannot be imported: it is number 135, older than the last imported, number 136',
  );
  expect((await update(137)).notices).toEqual([]);
  expect((await update(137)).notices).toEqual([]);
  expect((await update(140)).notices).toEqual([
    'update 140 follows extract 137: what the extracts between them changed is only there if they were empty',
  ]);
  await expect(importKbo(url(), real)).rejects.toThrow('it is number 136, older than the last imported, number 140');
});

test('what is no extract is refused', async () => {
  const refused = async (files: Record<string, string>) =>
    importKbo(url(), await extract(String(Object.keys(files)), files)).catch((error: Error) => error.message);
  const start = 'this extract cannot be imported: ';
  expect(await refused({})).toBe(
    `${start}it has no meta.csv, which says its number and whether it is full or an update`,
  );
  expect(await refused({ 'meta.csv': meta(1).replace('full', 'half') })).toBe(
    `${start}meta.csv names no ExtractType full or update`,
  );
  expect(await refused({ 'meta.csv': meta(0, 'full', '2025') })).toBe(
    `${start}meta.csv has no usable ExtractNumber and SnapshotDate`,
  );
  expect(await refused({ 'meta.csv': meta(1) })).toBe(`${start}it is a full extract without enterprise.csv`);
});

test('an import that was cut off half way is completed by doing it again', async () => {
  await importKbo(url(), real);
  const whole = await contents();
  await clear();
  await locked('denomination', async () => {
    const cutOff = expect(importKbo(url(), real)).rejects.toThrow('terminating connection');
    await untilWaiting('pg_terminate_backend(pid, 5000)');
    await cutOff;
  });
  expect(await select('select count(*)::int from employers.enterprise')).toEqual([[11]]);
  expect(await select('select count(*)::int from employers.activity')).toEqual([[0]]);
  expect(await select('select extract_number from employers.kbo_extract')).toEqual([]);
  await importKbo(url(), real);
  expect(await contents()).toEqual(whole);
});

test('two imports never run at once', async () => {
  let first: Promise<unknown> = Promise.resolve();
  await locked('enterprise', async () => {
    first = importKbo(url(), real);
    await untilWaiting('pid');
    await expect(importKbo(url(), real)).rejects.toThrow('another import of KBO data is running in this database');
  });
  await first;
  expect(await select('select count(*)::int from employers.enterprise')).toEqual([[11]]);
});

const command = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, DATABASE_URL: url() };
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, '../db/import-kbo.ts'), ...args],
      { env, cwd: join(import.meta.dirname, '..') },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

test('the command shows a summary and each bad row, and its exit code says whether the extract was usable', async () => {
  const folder = file('real');
  await cp(real, folder, { recursive: true, filter: (path) => !path.endsWith('update') });
  await writeFile(join(folder, 'branch.csv'), '"Id","StartDate","EnterpriseNumber"\n"1",,"0257.883.408"\n');
  const faults = file('faults.csv');
  const { code, stdout, stderr } = await command('--report', faults, folder);
  expect(stdout.replace(/ +[\d,]+$/gm, '')).toBe(`Extract 136 (full) of 2025-05-30
file               read  written  removed  bad  orphans  rows/s
code.csv             27       27        0    0        0
enterprise.csv       11       11        0    0        0
establishment.csv     4        4        0    0        4
branch.csv            1        0        0    1        0
denomination.csv     14       14        0    0        0
address.csv          14       14        0    0        3
activity.csv         15       15        0    0        0
`);
  expect(stderr).toContain('branch.csv:2: Id "1" does not have ten digits\n');
  expect(await readFile(faults, 'utf8')).toBe(
    '"file","line","reason"\n"branch.csv","2","Id ""1"" does not have ten digits"\n',
  );
  expect(code).toBe(0);
  expect(await command(file('.'))).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'this extract cannot be imported: it has no meta.csv, which says its number and whether it is full or an update\n',
  });
  expect(await command()).toMatchObject({ code: 2, stdout: '' });
  expect(await command('--help')).toMatchObject({ code: 0, stderr: '' });
});
