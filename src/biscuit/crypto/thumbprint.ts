import { toBase64Url } from '../../encoding.ts';
import { thumbprintOf } from '../../jwk-thumbprint.ts';
import type { PublicKey } from '../datalog/index.ts';

/**
 * Returns the RFC 7638 SHA-256 thumbprint of a key, in base64url. Undefined for a P-256 key that is
 * no point of its curve.
 */
export async function publicKeyThumbprint({
  algorithm,
  bytes,
}: PublicKey): Promise<string | undefined> {
  if (algorithm === 'ed25519')
    return thumbprintOf({ kty: 'OKP', crv: 'Ed25519', x: toBase64Url(bytes) });
  const { decompress } = await import('./p256.ts');
  const point = decompress(bytes);
  if (point === undefined) return undefined;
  const [x, y] = [toBase64Url(point.subarray(1, 33)), toBase64Url(point.subarray(33))];
  return thumbprintOf({ kty: 'EC', crv: 'P-256', x, y });
}
