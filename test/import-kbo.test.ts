import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importKbo } from '../db/kbo.ts';
import {
  addressHeader,
  brabant,
  emptyRegister,
  enterpriseHeader,
  enterprises,
  farys,
  keys,
  meta,
  names,
  real,
  tables,
  veneco,
  zip,
} from './kbo-register.ts';

const { clear, contents, counts, extract, file, run, select, url } = emptyRegister();

test('a real extract is imported whole, with orphans counted and kept', async () => {
  expect(await counts(real)).toEqual([
    ['code.csv', 27, 27, 0, 0, 0],
    ['enterprise.csv', 11, 11, 0, 0, 0],
    ['establishment.csv', 4, 4, 0, 0, 4],
    ['branch.csv', 4, 4, 0, 0, 4],
    ['denomination.csv', 14, 14, 0, 0, 0],
    ['address.csv', 14, 14, 0, 0, 3],
    ['activity.csv', 15, 15, 0, 0, 0],
  ]);
  expect(await select('select t::text from employers.enterprise t order by kbo limit 2')).toEqual([
    ['(0200065765,AC,000,2,416,,1960-08-09,,f,136)'],
    ['(0200068636,AC,000,2,417,,1923-02-16,,f,136)'],
  ]);
  expect(await select('select t::text from employers.establishment t order by number limit 1')).toEqual([
    ['(2000000339,0403449823,1974-11-01,,136)'],
  ]);
  expect(await select('select t::text from employers.branch t order by id limit 1')).toEqual([
    ['(9000006626,0257883408,1995-09-01,,136)'],
  ]);
  expect(
    await select(
      'select extract_number, extract_type, snapshot_date::text, extracted_at, version from employers.kbo_extract',
    ),
  ).toEqual([[136, 'full', '2025-05-30', '01-06-2025 07:07:49', '1.0.0']]);
});

test('the same extract again changes nothing', async () => {
  await importKbo(url(), real);
  const once = await contents();
  const again = await counts(real);
  expect(again.map(([, , written, removed]) => [written, removed])).toEqual(Array(7).fill([0, 0]));
  expect(await contents()).toEqual(once);
});

test('names keep the language of the register, and are found without accents', async () => {
  await importKbo(url(), real);
  const found = `select entity, language, type, name, search from employers.denomination
    where entity in ('0200065765', '0200362408', '0200420410', '0220815847') order by entity, type`;
  expect(await select(found)).toEqual([
    ['0200065765', '2', '001', 'Intergemeentelijke Vereniging Veneco', 'intergemeentelijke vereniging veneco'],
    ['0200065765', '2', '002', 'Veneco', 'veneco'],
    ['0200362408', '1', '001', 'Intercommunale Sociale du Brabant wallon', 'intercommunale sociale du brabant wallon'],
    ['0200362408', '1', '002', 'I.S.B.W.', 'i s b w'],
    [
      '0200420410',
      '0',
      '001',
      'Congregatie der Gasthuiszusters-Augustinessen van Diest',
      'congregatie der gasthuiszusters augustinessen van diest',
    ],
    [
      '0220815847',
      '3',
      '001',
      'Kirchenfabrik Sankt-Matthias in Dürler (WL - Burg-Reuland)',
      'kirchenfabrik sankt matthias in durler wl burg reuland',
    ],
  ]);
});

test('an address in Belgium has its competent authority, one abroad has none, and one struck off keeps its date', async () => {
  await importKbo(url(), real);
  const places =
    'select entity, country_nl, postal_code, authority, struck_off_on::text from employers.address order by 1';
  expect(await select(places)).toEqual([
    ['0200065765', null, '9070', 'VLA-DEM', null],
    ['0200068636', null, '9000', 'VLA-DEM', null],
    ['0200171970', null, '9000', 'VLA-DEM', null],
    ['0200245711', null, '9500', 'VLA-DEM', null],
    ['0200305493', null, '9520', 'VLA-DEM', null],
    ['0200362210', null, '1400', 'WAL-SPW', null],
    ['0200362408', null, '1332', 'WAL-SPW', null],
    ['0200420410', null, '3290', 'VLA-DEM', null],
    ['0200420608', null, '8970', 'VLA-DEM', null],
    ['0200448421', null, '8500', 'VLA-DEM', null],
    ['0220815847', null, '4790', 'DG-MIN', null],
    ['0400051358', 'Duitsland (Bondsrep.)', null, null, null],
    ['0400067095', 'Frankrijk', '62000', null, null],
    ['0400357897', null, '1420', 'WAL-SPW', '2023-11-13'],
  ]);
});

test('an update set replaces the address of 0220.815.847 and nothing else', async () => {
  await importKbo(url(), real);
  const before = await contents();
  const { files, notices } = await importKbo(url(), join(real, 'update'));
  expect(files.map(({ seconds, ...counted }) => counted)).toEqual([
    { file: 'address_delete.csv', read: 1, written: 0, removed: 0, bad: 0, orphans: 0 },
    { file: 'address_insert.csv', read: 1, written: 1, removed: 0, bad: 0, orphans: 0 },
  ]);
  expect(notices).toEqual(['there is no meta.csv: taken as an update of extract 136']);
  const address = `select t::text from employers.address t where entity = '0220815847'`;
  expect(await select(address)).toEqual([
    [
      '(0220815847,REGO,,,4790,Burg-Reuland,Burg-Reuland,"Wallhäuser Straße, Dürler","Wallhäuser Straße, Dürler",31,,,,DG-MIN)',
    ],
  ]);
  const { address: _, ...rest } = await contents();
  expect(before).toMatchObject(rest);
});

test('an address struck off stays, with its date, when an update brings another', async () => {
  await importKbo(url(), real);
  await importKbo(
    url(),
    await extract('update', {
      'meta.csv': meta(137, 'update'),
      'address_delete.csv': keys('EntityNumber', '0400.357.897'),
      'address_insert.csv': `${addressHeader}\n"0400.357.897","REGO",,,"1410","Waterloo","Waterloo","","","1","","",\n`,
    }),
  );
  const addresses = `select postal_code, struck_off_on::text from employers.address where entity = '0400357897' order by 2`;
  expect(await select(addresses)).toEqual([
    ['1420', '2023-11-13'],
    ['1410', null],
  ]);
});

test('what an update takes away and brings back is changed, what it does not bring back ends and keeps its last names', async () => {
  const update = await extract('update', {
    'meta.csv': meta(137, 'update'),
    'enterprise_delete.csv': keys('EnterpriseNumber', veneco, farys),
    'enterprise_insert.csv': `${enterpriseHeader}\n"${veneco}","AC","012","2","416",,09-08-1960\n`,
    'denomination_delete.csv': keys('EntityNumber', veneco, farys),
    'denomination_insert.csv': names([veneco, 'Veneco 2']),
  });
  await importKbo(url(), real);
  expect(await counts(update)).toEqual([
    ['enterprise_delete.csv', 2, 0, 1, 0, 0],
    ['enterprise_insert.csv', 1, 1, 0, 0, 0],
    ['denomination_delete.csv', 2, 0, 2, 0, 0],
    ['denomination_insert.csv', 1, 1, 0, 0, 0],
  ]);
  expect(await counts(update)).toMatchObject([
    { 2: 0, 3: 0 },
    { 2: 0, 3: 0 },
    { 2: 0, 3: 0 },
    { 2: 0, 3: 0 },
  ]);
  const changed = `select kbo, juridical_situation, end_date::text, extract_number, array_agg(name)
    from employers.enterprise join employers.denomination on entity = kbo
    where kbo in ('0200065765', '0200068636') group by kbo order by kbo`;
  expect(await select(changed)).toEqual([
    ['0200065765', '012', null, 137, ['Veneco 2']],
    ['0200068636', '000', '2025-06-30', 136, ['Farys']],
  ]);
});

test('a full extract ends what it no longer names and replaces the details of what it names, until a later one names it again', async () => {
  const state = `select kbo, end_date::text, extract_number, array(select name from employers.denomination where entity = kbo order by 1)
    from employers.enterprise order by kbo`;
  const full = (number: number, listed: string[], named: [string, string][]) =>
    extract(`full ${number}`, {
      'meta.csv': meta(number),
      'enterprise.csv': enterprises(...listed),
      'denomination.csv': names(...named),
    });
  await importKbo(
    url(),
    await full(
      1,
      [veneco, farys],
      [
        [veneco, 'Veneco'],
        [veneco, 'Oud'],
        [farys, 'Farys'],
      ],
    ),
  );
  expect(await counts(await full(2, [veneco, brabant], [[veneco, 'Veneco']]))).toEqual([
    ['enterprise.csv', 2, 2, 1, 0, 0],
    ['denomination.csv', 1, 0, 1, 0, 0],
  ]);
  expect(await select(state)).toEqual([
    ['0200065765', null, 2, ['Veneco']],
    ['0200068636', '2025-06-30', 1, ['Farys']],
    ['0200171970', null, 2, []],
  ]);
  await importKbo(url(), await full(3, [veneco, farys, brabant], [[farys, 'Farys NV']]));
  expect(await select(state)).toEqual([
    ['0200065765', null, 3, []],
    ['0200068636', null, 3, ['Farys NV']],
    ['0200171970', null, 3, []],
  ]);
});

test('a zip file holds the same as a folder, and what else is in it is never read', async () => {
  await importKbo(url(), real);
  const fromFolder = await contents();
  await clear();
  const named = (await readdir(real)).filter((name) => name.endsWith('.csv'));
  const files = await Promise.all(
    named.map(async (name): Promise<[string, Buffer]> => [name, await readFile(join(real, name))]),
  );
  const strange = ['../enterprise.csv', '/tmp/kbo-evil.csv', 'C:\\enterprise.csv', 'contact.csv', 'sub/enterprise.csv'];
  await zip(file('extract.zip'), [...strange.map((name): [string, Buffer] => [name, Buffer.from('"x"\n')]), ...files]);
  const { notices } = await importKbo(url(), file('extract.zip'));
  expect(notices).toEqual([`not read: ${JSON.stringify(strange)}`]);
  expect(await contents()).toEqual(fromFolder);
});

test('rows that came another way are never ended or taken away', async () => {
  await run(`
    insert into employers.enterprise (kbo, status, juridical_situation) values ('0123456749', 'AC', '000');
    insert into employers.establishment (number, kbo) values ('8900000121', '0123456749');
    insert into employers.denomination values ('0123456749', '2', '001', 'Brouwerij', 'brouwerij');
    insert into employers.address (entity, type, postal_code) values ('8900000121', 'BAET', '1000');
    insert into employers.activity values ('8900000121', '003', '2025', '11050', 'MAIN');
  `);
  const demo = await contents();
  await importKbo(url(), real);
  const update = await extract('update', {
    'meta.csv': meta(137, 'update'),
    'enterprise_delete.csv': keys('EnterpriseNumber', '0123.456.749'),
    'establishment_delete.csv': keys('EstablishmentNumber', '8.900.000.121'),
    'denomination_delete.csv': keys('EntityNumber', '0123.456.749'),
    'address_delete.csv': keys('EntityNumber', '8.900.000.121'),
    'activity_delete.csv': keys('EntityNumber', '8.900.000.121'),
  });
  await importKbo(url(), update);
  await importKbo(url(), await extract('next', { 'meta.csv': meta(138), 'enterprise.csv': enterprises(farys) }));
  const now = await contents();
  for (const name of tables) expect(now[name]).toEqual(expect.arrayContaining([demo[name]].flat()));
});
