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

// Of the payload, with room for 16 keys and all else.
const HEAD_WATERMARKS_BYTES_MAX = 12 * 1024;

type ScopedEntry = WatermarkEntry | WithdrawalEntry;

/** The watermarks of the log, and what was withdrawn of them. */
export class Watermarks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Those in force: of one scope and value the furthest, so that an order that is repeated takes no
   * second place in the head.
   */
  inForce(nowSeconds: number): readonly HeadWatermark[] {
    const held = new Map<string, HeadWatermark>();
    for (const entry of this.#living(nowSeconds)) {
      const { scope, value } = entry;
      const key = `${scope} ${value}`;
      const known = held.get(key);
      if (entry.kind === 'withdrawal') held.delete(key);
      else {
        held.set(key, {
          scope,
          value,
          before: Math.max(entry.before, known?.before ?? 0),
          expires: Math.max(entry.expires, known?.expires ?? 0),
        });
      }
    }
    return [...held.values()];
  }

  /** The newest of one scope and value, by which the next one is told apart. */
  newest(
    kind: ScopedEntry['kind'],
    { scope, value }: Pick<HeadWatermark, 'scope' | 'value'>,
    nowSeconds: number,
  ): ScopedEntry | undefined {
    return this.#living(nowSeconds)
      .filter((one) => one.kind === kind && one.scope === scope && one.value === value)
      .at(-1);
  }

  /** In the order of the log. */
  #living(nowSeconds: number): readonly ScopedEntry[] {
    const read = (query: string) =>
      this.#sql
        .exec(query, nowSeconds)
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

/** Whether a head that lists `listed` has room for one more. */
export function hasRoomFor(
  { scope, value, before, expires }: HeadWatermark,
  listed: readonly HeadWatermark[],
): boolean {
  const one = { scope, value, before, expires };
  // The furthest of one scope and value takes the place of the others.
  const isOther = (each: HeadWatermark) => each.scope !== scope || each.value !== value;
  const stays = (each: HeadWatermark) => isOther(each) || isDeniedTool(each) !== isDeniedTool(one);
  const all = [...listed.filter(stays), one];
  const bytes = utf8(JSON.stringify(all)).length;
  return all.length <= FEED_WATERMARKS_MAX && bytes <= HEAD_WATERMARKS_BYTES_MAX;
}
