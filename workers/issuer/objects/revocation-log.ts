import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { concatBytes } from '../../../src/encoding.ts';
import {
  type BlockEntry,
  chainInput,
  encodeEntry,
  epochInput,
  type Head,
  type ResumptionEntry,
  type SignedHead,
  type SuspensionEntry,
  signHead,
  type WorkflowEntry,
} from '../../../src/feed/index.ts';
import { FEED_DELTA_ENTRIES_MAX, HEAD_NEXT_UPDATE_SECONDS } from '../../../src/limits.ts';
import { type IssuerEnv, readConfig } from '../config.ts';
import { publicHex, signingKey } from '../keys.ts';

type LogEntry = WorkflowEntry | BlockEntry | SuspensionEntry | ResumptionEntry;

export interface RevokeOrder {
  readonly kind: LogEntry['kind'];
  readonly id: string;
  /** Of a suspension, which there is one of for each generation, and of a resumption. */
  readonly gen?: number;
  /** Unix seconds. */
  readonly at: number;
  /** Unix seconds; as of the entry. */
  readonly expires: number;
}

interface Named extends RevokeOrder {
  readonly seq: number;
  readonly gen: number;
}

/** A suspension has no generation for a verifier: it stops them all. */
const entryOf = ({ seq, kind, id, gen, at, expires }: Named): LogEntry => {
  const entry = { seq, id, at, expires };
  return kind === 'resumption' ? { ...entry, kind, gen } : { ...entry, kind };
};

/**
 * The log behind the trust feed: append-only, gap-free, hash-chained, and the signer of its head.
 */
export class RevocationLog extends DurableObject<IssuerEnv> {
  readonly #sql: SqlStorage;
  #signed: { head: SignedHead; seq: number; issuedAt: number } | undefined;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS entry (
        seq     INTEGER PRIMARY KEY,   -- gap-free: a reader that holds seq holds all before it
        kind    TEXT NOT NULL CHECK (kind IN ('workflow', 'block', 'suspension', 'resumption')),
        id      TEXT NOT NULL,         -- workflow id or revocation id
        at      INTEGER NOT NULL,      -- unix seconds
        expires INTEGER NOT NULL,      -- unix seconds after which no token is left to hit
        chain   TEXT NOT NULL,         -- SHA-256 over the chain before and this entry
        gen     INTEGER NOT NULL,      -- of a suspension and a resumption; else 0
        UNIQUE (kind, id, gen)         -- revoking twice is one revocation
      ) STRICT;
      CREATE TABLE IF NOT EXISTS head (
        one       INTEGER PRIMARY KEY CHECK (one = 1),
        epoch     INTEGER NOT NULL,    -- raised when the log is restored or re-keyed
        issued_at INTEGER NOT NULL     -- of the newest head signed; never goes back
      ) STRICT;
      INSERT OR IGNORE INTO head (one, epoch, issued_at) VALUES (1, 1, 0);
      CREATE TRIGGER IF NOT EXISTS entry_is_final BEFORE UPDATE ON entry
        BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
      CREATE TRIGGER IF NOT EXISTS entry_stays BEFORE DELETE ON entry
        BEGIN SELECT RAISE(ABORT, 'revoked is for ever'); END;
    `);
  }

  /**
   * Appends one entry, or answers with the one that is there. No `await`: see `AuditLog.append`.
   */
  revoke(order: RevokeOrder): { epoch: number; seq: number } {
    return this.ctx.storage.transactionSync(() => {
      const { epoch, seq, chain } = this.#position();
      const { kind, id, gen = 0 } = order;
      const [known] = this.#sql
        .exec('SELECT seq FROM entry WHERE kind = ? AND id = ? AND gen = ?', kind, id, gen)
        .toArray();
      if (known) return { epoch, seq: Number(known.seq) };
      const entry = entryOf({ ...order, gen, seq: seq + 1 });
      const next = sha256(chainInput(chain, encodeEntry(entry)));
      this.#sql.exec(
        'INSERT INTO entry (seq, kind, id, gen, at, expires, chain) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ...[entry.seq, kind, id, gen, entry.at, entry.expires, next],
      );
      return { epoch, seq: entry.seq };
    });
  }

  /**
   * The newest head, signed at most once a second. Its time is written before it is signed: the
   * answer waits for the write to be durable, so an instance that has been replaced cannot vouch
   * for itself.
   */
  async head(): Promise<SignedHead> {
    const now = Math.floor(Date.now() / 1000);
    const { seq } = this.#position();
    const held = this.#signed;
    if (held && held.seq === seq && held.issuedAt >= now) return held.head;
    const config = readConfig(this.env);
    const keys = await Promise.all(
      config.publishedKeys.map(async ({ id, key }) => ({ id, publicKey: await publicHex(key) })),
    );
    const head = this.ctx.storage.transactionSync((): Head => {
      const { epoch, seq, chain, issuedAt } = this.#position();
      const issued_at = Math.max(issuedAt, now);
      this.#sql.exec('UPDATE head SET issued_at = ?', issued_at);
      return {
        ...{ v: 2, issuer: config.issuer, shard: SHARD, epoch, seq, chain, issued_at, keys },
        ...{ count: this.#liveCount(issued_at), next_update: issued_at + HEAD_NEXT_UPDATE_SECONDS },
        ...{ watermarks: [], snapshot: null, delta_from: 0, previous: null },
      };
    });
    const key = await signingKey(config.feedKey);
    const signed = await signHead(head, async (bytes) => {
      return new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes));
    });
    this.#signed = { head: signed, seq: head.seq, issuedAt: head.issued_at };
    return signed;
  }

  /**
   * The records of `(from, to]`. Undefined for another epoch, for more than one delta holds, and
   * for a range that the log does not reach yet: what is answered never changes again.
   */
  delta(range: { epoch: number; from: number; to: number }): Uint8Array<ArrayBuffer> | undefined {
    const { epoch, seq } = this.#position();
    if (range.epoch !== epoch || range.to > seq || range.from >= range.to) return undefined;
    if (range.to - range.from > FEED_DELTA_ENTRIES_MAX) return undefined;
    const entries = this.#sql
      .exec(
        'SELECT seq, kind, id, gen, at, expires FROM entry WHERE seq > ? AND seq <= ? ORDER BY seq',
        ...[range.from, range.to],
      )
      .toArray()
      .map((row) => entryOf(row as unknown as Named));
    return concatBytes(...entries.map(encodeEntry));
  }

  /** Whether a token is stopped by what it names: its workflow, those above it, its blocks. */
  isRevoked(ids: {
    readonly workflows: readonly string[];
    readonly blocks: readonly string[];
    /** The token's own generation, of the first workflow. */
    readonly gen: number;
  }): boolean {
    const { workflows, blocks, gen } = ids;
    const has = (kind: LogEntry['kind'], id: string) =>
      this.#sql.exec('SELECT 1 FROM entry WHERE kind = ? AND id = ?', kind, id).toArray().length >
      0;
    const words = workflows.map((id) => this.#lastWord(id));
    return (
      workflows.some((id) => has('workflow', id)) ||
      blocks.some((id) => has('block', id)) ||
      words.some((word) => word?.kind === 'suspension') ||
      (words[0]?.kind === 'resumption' && Number(words[0].gen) > gen)
    );
  }

  /** What was said last of a workflow that was ever suspended. */
  #lastWord(id: string): Record<string, SqlStorageValue> | undefined {
    const [word] = this.#sql
      .exec(
        `SELECT kind, gen FROM entry WHERE id = ? AND kind IN ('suspension', 'resumption')
         ORDER BY seq DESC LIMIT 1`,
        id,
      )
      .toArray();
    return word;
  }

  #liveCount(now: number): number {
    const counted = this.#sql.exec('SELECT COUNT(*) AS count FROM entry WHERE expires >= ?', now);
    return Number(counted.one().count);
  }

  #position(): { epoch: number; seq: number; chain: string; issuedAt: number } {
    const { epoch, issued_at } = this.#sql.exec('SELECT epoch, issued_at FROM head').one();
    const [end] = this.#sql
      .exec('SELECT seq, chain FROM entry ORDER BY seq DESC LIMIT 1')
      .toArray();
    return {
      epoch: Number(epoch),
      seq: Number(end?.seq ?? 0),
      chain: String(end?.chain ?? this.#start()),
      issuedAt: Number(issued_at),
    };
  }

  /** The chain before the first entry. */
  #start(): string {
    const { issuer } = readConfig(this.env);
    return sha256(epochInput({ issuer, shard: SHARD, epoch: 1, previous: null }));
  }
}

/** One tenant, one log. */
const SHARD = 0;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
