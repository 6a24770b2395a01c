import type { UnixSeconds } from '../../../src/clock.ts';
import type { Head, HeadExtension, Position, SignedHead } from '../../../src/feed/index.ts';
import {
  type AuditExtension,
  auditExtension,
  type CheckpointExtension,
  catalogueExtension,
  checkpointExtension,
  encodeMessage,
  fitsHead,
  HEAD_FORM,
  headPayload,
  keyExtensions,
  signHead,
} from '../../../src/feed/log/index.ts';
import { HEAD_NEXT_UPDATE_SECONDS } from '../../../src/limits.ts';
import { publicHex, signingKey } from '../../../src/signing-keys.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import type { AuditNote } from './audit-note.ts';
import type { LogCatalogue } from './catalogue.ts';
import type { LogEntries } from './entries.ts';
import type { LogHeadKeys } from './keys/rows.ts';
import type { PublishedKeys } from './published-keys.ts';
import type { LogSnapshots } from './snapshots.ts';
import type { TreeRounds } from './tree/rounds.ts';
import type { LogTree } from './tree/tree.ts';

const NO_RECORDS = new Uint8Array();

interface LogParts {
  readonly entries: LogEntries;
  readonly snapshots: LogSnapshots;
  readonly catalogue: LogCatalogue;
  readonly keys: LogHeadKeys;
  readonly tree: LogTree;
  readonly rounds: TreeRounds;
  readonly audit: AuditNote;
}

interface Signed {
  readonly head: SignedHead;
  readonly seq: number;
  /** Of the catalogue, and of the lists of keys. */
  readonly change: string;
  /** The checkpoint that it carries. */
  readonly note: string | undefined;
  readonly issuedAt: UnixSeconds;
}

/** Signs the heads of one log, and builds the messages for its subscribers. */
export class LogHeads {
  readonly #env: () => IssuerEnv;
  readonly #shard: number;
  readonly #entries: LogEntries;
  readonly #snapshots: LogSnapshots;
  readonly #catalogue: LogCatalogue;
  readonly #keys: LogHeadKeys;
  readonly #tree: LogTree;
  readonly #rounds: TreeRounds;
  readonly #audit: AuditNote;
  readonly #published: PublishedKeys;
  #signed: Signed | undefined;

  constructor(env: () => IssuerEnv, shard: number, parts: LogParts, published: PublishedKeys) {
    const { entries, snapshots, catalogue, keys, tree, rounds, audit } = parts;
    this.#keys = keys;
    this.#audit = audit;
    this.#published = published;
    this.#tree = tree;
    this.#rounds = rounds;
    this.#env = env;
    this.#shard = shard;
    this.#entries = entries;
    this.#snapshots = snapshots;
    this.#catalogue = catalogue;
  }

  /**
   * Returns the newest head, signed at most once a second. Its time is written before it is signed
   * and the answer waits until the write is durable, so a replaced instance cannot sign fresh heads
   * (docs/decisions/004-head-signed-in-an-event-that-writes.md).
   */
  async newest(now: UnixSeconds): Promise<SignedHead> {
    const signed = this.#signed;
    const change = `${this.#catalogue.current?.change} ${this.#keys.current?.change}`;
    const note = this.#rounds.covering?.value.note;
    const isSame = signed?.seq === this.#entries.state.seq && signed.change === change;
    if (isSame && signed.note === note && signed.issuedAt >= now) return signed.head;
    const config = readConfig(this.#env());
    const keys = await publishedKeys(config);
    const named = keys.map(({ publicKey }) => publicKey);
    this.#published.note([...named, await publicHex(config.feedKey)], now);
    const content = this.#settled(keys, now);
    const head = await signWith(config, this.#withCheckpoint(content));
    const { seq, issued_at: issuedAt } = content;
    this.#signed = { head, seq, change, note: this.#rounds.covering?.value.note, issuedAt };
    return head;
  }

  /**
   * Returns a message of a head and the records after a position, or no records if none lead on.
   */
  messageSince(head: SignedHead, { epoch, seq }: Omit<Position, 'chain'>): Uint8Array<ArrayBuffer> {
    const isNewest = this.#signed?.head === head;
    const records = isNewest && this.#entries.delta(epoch, seq, this.#signed?.seq ?? 0);
    return encodeMessage(head, records || NO_RECORDS);
  }

  /** Returns the same for an entry of the current epoch. */
  newsSince(head: SignedHead, seq: number): Uint8Array<ArrayBuffer> {
    return this.messageSince(head, { epoch: this.#entries.state.epoch, seq });
  }

  /** Returns what a head says now. If the log has witnesses, its tree has that afterwards. */
  #settled(keys: Head['keys'], now: UnixSeconds): Head {
    const content = (): Head =>
      keyExtensions(this.#keys.state).reduce(extended, { ...this.#contentAt(now), keys });
    if (!this.#rounds.isOn) return content();
    let head = content();
    this.#tree.settle(() => {
      head = content();
      return head;
    }, now);
    return head;
  }

  /** Adds the checkpoint of the position, if there is one, and that of the audit logs. */
  #withCheckpoint(content: Head): Head {
    const covering = this.#rounds.covering;
    const isCovered = covering && covering.value.first + covering.size - 2 === content.seq;
    const head = isCovered ? noted(content, checkpointExtension(covering.value)) : content;
    const note = this.#rounds.isOn && this.#shard === 0 ? this.#audit.current : undefined;
    return note === undefined ? head : noted(head, auditExtension(note));
  }

  /** Stamps the log, and returns everything in its head but the keys. */
  #contentAt(now: UnixSeconds): Omit<Head, 'keys'> {
    const { epoch, seq, chain, previous, deltaFrom, live, issuedAt } = this.#entries.stamp(now);
    const catalogue = this.#catalogue.current;
    return {
      v: 2,
      issuer: readConfig(this.#env()).issuer,
      shard: this.#shard,
      epoch,
      seq,
      chain,
      count: live,
      issued_at: issuedAt,
      next_update: issuedAt + HEAD_NEXT_UPDATE_SECONDS,
      watermarks: this.#entries.listed(now),
      snapshot: this.#snapshots.newest(epoch),
      delta_from: deltaFrom,
      previous,
      ...(catalogue && { extensions: [catalogueExtension(catalogue.hash)] }),
    };
  }
}

/** Returns a head with a checkpoint, unless it is too long. */
const noted = (head: Head, added: AuditExtension | CheckpointExtension): Head =>
  fitsHead(added.value) ? extended(head, added) : head;

/**
 * Returns a head with one more extension, or without it if it has no room: verifiers refuse a head
 * that is too large. Most of them ask for no witnesses, and without a list of keys nothing counts
 * that these keys have signed.
 */
function extended(head: Head, added: HeadExtension): Head {
  const extensions = [...(head.extensions ?? []), added].sort(byName);
  const larger = { ...head, extensions };
  return headPayload(larger).length <= HEAD_FORM.payloadBytesMax ? larger : head;
}

const byName = (a: HeadExtension, b: HeadExtension): number => (a.name < b.name ? -1 : 1);

const publishedKeys = ({ publishedKeys }: IssuerConfig): Promise<Head['keys']> =>
  Promise.all(publishedKeys.map(async ({ id, key }) => ({ id, publicKey: await publicHex(key) })));

async function signWith({ feedKey }: IssuerConfig, head: Head): Promise<SignedHead> {
  const key = await signingKey(feedKey);
  return signHead(
    head,
    async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes)),
  );
}
