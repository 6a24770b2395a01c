import { createHmac } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  checkProof,
  createDpopKey,
  createNonces,
  seenProofs,
  signProof,
} from '../../../src/dpop/index.ts';
import {
  ath,
  edwards,
  edwardsJwk,
  expected,
  judge,
  NOW,
  pair,
  part,
  privateJwk,
  proof,
  publicJwk,
  SECONDS,
  TOKEN,
  URL_,
} from './proofs.ts';

describe('a valid proof', () => {
  test('names the thumbprint of its key (RFC 7638)', async () => {
    expect(await checkProof(await proof(), expected)).toEqual({
      ok: true,
      value: {
        thumbprint: await calculateJwkThumbprint(publicJwk),
        jti: 'one',
        expires: SECONDS + 300,
      },
    });
  });

  test('may use Ed25519', async () => {
    const text = await proof({}, { alg: 'EdDSA', jwk: edwardsJwk }, edwards.privateKey);
    expect(await judge(text)).toBe('ok');
  });

  test.each(['ES256', 'EdDSA'] as const)('is made by our own %s key', async (algorithm) => {
    const key = await createDpopKey(algorithm);
    expect(key.privateKey.extractable).toBe(false);
    const text = await signProof(key, { method: 'POST', url: URL_, now: NOW, token: TOKEN });
    const checked = await checkProof(text, expected);
    expect(checked).toMatchObject({ ok: true, value: { thumbprint: key.thumbprint } });
  });

  test('may have more members in its key than the thumbprint covers', async () => {
    const jwk = { ...publicJwk, kid: 'a', use: 'sig', alg: 'ES256', key_ops: ['verify'] };
    expect(await checkProof(await proof({}, { jwk }), expected)).toMatchObject({
      value: { thumbprint: await calculateJwkThumbprint(publicJwk) },
    });
  });

  test('needs no ath without a token, as at a token endpoint', async () => {
    const { ath: _, ...without } = expected;
    expect((await checkProof(await proof({ ath: undefined }), without)).ok).toBe(true);
  });
});

describe('form: a malformed proof is refused, and never treated as missing:', () => {
  const compact = [part('{}'), part('{}'), part('s')];
  test.each([
    ['nothing', ''],
    ['plain text', 'proof'],
    ['two parts', compact.slice(1).join('.')],
    ['four parts', [...compact, 'A'].join('.')],
    ['a header that is not JSON', [part('{'), part('{}'), 'AA'].join('.')],
    ['a payload that is a list', [part({ typ: 'dpop+jwt' }), part([]), 'AA'].join('.')],
    ['padding', `${part('{}')}=.${part('{}')}.AA`],
    ['no signature', `${part('{}')}.${part('{}')}.`],
  ])('%s', async (_, text) => expect(await judge(text)).toBe('proof_malformed'));

  test('two headers, which arrive joined into one', async () => {
    expect(await judge(`${await proof()}, ${await proof()}`)).toBe('proof_malformed');
  });

  test('an extension that must be understood', async () => {
    const [, payload, signature] = (await proof()).split('.');
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk, crit: ['b64'], b64: false };
    expect(await judge([part(header), payload, signature].join('.'))).toBe('proof_malformed');
  });

  test('checks the size before everything else', async () => {
    expect(await judge('.'.repeat(4 * 1024 + 1))).toBe('proof_too_large');
    expect(await judge('.'.repeat(4 * 1024))).toBe('proof_malformed');
  });
});

describe('header: a signature that proves nothing is refused:', () => {
  test.each([undefined, 'JWT', 'at+jwt', 'DPOP+JWT', 'application/dpop+jwt', 7])(
    'another kind of JWT: typ %j',
    async (typ) => expect(await judge(await proof({}, { typ }))).toBe('type_refused'),
  );

  test('no signature at all: alg none', async () => {
    const [, payload] = (await proof()).split('.');
    const header = part({ typ: 'dpop+jwt', alg: 'none', jwk: publicJwk });
    expect(await judge(`${header}.${payload}.AA`)).toBe('algorithm_refused');
  });

  test('a MAC with the public key as its secret: alg HS256', async () => {
    const [, payload] = (await proof()).split('.');
    const header = part({ typ: 'dpop+jwt', alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } });
    const mac = createHmac('sha256', Buffer.alloc(1)).update(`${header}.${payload}`).digest();
    expect(await judge(`${header}.${payload}.${mac.toString('base64url')}`)).toBe(
      'algorithm_refused',
    );
  });

  test('an algorithm that is not listed', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES384');
    const header = { alg: 'ES384', jwk: await exportJWK(publicKey) };
    expect(await judge(await proof({}, header, privateKey))).toBe('algorithm_refused');
  });

  test('a private key that was sent: jwk with a private member', async () => {
    const text = await proof({}, { jwk: privateJwk });
    expect(await checkProof(text, expected)).toEqual({
      ok: false,
      error: { code: 'key_refused', why: 'private' },
    });
  });

  test.each(['k', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'oth'])(
    'a jwk with the private member %s only',
    async (member) => {
      const text = await proof({}, { jwk: { ...publicJwk, [member]: '' } });
      expect(await judge(text)).toBe('key_refused');
    },
  );

  test.each<[string, unknown]>([
    ['is missing', undefined],
    ['is a string', 'key'],
    ['is of another algorithm', edwardsJwk],
    ['is of another curve', { ...publicJwk, crv: 'P-384' }],
    ['lacks a coordinate', { ...publicJwk, y: undefined }],
    ['has a short coordinate', { ...publicJwk, x: 'AAAA' }],
    ['has a coordinate in another spelling', { ...publicJwk, x: `${publicJwk.x}=` }],
  ])('a jwk that %s', async (_, jwk) => {
    expect(await judge(await proof({}, { jwk }))).toBe('key_refused');
  });

  test('a point that is not on the curve', async () => {
    const jwk = { ...publicJwk, y: Buffer.alloc(32, 1).toString('base64url') };
    expect(await judge(await proof({}, { jwk }))).toBe('signature_invalid');
  });

  test('the public key of another holder', async () => {
    const other = await exportJWK((await generateKeyPair('ES256')).publicKey);
    expect(await judge(await proof({}, { jwk: other }))).toBe('signature_invalid');
  });

  test('any changed byte', async () => {
    const text = await proof();
    const [header = '', payload = ''] = text.split('.');
    const changed = part({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), a: 1 });
    expect(await judge(text.replace(payload, changed))).toBe('signature_invalid');
    expect(await judge(`${header}.${payload}.${'A'.repeat(86)}`)).toBe('signature_invalid');
  });
});

describe('htm and htu: a proof for one request is refused for another:', () => {
  test.each(['GET', 'post', '', undefined, ['POST']])('htm %j', async (htm) => {
    expect(await judge(await proof({ htm }))).toBe('method_mismatch');
  });

  test.each([
    ...['https://gateway.example/mcp/other', 'https://gateway.example/mcp/files/'],
    ...['http://gateway.example/mcp/files', 'https://gateway.example:8443/mcp/files'],
    ...['https://evil.example/mcp/files', 'https://gateway.example.evil.example/mcp/files'],
    ...['https://user@gateway.example/mcp/files', 'https://gateway.example/MCP/files'],
    ...['/mcp/files', 'data:x', 7, undefined, ''],
  ])('htu %j', async (htu) => {
    expect(await judge(await proof({ htu }))).toBe('target_mismatch');
  });

  test.each(['HTTPS://Gateway.Example:443/mcp/files', 'https://gateway.example/x/../mcp/files'])(
    'accepts htu %s, another spelling of the same URL',
    async (htu) => expect(await judge(await proof({ htu }))).toBe('ok'),
  );

  test('ignores queries, and a query in htu cannot hide another path', async () => {
    expect(await judge(await proof(), { url: `${URL_}?page=2#top` })).toBe('ok');
    expect(await judge(await proof({ htu: `${URL_}?page=1` }))).toBe('ok');
    const other = 'https://gateway.example/mcp/other?/mcp/files';
    expect(await judge(await proof({ htu: other }))).toBe('target_mismatch');
  });
});

describe('iat: a proof cannot be kept, or made in advance:', () => {
  test.each([
    ...[-300, -299.5, 0, 300].map((offset) => [offset, 'ok'] as const),
    ...[-301, -300.5, 300.5, 301, 1e9].map((offset) => [offset, 'time_refused'] as const),
  ])('iat %d s from now: %s', async (offset, verdict) => {
    expect(await judge(await proof({ iat: SECONDS + offset }))).toBe(verdict);
  });

  test('reports the difference in seconds', async () => {
    const checked = await checkProof(await proof({ iat: SECONDS - 400 }), expected);
    expect(checked).toEqual({ ok: false, error: { code: 'time_refused', seconds: -400 } });
  });

  test.each([undefined, null, String(SECONDS), {}])('iat %j', async (iat) => {
    const header = part({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk });
    const payload = part({ jti: 'a', htm: 'POST', htu: URL_, iat, ath });
    const { privateKey } = pair;
    const input = new TextEncoder().encode(`${header}.${payload}`);
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    const signature = await crypto.subtle.sign(algorithm, privateKey as CryptoKey, input);
    const text = `${header}.${payload}.${Buffer.from(signature).toString('base64url')}`;
    expect(await judge(text)).toBe('time_refused');
  });
});

describe('jti, ath, nonce: a proof is valid once, for this token, and not made in advance:', () => {
  test.each([undefined, '', 7, 'x'.repeat(129), 'é'.repeat(65)])('jti %j', async (jti) => {
    expect(await judge(await proof({ jti }))).toBe('jti_invalid');
  });

  test('accepts a jti of 128 bytes', async () => {
    expect(await judge(await proof({ jti: 'x'.repeat(128) }))).toBe('ok');
  });

  test.each([undefined, '', 7, ath.slice(1), `${ath}=`])(
    'a proof for another token: ath %j',
    async (other) => expect(await judge(await proof({ ath: other }))).toBe('token_mismatch'),
  );

  test('a proof that was used before', async () => {
    const seen = seenProofs();
    const text = await proof();
    expect(await judge(text, { seen })).toBe('ok');
    expect(await judge(text, { seen })).toBe('replayed');
    expect(await judge(await proof({ jti: 'two' }), { seen })).toBe('ok');
  });

  test('a holder cannot use up the jti of another key', async () => {
    const seen = seenProofs();
    const other = await proof({}, { alg: 'EdDSA', jwk: edwardsJwk }, edwards.privateKey);
    expect(await judge(other, { seen })).toBe('ok');
    expect(await judge(await proof(), { seen })).toBe('ok');
  });

  test('an invalid proof takes no room in the memory', async () => {
    const seen = seenProofs();
    expect(await judge(await proof({ ath: 'x' }), { seen })).toBe('token_mismatch');
    expect(await judge(await proof(), { seen })).toBe('ok');
  });

  test('a missing, unknown or old nonce', async () => {
    const nonces = createNonces(new Uint8Array(32));
    const nonce = await nonces.issue(NOW);
    expect(await judge(await proof(), { nonces })).toBe('nonce_missing');
    expect(await judge(await proof({ nonce: 'x' }), { nonces })).toBe('nonce_refused');
    expect(await judge(await proof({ nonce: [nonce] }), { nonces })).toBe('nonce_refused');
    expect(await judge(await proof({ nonce }), { nonces })).toBe('ok');
    const later = NOW + 120_000;
    expect(await judge(await proof({ nonce }), { nonces, now: later })).toBe('nonce_refused');
    expect(await judge(await proof({ nonce }))).toBe('ok'); // A nonce that was not requested.
  });
});
