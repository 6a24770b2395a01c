import { type Clock, readClock } from '../../../../src/clock.ts';
import {
  addSignatures,
  formatNote,
  type NoteKey,
  type NoteSignature,
  type Party,
  type Policy,
  readNote,
} from '../../../../src/tlog/index.ts';
import {
  type Asked,
  askWitness,
  type Fetch,
  type Offered,
  readCosigned,
} from '../../platform/witness-client.ts';
import type { WitnessState } from '../binding.ts';

const WITNESS_MILLISECONDS_MAX = 5_000;

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
  readonly #shown = new Map<string, SeenTree>();

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

  /**
   * Returns what witnesses that refused have cosigned of this log, each with the log's own
   * signature and its own. What a witness only says about it is not here: anyone can answer in its
   * name.
   */
  shown(): readonly SeenTree[] {
    return [...this.#shown.values()];
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
  async cosign(
    note: string,
    size: number,
    prove: Offered['prove'],
    logKey?: NoteKey,
  ): Promise<string> {
    this.#shown.clear();
    const read = readNote(note);
    if (!read.ok || this.#parties.length === 0) return note;
    const offered = { note, text: read.value.text, size, prove };
    const lines = await Promise.all(
      this.#parties.map((party) => this.#ask(party, offered, logKey)),
    );
    return formatNote(addSignatures(read.value, lines.flat()));
  }

  async #ask(
    party: Party,
    offered: Offered,
    logKey: NoteKey | undefined,
  ): Promise<readonly NoteSignature[]> {
    const { name } = party;
    const { size } = offered;
    const { answer, oldSize } = await askWitness(party, offered, this.#known.get(name)?.size ?? 0, {
      milliseconds: WITNESS_MILLISECONDS_MAX,
      fetch: this.#fetch,
    });
    const isRefusal = answer.kind === 'elsewhere' || answer.kind === 'inconsistent';
    if (isRefusal && logKey) await this.#look(party, logKey);
    if (answer.kind !== 'cosigned') return this.#failed(name, oldSize, faultOf(answer, size));
    this.#known.set(name, { name, size, at: this.#now() });
    return answer.signatures.map(({ line }) => line);
  }

  /** Reads what the witness publishes of this log. It may be an hour old, or missing. */
  async #look(party: Party, logKey: NoteKey): Promise<void> {
    const found = await readCosigned(party, logKey, {
      milliseconds: WITNESS_MILLISECONDS_MAX,
      fetch: this.#fetch,
    });
    if (found) this.#shown.set(party.name, { witness: party.name, ...found });
  }

  #failed(name: string, size: number, fault: string): readonly NoteSignature[] {
    const { at } = this.#known.get(name) ?? {};
    this.#known.set(name, { name, size, ...(at !== undefined && { at }), fault });
    this.#report({ code: fault.slice(0, 40), witness: name });
    return [];
  }
}

/** A tree of this log that a witness has cosigned. */
export interface SeenTree {
  readonly witness: string;
  readonly size: number;
  readonly root: Uint8Array;
}

type Failure = Exclude<Asked['answer'], { readonly kind: 'cosigned' }>;

/** `ahead`: it has seen a larger tree of this log, which has lost entries or was forked. */
function faultOf(answer: Failure, size: number): string {
  switch (answer.kind) {
    case 'elsewhere':
      return answer.size > size ? 'ahead' : 'moving';
    case 'unusable':
      return `status_${answer.status}`;
    case 'unreachable':
      return answer.error instanceof Error ? answer.error.message : typeof answer.error;
    default:
      return answer.kind;
  }
}
