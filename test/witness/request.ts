import { decodeBase64, type Note, readNote } from './note.ts';
import { HASH_BYTES } from './tree.ts';

const PROOF_LINES_MAX = 63;
const SIZE_MAX = 2n ** 64n - 1n;

export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Buffer;
  readonly note: Note;
}

export interface AddCheckpoint {
  /** The size that the client believes this witness to have. */
  readonly old: bigint;
  readonly proof: readonly Buffer[];
  readonly checkpoint: Checkpoint;
}

function readSize(text: string): bigint | undefined {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text)) return undefined;
  const size = BigInt(text);
  return size <= SIZE_MAX ? size : undefined;
}

function readHash(text: string): Buffer | undefined {
  const bytes = decodeBase64(text);
  return bytes?.length === HASH_BYTES ? bytes : undefined;
}

/** Reads a checkpoint without verifying it. Extension lines are signed and otherwise ignored. */
function readCheckpoint(text: string): Checkpoint | undefined {
  const note = readNote(text);
  if (!note) return undefined;
  const [origin = '', sizeLine = '', rootLine = '', ...extensions] = note.text
    .slice(0, -1)
    .split('\n');
  const [size, root] = [readSize(sizeLine), readHash(rootLine)];
  if (origin === '' || size === undefined || !root || extensions.includes('')) return undefined;
  return { origin, size, root, note };
}

/** Reads the body of `add-checkpoint`. Returns undefined if it is malformed. */
export function readRequest(body: Uint8Array): AddCheckpoint | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
  const separator = text.indexOf('\n\n');
  if (separator === -1) return undefined;
  const [oldLine = '', ...proofLines] = text.slice(0, separator).split('\n');
  const old = oldLine.startsWith('old ') ? readSize(oldLine.slice('old '.length)) : undefined;
  const proof = proofLines.map(readHash);
  const checkpoint = readCheckpoint(text.slice(separator + 2));
  if (old === undefined || !checkpoint || proof.length > PROOF_LINES_MAX) return undefined;
  if (!proof.every((hash) => hash !== undefined)) return undefined;
  return { old, proof, checkpoint };
}
