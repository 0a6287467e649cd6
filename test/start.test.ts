import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Principal, principalOf } from '../subgraphs/principal.ts';
import { insz } from './cast.ts';
import { today } from './cluster.ts';
import { freshDatabase } from './database.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'permits-start-'));
const started: ChildProcess[] = [];
let database: Awaited<ReturnType<typeof freshDatabase>>;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(async () => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const environment = (variables: Record<string, string>): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  DATA_DIR: folder,
  TODAY: today,
  PORT: '0',
  ...variables,
});

const token = (...words: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', 'gateway/token.ts', ...words], {
    cwd: root,
    env: environment({}),
    encoding: 'utf8',
  });

type Running = { child: ChildProcess; url: string; output: () => string };

/** Starts a program, and answers once it says where it listens. */
const start = async (args: string[], variables: Record<string, string>): Promise<Running> => {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { cwd: root, env: environment(variables) });
  started.push(child);
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (part: Buffer) => {
      text += part;
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
      if (found) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => reject(new Error(text)));
  });
  return { child, url, output: () => text };
};

const stopped = async ({ child }: Running, signal: NodeJS.Signals): Promise<number | null> => {
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
  return child.exitCode;
};

const ask = async (url: string, authorization: string, body: unknown): Promise<unknown> => {
  const headers = { authorization, 'content-type': 'application/json' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.json();
};

test('a token can be had before the first start; its key is for the owner alone', () => {
  const { status, stdout, stderr } = token('VLA-DEM', 'HANDLER');
  expect([status, stderr, stdout.trim().split('.').length]).toEqual([0, '', 3]);
  const payload: unknown = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString());
  expect(payload).toMatchObject({ authority: 'VLA-DEM', roles: ['HANDLER'], sub: 'demo:VLA-DEM' });
  expect(statSync(join(folder, 'demo-issuer.json')).mode & 0o777).toBe(0o600);
});

test('a token stands for a worker without naming the number in its subject, and none for who is nobody', () => {
  const payload = Buffer.from(token(`WORKER:${insz.rahul}`).stdout.split('.')[1] ?? '', 'base64url').toString();
  expect(JSON.parse(payload)).toMatchObject({
    party: `WORKER:${insz.rahul}`,
    sub: expect.stringMatching(/^demo:WORKER:[\da-f]{16}$/),
  });
  const { status, stdout, stderr } = token('EMPLOYER:0123456748');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^EMPLOYER:0123456748: the enterprise number has wrong check digits\.\nName a principal:/);
});

test.each<[string, Partial<Principal>]>([
  ['VLA-DEM', { kind: 'REGION', authority: 'VLA-DEM', territory: 'VLA-DEM' }],
  ['INS-VSI', { kind: 'INSPECTION_REG', authority: 'INS-VSI', territory: 'VLA-DEM' }],
  ['INS-RSZ', { kind: 'INSPECTION_FED', authority: 'INS-RSZ' }],
  ['POST-MA-1', { kind: 'POST', authority: 'POST-MA-1' }],
  ['MUN-23100', { kind: 'MUNICIPALITY', authority: 'MUN-23100' }],
  ['EMPLOYER:0123.456.749', { kind: 'EMPLOYER', party: 'EMPLOYER:0123456749', kbo: '0123456749' }],
  ['MANDATARY:0100200109', { kind: 'MANDATARY', kbo: '0100200109' }],
  ['ENTERPRISE_COUNTER:0100300374', { kind: 'ENTERPRISE_COUNTER', kbo: '0100300374' }],
  [`WORKER:${insz.rahul}`, { kind: 'WORKER', party: 'WORKER', insz: insz.rahul }],
  [`SELF_EMPLOYED:${insz.grace}`, { kind: 'SELF_EMPLOYED', party: 'SELF_EMPLOYED', insz: insz.grace }],
  ['HELPDESK', { kind: 'HELPDESK', party: 'HELPDESK' }],
  ['AUDITOR', { kind: 'AUDITOR', party: 'AUDITOR' }],
])('%s is a principal', (text, principal) => {
  expect(principalOf(text, today)).toMatchObject({ principal });
});

test.each<[string, string]>([
  ['VLA-XXX', 'there is no such authority'],
  ['POL-FED', 'this authority has no access to the gateway'],
  ['MUN-99999', 'there is no such authority'],
  ['EMPLOYER:0123456748', 'the enterprise number has wrong check digits'],
  ['EMPLOYER:12', 'the enterprise number has the wrong length'],
  ['EMPLOYER', 'there is no such authority'],
  ['WORKER:85073003329', 'the INSZ has wrong check digits'],
  ['SYSTEM:1', 'there is no such party'],
])('%s is none', (text, reason) => {
  expect(principalOf(text, today)).toEqual({ reason });
});

test('no demo token is made in production', () => {
  const env = environment({ NODE_ENV: 'production' });
  const made = spawnSync(process.execPath, ['--import', 'tsx', 'gateway/token.ts', 'VLA-DEM'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  expect([made.status, made.stdout, made.stderr]).toEqual([
    1,
    '',
    'The demo issuer is refused when NODE_ENV is production.\n',
  ]);
});

test('it starts on a database that is there, answers, writes nothing personal down, and stops when told', async () => {
  const gateway = await start(['gateway/main.ts'], { DATABASE_URL: database.ownerUrl });
  const authorization = `Bearer ${token(`WORKER:${insz.rahul}`).stdout.trim()}`;
  const query = `query Q${insz.rahul}($i: Insz) { myFile { lastName } worker(insz: $i) { insz } }`;
  expect(await ask(gateway.url, authorization, { query, variables: { i: insz.rahul } })).toEqual({
    data: { myFile: { lastName: 'Sharma' }, worker: { insz: insz.rahul } },
  });
  await ask(gateway.url, 'Bearer a.b.c', { query });
  await ask(gateway.url, authorization, { query: `{ worker(insz: "${insz.rahul.slice(0, -1)}0") { id } }` });
  await fetch(`${gateway.url}/graphql/${insz.rahul}?insz=${insz.rahul}`, { headers: { authorization } });
  expect(await stopped(gateway, 'SIGTERM')).toBe(0);
  const lines = gateway.output().trim().split('\n');
  expect(lines[0]).toBe(`The single permit gateway is ready: ${gateway.url}`);
  expect(lines[1]).toMatch(/^The e-Box stands in at http:\/\/127\.0\.0\.1:\d+$/);
  const entries = lines.slice(2).map((line): Record<string, unknown> => JSON.parse(line));
  expect(entries.filter(({ msg }) => msg === 'request').map(({ status, caller }) => [status, caller])).toEqual([
    [200, 'WORKER'],
    [401, null],
    [400, 'WORKER'],
    [404, null],
  ]);
  for (const kept of [insz.rahul, 'Sharma', authorization.slice(7), 'myFile', database.ownerUrl]) {
    expect(gateway.output()).not.toContain(kept);
  }
}, 60_000);

test('a subgraph and a gateway run as processes of their own', async () => {
  const GATEWAY_SECRET = 'the secret that these processes share';
  const names = ['dossiers', 'employers', 'workers', 'decisions', 'cadastre'];
  const parts = await Promise.all(
    names.map((name) => start(['subgraphs/main.ts', name], { DATABASE_URL: database.ownerUrl, GATEWAY_SECRET })),
  );
  const urls = Object.fromEntries(names.map((name, index) => [`${name.toUpperCase()}_URL`, parts[index]?.url ?? '']));
  const gateway = await start(['gateway/main.ts'], { ...urls, GATEWAY_SECRET });
  const authorization = `Bearer ${token('EMPLOYER:0123456749').stdout.trim()}`;
  expect(
    await ask(gateway.url, authorization, { query: '{ employer(kbo: "0123456749") { name(lang: NL) } }' }),
  ).toEqual({
    data: { employer: { name: 'Brouwerij De Zenne' } },
  });
  const codes = await Promise.all([gateway, ...parts].map((one) => stopped(one, 'SIGINT')));
  expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
}, 90_000);

test.each<[string, string[], Record<string, string>, RegExp]>([
  [
    'a subgraph that is none',
    ['subgraphs/main.ts', 'permits'],
    { GATEWAY_SECRET: 'x'.repeat(32) },
    /Name one subgraph/,
  ],
  ['a subgraph without the secret', ['subgraphs/main.ts', 'dossiers'], {}, /GATEWAY_SECRET is missing/],
  ['a wrong environment', ['gateway/main.ts'], { SEED_PROFILE: 'big', PORT: 'x' }, /PORT .*\n.*SEED_PROFILE/],
  [
    'a database that is away',
    ['gateway/main.ts'],
    { DATABASE_URL: 'postgres://a:pass-word@127.0.0.1:1/b' },
    /cannot be reached/,
  ],
])('it says what is wrong and does not start: %s', (_, args, variables, reason) => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', ...args], {
    cwd: root,
    env: environment(variables),
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(reason);
  expect(stderr).not.toMatch(/pass-word|\n\s+at /);
});
