import { ok, type Result, refuse } from '../result.ts';
import { fromBase64, readDecimal, toBase64 } from './base64.ts';
import { HASH_BYTES } from './hash.ts';

/** What a log says about its tree at one moment. */
export interface Checkpoint {
  /** The name of the log: its URL without scheme. Another origin is another log. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Returns the text of a checkpoint, which the log and its witnesses sign. */
export const formatCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${toBase64(root)}\n`;

/**
 * Reads the text of a checkpoint: origin, size and root, one per line. Extension lines may follow;
 * they are signed as part of the text, and mean nothing here.
 */
export function readCheckpoint(text: string): Result<Checkpoint, 'checkpoint_malformed'> {
  const [origin = '', decimal = '', encoded = '', ...rest] = text.split('\n');
  const size = readDecimal(decimal);
  const root = fromBase64(encoded);
  const extensions = rest.slice(0, -1);
  if (origin === '' || size === undefined || root?.length !== HASH_BYTES) {
    return refuse('checkpoint_malformed');
  }
  if (rest.at(-1) !== '' || extensions.includes('')) return refuse('checkpoint_malformed');
  return ok({ origin, size, root });
}
