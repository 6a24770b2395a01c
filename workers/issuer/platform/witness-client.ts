import { readBytes } from '../../../src/body.ts';
import { fromUtf8 } from '../../../src/encoding.ts';
import {
  formatWitnessRequest,
  type Party,
  readWitnessAnswer,
  type WitnessAnswer,
} from '../../../src/tlog/index.ts';
import { within } from '../../../src/within.ts';

const ANSWER_BYTES_MAX = 16 * 1024; // Cosignatures of several kinds.

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A checkpoint that the log signed, and how it grew. */
export interface Offered {
  readonly note: string;
  /** The text of the note. */
  readonly text: string;
  readonly size: number;
  /** Returns the proof of consistency from a smaller size. */
  readonly prove: (oldSize: number) => Promise<readonly Uint8Array[]>;
}

/** What came of asking one witness, and from which size it was asked last. */
export interface Asked {
  readonly oldSize: number;
  readonly answer: WitnessAnswer | { readonly kind: 'unreachable'; readonly error: unknown };
}

/**
 * Asks a witness to cosign a checkpoint. `known` is the size that it is believed to have; if it
 * names another one, it is asked once more from there. Never rejects, and ends within
 * `milliseconds`.
 */
export async function askWitness(
  { key, url = '' }: Party,
  { note, text, size, prove }: Offered,
  known: number,
  { milliseconds, fetch: send = fetch }: { readonly milliseconds: number; readonly fetch?: Fetch },
): Promise<Asked> {
  const signal = AbortSignal.timeout(milliseconds);
  let oldSize = Math.min(known, size);
  const ask = async (): Promise<WitnessAnswer> => {
    const isGrowth = oldSize > 0 && oldSize < size;
    const proof = isGrowth ? await prove(oldSize) : [];
    const response = await send(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      body: formatWitnessRequest({ oldSize, proof, checkpoint: note }),
      redirect: 'manual',
      signal,
    });
    const bytes = await readBytes(response, ANSWER_BYTES_MAX);
    const body = (bytes.ok && fromUtf8(bytes.value)) || '';
    return await readWitnessAnswer({ status: response.status, body }, text, key);
  };
  const askTwice = async (): Promise<WitnessAnswer> => {
    const answer = await ask();
    if (answer.kind !== 'elsewhere' || answer.size > size) return answer;
    oldSize = answer.size;
    return await ask();
  };
  try {
    const answer = await within(askTwice(), milliseconds);
    return { oldSize, answer };
  } catch (error) {
    return { oldSize, answer: { kind: 'unreachable', error } };
  }
}
