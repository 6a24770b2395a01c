import { type Clock, readClock } from '../../../../src/clock.ts';
import {
  addSignatures,
  formatNote,
  formatWitnessRequest,
  type NoteSignature,
  type Party,
  type Policy,
  readNote,
  readWitnessAnswer,
  type WitnessAnswer,
} from '../../../../src/tlog/index.ts';
import { within } from '../../../../src/within.ts';
import type { WitnessState } from '../binding.ts';

/** One request to a witness, and all of a round together. */
const WITNESS_MILLISECONDS_MAX = 5_000;
/** Signature lines of an answer. */
const ANSWER_BYTES_MAX = 16 * 1024;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
type Proof = (oldSize: number) => Promise<Uint8Array[]>;

/**
 * Asks the witnesses of a policy to cosign a log's checkpoints: all at once, each within a few
 * seconds. A witness that does not answer delays no other, and none keeps a checkpoint from being
 * published.
 */
export class Witnesses {
  readonly #parties: readonly Party[];
  readonly #fetch: Fetch;
  readonly #now: Clock;
  readonly #report: (detail: Readonly<Record<string, unknown>>) => void;
  readonly #known: Map<string, WitnessState>;

  constructor(
    policy: Policy | undefined,
    known: readonly WitnessState[],
    how: {
      readonly fetch: Fetch;
      readonly now?: Clock;
      readonly report: (detail: Readonly<Record<string, unknown>>) => void;
    },
  ) {
    this.#parties = policy?.witnesses.filter(({ url }) => url !== undefined) ?? [];
    this.#fetch = how.fetch;
    this.#now = how.now ?? readClock;
    this.#report = how.report;
    const names = new Set(this.#parties.map(({ name }) => name));
    this.#known = new Map(known.flatMap((one) => (names.has(one.name) ? [[one.name, one]] : [])));
  }

  /** Returns what each witness has cosigned, in the order of the policy. */
  state(): readonly WitnessState[] {
    return this.#parties.map(({ name }) => this.#known.get(name) ?? { name, size: 0 });
  }

  /** Returns whether a witness has not cosigned a note. */
  isWanting(note: string): boolean {
    const read = readNote(note);
    if (!read.ok) return true;
    const { signatures } = read.value;
    return this.#parties.some(
      ({ key }) => !signatures.some(({ name, keyId }) => name === key.name && keyId === key.keyId),
    );
  }

  /** Returns the note with the lines of the witnesses that cosigned. Never rejects. */
  async cosign(note: string, size: number, proof: Proof): Promise<string> {
    const read = readNote(note);
    if (!read.ok || this.#parties.length === 0) return note;
    const lines = await Promise.all(
      this.#parties.map((party) => this.#ask(party, note, read.value.text, size, proof)),
    );
    return formatNote(addSignatures(read.value, lines.flat()));
  }

  async #ask(
    party: Party,
    note: string,
    text: string,
    size: number,
    proof: Proof,
  ): Promise<readonly NoteSignature[]> {
    const { name } = party;
    let from = Math.min(this.#known.get(name)?.size ?? 0, size);
    try {
      // A second time where the witness says which size it has seen.
      for (let tries = 0; tries < 2; tries++) {
        const answer = await within(
          this.#post(party, note, text, from, proof),
          WITNESS_MILLISECONDS_MAX,
        );
        if (answer.kind === 'cosigned') {
          this.#known.set(name, { name, size, at: this.#now() });
          return answer.signatures.map(({ line }) => line);
        }
        if (answer.kind !== 'elsewhere' || answer.size > size || tries > 0) {
          return this.#failed(name, from, faultOf(answer, size));
        }
        from = answer.size;
      }
      return [];
    } catch (error) {
      return this.#failed(name, from, error instanceof Error ? error.message : typeof error);
    }
  }

  async #post(
    { url = '', key }: Party,
    note: string,
    text: string,
    oldSize: number,
    proof: Proof,
  ): Promise<WitnessAnswer> {
    const [, size] = text.split('\n');
    const isGrowth = oldSize > 0 && String(oldSize) !== size;
    const body = formatWitnessRequest({
      oldSize,
      proof: isGrowth ? await proof(oldSize) : [],
      checkpoint: note,
    });
    const response = await this.#fetch(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(WITNESS_MILLISECONDS_MAX),
    });
    const answer = await response.text();
    const bounded = answer.length > ANSWER_BYTES_MAX ? '' : answer;
    return await readWitnessAnswer({ status: response.status, body: bounded }, text, key);
  }

  #failed(name: string, size: number, fault: string): readonly NoteSignature[] {
    const { at } = this.#known.get(name) ?? {};
    this.#known.set(name, { name, size, ...(at !== undefined && { at }), fault });
    this.#report({ code: fault.slice(0, 40), witness: name });
    return [];
  }
}

/** `ahead`: it has seen a larger tree of this log, which has lost entries or was forked. */
function faultOf(answer: WitnessAnswer, size: number): string {
  if (answer.kind === 'elsewhere') return answer.size > size ? 'ahead' : 'moving';
  return answer.kind === 'unusable' ? `status_${answer.status}` : answer.kind;
}
