/** The issuer of demo identities: a key of its own in DATA_DIR, so that a demo needs no identity provider. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { hasRoles, type Role } from '../schema/policy.ts';
import { keep } from './keep.ts';
import { type Principal, pseudonym } from './principal.ts';

export const demoIssuer = 'https://demo-issuer.single-permit.example';
export const demoAudience = 'single-permit-gateway';

type DemoKey = { publicKey: CryptoKey; privateKey: CryptoKey; kid: string; salt: string };

const made = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return JSON.stringify(await exportJWK(privateKey));
};

const imported = async (jwk: JWK): Promise<CryptoKey> => {
  const key = await importJWK(jwk, 'ES256');
  if (key instanceof Uint8Array) throw new Error('the demo key is not an elliptic curve key');
  return key;
};

/** The demo key of a DATA_DIR, made when it is first asked for. */
export const demoKey = async (dataDir: string): Promise<DemoKey> => {
  const text = await keep(join(dataDir, 'demo-issuer.json'), made);
  const { d, ...open }: JWK = JSON.parse(text);
  return {
    publicKey: await imported(open),
    privateKey: await imported({ ...open, ...(d === undefined ? {} : { d }) }),
    kid: await calculateJwkThumbprint(open),
    salt: createHash('sha256').update(text).digest('base64url'),
  };
};

/** Signs a demo token for a principal; valid eight hours unless told, and for somebody who handles and decides. */
export const demoToken = async (
  dataDir: string,
  principal: Principal,
  { roles, validFor = 8 * 3600 }: { roles?: readonly string[] | undefined; validFor?: number } = {},
): Promise<string> => {
  const { privateKey, kid, salt } = await demoKey(dataDir);
  const { kind, party, authority, insz } = principal;
  const usual: readonly Role[] = hasRoles(kind) ? ['HANDLER', 'DECISION_MAKER'] : [];
  const claims = authority === null ? { party: insz === null ? party : `${kind}:${insz}` } : { authority };
  return new SignJWT({ ...claims, roles: roles ?? usual })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
    .setIssuer(demoIssuer)
    .setAudience(demoAudience)
    .setSubject(pseudonym(salt, principal))
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + validFor)
    .sign(privateKey);
};
