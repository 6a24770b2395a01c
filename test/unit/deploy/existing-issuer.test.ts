import { describe, expect, test } from 'vitest';
import { askIssuer, hasKeys, replacementFault } from '../../../src/deploy/existing-issuer.ts';
import { fromHex, toBase64Url } from '../../../src/encoding.ts';
import { generateKeyFile } from '../../../src/key-file/contents.ts';
import type { KeyFile } from '../../../src/key-file/index.ts';

const URL = 'https://issuer.example';
const PLACE = { url: URL, file: '.hewn/production/keys.json' };
const keys = generateKeyFile(0);
const others = generateKeyFile(0);

const x = (hex: string): string => toBase64Url(fromHex(hex) ?? new Uint8Array());

const jwksOf = ({ feed, mint }: KeyFile) => ({
  keys: [
    ...mint.map(({ publicKey }) => ({ kty: 'OKP', x: x(publicKey), hewn_use: 'mint' })),
    { kty: 'OKP', x: x(feed.publicKey), hewn_use: 'feed' },
  ],
});

const answering = (answer: () => Response) => askIssuer(async () => answer(), URL);
const issuerWith = (file: KeyFile) => answering(() => Response.json(jwksOf(file)));
const failing = (code: string) =>
  askIssuer(() => Promise.reject(new TypeError('fetch failed', { cause: { code } })), URL);

describe('keys', () => {
  test('are generated where nothing answers, or something that is not an issuer', async () => {
    for (const answer of [
      await failing('ENOTFOUND'),
      await failing('ECONNREFUSED'),
      await answering(() => new Response('<h1>parked</h1>')),
      await answering(() => new Response('error code: 1042', { status: 404 })),
    ]) {
      expect(replacementFault(answer, undefined, PLACE)).toBeUndefined();
    }
  });

  test('are not generated on a new checkout, whose issuer exists', async () => {
    const fault = replacementFault(await issuerWith(keys), undefined, PLACE);
    expect(fault).toContain('.hewn/production/keys.json does not exist. Copy the file');
  });

  test('are not generated while it is unknown whether an issuer exists', async () => {
    const fault = replacementFault(await failing('ETIMEDOUT'), undefined, PLACE);
    expect(fault).toContain('ETIMEDOUT');
  });

  test('replace the same keys, and an issuer that does not answer', async () => {
    expect(replacementFault(await issuerWith(keys), keys, PLACE)).toBeUndefined();
    expect(replacementFault(await failing('ETIMEDOUT'), keys, PLACE)).toBeUndefined();
  });

  test('may be more than the issuer has, and not fewer', async () => {
    const [first] = keys.mint;
    const [second] = others.mint;
    if (first?.state === 'retired' || second?.state === 'retired' || !first || !second) {
      throw new Error('a new file has an active key');
    }
    const more: KeyFile = { ...keys, mint: [first, { ...second, id: 2, state: 'published' }] };
    expect(replacementFault(await issuerWith(keys), more, PLACE)).toBeUndefined();
    const fault = replacementFault(await issuerWith(more), keys, PLACE);
    expect(fault).toContain('accepts a root key');
    expect(hasKeys(await issuerWith(more), keys)).toBe(true);
  });

  test('do not replace those of another deployment', async () => {
    expect(replacementFault(await issuerWith(others), keys, PLACE)).toContain(
      'signs its feed with another key',
    );
    expect(hasKeys(await issuerWith(others), keys)).toBe(false);
  });
});
