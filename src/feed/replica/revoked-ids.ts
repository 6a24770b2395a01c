import type { UnixSeconds } from '../../clock.ts';
import { IdBytes, type IdKind, minuteOf } from '../format/id-bytes.ts';
import { FingerprintTable } from './fingerprint-table.ts';

const FEED_TABLES_KEPT_MAX = 8; // Four epochs within the life of one entry are no accident.

/**
 * The revoked workflows and blocks of a replica, as fingerprints under several keys.
 *
 * Ids from a snapshot are keyed with its salt, which was drawn after its content was settled. Ids
 * from entries are keyed with a secret that never leaves this process. So once a key is known, its
 * content can no longer be chosen, and an attacker cannot grind an id whose revocation also revokes
 * a victim (docs/reference/feed.md, "Fingerprints").
 */
export class RevokedIds {
  /** From the snapshot of this epoch, if the replica started from one. */
  #snapshot: FingerprintTable | undefined;
  /** From entries of this epoch. Made with the first: a Worker has no randomness while it loads. */
  #entries: FingerprintTable | undefined;
  /** From earlier epochs: a restored log may have lost revocations that are known here. */
  #before: readonly FingerprintTable[] = [];
  readonly #id = new IdBytes();

  get size(): number {
    return this.#tables().reduce((size, table) => size + table.size, 0);
  }

  has(kind: IdKind, id: string): boolean {
    const tables = this.#tables();
    if (tables.length === 0) return false;
    const length = this.#id.write(kind, id);
    return length > 0 && tables.some((table) => table.has(this.#id.bytes, length));
  }

  /** Adds an id. Of two entries for one id, the later expiry counts. */
  add(kind: IdKind, id: string, expires: UnixSeconds): void {
    const length = this.#id.write(kind, id);
    const known = this.#tables().find((table) => table.has(this.#id.bytes, length));
    if (!known) {
      this.#entries ??= new FingerprintTable(crypto.getRandomValues(new Uint8Array(16)));
    }
    (known ?? this.#entries)?.add(this.#id.bytes, length, minuteOf(expires));
  }

  /** Returns how many of this epoch are surely alive at `now`: a snapshot of then has them all. */
  liveAt(now: UnixSeconds): number {
    const minute = minuteOf(now) + 1;
    return (this.#snapshot?.countFrom(minute) ?? 0) + (this.#entries?.countFrom(minute) ?? 0);
  }

  /** Returns false if a new epoch would mean keeping too many tables. */
  canStartEpoch(): boolean {
    return this.#tables().length <= FEED_TABLES_KEPT_MAX;
  }

  /**
   * Starts from a snapshot. It replaces what is known of its own epoch; what is known of earlier
   * epochs stays.
   */
  startFrom(snapshot: FingerprintTable | undefined, isNewEpoch: boolean): void {
    if (isNewEpoch) this.#before = this.#tables();
    this.#snapshot = snapshot;
    this.#entries = undefined;
  }

  dropExpired(now: UnixSeconds): void {
    const minute = minuteOf(now);
    for (const table of this.#tables()) table.dropBefore(minute);
    this.#before = this.#before.filter(({ size }) => size > 0);
  }

  #tables(): FingerprintTable[] {
    const current = [this.#snapshot, this.#entries];
    return [...current, ...this.#before].filter((table) => table !== undefined);
  }
}
