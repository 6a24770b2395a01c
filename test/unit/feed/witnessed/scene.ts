import type { FeedEntry, FeedReplica, Head, HeadExtension } from '../../../../src/feed/index.ts';
import {
  checkpointExtension,
  openingLeaf,
  positionLeaf,
  unsignedLeaf,
} from '../../../../src/feed/log/index.ts';
import {
  formatWitnessRequest,
  leafHash,
  proveConsistencyIn,
  proveInclusionIn,
  rootOf,
  toBase64,
} from '../../../../src/tlog/index.ts';
import {
  COSIGNATURE,
  ED25519,
  type SigningKey,
  sha256,
  signatureLine,
  signingKey,
  verifierKeyOf,
} from '../../../witness/note.ts';
import { WitnessStore } from '../../../witness/store.ts';
import { cosign, Witness } from '../../../witness/witness.ts';
import { deltaOf, headOver, seconds, sign } from '../../fixtures/log.ts';

const ORIGIN = 'issuer.example/feed/0';
/** The thief of a story has it, like the feed key. */
const logKey = signingKey(ORIGIN, ED25519, sha256('the log key'));

/** Three witnesses, of which a verifier demands two. */
const witnessKeys: readonly SigningKey[] = ['w1', 'w2', 'w3'].map((name) =>
  signingKey(`witness.example/${name}`, COSIGNATURE, sha256(name)),
);

export const POLICY = [
  `log ${verifierKeyOf(logKey)}`,
  ...witnessKeys.map((key, index) => `witness w${index + 1} ${verifierKeyOf(key)}`),
  'group all 2 w1 w2 w3',
  'quorum all',
].join('\n');

/** The policy of a verifier whose operator knows the generation in which the feed continues. */
export const policyOfGeneration = (generation: number): string => {
  const name = `issuer.example/${generation}/audit/control`;
  const named = signingKey(name, ED25519, sha256('the log key'));
  return POLICY.replace(/^log .*$/m, `log ${verifierKeyOf(named)}`);
};

/** The witnesses of one story, at a time in seconds of the story. */
export class Outside {
  now = 0;
  readonly witnesses: readonly Witness[];

  constructor(origins: readonly string[] = [ORIGIN]) {
    const logs = origins.map((origin) =>
      verifierKeyOf(signingKey(origin, ED25519, sha256('the log key'))),
    );
    this.witnesses = witnessKeys.map(
      (key) =>
        new Witness({
          key,
          logs,
          store: new WitnessStore(':memory:'),
          now: () => seconds(this.now),
        }),
    );
  }
}

interface CheckpointOptions {
  /** Which witnesses are asked. */
  readonly ask?: readonly number[];
  /** Witnesses whose keys were stolen, each with the second that it is made to state. */
  readonly stolen?: readonly (readonly [index: number, second: number])[];
  /** What the log claims that its tree was when a witness last saw it. */
  readonly origin?: string;
}

/** A log and its tree, as an issuer has them. A thief begins with a copy and continues it alone. */
export class WitnessedLog {
  entries: readonly FeedEntry[];
  /** By index. The leaf with the index 1 is about `seq` 0. */
  leaves: readonly Uint8Array[];
  readonly #outside: Outside;
  #sizes: readonly number[] = [0, 0, 0];

  constructor(
    outside: Outside,
    entries: readonly FeedEntry[] = [],
    leaves = [leafHash(openingLeaf(0))],
  ) {
    this.#outside = outside;
    this.entries = entries;
    this.leaves = leaves;
  }

  /** A thief reads everything that is public. */
  steal(): WitnessedLog {
    const copy = new WitnessedLog(this.#outside, this.entries, [...this.leaves] as never);
    copy.#sizes = this.#sizes;
    return copy;
  }

  append(...entries: readonly FeedEntry[]): void {
    this.entries = [...this.entries, ...entries];
  }

  /** Returns the head of now, and adds its leaf to the tree. */
  async head(issued: number, changes: Partial<Head> = {}): Promise<Head> {
    const head = await headOver(this.entries, issued, changes);
    const leaf = leafHash(positionLeaf(head));
    for (let seq = this.leaves.length - 1; seq < head.seq; seq++) {
      this.leaves = [...this.leaves, leafHash(unsignedLeaf(seq, null))];
    }
    if (this.leaves.length - 1 === head.seq) this.leaves = [...this.leaves, leaf];
    return head;
  }

  /** Returns the checkpoint of the tree with cosignatures, as far as the witnesses give them. */
  checkpoint({ ask = [0, 1, 2], stolen = [], origin = ORIGIN }: CheckpointOptions = {}): string {
    const root = rootOf(this.leaves);
    const size = this.leaves.length;
    const text = `${origin}\n${size}\n${toBase64(root)}\n`;
    const key = { ...logKey, name: origin };
    const note = `${text}\n${signatureLine(key, text)}\n`;
    const lines = ask.flatMap((index) => {
      const oldSize = this.#sizes[index] ?? 0;
      const proof = oldSize <= size ? proveConsistencyIn(oldSize, this.leaves) : [];
      const body = formatWitnessRequest({ oldSize, proof, checkpoint: note });
      const answer = this.#outside.witnesses[index]?.addCheckpoint(Buffer.from(body));
      if (answer?.status !== 200) return [];
      this.#sizes = this.#sizes.with(index, size);
      return [answer.body];
    });
    const forged = stolen.flatMap(([index, second]) => {
      const witness = witnessKeys[index];
      return witness ? [`${cosign(witness, text, seconds(second))}\n`] : [];
    });
    return note + [...lines, ...forged].join('');
  }

  /** Returns a head that carries a checkpoint. */
  carry(head: Head, note: string): Head {
    const extension: HeadExtension = checkpointExtension({
      note,
      first: 0,
      opening: proveInclusionIn(0, this.leaves).map(toBase64),
      newest: proveInclusionIn(this.leaves.length - 1, this.leaves).map(toBase64),
    });
    return { ...head, extensions: [...(head.extensions ?? []), extension] };
  }

  /** Returns a head of now that the witnesses have seen. */
  async witnessed(issued: number, changes: Partial<Head> = {}): Promise<Head> {
    this.#outside.now = issued;
    const head = await this.head(issued, changes);
    return this.carry(head, this.checkpoint());
  }
}

/** Offers a head at a second, with the records after a `seq`. */
export async function offerAt(
  replica: FeedReplica,
  second: number,
  head: Head,
  entries: readonly FeedEntry[] = [],
  snapshot?: Uint8Array<ArrayBuffer>,
) {
  const opened = await replica.open(await sign(head), seconds(second));
  if (!opened.ok) return opened;
  return replica.apply(opened.value, { snapshot, deltas: [deltaOf(entries)] });
}
