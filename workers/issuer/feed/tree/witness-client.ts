import { readBytes } from '../../../../src/body.ts';
import { fromUtf8 } from '../../../../src/encoding.ts';
import {
  formatWitnessRequest,
  type Party,
  proveConsistency,
  readWitnessAnswer,
  type TileReader,
  type VerifiedSignature,
} from '../../../../src/tlog/index.ts';

export const WITNESS_MILLISECONDS_MAX = 2_000; // A witness that is slower is left out of this head.
const ANSWER_BYTES_MAX = 16 * 1024; // Cosignatures of several kinds.

/** A checkpoint, and where the hashes of its tree are. */
export interface Offered {
  readonly note: string;
  readonly text: string;
  readonly size: number;
  readonly readTile: TileReader;
}

/** What came of asking one witness. */
export type Asked =
  | { readonly kind: 'cosigned'; readonly signatures: readonly VerifiedSignature[] }
  /** It has seen a larger tree, or another one: this log has lost leaves, or its key is stolen. */
  | { readonly kind: 'forked'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Asks a witness to cosign a checkpoint. `known` is the size that it is believed to have; if it
 * names another one, it is asked once more from there.
 */
export async function askWitness(
  { key, url = '' }: Party,
  offered: Offered,
  known: number,
): Promise<Asked> {
  const { note, text, size, readTile } = offered;
  const signal = AbortSignal.timeout(WITNESS_MILLISECONDS_MAX);
  let oldSize = Math.min(known, size);
  try {
    for (const isLast of [false, true]) {
      const proof = await proveConsistency(oldSize, size, readTile);
      const response = await fetch(`${url.replace(/\/$/, '')}/add-checkpoint`, {
        method: 'POST',
        body: formatWitnessRequest({ oldSize, proof, checkpoint: note }),
        redirect: 'manual',
        signal,
      });
      const bytes = await readBytes(response, ANSWER_BYTES_MAX);
      const body = (bytes.ok && fromUtf8(bytes.value)) || '';
      const answer = await readWitnessAnswer({ status: response.status, body }, text, key);
      if (answer.kind === 'cosigned') return answer;
      if (answer.kind === 'inconsistent') return { kind: 'forked', why: 'inconsistent' };
      if (answer.kind !== 'elsewhere' || isLast) {
        return { kind: 'failed', why: `${answer.kind} (HTTP ${response.status})` };
      }
      if (answer.size > size) return { kind: 'forked', why: `it has seen ${answer.size} leaves` };
      oldSize = answer.size;
    }
  } catch (error) {
    return { kind: 'failed', why: error instanceof Error ? error.name : 'error' };
  }
  return { kind: 'failed', why: 'no answer' };
}
