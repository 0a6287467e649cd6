/** The gateway's signature on what it asks a subgraph: nobody else may ask. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header that carries it. */
export const signatureHeader = 'x-gateway-signature';

/** How old a signature may be, in milliseconds; and how far a clock may run ahead. */
export const signatureAge = 30_000;
const ahead = 5000;

/** All that a signature covers: whoever changes one of these, or sends it to another subgraph, is refused. */
export type Signed = {
  subgraph: string;
  body: string;
  authorization: string | undefined;
  purpose: string | undefined;
  reference: string | undefined;
};

const digest = (secret: string, { subgraph, body, authorization, purpose, reference }: Signed, at: number): Buffer => {
  // JSON keeps the parts apart, whatever stands in them; the body comes last and needs no end.
  const head = JSON.stringify([at, subgraph, authorization ?? null, purpose ?? null, reference ?? null]);
  return createHmac('sha256', secret).update(`${head}\n`).update(body).digest();
};

/**
 * What is signed in the place of a body that streams, and so is not there yet: what is asked, and the type of what will come.
 * No text of JSON reads like it. The content itself is measured at both ends.
 */
export const headOf = (method: 'GET' | 'POST', path: string, mime = ''): string => `${method} ${path} ${mime}`;

/** Signs a request at a moment, in milliseconds since 1970. */
export const sign = (secret: string, signed: Signed, at = Date.now()): string =>
  `${at}.${digest(secret, signed, at).toString('base64url')}`;

/** Whether the signature is the gateway's, on exactly this request, and fresh. */
export const isSigned = (secret: string, signed: Signed, signature: unknown, now = Date.now()): boolean => {
  const [, time = '', mac = ''] = /^(\d{13})\.([\w-]{43})$/.exec(typeof signature === 'string' ? signature : '') ?? [];
  const at = Number(time);
  if (time === '' || now - at > signatureAge || at - now > ahead) return false;
  return timingSafeEqual(Buffer.from(mac, 'base64url'), digest(secret, signed, at));
};
