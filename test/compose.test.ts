import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { loginsOf, partOf } from '../db/roles.ts';
import { subgraphNames } from '../schema/subgraphs.ts';
import { type Program, readEnv } from '../subgraphs/env.ts';

const root = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const text = (name: string): string => readFileSync(root(name), 'utf8');

type Service = {
  build?: string;
  command: string[];
  environment: Record<string, string>;
  networks: string[];
  volumes?: string[];
};

// What it reads is the file beside this test.
const { services } = parse(text('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };
const ours = Object.entries(services).filter(([, { build }]) => build !== undefined);

const dockerfile = text('Dockerfile');
const ofImage = Object.fromEntries(
  [...dockerfile.matchAll(/^ENV (.+)$/gm)].flatMap(([, line = '']) => line.split(' ').map((pair) => pair.split('='))),
);

/** Each reference of the file to a variable of whoever starts it: its name, and what stands for it when it is missing. */
const references = (value: unknown) =>
  [...JSON.stringify(value).matchAll(/\$\{(\w+)(:?[-?])?([^}]*)\}/g)].map(([, name = '', sign = '', rest = '']) => ({
    name,
    sign,
    rest,
  }));

const sample = 'x'.repeat(32);
const given: Record<string, string> = {
  OIDC_ISSUER: 'https://identity.example',
  OIDC_JWKS_URI: 'https://identity.example/keys',
  EBOX_URL: 'https://user:password@ebox.example',
  SMTP_URL: 'smtps://user:password@mail.example',
  MAIL_FROM: 'permits@mail.example',
};
const filled = (value: string): string =>
  value.replace(/\$\{(\w+)(:[-?])([^}]*)\}/g, (_, name: string, sign: string, rest: string) =>
    sign === ':-' ? rest : (given[name] ?? sample),
  );

const programs: Record<string, Program> = {
  'gateway/main.ts': 'gateway',
  'gateway/migrate.ts': 'tool',
  'subgraphs/main.ts': 'subgraph',
};

/** The environment of a service as its program reads it, and the names that the program asked for. */
const environmentOf = ({ command, environment }: Service) => {
  const program = programs[command.find((word) => word.endsWith('.ts')) ?? ''];
  if (!program) throw new Error(`no program: ${command.join(' ')}`);
  const asked = new Set<string>();
  const variables = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filled(value)]));
  const source = new Proxy<Record<string, string>>(
    { ...ofImage, ...variables },
    {
      get: (target, name) => {
        asked.add(String(name));
        return target[String(name)];
      },
    },
  );
  const subgraph = subgraphNames.find((name) => name === command.at(-1));
  return { env: readEnv({ program, ...(subgraph ? { subgraph } : {}) }, source), asked };
};

test('there is a service for each subgraph, the gateway, the migration and PostgreSQL', () => {
  expect(Object.keys(services).sort()).toEqual(['gateway', 'migrate', 'postgres', ...subgraphNames].sort());
  expect(services.postgres?.build).toBeUndefined();
});

test('a service runs what a script of package.json runs', () => {
  const { scripts } = JSON.parse(text('package.json'));
  const expected = ours.map(([name]) => {
    const isSubgraph = subgraphNames.some((one) => one === name);
    const script: string = isSubgraph ? `${scripts.subgraph} ${name}` : scripts[name];
    return script.replace(/^exec /, ''); // npm goes through a shell; a container does not
  });
  expect(ours.map(([, { command }]) => command.join(' '))).toEqual(expected);
});

test('a service is given all that its program needs to start, and nothing that it does not read', () => {
  const unread = ours.flatMap(([name, service]) => {
    const { asked } = environmentOf(service);
    return Object.keys(service.environment).flatMap((variable) =>
      asked.has(variable) ? [] : [`${name}: ${variable}`],
    );
  });
  expect(unread).toEqual([]);
});

test('a subgraph holds its own login of the database, and where it takes steps theirs; the gateway holds none', () => {
  const held = Object.fromEntries(
    Object.entries(services).map(([name, service]) => [
      name,
      [...new Set(references(service).map((reference) => reference.name))].filter((one) => one.endsWith('_PASSWORD')),
    ]),
  );
  const passwords = subgraphNames.map((name) => `${name.toUpperCase()}_DATABASE_PASSWORD`);
  const steps = 'STEPS_DATABASE_PASSWORD';
  const taking = ['dossiers', 'employers'];
  expect(held).toEqual({
    postgres: ['POSTGRES_PASSWORD'],
    migrate: ['POSTGRES_PASSWORD', ...passwords, steps],
    ...Object.fromEntries(
      subgraphNames.map((name, at) => [name, [passwords[at], ...(taking.includes(name) ? [steps] : [])]]),
    ),
    gateway: [],
  });
  const roles = subgraphNames.map((name) => partOf(new URL(filled(services[name]?.environment.DATABASE_URL ?? ''))));
  expect(roles).toEqual(subgraphNames);
});

test('contents of documents outlive their container, in a folder that its user may write', () => {
  const { environment, volumes } = services.dossiers as Service; // the first test says that it is there
  expect([environment.DATA_DIR, volumes]).toEqual(['/data', ['documents:/data']]);
  expect(dockerfile).toMatch(/install -d -o node [^\n]*\/data\nUSER node/);
});

test('the login of a subgraph is the one that the migration makes', () => {
  const { env } = environmentOf(services.migrate as Service); // the first test says that it is there
  const made = loginsOf(env.DATABASE_URL ?? '', (part) => env[`${part.toUpperCase()}_DATABASE_PASSWORD`]);
  expect(subgraphNames.map((name) => filled(services[name]?.environment.DATABASE_URL ?? ''))).toEqual(
    subgraphNames.map(made),
  );
});

test('what is secret has no default, and a missing one is an error', () => {
  const soft = references(services).filter(({ sign }) => sign !== ':?');
  expect([...new Set(soft.map(({ name, rest }) => `${name}=${rest}`))].sort()).toEqual([
    'EVENT_SINKS=',
    'HOST=127.0.0.1',
    'LOG_LEVEL=info',
    'PORT=4000',
    'SEED_PROFILE=none',
  ]);
});

test('the gateway asks each subgraph where it listens, and cannot reach the database', () => {
  const { env } = environmentOf(services.gateway as Service); // the first test says that it is there
  expect(env.apart).toEqual(Object.fromEntries(subgraphNames.map((name) => [name, `http://${name}:${ofImage.PORT}`])));
  expect(services.gateway?.networks).toEqual(['graph']);
  expect(services.postgres?.networks).toEqual(['database']);
  for (const name of subgraphNames) expect(services[name]?.networks).toEqual(['database', 'graph']);
});

test('what the image is made of is there, and the build is not kept from it', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '));
  expect(copied.filter((name) => !existsSync(root(name)))).toEqual([]);
  const [all, ...allowed] = text('.dockerignore').trim().split('\n');
  expect(all).toBe('*');
  expect(allowed.sort()).toEqual([...new Set(copied)].map((name) => `!${name}`).sort());
  expect(copied).toEqual(expect.arrayContaining(['schema', 'db', 'subgraphs', 'gateway']));
});
