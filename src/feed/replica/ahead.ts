import type { UnixSeconds } from '../../clock.ts';
import { concatBytes } from '../../encoding.ts';
import { FEED_DELTA_BYTES_MAX, FEED_REVOKED_MAX } from '../../limits.ts';
import type { FeedEntry } from '../format/entry.ts';
import type { Head, HeadKey, Position } from '../format/head.ts';
import { RevokedIds } from './revoked-ids.ts';
import type { FeedUpdate } from './update.ts';
import { WorkflowStops } from './workflow-stops.ts';

/** Where the `seq` of a record is: after its kind. */
const SEQ_AT = 1;

/**
 * What a replica that demands witnesses has heard from heads that they have not seen yet. All of it
 * takes power, so it counts at once. It moves nothing: if the feed key was stolen, another history
 * follows from the same place, and what was heard here is then forgotten.
 */
export class AheadOfWitnesses {
  #revoked = new RevokedIds();
  #stops = new WorkflowStops();
  /** The last `seq` of which something is stored. */
  #seq = 0;
  /** Where the stored records lead to from the head that the witnesses have seen. */
  #reached: Position | undefined;
  #records: Uint8Array<ArrayBuffer> = new Uint8Array();
  #keys: { readonly seq: number; readonly keys: readonly HeadKey[] } | undefined;

  /** The end of the stored records, if there are any. */
  get position(): Position | undefined {
    return this.#reached;
  }

  get revoked(): RevokedIds {
    return this.#revoked;
  }

  get stops(): WorkflowStops {
    return this.#stops;
  }

  /** Notes the keys of an opened head: one that it does not list is not used any more. */
  open({ seq, keys }: Head): void {
    if (seq >= (this.#keys?.seq ?? 0)) this.#keys = { seq, keys };
  }

  /** Returns those of the keys that no newer head has withdrawn. */
  stillListed(keys: readonly HeadKey[]): readonly HeadKey[] {
    const newer = this.#keys?.keys;
    if (!newer) return keys;
    return keys.filter(({ publicKey }) => newer.some((key) => key.publicKey === publicKey));
  }

  /**
   * Returns an update as it starts from the head that the witnesses have seen. A socket sends each
   * record once, so those before it are stored here.
   */
  continued({ snapshot, deltas }: FeedUpdate, head: Head): FeedUpdate {
    const { position } = this;
    const first = deltas.find(({ length }) => length > SEQ_AT + 6);
    const next = first ? seqOf(first) : head.seq + 1;
    const isNext = position?.epoch === head.epoch && next === position.seq + 1;
    return isNext && !snapshot ? { deltas: [this.#records, ...deltas] } : { snapshot, deltas };
  }

  /**
   * Returns false if it would hold too much. Adds entries that take power, and skips the others.
   */
  add(entries: readonly FeedEntry[], { epoch, seq, chain }: Head, deltas: FeedUpdate['deltas']) {
    if (this.#revoked.size + entries.length > FEED_REVOKED_MAX) return false;
    for (const entry of entries) {
      if (entry.kind === 'workflow' || entry.kind === 'block') {
        this.#revoked.add(entry.kind, entry.id, entry.expires);
      } else if (entry.kind === 'suspension') this.#stops.add(entry);
    }
    this.#seq = Math.max(this.#seq, seq);
    const records = concatBytes(...deltas);
    const fits = records.length <= FEED_DELTA_BYTES_MAX;
    this.#reached = fits ? { epoch, seq, chain } : undefined;
    this.#records = fits ? records : new Uint8Array();
    return true;
  }

  /** The witnesses have seen this head. What it has, or contradicts, is forgotten here. */
  seen({ seq }: Head): void {
    this.#reached = undefined;
    this.#records = new Uint8Array();
    if (this.#keys && this.#keys.seq <= seq) this.#keys = undefined;
    if (this.#seq > seq) return;
    this.#revoked = new RevokedIds();
    this.#stops = new WorkflowStops();
  }

  dropExpired(now: UnixSeconds): void {
    this.#revoked.dropExpired(now);
    this.#stops.dropExpired(now);
  }
}

function seqOf(records: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(records.buffer, records.byteOffset + SEQ_AT, 6);
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2);
}
