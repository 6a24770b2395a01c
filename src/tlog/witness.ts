import { toHex, utf8 } from '../encoding.ts';
import { readDecimal, toBase64 } from './base64.ts';
import { sha256 } from './hash.ts';
import type { NoteKey } from './key.ts';
import { readSignatures } from './note.ts';
import { type VerifiedSignature, verifySignatures } from './sign.ts';

/** What a log sends to a witness: c2sp.org/tlog-witness, `add-checkpoint`. */
export interface WitnessRequest {
  /** The size that the witness cosigned last; 0 if it has not seen the log. */
  readonly oldSize: number;
  /** From `oldSize` to the checkpoint; empty if either is 0 or both are equal. */
  readonly proof: readonly Uint8Array[];
  /** The checkpoint as a note with the log's signature. */
  readonly checkpoint: string;
}

/** Returns the body of `POST <prefix>/add-checkpoint`. */
export const formatWitnessRequest = ({ oldSize, proof, checkpoint }: WitnessRequest): string =>
  `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${checkpoint}`;

/** What a witness said. */
export type WitnessAnswer =
  /** It cosigned. The signatures are verified; those of keys that are not known are left out. */
  | { readonly kind: 'cosigned'; readonly signatures: readonly VerifiedSignature[] }
  /**
   * It cosigned another size last: prove from there. A larger size than the log's own means that
   * the log lost entries or was forked.
   */
  | { readonly kind: 'elsewhere'; readonly size: number }
  /** It has another tree of this size, or the proof does not fit its own: a fork, or a lost log. */
  | { readonly kind: 'inconsistent' }
  /** It does not know the log, or not its key. */
  | { readonly kind: 'unknown_log' }
  /** Anything else, such as an answer without a good signature. */
  | { readonly kind: 'unusable'; readonly status: number };

/**
 * Reads the answer of a witness to a checkpoint with this text. `key` is the witness's, by the
 * policy.
 */
export async function readWitnessAnswer(
  answer: { readonly status: number; readonly body: string },
  text: string,
  key: NoteKey,
): Promise<WitnessAnswer> {
  const { status, body } = answer;
  if (status === 409) {
    const size = body.endsWith('\n') ? readDecimal(body.slice(0, -1)) : undefined;
    return size === undefined ? { kind: 'unusable', status } : { kind: 'elsewhere', size };
  }
  if (status === 422) return { kind: 'inconsistent' };
  if (status === 403 || status === 404) return { kind: 'unknown_log' };
  const lines = status === 200 ? readSignatures(body) : undefined;
  const signatures = lines && (await verifySignatures(text, lines, [key]));
  if (!signatures || signatures.length === 0) return { kind: 'unusable', status };
  return { kind: 'cosigned', signatures };
}

/** Returns the path below a witness's monitoring prefix of the checkpoint that it cosigned last. */
export const monitoringPath = (origin: string): string =>
  `${toHex(sha256(utf8(origin)))}/checkpoint`;
