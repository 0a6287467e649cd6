// Measures the read log, what an append costs and what a proof: node --import tsx test/measure-read-log.ts [entries to prove]
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Checkpoint, chainStart, checkpointEvery, type Entry, signer } from '../db/chain.ts';
import { migrate, pool } from '../db/database.ts';
import { startEmbedded } from '../db/embedded.ts';
import { type Finding, linesOf, textOf, verify } from '../db/read-log-proof.ts';
import { loginsOf } from '../db/roles.ts';
import { log as processLog } from '../subgraphs/log.ts';
import { type ReadLog, readLog } from '../subgraphs/read-log.ts';
import { chained, connect, consultation, put, putSigned, reading } from './read-logs.ts';

const [length = 1_000_000] = process.argv.slice(2).map(Number);
const secret = 'a secret that is only measured with';
const { key, sign } = signer(secret);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const number = (value: number): string => Math.round(value).toLocaleString('en-GB');

processLog.level = 'silent';
const folder = await mkdtemp(join(tmpdir(), 'read-log-'));
const { url, stop } = await startEmbedded({ dataDir: join(folder, 'postgres') }); // with fsync, as it runs
try {
  await migrate(url);
  const owner = await connect(url);

  // ---- appending

  const callers = async (logs: readonly ReadLog[], many: number, persons: number, ceiling: number | null) => {
    const took: number[] = [];
    const until = performance.now() + 3000;
    const start = performance.now();
    const ask = async (caller: number): Promise<void> => {
      for (let nth = 0; performance.now() < until; nth++) {
        const begun = performance.now();
        const readings = Array.from({ length: persons }, (_, at) => reading(`W-${(nth * persons + at) % 150}`));
        await logs[caller % logs.length]?.append(consultation({ user: `user ${caller}`, ceiling, readings }));
        took.push(performance.now() - begun);
      }
    };
    await Promise.all(Array.from({ length: many }, (_, caller) => ask(caller)));
    const seconds = (performance.now() - start) / 1000;
    took.sort((a, b) => a - b);
    const quantile = (part: number): string => (took[Math.floor(part * took.length)] ?? 0).toFixed(1);
    say(
      `| ${logs.length} | ${many} | ${persons} | ${ceiling ?? 'none'} | ${number(took.length / seconds)} | ${number((persons * took.length) / seconds)} | ${quantile(0.5)} | ${quantile(0.99)} |`,
    );
  };

  const pools = Array.from({ length: 8 }, () => pool(loginsOf(url)('cadastre'), { max: 1, name: 'measure' }));
  const logs = pools.map((one) => readLog(one, { secret }));
  say('| processes | callers | persons | ceiling | appends/s | entries/s | p50 ms | p99 ms |');
  say('|--:|--:|--:|--:|--:|--:|--:|--:|');
  for (const [writers, many, persons, ceiling] of [
    [1, 1, 1, null],
    [1, 1, 1, 200],
    [1, 64, 1, null],
    [1, 64, 1, 200],
    [1, 64, 25, 200],
    [8, 64, 1, 200],
  ] as const) {
    await callers(logs.slice(0, writers), many, persons, ceiling);
  }
  for (const log of logs) await log.stop();
  for (const one of pools) await one.end();
  const prove = async (lines: AsyncIterable<string>): Promise<Finding> => verify(lines, { keys: [key] });
  await owner.query('begin');
  say(`\nThe log of that: ${JSON.stringify(await prove(linesOf(owner)))}`);
  await owner.query('rollback');

  // ---- proving

  await owner.query(`
    set synchronous_commit = off;
    alter table read_log.entry disable trigger all; alter table read_log.checkpoint disable trigger all;
    truncate read_log.entry, read_log.checkpoint`);
  let chain = chainStart;
  for (let from = 1; from <= length; from += 10_000) {
    const entries = Array.from({ length: Math.min(10_000, length - from + 1) }, (_, nth): Entry => {
      const { user, party, kind, purpose, reference, operation } = consultation();
      const at = new Date(1_700_000_000_000 + 60_000 * (from + nth)).toISOString();
      const who = { user, party, kind, subject: `W-${String((from + nth) % 9973).padStart(7, '0')}` };
      const what = { read: ['WORKER_IDENTITY', 'PERMITS', 'DIMONA_DMFA'], refused: ['INSZ'], outcome: 'READ' };
      return { ...who, ...what, salt: 'ab'.repeat(16), seq: from + nth, at, purpose, reference, operation };
    });
    const links = chained(chain, entries);
    const signed: Checkpoint[] = links.filter(({ seq }) => seq % checkpointEvery === 0).map(sign);
    await put(owner, links);
    await putSigned(owner, signed);
    chain = links.at(-1)?.chain ?? chain;
  }
  await owner.query('vacuum analyze read_log.entry');

  const file = join(folder, 'log.ndjson');
  const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const start = performance.now();
    const answer = await work();
    clearInterval(timer);
    const seconds = (performance.now() - start) / 1000;
    say(`${what}: ${seconds.toFixed(1)} s, peak RSS ${number(peak / 1e6)} MB ${JSON.stringify(answer) ?? ''}`);
  };
  const inTransaction = async <T>(work: () => Promise<T>): Promise<T> => {
    await owner.query('begin isolation level repeatable read, read only');
    const answer = await work();
    await owner.query('rollback');
    return answer;
  };
  const sizes = `select pg_size_pretty(pg_table_size('read_log.entry')) as rows, pg_size_pretty(pg_indexes_size('read_log.entry')) as indexes`;
  say(`\n${number(length)} entries: ${JSON.stringify((await owner.query(sizes)).rows[0])}`);
  await timed('proved from the database', () => inTransaction(() => prove(linesOf(owner))));
  await timed('exported', () =>
    inTransaction(() => pipeline(Readable.from(textOf(linesOf(owner))), createWriteStream(file))),
  );
  await timed('proved from the export', () => prove(createInterface({ input: createReadStream(file) })));
  const questions = {
    'who looked at a worker': `subject = 'W-0000007' order by seq desc limit 25`,
    'what an organisation read': `party = 'INS-RSZ' and at < '2024-06-01' order by seq desc limit 25`,
    'one day': `at >= '2024-06-01' and at < '2024-06-02' order by seq desc limit 25`,
  };
  for (const [question, where] of Object.entries(questions)) {
    const { rows } = await owner.query(`explain (analyze, buffers off) select * from read_log.entry where ${where}`);
    const plan = rows.map((row) => String(row['QUERY PLAN']));
    const scan = plan
      .find((line) => / Scan /.test(line))
      ?.replace(/\s*->|\(.*/g, '')
      .trim();
    say(`${question}: ${plan.at(-1)}, ${scan}`);
  }
  await owner.end();
} finally {
  await stop();
  await rm(folder, { recursive: true, force: true });
}
say(`\n${cpus().length} cores, Node ${process.version}.`);
