/**
 * Builds the bytes that are signed (SPECIFICATIONS.md, "Signed payload generation").
 *
 * In version 0 the algorithm comes before the key. The text of the specification says the opposite;
 * the official samples and the reference decide.
 */
import { concatBytes, utf8 } from '../../encoding.ts';
import type { PublicKey } from '../datalog/ast.ts';
import { algorithmNumber, type SignedBlock } from '../format/index.ts';

/** What a block's signature covers; `signature` itself is not needed for it. */
export type Signable = Omit<SignedBlock, 'bytes' | 'signature'>;

const littleEndian32 = (value: number) => Uint8Array.of(value, 0, 0, 0);

const BLOCK_V1 = concatBytes(utf8('\0BLOCK\0\0VERSION\0'), littleEndian32(1), utf8('\0PAYLOAD\0'));
const EXTERNAL_V1 = concatBytes(
  utf8('\0EXTERNAL\0\0VERSION\0'),
  littleEndian32(1),
  utf8('\0PAYLOAD\0'),
);
const ALGORITHM = utf8('\0ALGORITHM\0');
const NEXT_KEY = utf8('\0NEXTKEY\0');
const PREVIOUS_SIGNATURE = utf8('\0PREVSIG\0');
const EXTERNAL_SIGNATURE = utf8('\0EXTERNALSIG\0');
const ALGORITHMS = [littleEndian32(0), littleEndian32(1)] as const;
const NOTHING = new Uint8Array(0);

const algorithmBytes = ({ algorithm }: PublicKey): Uint8Array =>
  ALGORITHMS[algorithmNumber(algorithm)] ?? NOTHING;

/** `previous` is the signature of the preceding block; absent for the authority block. */
export function blockPayload(
  block: Signable,
  previous: Uint8Array | undefined,
): Uint8Array<ArrayBuffer> {
  const { payload, nextKey, external } = block;
  const algorithm = algorithmBytes(nextKey);
  if (block.version === 0)
    return concatBytes(payload, external?.signature ?? NOTHING, algorithm, nextKey.bytes);
  const parts = [BLOCK_V1, payload, ALGORITHM, algorithm, NEXT_KEY, nextKey.bytes];
  if (previous !== undefined) parts.push(PREVIOUS_SIGNATURE, previous);
  if (external !== undefined) parts.push(EXTERNAL_SIGNATURE, external.signature);
  return concatBytes(...parts);
}

/** What a third party signs: its block, bound to the one signature that it will follow. */
export const externalPayload = (
  payload: Uint8Array,
  previous: Uint8Array,
): Uint8Array<ArrayBuffer> => concatBytes(EXTERNAL_V1, payload, PREVIOUS_SIGNATURE, previous);

/**
 * What the last secret signs when a token is sealed. The form is the same for every block version.
 */
export const sealPayload = ({ payload, nextKey, signature }: SignedBlock) =>
  concatBytes(payload, algorithmBytes(nextKey), nextKey.bytes, signature);
