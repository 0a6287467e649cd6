import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { log } from '../subgraphs/log.ts';
import { type Identify, viewers } from '../subgraphs/viewer.ts';
import { testEnv } from './world.ts';

export const issuer = 'https://login.example/realms/permits';
export const audience = 'permits-api';

/** Seconds since 1970, as tokens count. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** The claims of a token that is taken. */
export const claims = () => ({
  iss: issuer,
  aud: audience,
  sub: 'j.peeters',
  exp: now() + 600,
  authority: 'VLA-DEM',
  roles: ['HANDLER', 'a role of another program'],
});

/** A part of a token. */
export const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

type Options = { by?: CryptoKey; header?: Record<string, unknown> };

/** An OpenID provider of the test's own, which signs whatever it is told, and a gateway's eye on its tokens. */
export const openProvider = async () => {
  log.level = 'silent';
  const keys: JWK[] = [];
  /** What the provider does, and how often it was asked: for its keys, and for anything else, which is an attacker's. */
  const state = { status: 200, body: null as string | null, asked: 0, elsewhere: 0 };
  const server = createServer((request, response) => {
    if (request.url === '/jwks') state.asked += 1;
    else state.elsewhere += 1;
    response.writeHead(state.status, { 'content-type': 'application/json', location: '/elsewhere' });
    response.end(state.body ?? JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // listen(0) on TCP answers an address with a port
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const addKey = async (kid: string, alg = 'RS256'): Promise<CryptoKey> => {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' });
    return privateKey;
  };
  const first = await addKey('first');
  const { env, drop } = await testEnv({
    OIDC_ISSUER: issuer,
    OIDC_AUDIENCE: audience,
    OIDC_JWKS_URI: `${origin}/jwks`,
  });
  let identify: Identify = await viewers(env);

  return {
    env,
    keys,
    state,
    elsewhere: `${origin}/elsewhere`,
    addKey,
    signed: (changed: Record<string, unknown> = {}, { by = first, header = {} }: Options = {}): Promise<string> =>
      new SignJWT(JSON.parse(JSON.stringify({ ...claims(), ...changed })))
        .setProtectedHeader({ alg: 'RS256', kid: 'first', typ: 'at+jwt', ...header })
        .sign(by),
    /** A token of whatever text, well signed: what no library of a provider would write. */
    signedText: (text: string): Promise<string> =>
      new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ alg: 'RS256', kid: 'first' }).sign(first),
    viewerOf: (token: string) => identify({ authorization: `Bearer ${token}` }),
    /** The party that a token stands for, or the code with which it is refused. */
    outcome: (token: string): Promise<unknown> =>
      identify({ authorization: `Bearer ${token}` }).then(
        ({ party }) => party,
        (error) => error.extensions.code,
      ),
    /** A provider that does its work, and a gateway that has just started. */
    anew: async (): Promise<void> => {
      keys.splice(1);
      Object.assign(state, { status: 200, body: null, asked: 0, elsewhere: 0 });
      identify = await viewers(env);
    },
    close: async (): Promise<void> => {
      server.close();
      await drop();
    },
  };
};
