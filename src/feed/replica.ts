import { HEAD_FUTURE_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { CHAIN_START, chainAfter, type FeedEntry } from './entry.ts';
import { type Head, type HeadError, type HeadKey, openHead } from './head.ts';

export type FeedError =
  | HeadError
  | { readonly code: 'head_issuer' }
  | { readonly code: 'head_from_future'; readonly seconds: number }
  | { readonly code: 'head_rollback'; readonly held: string; readonly offered: string }
  | { readonly code: 'entries_gap'; readonly expected: number }
  | { readonly code: 'chain_mismatch'; readonly seq: number };

/**
 * A verifier's copy of the trust feed. It only moves forward: what is older, forked, gapped or
 * unsigned is refused and the last good state stays in force (invariant 3).
 */
export class FeedReplica {
  readonly #issuer: string;
  readonly #feedKey: CryptoKey;
  #head: Head | undefined;
  #chain = CHAIN_START;
  #revoked = new Map<string, FeedEntry>();

  constructor(issuer: string, feedKey: CryptoKey) {
    this.#issuer = issuer;
    this.#feedKey = feedKey;
  }

  /** The newest head that was applied. */
  get head(): Head | undefined {
    return this.#head;
  }

  /** The issuer's root keys as of that head; none where there is no head yet. */
  get keys(): readonly HeadKey[] {
    return this.#head?.keys ?? [];
  }

  /** Opens a head without applying it, and says whether it may follow what is held. */
  async open(wire: unknown, nowSeconds: number): Promise<Result<Head, FeedError>> {
    const opened = await openHead(wire, this.#feedKey);
    if (!opened.ok) return opened;
    const head = opened.value;
    if (head.issuer !== this.#issuer) return refuse({ code: 'head_issuer' });
    const ahead = head.issued_at - nowSeconds;
    // A head from the future would stay fresh for ever.
    if (ahead > HEAD_FUTURE_SECONDS_MAX)
      return refuse({ code: 'head_from_future', seconds: ahead });
    const held = this.#head;
    if (held && !follows(held, head)) {
      return refuse({ code: 'head_rollback', held: position(held), offered: position(head) });
    }
    return ok(head);
  }

  /** Applies a head from `open` with every entry after the one held, in one step or not at all. */
  async apply(head: Head, entries: readonly FeedEntry[]): Promise<Result<Head, FeedError>> {
    const held = this.#head;
    // Again, because what is held may have moved on since `open`, and a head must not go back.
    if (held && !follows(held, head)) {
      return refuse({ code: 'head_rollback', held: position(held), offered: position(head) });
    }
    const since = held?.epoch === head.epoch ? held.seq : 0;
    let chain = since === 0 ? CHAIN_START : this.#chain;
    for (const [index, entry] of entries.entries()) {
      if (entry.seq !== since + index + 1)
        return refuse({ code: 'entries_gap', expected: since + index + 1 });
      chain = await chainAfter(chain, entry);
    }
    if (since + entries.length !== head.seq) {
      return refuse({ code: 'entries_gap', expected: since + entries.length + 1 });
    }
    if (chain !== head.chain) return refuse({ code: 'chain_mismatch', seq: head.seq });
    // Hashing let other work in: whatever moved the replica meanwhile wins, this one starts over.
    if (this.#head !== held)
      return this.#head ? ok(this.#head) : refuse({ code: 'entries_gap', expected: 1 });
    for (const entry of entries) this.#revoke(entry);
    this.#head = head;
    this.#chain = chain;
    this.#purge(head.issued_at);
    return ok(head);
  }

  /** The entry that kills a token of these workflows (its own and its ancestors) and blocks. */
  find(workflows: readonly string[], blocks: readonly string[]): FeedEntry | undefined {
    for (const id of workflows) {
      const entry = this.#revoked.get(`workflow:${id}`);
      if (entry) return entry;
    }
    for (const id of blocks) {
      const entry = this.#revoked.get(`block:${id}`);
      if (entry) return entry;
    }
    return undefined;
  }

  get size(): number {
    return this.#revoked.size;
  }

  /** A second entry of the same id may not shorten what the first one said. */
  #revoke(entry: FeedEntry): void {
    const key = `${entry.kind}:${entry.id}`;
    const known = this.#revoked.get(key);
    if (!known || known.expires < entry.expires) this.#revoked.set(key, entry);
  }

  #purge(nowSeconds: number): void {
    for (const [key, entry] of this.#revoked) {
      if (entry.expires < nowSeconds) this.#revoked.delete(key);
    }
  }
}

/** Within an epoch neither position nor time goes back; one position has one chain value. */
function follows(held: Head, next: Head): boolean {
  if (next.epoch !== held.epoch) return next.epoch > held.epoch;
  if (next.seq === held.seq && next.chain !== held.chain) return false;
  return next.seq >= held.seq && next.issued_at >= held.issued_at;
}

const position = (head: Head): string => `${head.epoch}.${head.seq}.${head.issued_at}`;
