import type { UnixSeconds } from '../clock.ts';
import { concatBytes, utf8 } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Checkpoint, formatCheckpoint } from './checkpoint.ts';
import { isSignedBy, type NoteKey, type NoteSigner } from './key.ts';
import { formatNote, type Note, type NoteSignature, readNote } from './note.ts';

/**
 * Returns a checkpoint as a note with the log's signature. Ed25519 is deterministic: the same
 * checkpoint always gives the same bytes. The caller answers for the rule that holds a log
 * together: it never signs two checkpoints of which neither continues the other.
 *
 * @example
 * ```ts
 * import { EMPTY_ROOT, noteSigner, openNote, signCheckpoint } from 'hewn/tlog';
 *
 * const origin = 'issuer.example/audit/control';
 * const signer = await noteSigner(origin, 'log', `ed25519-private/${'07'.repeat(32)}`);
 * const note = await signCheckpoint({ origin, size: 0, root: EMPTY_ROOT }, signer);
 * console.assert((await openNote(note, [signer])).ok);
 * ```
 */
export async function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): Promise<string> {
  const text = formatCheckpoint(checkpoint);
  const { name, keyId } = signer;
  const signature = await signer.sign(utf8(text));
  return formatNote({ text, signatures: [{ name, keyId, signature }] });
}

const TIME_BYTES = 8;

/**
 * Returns a witness's signature over the text of a checkpoint, with the time at which this was the
 * largest consistent tree that it had seen (c2sp.org/tlog-cosignature).
 */
export async function cosign(
  text: string,
  time: UnixSeconds,
  signer: NoteSigner,
): Promise<NoteSignature> {
  const { name, keyId } = signer;
  const stamp = new Uint8Array(TIME_BYTES);
  new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
  const signature = concatBytes(stamp, await signer.sign(cosignedBytes(text, time)));
  return { name, keyId, signature };
}

const cosignedBytes = (text: string, time: UnixSeconds) =>
  utf8(`cosignature/v1\ntime ${time}\n${text}`);

/** A signature that its key verified. */
export interface VerifiedSignature {
  readonly key: NoteKey;
  /** The line of the note, so that it can be stored. */
  readonly line: NoteSignature;
  /** When a witness saw the checkpoint; undefined for a log's signature. */
  readonly time?: UnixSeconds;
}

/** Why a note does not count. */
export type NoteFault =
  | 'note_malformed'
  /** A key that is known by name and id did not make the signature under its name. */
  | 'signature_invalid'
  /** No known key signed it. */
  | 'signature_missing';

/** A note of which every signature by a known key is good. */
export interface OpenedNote extends Note {
  /** By known keys alone, in the order of the note. */
  readonly verified: readonly VerifiedSignature[];
}

/**
 * Verifies a signed note with the keys that the caller knows. Signatures by other keys, or of other
 * types, are ignored. The note is refused if a signature by a known key is wrong, or if no known
 * key signed it.
 */
export async function openNote(
  note: string | Uint8Array,
  keys: readonly NoteKey[],
): Promise<Result<OpenedNote, NoteFault>> {
  const read = readNote(note);
  if (!read.ok) return read;
  const verified = await verifySignatures(read.value.text, read.value.signatures, keys);
  if (!verified) return refuse('signature_invalid');
  if (verified.length === 0) return refuse('signature_missing');
  return ok({ ...read.value, verified });
}

/**
 * Returns the signatures of known keys over a text; undefined if one of them is bad. This is how
 * the lines of a witness's answer are read: nothing is stored that was not verified.
 */
export async function verifySignatures(
  text: string,
  signatures: readonly NoteSignature[],
  keys: readonly NoteKey[],
): Promise<readonly VerifiedSignature[] | undefined> {
  const verified: VerifiedSignature[] = [];
  for (const line of signatures) {
    const key = keys.find(({ name, keyId }) => name === line.name && keyId === line.keyId);
    if (!key) continue;
    const one = await verifyLine(text, line, key);
    if (!one) return undefined;
    verified.push(one);
  }
  return verified;
}

const SIGNATURE_BYTES = 64;

async function verifyLine(
  text: string,
  line: NoteSignature,
  key: NoteKey,
): Promise<VerifiedSignature | undefined> {
  const { signature } = line;
  if (key.use === 'log') {
    return (await isSignedBy(key, utf8(text), signature)) ? { key, line } : undefined;
  }
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
  const { buffer, byteOffset } = signature;
  const time = Number(new DataView(buffer, byteOffset, TIME_BYTES).getBigUint64(0));
  // Zero means that a witness states no time, which it must not do for a whole checkpoint.
  if (time === 0 || !Number.isSafeInteger(time)) return undefined;
  const rest = signature.slice(TIME_BYTES);
  return (await isSignedBy(key, cosignedBytes(text, time), rest)) ? { key, line, time } : undefined;
}

/**
 * Returns a note with further signatures. A later signature by the same key takes the place of the
 * one before. Only verified signatures belong here.
 */
export function addSignatures(note: Note, added: readonly NoteSignature[]): Note {
  const isSame = (a: NoteSignature, b: NoteSignature) => a.name === b.name && a.keyId === b.keyId;
  const kept = note.signatures.filter((one) => !added.some((other) => isSame(one, other)));
  const last = added.filter(
    (one, index) => !added.slice(index + 1).some((other) => isSame(one, other)),
  );
  return { text: note.text, signatures: [...kept, ...last] };
}
