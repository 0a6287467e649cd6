import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { EncryptJWT, exportJWK, generateKeyPair } from 'jose';
import { audience, claims, encoded, issuer, now, openProvider } from './provider.ts';

// Tokens that somebody made up or bent. How they come through the door is tested in door.test.ts.

let provider: Awaited<ReturnType<typeof openProvider>>;
const signed: typeof provider.signed = (...given) => provider.signed(...given);
const outcome: typeof provider.outcome = (token) => provider.outcome(token);

beforeAll(async () => {
  provider = await openProvider();
});
beforeEach(() => provider.anew());
afterAll(() => provider.close());

/** The text of a good token's claims, with more of them in front and behind. */
const claimsText = (before: string, after = ''): string =>
  `{${before}${JSON.stringify(claims()).slice(1, -1)}${after}}`;

test.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
  ['J3: expired, one second past what clocks may differ', { exp: now() - 6 }],
  ['J3: without an end', { exp: undefined }],
  ['J3: an end that is null', { exp: null }],
  ['J3: an end that is text', { exp: String(now() + 600) }],
  ['J3: an end that is a list', { exp: [now() + 600] }],
  ['J3: an end in parts of a second', { exp: now() + 600.5 }],
  ['J3: an end out of sight', { exp: 1e99 }],
  ['J3: an end two days away', { exp: now() + 2 * 24 * 3600 }],
  ['J3: an end before all time', { exp: -1 }],
  ['J3: not yet valid', { nbf: now() + 60 }],
  ['J3: a beginning that is text', { nbf: '0' }],
  ['J3: issued in the future', { iat: now() + 60 }],
  ['J3: issued at a text', { iat: '0' }],
  ['J4: another issuer', { iss: 'https://login.example/realms/other' }],
  ['J4: an issuer that begins as ours', { iss: `${issuer}.evil.example` }],
  ['J4: an issuer that ends as ours', { iss: `https://evil.example/${issuer}` }],
  ['J4: our issuer and a slash', { iss: `${issuer}/` }],
  ['J4: our issuer in capitals', { iss: issuer.toUpperCase() }],
  ['J4: our issuer in a list', { iss: [issuer] }],
  ['J4: no issuer', { iss: undefined }],
  ['J4: another audience', { aud: 'account' }],
  ['J4: other audiences', { aud: ['account', `${audience}-test`] }],
  ['J4: our audience in a list in a list', { aud: [[audience]] }],
  ['J4: an audience that is an object', { aud: { 0: audience } }],
  ['J4: no audience', { aud: undefined }],
  ['J4: an ID token, by its claims', { at_hash: 'x' }],
  ['J4: an ID token, by its type', { typ: 'ID' }],
  ['J4: an ID token, by its use', { token_use: 'id' }],
  ['J4: a type of header that is another', {}, { typ: 'secevent+jwt' }],
  ['J4: a type of header that is a list', {}, { typ: ['at+jwt'] }],
  ['J5: a key that is not there', {}, { kid: 'other' }],
  ['J7: an authority with a blank behind', { authority: 'VLA-DEM ' }],
  ['J7: an authority in small letters', { authority: 'vla-dem' }],
  ['J7: an authority with a letter that only looks alike', { authority: 'VLA-D\u0415M' }],
  ['J7: an authority by the name of what every object has', { authority: 'constructor' }],
  ['J7: a municipality of what every object has', { authority: 'MUN-constructor' }],
  ['J7: a party by the name of what every object has', { authority: undefined, party: '__proto__:0123456749' }],
  ['J7: roles that are a word', { roles: 'handler' }],
  ['J7: roles that are an object', { roles: { 0: 'handler', length: 1 } }],
  ['J7: roles that are a number', { roles: 7 }],
  ['J7: a role that is a list', { roles: [['handler']] }],
  ['J7: a role that is nothing', { roles: [''] }],
])('a well-signed token is refused: %s', async (_, claims, header = {}) => {
  expect(await outcome(await signed(claims, { header }))).toBe('UNAUTHENTICATED');
});

test('J4: a token for several is taken when we are among them', async () => {
  expect(await outcome(await signed({ aud: ['account', audience] }))).toBe('VLA-DEM');
});

test('J4: a token inside a token, signed or sealed, is refused', async () => {
  const inner = await signed();
  const sealed = await new EncryptJWT(claims())
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'JWT' })
    .encrypt(new Uint8Array(32));
  expect([await outcome(await provider.signedText(inner)), await outcome(sealed)]).toEqual([
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
  ]);
});

test.each<[string, string]>([
  ['the same authority twice', claimsText('"authority":"VLA-DEM",')],
  ['two authorities', claimsText('"authority":"BRU-BEW",')],
  ['two authorities, one of them in another writing', claimsText('"auth\\u006frity":"BRU-BEW",')],
  ['two authorities, far apart', claimsText('"authority" : "BRU-BEW", "a": [{"b": "\\"}"}, "c,"],')],
  ['two lists of roles', claimsText('', ',"roles":["admin"]')],
  ['two ends', claimsText('', ',"exp":1e99')],
  ['an end beyond every number', claimsText('').replace(/"exp":\d+/, '"exp":1e400')],
  [
    'an authority of the prototype',
    claimsText('"__proto__":{"authority":"VLA-DEM"},').replace(/"authority":"VLA-DEM",(?=")/, ''),
  ],
  ['no object', JSON.stringify([claims()])],
  ['no text', '\u0000'],
])('J7: claims that two readers could read in two ways are refused: %s', async (_, text) => {
  expect(await outcome(await provider.signedText(text))).toBe('UNAUTHENTICATED');
});

test('J7: a name that comes again inside another claim is no second claim', async () => {
  const inside = claimsText('"realm_access":{"roles":["a"],"authority":"x"},"note":"\\"authority\\":{",');
  expect(await outcome(await provider.signedText(inside))).toBe('VLA-DEM');
});

test('J2: a token signed with a public key as if it were a shared secret is refused, however the key is written', async () => {
  const [jwk = {}] = provider.keys;
  const open = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const pem = String(open.export({ type: 'spki', format: 'pem' }));
  const secrets: Record<string, string | Buffer> = {
    pem,
    'pem without its last line': pem.trimEnd(),
    'pem with one line more': `${pem}\n`,
    'pem with the ends of another system': pem.replaceAll('\n', '\r\n'),
    'pem of the older form': String(open.export({ type: 'pkcs1', format: 'pem' })),
    der: open.export({ type: 'spki', format: 'der' }),
    'the bytes of n': Buffer.from(jwk.n ?? '', 'base64url'),
    'the text of n': jwk.n ?? '',
    'the key as JSON': JSON.stringify(jwk),
    'the keys as JSON': JSON.stringify({ keys: provider.keys }),
    nothing: '',
  };
  for (const [name, secret] of Object.entries(secrets)) {
    for (const size of ['256', '384', '512']) {
      const text = `${encoded({ alg: `HS${size}`, kid: 'first', typ: 'at+jwt' })}.${encoded(claims())}`;
      const token = `${text}.${createHmac(`sha${size}`, secret).update(text).digest('base64url')}`;
      expect([name, size, await outcome(token)]).toEqual([name, size, 'UNAUTHENTICATED']);
    }
  }
});

test("J6: a token of another's key is refused, whatever key it names or brings, and nothing is fetched for it", async () => {
  const { privateKey: by, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'theirs', alg: 'RS256' };
  const elsewhere = provider.elsewhere;
  const spki = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' });
  for (const brought of [
    {},
    { jwk },
    { jku: elsewhere },
    { jku: elsewhere, kid: 'theirs' },
    { x5u: elsewhere },
    { x5c: [spki.toString('base64')] },
    { kid: elsewhere },
  ]) {
    expect([brought, await outcome(await signed({}, { by, header: brought }))]).toEqual([brought, 'UNAUTHENTICATED']);
  }
  expect([provider.state.asked, provider.state.elsewhere]).toEqual([1, 0]);
});

test('J6: a token that asks to be read in a way of its own is refused', async () => {
  const [, body, signature] = (await signed()).split('.');
  const head = { alg: 'RS256', kid: 'first' };
  for (const more of [
    { crit: ['x'], x: 1 },
    { crit: [] },
    { crit: ['b64'], b64: false },
    { b64: false },
    { zip: 'DEF' },
    { crit: ['exp'], exp: 0 },
  ]) {
    const token = `${encoded({ ...head, ...more })}.${body}.${signature}`;
    expect([more, await outcome(token)]).toEqual([more, 'UNAUTHENTICATED']);
  }
});

test('J7: a signature of zeros is refused, and one in another form', async () => {
  const by = await provider.addKey('curve', 'ES256');
  const token = await signed({}, { by, header: { alg: 'ES256', kid: 'curve' } });
  expect(await outcome(token)).toBe('VLA-DEM');
  const text = token.slice(0, token.lastIndexOf('.'));
  const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
  for (const bytes of [
    Buffer.alloc(64),
    Buffer.from(order + order, 'hex'),
    Buffer.from('3006020100020100', 'hex'),
    Buffer.alloc(1),
  ]) {
    expect(await outcome(`${text}.${bytes.toString('base64url')}`)).toBe('UNAUTHENTICATED');
  }
});

test.each([512, 1024])('J7: a key of %i bits is too short to be believed', async (modulusLength) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
  provider.keys.push({ ...publicKey.export({ format: 'jwk' }), kid: 'short', alg: 'RS256' });
  const text = `${encoded({ alg: 'RS256', kid: 'short' })}.${encoded(claims())}`;
  const token = `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  expect(await outcome(token)).toBe('UNAUTHENTICATED');
});
