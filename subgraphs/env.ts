/** Every environment variable: read here, once, and checked before anything starts. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { authority } from '../schema/authorities.ts';
import { brusselsDate, isDate } from '../schema/calendar.ts';
import { type SubgraphName, subgraphNames } from '../schema/subgraphs.ts';
import { keep } from './keep.ts';

/** Which program reads the environment: it decides what must be there. */
export type Program = 'gateway' | 'subgraph' | 'tool';

export const seedProfiles = ['demo', 'small', '10x', '100x', 'none'] as const;
/** The sizes of the demo world. */
export type SeedProfile = (typeof seedProfiles)[number];

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** An OpenID provider whose tokens are accepted. */
export type Oidc = { issuer: string; audience: string; jwksUri: string };

/** The environment, checked. */
export type Env = {
  PORT: number;
  HOST: string;
  DATA_DIR: string;
  DATABASE_URL: string | undefined;
  SEED_PROFILE: SeedProfile;
  /** Fixes the clock; undefined where it runs. */
  TODAY: string | undefined;
  LOG_LEVEL: (typeof logLevels)[number];
  /** Another supergraph file than the committed one. */
  SUPERGRAPH: string | undefined;
  GATEWAY_SECRET: string | undefined;
  production: boolean;
  /** The provider of real identities; null where the demo issuer signs. */
  oidc: Oidc | null;
  /** Where the subgraphs run, where they run apart; null where they are embedded. */
  apart: Record<SubgraphName, string> | null;
  /** Where notices leave; absent where something stands in for it. */
  EBOX_URL: string | undefined;
  SMTP_URL: string | undefined;
  MAIL_FROM: string | undefined;
  /** The systems of authorities that take events, by authority, and what their keys follow from. */
  EVENT_SINKS: ReadonlyMap<string, string>;
  EVENT_SECRET: string | undefined;
} & { [name: `${string}_DATABASE_PASSWORD`]: string | undefined };

/** The port a program listens on unless told: the gateway on 4000, the subgraphs on those after it, in their order. */
export const defaultPort = (name?: SubgraphName): number => 4000 + (name ? subgraphNames.indexOf(name) + 1 : 0);

const shortestSecret = 32;

/** `VLA-DEM=https://...,BRU-BEW=https://...`, or null where it is not written so. */
const sinksIn = (text: string, schemes: readonly string[]): ReadonlyMap<string, string> | null => {
  const pairs = text.split(',').flatMap((pair): [string, string][] => {
    const [id = '', ...rest] = pair.trim().split('=');
    return pair.trim() === '' ? [] : [[id, rest.join('=')]];
  });
  const isRight = pairs.every(
    ([id, url]) => authority(id) !== null && URL.canParse(url) && schemes.includes(new URL(url).protocol),
  );
  const sinks = new Map(pairs);
  return isRight && sinks.size === pairs.length ? sinks : null;
};

type Source = Readonly<Record<string, string | undefined>>;

/** Reads the environment, or throws one error that names every fault in it; no message repeats a value, which may be secret. */
export const readEnv = (
  { program, subgraph, port = defaultPort(subgraph) }: { program: Program; subgraph?: SubgraphName; port?: number },
  source: Source = process.env,
): Env => {
  const faults: string[] = [];
  // An empty variable is an absent one: that is how compose files and shells leave one out.
  const given = (name: string): string | undefined => source[name]?.trim() || undefined;
  const fault = (name: string, reason: string): void => {
    faults.push(`${name} ${reason}`);
  };
  const one = <T extends string>(name: string, values: readonly T[], standard: T): T => {
    const text = given(name);
    const value = values.find((candidate) => candidate === text);
    if (text !== undefined && value === undefined) fault(name, `is none of ${values.join(', ')}`);
    return value ?? standard;
  };
  const address = (name: string, schemes: readonly string[]): string | undefined => {
    const text = given(name);
    if (text !== undefined && !(URL.canParse(text) && schemes.includes(new URL(text).protocol))) {
      fault(name, `is not an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`);
    }
    return text;
  };
  const together = (names: readonly string[]): boolean => {
    const missing = names.filter((name) => given(name) === undefined);
    if (missing.length === names.length) return false;
    for (const name of missing) fault(name, `is missing: ${names.join(', ')} come together`);
    return true;
  };

  const production = source.NODE_ENV === 'production';
  const web = ['http:', 'https:'];

  const portText = given('PORT');
  if (portText !== undefined && !(/^\d{1,5}$/.test(portText) && Number(portText) <= 65_535)) {
    fault('PORT', 'is not a number from 0 to 65535');
  }
  const today = given('TODAY');
  if (today !== undefined && !isDate(today)) fault('TODAY', 'is not a date written YYYY-MM-DD');
  const supergraph = given('SUPERGRAPH');
  if (supergraph !== undefined && !existsSync(supergraph)) fault('SUPERGRAPH', 'names a file that is not there');

  const withOidc = together(['OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_JWKS_URI']);
  const issuer = address('OIDC_ISSUER', web);
  const jwksUri = address('OIDC_JWKS_URI', production ? ['https:'] : web);
  if (production && !withOidc && program !== 'tool') {
    fault('OIDC_ISSUER', 'is missing: the demo issuer is refused when NODE_ENV is production');
  }

  const urls = Object.fromEntries(
    subgraphNames.map((name) => [name, address(`${name.toUpperCase()}_URL`, web) ?? '']),
  ) as Record<SubgraphName, string>; // one entry per name, by construction
  const isApart = program === 'gateway' && together(subgraphNames.map((name) => `${name.toUpperCase()}_URL`));

  const secret = given('GATEWAY_SECRET');
  if (secret !== undefined && secret.length < shortestSecret) {
    fault('GATEWAY_SECRET', `is shorter than ${shortestSecret} characters`);
  }
  if (secret === undefined && program !== 'tool' && (production || isApart || program === 'subgraph')) {
    fault('GATEWAY_SECRET', 'is missing: the gateway signs with it, and the subgraphs check the signature');
  }

  const ebox = address('EBOX_URL', production ? ['https:'] : web);
  const withMail = together(['SMTP_URL', 'MAIL_FROM']);
  const smtp = address('SMTP_URL', ['smtp:', 'smtps:']);
  const from = given('MAIL_FROM');
  if (from !== undefined && !/^[^\s<>@,]+@[^\s<>@,]+$/.test(from)) fault('MAIL_FROM', 'is not an address of mail');
  // Who delivers: the gateway in whose process the subgraphs run, or else the dossiers.
  if (production && (subgraph === 'dossiers' || (program === 'gateway' && !isApart))) {
    if (ebox === undefined)
      fault('EBOX_URL', 'is missing: nothing stands in for the e-Box when NODE_ENV is production');
    if (!withMail) fault('SMTP_URL', 'is missing: nothing stands in for mail when NODE_ENV is production');
  }
  const sinks = sinksIn(given('EVENT_SINKS') ?? '', production ? ['https:'] : web);
  if (sinks === null)
    fault('EVENT_SINKS', 'is not a list of authorities with their addresses: VLA-DEM=https://...,...');
  const eventSecret = given('EVENT_SECRET');
  if (eventSecret !== undefined && eventSecret.length < shortestSecret) {
    fault('EVENT_SECRET', `is shorter than ${shortestSecret} characters`);
  }
  if (sinks !== null && sinks.size > 0 && eventSecret === undefined) {
    fault('EVENT_SECRET', 'is missing: events to EVENT_SINKS are signed with it');
  }

  const env: Env = {
    PORT: portText === undefined ? port : Number(portText),
    HOST: given('HOST') ?? '127.0.0.1',
    DATA_DIR: given('DATA_DIR') ?? '.data',
    DATABASE_URL: address('DATABASE_URL', ['postgres:', 'postgresql:']),
    // A demo world has no place in a register that is in use, unless someone asks for it by name.
    SEED_PROFILE: one('SEED_PROFILE', seedProfiles, production ? 'none' : 'demo'),
    TODAY: today,
    LOG_LEVEL: one('LOG_LEVEL', logLevels, 'info'),
    SUPERGRAPH: supergraph,
    GATEWAY_SECRET: secret,
    production,
    oidc: withOidc ? { issuer: issuer ?? '', audience: given('OIDC_AUDIENCE') ?? '', jwksUri: jwksUri ?? '' } : null,
    apart: isApart ? urls : null,
    EBOX_URL: ebox,
    SMTP_URL: smtp,
    MAIL_FROM: from,
    EVENT_SINKS: sinks ?? new Map(),
    EVENT_SECRET: eventSecret,
  };
  for (const name of [...subgraphNames, 'steps']) {
    const password = `${name.toUpperCase()}_DATABASE_PASSWORD` as const;
    env[password] = given(password);
  }
  if (faults.length > 0) throw new Error(`The environment cannot be used:\n  ${faults.join('\n  ')}`);
  return env;
};

/** Today in Brussels, or the day that TODAY fixes. */
export const clock = ({ TODAY }: Pick<Env, 'TODAY'>): (() => string) =>
  TODAY === undefined ? () => brusselsDate(new Date()) : () => TODAY;

/** Where the contents of documents are kept: beside the embedded database, and on a volume of their own where it is elsewhere. */
export const documentFolder = ({ DATA_DIR }: Pick<Env, 'DATA_DIR'>): string => join(DATA_DIR, 'documents');

/** The secret that gateway and subgraphs share; where none is set, one is made in DATA_DIR and kept there. */
export const secretOf = async ({
  GATEWAY_SECRET,
  DATA_DIR,
}: Pick<Env, 'GATEWAY_SECRET' | 'DATA_DIR'>): Promise<string> =>
  GATEWAY_SECRET ?? keep(join(DATA_DIR, 'gateway-secret'), async () => randomBytes(32).toString('base64url'));
