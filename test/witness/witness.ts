import {
  COSIGNATURE,
  ED25519,
  readVerifierKey,
  type SigningKey,
  sha256,
  signatureLine,
  type VerifierKey,
  verifiedLines,
} from './note.ts';
import { readRequest } from './request.ts';
import type { Cosigned } from './store.ts';
import { EMPTY_ROOT, isConsistent } from './tree.ts';

export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/** Where a witness remembers what it cosigned: `WitnessStore`, except where there is no disk. */
export interface WitnessMemory {
  newest(origin: string): Cosigned | undefined;
  /** Stores what the check returns, if nothing else was stored since it was called. */
  advance(origin: string, check: (newest: Cosigned | undefined) => Cosigned | undefined): void;
}

export interface WitnessOptions {
  /** Of type `COSIGNATURE`. */
  readonly key: SigningKey;
  /** Verifier keys of the logs. The name of a key is the origin of its log. */
  readonly logs: readonly string[];
  readonly store: WitnessMemory;
  /** Returns the time in Unix seconds. */
  readonly now: () => number;
}

const refuse = (status: number, body: string): Answer => ({ status, body: `${body}\n` });

/** Returns a line that cosigns the text of a checkpoint at a time in Unix seconds. */
export function cosign(key: SigningKey, text: string, seconds: number | bigint): string {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  return signatureLine(key, `cosignature/v1\ntime ${seconds}\n${text}`, time);
}

/**
 * A witness of transparency logs, written from the texts of C2SP (tlog-witness, tlog-cosignature,
 * tlog-checkpoint and signed-note) without the code that it is there to test.
 */
export class Witness {
  readonly #options: WitnessOptions;
  readonly #logs = new Map<string, VerifierKey[]>();

  constructor(options: WitnessOptions) {
    if (options.key.type !== COSIGNATURE) throw new TypeError('A witness signs cosignatures.');
    this.#options = options;
    for (const key of options.logs.map(readVerifierKey)) {
      if (key.type !== ED25519) throw new TypeError(`The key of ${key.name} is not of type 1.`);
      this.#logs.set(key.name, [...(this.#logs.get(key.name) ?? []), key]);
    }
  }

  /** Answers `add-checkpoint`. What it cosigns is stored before it returns. */
  addCheckpoint(body: Uint8Array): Answer {
    const request = readRequest(body);
    if (!request) return refuse(400, 'The request is malformed.');
    const { old, proof, checkpoint } = request;
    const { origin, size, root, note } = checkpoint;
    if (old > size) return refuse(400, 'The old size is above the size of the checkpoint.');
    const keys = this.#logs.get(origin);
    if (!keys) return refuse(404, 'This origin is unknown.');
    const lines = verifiedLines(note, keys);
    if (!lines) return refuse(403, 'No signature of a trusted key is good, or one is bad.');

    let answer = refuse(500, 'The check did not end.');
    this.#options.store.advance(origin, (newest) => {
      const refusal = refusalAfter(newest, { old, size, root, proof });
      if (refusal) {
        answer = refusal;
        return undefined;
      }
      const cosignature = cosign(this.#options.key, note.text, this.#options.now());
      answer = { status: 200, type: 'text/plain; charset=utf-8', body: `${cosignature}\n` };
      const signatures = [...lines.map(({ line }) => line), cosignature];
      return { size, root, note: `${note.text}\n${signatures.join('\n')}\n` };
    });
    return answer;
  }

  /** Answers a request of a monitor. `hash` is the SHA-256 of an origin in lower-case hex. */
  checkpoint(hash: string): Answer {
    for (const origin of this.#logs.keys()) {
      if (sha256(origin).toString('hex') !== hash) continue;
      const newest = this.#options.store.newest(origin);
      if (newest) return { status: 200, type: 'text/plain; charset=utf-8', body: newest.note };
    }
    return refuse(404, 'No checkpoint of this origin was cosigned.');
  }
}

interface Offered {
  readonly old: bigint;
  readonly size: bigint;
  readonly root: Buffer;
  readonly proof: readonly Buffer[];
}

/** Returns why a checkpoint does not follow the newest one. */
function refusalAfter(
  newest: Cosigned | undefined,
  { old, size, root, proof }: Offered,
): Answer | undefined {
  const known = newest?.size ?? 0n;
  if (old !== known) return { status: 409, type: 'text/x.tlog.size', body: `${known}\n` };
  if (size === 0n && !root.equals(EMPTY_ROOT)) {
    return refuse(422, 'The root of a checkpoint of size zero is not that of the empty tree.');
  }
  if (old === 0n && proof.length > 0) return refuse(422, 'A proof from size zero is empty.');
  const before = [old, newest?.root ?? EMPTY_ROOT] as const;
  return isConsistent(before, [size, root], proof)
    ? undefined
    : refuse(422, 'The checkpoint is not consistent with the newest one.');
}
