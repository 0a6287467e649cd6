// Measures an import of the KBO: node --import tsx test/measure-kbo.ts [enterprises] [activities of each] [times]
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { migrate } from '../db/database.ts';
import { startEmbedded } from '../db/embedded.ts';
import { importKbo, type KboReport } from '../db/kbo.ts';
import { formatEstablishment, formatKbo, makeEstablishment, makeKbo } from '../schema/identifiers.ts';

const [enterprises = 100_000, activities = 2, times = 1] = process.argv.slice(2).map(Number);

const kbo = (at: number): string => formatKbo(makeKbo(String(2_000_000 + at).padStart(8, '0')));
const establishment = (at: number): string => formatEstablishment(makeEstablishment(String(20_000_000 + at)));
const postalCodes = ['1000', '1180', '1410', '2000', '3500', '4000', '4700', '5000', '7000', '8500', '9000'];
const postalCode = (at: number): string => postalCodes[at % postalCodes.length] ?? '';

const header = {
  meta: '"Variable","Value"',
  code: '"Category","Code","Language","Description"',
  enterprise:
    '"EnterpriseNumber","Status","JuridicalSituation","TypeOfEnterprise","JuridicalForm","JuridicalFormCAC","StartDate"',
  establishment: '"EstablishmentNumber","StartDate","EnterpriseNumber"',
  branch: '"Id","StartDate","EnterpriseNumber"',
  denomination: '"EntityNumber","Language","TypeOfDenomination","Denomination"',
  address:
    '"EntityNumber","TypeOfAddress","CountryNL","CountryFR","Zipcode","MunicipalityNL","MunicipalityFR","StreetNL","StreetFR","HouseNumber","Box","ExtraAddressInfo","DateStrikingOff"',
  activity: '"EntityNumber","ActivityGroup","NaceVersion","NaceCode","Classification"',
} as const;

// Every second enterprise has an establishment, with a name and an address of its own, as about half of the register has.
const rows = {
  meta: (at: number) =>
    at > 0
      ? []
      : [
          '"SnapshotDate","30-05-2025"',
          '"ExtractTimestamp","01-06-2025"',
          '"ExtractType","full"',
          '"ExtractNumber","1"',
        ],
  code: (at: number) => (at > 0 ? [] : ['"Status","AC","NL","Actief"']),
  enterprise: (at: number) => [`"${kbo(at)}","AC","000","2","610",,01-02-2003`],
  establishment: (at: number) => (at % 2 ? [] : [`"${establishment(at)}",01-02-2003,"${kbo(at)}"`]),
  branch: (at: number) => (at % 1000 ? [] : [`"9.${kbo(at).slice(1)}",01-02-2003,"${kbo(at)}"`]),
  denomination: (at: number) => [
    `"${kbo(at)}","2","001","Onderneming Nummer ${at} Größe & Één"`,
    ...(at % 2 ? [] : [`"${establishment(at)}","1","003","Établissement Numéro ${at}"`]),
  ],
  address: (at: number) =>
    [[kbo(at), 'REGO'], ...(at % 2 ? [] : [[establishment(at), 'BAET']])].map(
      ([entity, type]) =>
        `"${entity}","${type}",,,"${postalCode(at)}","Gemeente","Commune","Lange Straat","Longue Rue","${at % 300}","","",`,
    ),
  activity: (at: number) =>
    Array.from({ length: activities }, (_, nth) => `"${kbo(at)}","003","2025","${10_000 + nth}","MAIN"`),
} as const;

function* csv(name: keyof typeof rows): Generator<string> {
  let text = `${header[name]}\n`;
  for (let at = 0; at < enterprises; at++) {
    for (const row of rows[name](at)) text += `${row}\n`;
    if (text.length > 1 << 16) {
      yield text;
      text = '';
    }
  }
  yield text;
}

const generate = async (folder: string): Promise<void> => {
  for (const name of [
    'meta',
    'code',
    'enterprise',
    'establishment',
    'branch',
    'denomination',
    'address',
    'activity',
  ] as const)
    await pipeline(Readable.from(csv(name)), createWriteStream(join(folder, `${name}.csv`)));
};

const show = ({ files }: KboReport, seconds: number, peak: number): void => {
  const all = files.reduce((sum, { read }) => sum + read, 0);
  const number = (value: number): string => Math.round(value).toLocaleString('en-GB');
  const lines = [
    '| file | rows | written | bad | orphans | seconds | rows/s |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...files.map(
      (one) =>
        `| ${one.file} | ${number(one.read)} | ${number(one.written)} | ${one.bad} | ${one.orphans} | ${one.seconds.toFixed(1)} | ${number(one.read / one.seconds)} |`,
    ),
    `| all | ${number(all)} | | | | ${seconds.toFixed(1)} | ${number(all / seconds)} |`,
    '',
    `Peak RSS of the node process: ${number(peak / 1_000_000)} MB; ${cpus().length} cores, Node ${process.version}.`,
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
};

const folder = await mkdtemp(join(tmpdir(), 'kbo-extract-'));
const dataDir = await mkdtemp(join(tmpdir(), 'kbo-database-'));
const { url, stop } = await startEmbedded({ dataDir, throwaway: true });
try {
  await migrate(url);
  await generate(folder);
  for (let nth = 0; nth < times; nth++) {
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 50);
    const start = performance.now();
    const report = await importKbo(url, folder);
    clearInterval(timer);
    show(report, (performance.now() - start) / 1000, peak);
  }
} finally {
  await stop();
  for (const one of [folder, dataDir]) await rm(one, { recursive: true, force: true });
}
