import { describe, expect, test } from 'vitest';
import { deriveDpopKey, signProof } from '../../../src/dpop/index.ts';

const SECRET = 'a secret of thirty-two characters';
/** Computed with the HKDF of Node. */
const PUBLIC = '417b9bbc5153be53f3de030e49160a2d8cad49ac94b2f7d3d709461a29777b3e';
const URL_OF_CALL = 'https://gateway.example/mcp/files';

describe('a derived key', () => {
  test('is the same for the same secret and name, and another for any other', async () => {
    const { thumbprint } = await deriveDpopKey(SECRET, 'run-1');
    expect((await deriveDpopKey(SECRET, 'run-1')).thumbprint).toBe(thumbprint);
    expect((await deriveDpopKey(SECRET, 'run-2')).thumbprint).not.toBe(thumbprint);
    expect((await deriveDpopKey(`${SECRET}!`, 'run-1')).thumbprint).not.toBe(thumbprint);
  });

  test('stays what it is in every release, so that a run survives an upgrade', async () => {
    const { publicJwk } = await deriveDpopKey(SECRET, 'run-1');
    const x = Buffer.from(PUBLIC, 'hex').toString('base64url');
    expect(publicJwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x });
  });

  test('signs proofs, and no code can export it', async () => {
    const key = await deriveDpopKey(SECRET, 'run-1');
    const proof = await signProof(key, { method: 'POST', url: URL_OF_CALL, now: Date.now() });
    const [header = '', payload = '', signature = ''] = proof.split('.');
    const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64url'));
    const publicKey = await crypto.subtle.importKey('jwk', key.publicJwk, 'Ed25519', false, [
      'verify',
    ]);
    const signed = new TextEncoder().encode(`${header}.${payload}`);
    expect(await crypto.subtle.verify('Ed25519', publicKey, bytes(signature), signed)).toBe(true);
    expect(key.privateKey.extractable).toBe(false);
  });

  test.each([
    ['a short secret', 'short', 'run-1', 'at least 32 characters'],
    ['no name', SECRET, '', 'names the run'],
  ])('is not derived from %s', async (_, secret, name, message) => {
    await expect(deriveDpopKey(secret, name)).rejects.toThrow(message);
  });
});
