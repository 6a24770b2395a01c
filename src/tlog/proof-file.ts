import { ok, type Result, refuse } from '../result.ts';
import { fromBase64, readDecimal, toBase64 } from './base64.ts';
import { checkInclusion } from './check.ts';
import { HASH_BYTES } from './hash.ts';
import { NOTE_BYTES_MAX } from './note.ts';
import type { Policy } from './policy.ts';
import { type CheckpointFault, requireQuorum, type VerifiedCheckpoint } from './verify.ts';

/** The content of a `.tlog-proof` file: c2sp.org/tlog-proof. */
export interface ProofFile {
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** The checkpoint as a note, with all of its signatures. */
  readonly checkpoint: string;
  /** Anything; no key signed it. */
  readonly extra?: Uint8Array;
}

const TITLE = 'c2sp.org/tlog-proof@v1';
/** What a tree of 2^63 entries needs. */
const PROOF_HASHES_MAX = 63;
/** Room for a note and an `extra` with the largest entry, in base64. */
const PROOF_CHARACTERS_MAX = NOTE_BYTES_MAX + 256 * 1024;

/** Returns the text of a proof file. */
export function formatProofFile({ index, proof, checkpoint, extra }: ProofFile): string {
  const lines = [
    TITLE,
    ...(extra ? [`extra ${toBase64(extra)}`] : []),
    `index ${index}`,
    ...proof.map(toBase64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Reads a proof file, and verifies nothing of it. */
export function readProofFile(text: string): Result<ProofFile, 'proof_malformed'> {
  const end = text.indexOf('\n\n');
  if (end < 0 || text.length > PROOF_CHARACTERS_MAX) return refuse('proof_malformed');
  const [title, ...lines] = text.slice(0, end).split('\n');
  const encoded = lines[0]?.startsWith('extra ')
    ? lines.shift()?.slice('extra '.length)
    : undefined;
  const extra = encoded === undefined ? undefined : fromBase64(encoded);
  const index = readDecimal(/^index (\d+)$/.exec(lines.shift() ?? '')?.[1] ?? '');
  const hashes = lines.map(fromBase64);
  const proof = hashes.filter((hash) => hash?.length === HASH_BYTES) as Uint8Array[];
  const isWhole = proof.length === lines.length && proof.length <= PROOF_HASHES_MAX;
  if (title !== TITLE || index === undefined || !isWhole) return refuse('proof_malformed');
  if (encoded !== undefined && !extra) return refuse('proof_malformed');
  return ok({ index, proof, checkpoint: text.slice(end + 2), ...(extra && { extra }) });
}

/** Why a proof file proves nothing. */
export type ProofFault = CheckpointFault | 'proof_malformed' | 'inclusion_invalid';

/** What a proof file shows. */
export interface ProvenEntry {
  readonly index: number;
  readonly checkpoint: VerifiedCheckpoint;
  /** Of the file; no key signed it. */
  readonly extra?: Uint8Array;
}

/**
 * Verifies that an entry is in a log of the policy, and that a quorum of its witnesses has seen
 * that. Needs no network. `leaf` is the hash of the entry, which the caller has from elsewhere or
 * hashes from `extra`.
 *
 * @example
 * ```ts
 * import { leafHash, readPolicy, verifyProofFile } from 'hewn/tlog';
 *
 * const policy = readPolicy(`
 *   log issuer.example/audit/control+fca5b527+AVWeLDCn/pFlfm+0Ag4SZl3WBrGvriWVwAq5x/sbwwf8
 *   quorum none
 * `);
 * const entry = new TextEncoder().encode('hewn record 5');
 * // `file` would be read from disk: the text of a `.tlog-proof`.
 * const file = '';
 * const proven = policy.ok && (await verifyProofFile(file, leafHash(entry), policy.value));
 * console.assert(proven && !proven.ok && proven.error === 'proof_malformed');
 * ```
 */
export async function verifyProofFile(
  text: string,
  leaf: Uint8Array,
  policy: Policy,
): Promise<Result<ProvenEntry, ProofFault>> {
  const read = readProofFile(text);
  if (!read.ok) return read;
  const { index, proof, extra } = read.value;
  const checkpoint = await requireQuorum(read.value.checkpoint, policy);
  if (!checkpoint.ok) return checkpoint;
  const { size, root } = checkpoint.value;
  if (!checkInclusion({ index, size, leaf, root }, proof)) return refuse('inclusion_invalid');
  return ok({ index, checkpoint: checkpoint.value, ...(extra && { extra }) });
}
