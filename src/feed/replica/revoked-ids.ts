import { IdBytes, type IdKind, minuteOf } from '../format/id-bytes.ts';
import { FingerprintTable } from './fingerprint-table.ts';

const FEED_TABLES_KEPT_MAX = 8; // Four epochs within one entry's life is no accident.

/**
 * The revoked workflows and blocks that a replica knows, as fingerprints under several keys.
 *
 * What came in a snapshot is keyed with its salt, which was drawn after its content was settled;
 * what came as an entry is keyed with a secret that never leaves this process. So nobody who knows
 * a key can still choose what is revoked under it, and no id can be ground that takes a victim's
 * with it (docs/reference/feed.md, "Fingerprints").
 */
export class RevokedIds {
  /** Of this epoch's snapshot, where the replica started from one. */
  #snapshot: FingerprintTable | undefined;
  /** Of this epoch's entries; made with the first, as no module of a Worker may draw a secret. */
  #entries: FingerprintTable | undefined;
  /** Of the epochs before: a restored log may have lost what was known here. */
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

  /** A second entry of the same id may not shorten what the first one said. */
  add(kind: IdKind, id: string, expiresSeconds: number): void {
    const length = this.#id.write(kind, id);
    const known = this.#tables().find((table) => table.has(this.#id.bytes, length));
    if (!known) {
      this.#entries ??= new FingerprintTable(crypto.getRandomValues(new Uint8Array(16)));
    }
    (known ?? this.#entries)?.add(this.#id.bytes, length, minuteOf(expiresSeconds));
  }

  /** How many of this epoch are surely alive at `nowSeconds`: a snapshot of then has them all. */
  liveAt(nowSeconds: number): number {
    const minute = minuteOf(nowSeconds) + 1;
    return (this.#snapshot?.countFrom(minute) ?? 0) + (this.#entries?.countFrom(minute) ?? 0);
  }

  /** False where too many epochs would have to be kept. */
  canStartEpoch(): boolean {
    return this.#tables().length <= FEED_TABLES_KEPT_MAX;
  }

  /** A snapshot of the same epoch has all that came before it; of another, what is held stays. */
  startFrom(snapshot: FingerprintTable | undefined, isNewEpoch: boolean): void {
    if (isNewEpoch) this.#before = this.#tables();
    this.#snapshot = snapshot;
    this.#entries = undefined;
  }

  dropExpired(nowSeconds: number): void {
    const minute = minuteOf(nowSeconds);
    for (const table of this.#tables()) table.dropBefore(minute);
    this.#before = this.#before.filter(({ size }) => size > 0);
  }

  #tables(): FingerprintTable[] {
    const current = [this.#snapshot, this.#entries];
    return [...current, ...this.#before].filter((table) => table !== undefined);
  }
}
