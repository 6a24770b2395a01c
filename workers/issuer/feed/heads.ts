import type { Position, SignedHead } from '../../../src/feed/index.ts';
import { encodeMessage } from '../../../src/feed/log/index.ts';
import { type IssuerEnv, readConfig } from '../platform/config.ts';
import type { LogEntries } from './entries.ts';
import { signHeadOf } from './sign-head.ts';
import type { LogSnapshots } from './snapshots.ts';

const NO_RECORDS = new Uint8Array();

/** The heads of one log, and what leads to the newest. */
export class LogHeads {
  readonly #env: () => IssuerEnv;
  readonly #shard: number;
  readonly #entries: LogEntries;
  readonly #snapshots: LogSnapshots;
  #signed: { head: SignedHead; seq: number; issuedAt: number } | undefined;

  constructor(
    env: () => IssuerEnv,
    shard: number,
    { entries, snapshots }: { readonly entries: LogEntries; readonly snapshots: LogSnapshots },
  ) {
    this.#env = env;
    this.#shard = shard;
    this.#entries = entries;
    this.#snapshots = snapshots;
  }

  /**
   * Signed at most once a second. Its time is written before it is signed: the answer waits for the
   * write to be durable, so an instance that has been replaced cannot vouch for itself.
   */
  async newest(nowSeconds: number): Promise<SignedHead> {
    const held = this.#signed;
    if (held && held.seq === this.#entries.state.seq && held.issuedAt >= nowSeconds) {
      return held.head;
    }
    const state = this.#entries.stamp(nowSeconds);
    const { epoch, seq, issuedAt } = state;
    const head = await signHeadOf(readConfig(this.#env()), {
      shard: this.#shard,
      state,
      watermarks: this.#entries.listed(nowSeconds),
      snapshot: this.#snapshots.newest(epoch),
    });
    this.#signed = { head, seq, issuedAt };
    return head;
  }

  /** A socket's message: the head, and the records from a place to it where there is such a way. */
  messageSince(head: SignedHead, { epoch, seq }: Omit<Position, 'chain'>): Uint8Array<ArrayBuffer> {
    const isNewest = this.#signed?.head === head;
    const records = isNewest && this.#entries.delta(epoch, seq, this.#signed?.seq ?? 0);
    return encodeMessage(head, records || NO_RECORDS);
  }

  /** The same from an entry of this epoch on. */
  newsSince(head: SignedHead, seq: number): Uint8Array<ArrayBuffer> {
    return this.messageSince(head, { epoch: this.#entries.state.epoch, seq });
  }
}
