import type { UnixSeconds } from '../../../src/clock.ts';
import { utf8 } from '../../../src/encoding.ts';
import {
  type FeedEntry,
  type HeadWatermark,
  isDeniedTool,
  type WatermarkEntry,
  type WithdrawalEntry,
} from '../../../src/feed/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import { FEED_WATERMARKS_MAX } from '../../../src/limits.ts';

const HEAD_WATERMARKS_BYTES_MAX = 12 * 1024; // Of 16 KiB: leaves room for 16 keys, extensions and the rest.

type ScopedEntry = WatermarkEntry | WithdrawalEntry;

/** The watermarks of a log, and their withdrawals. */
export class Watermarks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Returns the watermarks in force. Of one scope and value, the latest counts, so a repeated
   * watermark takes no second place in the head.
   */
  inForce(now: UnixSeconds): readonly HeadWatermark[] {
    const inForce = new Map<string, HeadWatermark>();
    for (const entry of this.#living(now)) {
      const { scope, value } = entry;
      const key = `${scope} ${value}`;
      const known = inForce.get(key);
      if (entry.kind === 'withdrawal') inForce.delete(key);
      else {
        inForce.set(key, {
          scope,
          value,
          before: Math.max(entry.before, known?.before ?? 0),
          expires: Math.max(entry.expires, known?.expires ?? 0),
        });
      }
    }
    return [...inForce.values()];
  }

  /** Returns the newest of one scope and value, which the next one refers to. */
  newest(
    kind: ScopedEntry['kind'],
    { scope, value }: Pick<HeadWatermark, 'scope' | 'value'>,
    now: UnixSeconds,
  ): ScopedEntry | undefined {
    return this.#living(now)
      .filter((one) => one.kind === kind && one.scope === scope && one.value === value)
      .at(-1);
  }

  /** Returns live entries in the order of the log. */
  #living(now: UnixSeconds): readonly ScopedEntry[] {
    const read = (query: string) =>
      this.#sql
        .exec(query, now)
        .toArray()
        .flatMap(({ record }) => decodeRecords(new Uint8Array(record as ArrayBuffer)) ?? [])
        .flatMap(({ entry }) => (isScoped(entry) ? [entry] : []));
    return [...read(WATERMARKS), ...read(WITHDRAWALS)].sort((a, b) => a.seq - b.seq);
  }
}

const WATERMARKS = `SELECT record FROM entry INDEXED BY entry_watermark
  WHERE kind = 'watermark' AND expires >= ?`;
const WITHDRAWALS = `SELECT record FROM entry INDEXED BY entry_withdrawal
  WHERE kind = 'withdrawal' AND expires >= ?`;

const isScoped = (entry: FeedEntry): entry is ScopedEntry =>
  entry.kind === 'watermark' || entry.kind === 'withdrawal';

/** Returns whether a head that lists `listed` has room for one more watermark. */
export function hasRoomFor(
  { scope, value, before, expires }: HeadWatermark,
  listed: readonly HeadWatermark[],
): boolean {
  const one = { scope, value, before, expires };
  // The latest of one scope and value replaces the others.
  const isOther = (each: HeadWatermark) => each.scope !== scope || each.value !== value;
  const isKept = (each: HeadWatermark) => isOther(each) || isDeniedTool(each) !== isDeniedTool(one);
  const all = [...listed.filter(isKept), one];
  const bytes = utf8(JSON.stringify(all)).length;
  return all.length <= FEED_WATERMARKS_MAX && bytes <= HEAD_WATERMARKS_BYTES_MAX;
}
