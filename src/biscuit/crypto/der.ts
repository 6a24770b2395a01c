/**
 * Converts ECDSA signatures between DER, which tokens carry (SEC 1 section C.5), and r || s, which
 * WebCrypto uses. Strict both ways: if a signature had two encodings, its block would have two
 * revocation ids.
 */
const INTEGER = 0x02;
const SEQUENCE = 0x30;
const HALF_BYTES = 32;
/** Two integers of at most 33 bytes, each with tag and length, plus tag and length of the whole. */
const SIGNATURE_BYTES_MAX = 72;

/**
 * Returns undefined unless the bytes are exactly the DER of two positive numbers of up to 256 bits.
 */
export function signatureFromDer(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (der.length > SIGNATURE_BYTES_MAX || der[0] !== SEQUENCE || der[1] !== der.length - 2)
    return undefined;
  const raw = new Uint8Array(2 * HALF_BYTES);
  const afterR = readInteger(der, 2, raw, HALF_BYTES);
  const afterS = afterR === undefined ? undefined : readInteger(der, afterR, raw, 2 * HALF_BYTES);
  return afterS === der.length ? raw : undefined;
}

/**
 * Copies the integer at `at` so that it ends at `end` of `raw`; returns where the next one starts.
 */
function readInteger(
  der: Uint8Array,
  at: number,
  raw: Uint8Array,
  end: number,
): number | undefined {
  const length = der[at + 1] ?? 0;
  const start = at + 2;
  const first = der[start] ?? 0;
  if (der[at] !== INTEGER || length === 0 || start + length > der.length || first >= 0x80)
    return undefined;
  const isPadded = first === 0;
  // A leading zero is valid only if the number would otherwise read as negative. Zero itself is
  // never part of a signature.
  if (isPadded && (length === 1 || (der[start + 1] ?? 0) < 0x80)) return undefined;
  const digits = der.subarray(isPadded ? start + 1 : start, start + length);
  if (digits.length > HALF_BYTES) return undefined;
  raw.set(digits, end - digits.length);
  return start + length;
}

export function signatureToDer(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const content = [
    ...writeInteger(raw.subarray(0, HALF_BYTES)),
    ...writeInteger(raw.subarray(HALF_BYTES)),
  ];
  return Uint8Array.from([SEQUENCE, content.length, ...content]);
}

function writeInteger(digits: Uint8Array): number[] {
  const first = digits.findIndex((byte) => byte !== 0);
  const minimal = [...digits.subarray(first)];
  if ((minimal[0] ?? 0) >= 0x80) minimal.unshift(0);
  return [INTEGER, minimal.length, ...minimal];
}
