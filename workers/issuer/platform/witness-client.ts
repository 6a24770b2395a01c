import { readBytes } from '../../../src/body.ts';
import { fromUtf8 } from '../../../src/encoding.ts';
import {
  type Checkpoint,
  formatWitnessRequest,
  monitoringPath,
  type NoteKey,
  type Party,
  readWitnessAnswer,
  requireQuorum,
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
 * Returns the newest checkpoint of a log that a witness publishes, if the log and the witness have
 * both signed it. Undefined otherwise, and if the witness does not answer. Never rejects.
 */
export async function readCosigned(
  { key, url = '' }: Party,
  logKey: NoteKey,
  { milliseconds, fetch: send }: { readonly milliseconds: number; readonly fetch: Fetch },
): Promise<Pick<Checkpoint, 'size' | 'root'> | undefined> {
  try {
    const response = await send(`${url.replace(/\/$/, '')}/${monitoringPath(logKey.name)}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(milliseconds),
    });
    const bytes = response.status === 200 ? await readBytes(response, ANSWER_BYTES_MAX) : undefined;
    const text = (bytes?.ok && fromUtf8(bytes.value)) || '';
    const both = {
      logs: [{ name: logKey.name, key: logKey }],
      witnesses: [{ name: 'w', key }],
      groups: [],
      quorum: 'w',
    };
    const verified = await requireQuorum(text, both);
    return verified.ok && verified.value.origin === logKey.name ? verified.value : undefined;
  } catch {
    return undefined;
  }
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
