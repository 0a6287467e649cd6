/** Who asks: read from a verified token, never from a bare header. */
import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import {
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { insz } from '../schema/identifiers.ts';
import { hasRoles, type Kind, purposes, type Role, roles } from '../schema/policy.ts';
import { demoAudience, demoIssuer, demoKey } from './demo-issuer.ts';
import { clock, type Env } from './env.ts';
import { refuse, traceOf } from './errors.ts';
import { log } from './log.ts';
import { authorityPrincipal, type Named, type Principal, partyPrincipal } from './principal.ts';

/** Who asks, on which day, and what for. */
export type Viewer = Principal & {
  /** The person or program, as the issuer of the token names it. */
  id: string;
  /** Sorted as the policy lists them; empty where the kind has none. */
  roles: readonly Role[];
  purpose: string | null;
  reference: string | null;
  /** A purpose that this kind may not claim: whoever answers refuses it, once it is on record. The viewer then states none. */
  wrongPurpose: { purpose: string; reference: string; refusal: GraphQLError } | null;
  today: string;
};

/** The headers that say who asks and what for; several values where a header came several times. */
export type CallerHeaders = {
  readonly authorization?: string | readonly string[] | undefined;
  readonly 'x-purpose'?: string | readonly string[] | undefined;
  readonly 'x-reference'?: string | readonly string[] | undefined;
};

/** A viewer, and until when the token counts that tells who it is: a moment in milliseconds since 1970. */
export type Identified = Viewer & { until: number };

/** Answers the viewer of a request, or refuses it. */
export type Identify = (headers: CallerHeaders) => Promise<Identified>;

const tolerance = 5; // seconds that clocks may differ
const longest = 24 * 3600; // seconds that a token may still be valid: a stolen one must end soon
// A key that the provider takes back counts no more within a minute: the sum of these two, in milliseconds.
const remembered = 30_000; // after which a token is verified anew
const keysFresh = 30_000; // after which the provider is asked for its keys anew, and before which it is not
const keysKept = 10 * 60_000; // for which its last keys serve on while it does not answer
const pause = 5000; // before a provider that gave no keys at all is asked again

// RS256 to ES512 only: nothing symmetric, nothing unsigned. A key's own type bars the rest.
const algorithms = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'EdDSA',
  'Ed25519',
];

type Claims = {
  id: string;
  roles: readonly Role[];
  principal: Principal;
  /** When the token ends; and when it is to be verified anew, which is no later. */
  until: number;
  fresh: number;
};

const unauthenticated = () => refuse('UNAUTHENTICATED', 'A valid token is needed');

const identityDown = (cause: unknown) => {
  log.warn({ register: 'identity', ...traceOf(cause) }, 'register unavailable');
  return refuse('DEPENDENCY_UNAVAILABLE', 'The identity provider does not answer now', { register: 'identity' });
};

/** Why a token is not taken; for the log, where the token itself never goes. */
const unfit = (reason: string): never => {
  throw new Error(reason);
};

const text = (value: unknown, name: string): string =>
  typeof value === 'string' && value.length > 0 && value.length <= 200 ? value : unfit(`claim ${name}`);

/** The roles that the policy knows; a provider may name others, of other programs. Whoever has none may read. */
const rolesOf = (value: unknown, kind: Kind): readonly Role[] => {
  if (value !== undefined && (!Array.isArray(value) || value.length > 50)) return unfit('claim roles');
  const named = value?.map((role) => text(role, 'roles')) ?? [];
  if (!hasRoles(kind)) return [];
  const held = roles.filter((role) => named.includes(role));
  return Object.freeze(held.length > 0 ? held : ['READER']);
};

const named = (payload: JWTPayload, today: string): Named => {
  const { authority, party } = payload;
  if (authority !== undefined && party !== undefined) return unfit('claims authority and party together');
  if (authority !== undefined) return authorityPrincipal(text(authority, 'authority'));
  return partyPrincipal(text(party, 'party'), today);
};

/** An ID token tells a client who logged in; it is no permission to call. Providers mark theirs in one of these ways. */
const isIdToken = ({ nonce, at_hash, c_hash, typ, token_use }: JWTPayload): boolean =>
  nonce !== undefined || at_hash !== undefined || c_hash !== undefined || typ === 'ID' || token_use === 'id';

const steps: Record<string, number> = { '{': 1, '[': 1, '}': -1, ']': -1 };

/** Whether a name stands twice at the top of an object in JSON: two readers of it could then see two callers. */
const hasTwins = (json: string): boolean => {
  const met = new Set<unknown>();
  let depth = 0;
  for (const [sign, name] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    depth += steps[sign] ?? 0;
    if (name === undefined || depth !== 1) continue;
    const read: unknown = JSON.parse(name); // a name has several writings
    if (met.has(read)) return true;
    met.add(read);
  }
  return false;
};

const claimsOf = (payload: JWTPayload, typ: unknown, today: string): Claims => {
  const now = Date.now() / 1000;
  const { exp = 0, iat } = payload;
  if (typ !== undefined && !/^(application\/)?(at\+)?jwt$/i.test(text(typ, 'typ'))) return unfit('typ');
  if (isIdToken(payload)) return unfit('ID token');
  if (!Number.isInteger(exp)) return unfit('exp');
  if (exp > now + longest + tolerance) return unfit('exp too far');
  if (iat !== undefined && !(typeof iat === 'number' && iat <= now + tolerance)) return unfit('iat');
  const found = named(payload, today);
  if ('reason' in found) return unfit(found.reason);
  const id = text(payload.sub, 'sub');
  // It stands in logs and in the read log, where no number of a person may.
  if ('value' in insz(id, today)) return unfit('sub is an INSZ');
  const until = (exp + tolerance) * 1000;
  return {
    id,
    roles: rolesOf(payload.roles, found.principal.kind),
    principal: Object.freeze(found.principal),
    until,
    fresh: Math.min(Date.now() + remembered, until),
  };
};

type Verify = (token: string) => ReturnType<typeof jwtVerify>;

const verifier = async (env: Env): Promise<Verify> => {
  const options: JWTVerifyOptions = { clockTolerance: tolerance, requiredClaims: ['exp', 'sub'] };
  if (env.oidc) {
    const { issuer, audience, jwksUri } = env.oidc;
    const keys = createRemoteJWKSet(new URL(jwksUri), {
      cacheMaxAge: keysFresh,
      cooldownDuration: keysFresh,
      timeoutDuration: 3000,
      [customFetch]: keyFetcher(),
    });
    return (token) => jwtVerify(token, keys, { ...options, issuer, audience, algorithms });
  }
  if (env.production) throw new Error('the demo issuer is refused when NODE_ENV is production: set OIDC_ISSUER');
  const { publicKey } = await demoKey(env.DATA_DIR);
  return (token) =>
    jwtVerify(token, publicKey, { ...options, issuer: demoIssuer, audience: demoAudience, algorithms: ['ES256'] });
};

/**
 * Asks the provider for its keys. That it fails is told apart from a token that is no good: the caller may well have a good
 * one. And whoever sends bad ones does not make us ask a provider that fails without end.
 */
const keyFetcher = (): FetchImplementation => {
  let given: { text: string; until: number } | undefined;
  let failed: { refusal: GraphQLError; until: number } | undefined;
  return async (url, options) => {
    const now = Date.now();
    if (failed && now < failed.until) throw failed.refusal;
    try {
      const response = await fetch(url, options);
      const text = await response.text();
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      if (!Array.isArray(JSON.parse(text)?.keys)) throw new Error('no keys');
      given = { text, until: now + keysKept };
    } catch (error) {
      const refusal = identityDown(error);
      if (given && now < given.until) return new Response(given.text);
      failed = { refusal, until: now + pause };
      throw refusal;
    }
    return new Response(given.text);
  };
};

const bearer = (authorization: CallerHeaders['authorization']): string => {
  const [, token] =
    /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(typeof authorization === 'string' ? authorization : '') ?? [];
  if (token === undefined || token.length > 8192) throw unauthenticated();
  return token;
};

const once = (value: string | readonly string[] | undefined, name: string): string | null => {
  if (value === undefined) return null;
  if (typeof value === 'string') return value;
  throw refuse('BAD_USER_INPUT', `The header ${name} came more than once`);
};

type Stated = Pick<Viewer, 'purpose' | 'reference' | 'wrongPurpose'>;
const nothingStated: Stated = { purpose: null, reference: null, wrongPurpose: null };

/** What is asked for, if anything: a purpose that the kind of principal may claim, and a reference to go with it. */
const statedBy = ({ kind }: Principal, headers: CallerHeaders): Stated => {
  const purpose = once(headers['x-purpose'], 'x-purpose');
  const reference = once(headers['x-reference'], 'x-reference')?.trim() ?? null;
  if (purpose === null && reference === null) return nothingStated;
  if (purpose === null || reference === null) {
    throw refuse('BAD_USER_INPUT', 'The headers x-purpose and x-reference come together');
  }
  if (!/^[\x20-\x7e]{1,100}$/.test(reference)) {
    throw refuse('BAD_USER_INPUT', 'The header x-reference is not 1 to 100 printable characters');
  }
  if (purposes[kind].includes(purpose)) return { ...nothingStated, purpose, reference };
  const isName = /^[A-Z_]{1,40}$/.test(purpose);
  const refusal = refuse(
    'FORBIDDEN',
    `${isName ? `The purpose ${purpose}` : 'This purpose'} may not be claimed by ${kind}`,
    {
      allowed: purposes[kind],
    },
  );
  return { ...nothingStated, wrongPurpose: { purpose: isName ? purpose : 'UNKNOWN', reference, refusal } };
};

/** Makes the one function that tells who asks; the gateway and every subgraph have their own. */
export const viewers = async (env: Env): Promise<Identify> => {
  const verify = await verifier(env);
  const today = clock(env);
  const verified = new LRUCache<string, Claims>({ max: 5000 });

  const claims = async (token: string): Promise<Claims> => {
    // The cache holds no token, so that nothing which dumps memory or counts its keys gives one away.
    const key = createHash('sha256').update(token).digest('base64');
    const met = verified.get(key);
    if (met && met.fresh > Date.now()) return met;
    try {
      const { payload, protectedHeader } = await verify(token);
      if (hasTwins(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())) throw new Error('a claim twice');
      const made = claimsOf(payload, protectedHeader.typ, today());
      verified.set(key, made);
      return made;
    } catch (error) {
      if (error instanceof GraphQLError) throw error;
      // jose names what is wrong and never quotes the token; our own reasons quote nothing either.
      log.info({ reason: error instanceof Error ? error.message.slice(0, 100) : 'unknown' }, 'token refused');
      throw unauthenticated();
    }
  };

  return async (headers) => {
    const { id, roles, principal, until } = await claims(bearer(headers.authorization));
    return { ...principal, id, roles, ...statedBy(principal, headers), today: today(), until };
  };
};
