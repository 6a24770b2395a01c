import { concatBytes } from '../../../../src/encoding.ts';

// RFC 8017 appendix A.1: the algorithm identifier rsaEncryption, and version 0 before it.
const RSA_HEAD = Uint8Array.from([
  ...[0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48],
  ...[0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00],
]);

const ALGORITHMS = [
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  { name: 'ECDSA', namedCurve: 'P-256' },
  { name: 'Ed25519' },
] as const;

/**
 * Imports a private key in PEM, PKCS #8 or as GitHub writes it (PKCS #1): RSA, P-256 or Ed25519.
 * The lines may be joined by `\n` as two characters, as some secret stores keep them. Returns
 * undefined for any other text.
 */
export async function importPrivateKey(pem: string): Promise<CryptoKey | undefined> {
  const text = pem.replaceAll('\\n', '\n');
  const [, kind = '', body = ''] =
    /-----BEGIN ((?:RSA )?PRIVATE KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(text) ?? [];
  if (kind === '') return undefined;
  try {
    const der = Uint8Array.from(atob(body.replace(/\s/g, '')), (each) => each.charCodeAt(0));
    const pkcs8 = kind === 'PRIVATE KEY' ? der : wrap(der);
    for (const algorithm of ALGORITHMS) {
      const key = await crypto.subtle
        .importKey('pkcs8', pkcs8, algorithm, false, ['sign'])
        .catch(() => undefined);
      if (key) return key;
    }
  } catch {
    // Not base64.
  }
  return undefined;
}

const wrap = (pkcs1: Uint8Array): Uint8Array<ArrayBuffer> => {
  const key = tagged(0x04, pkcs1);
  return tagged(0x30, concatBytes(RSA_HEAD, key));
};

/** One value in DER: tag, length, contents. */
function tagged(tag: number, contents: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = contents;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.from([tag, ...size]), contents);
}
