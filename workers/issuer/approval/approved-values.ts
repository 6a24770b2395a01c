import { createHmac, randomBytes } from 'node:crypto';
import type { AskedCall, KnownArgument } from '../../../src/approval/index.ts';
import { canonicalJson } from '../../../src/canonical-json.ts';
import type { UnixSeconds } from '../../../src/clock.ts';
import { valueAt } from '../../../src/json-pointer.ts';

/** How long a value counts as approved before: as long as people remember what they agreed to. */
export const APPROVED_VALUE_SECONDS = 30 * 86_400;
/** A year of questions of a busy team; the oldest are forgotten first. */
export const APPROVED_VALUES_MAX = 4_096;

/** One destination that people approved for one agent and tool, without the value itself. */
export interface ApprovedValue {
  /** A keyed hash of agent, tool, place and value. */
  readonly value: string;
  readonly by: string;
  readonly agent: string;
  readonly tool: string;
  /** The pointer of the argument, with `*` for an element of a list. */
  readonly pointer: string;
  readonly count: number;
  readonly last: UnixSeconds;
}

/** The parts of a call that decide whether a person has approved one of its values before. */
type ValuedCall = Pick<AskedCall, 'tool' | 'args' | 'sinks'>;

/**
 * Which destinations people have approved before, so that a question can say what is new about it.
 * Values are kept as hashes under a key of this object: the list says nothing to a reader who does
 * not have the value already, and no one else can compute such a hash.
 */
export class ApprovedValues {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Counts each destination of these calls once. Call it in a transaction. */
  remember(agent: string, calls: readonly ValuedCall[], by: string, now: UnixSeconds): void {
    const seen = new Map<string, Omit<ApprovedValue, 'count' | 'last' | 'by'>>();
    for (const call of calls) {
      for (const place of call.sinks) {
        const { tool } = call;
        const value = this.#hashOf(agent, call, place);
        seen.set(value, { value, agent, tool, pointer: patternOf(place) });
      }
    }
    for (const { value, tool, pointer } of seen.values()) {
      this.#sql.exec(
        `INSERT INTO approved_value (value, by, agent, tool, pointer, count, last)
           VALUES (?, ?, ?, ?, ?, 1, ?)
           ON CONFLICT (value, by) DO UPDATE SET count = count + 1, last = excluded.last`,
        ...[value, by, agent, tool, pointer, now],
      );
    }
    this.purge(now);
  }

  /** Returns the destinations in these calls that a person has approved before. */
  known(agent: string, calls: readonly ValuedCall[], now: UnixSeconds): readonly KnownArgument[] {
    return calls.flatMap((call, index) =>
      call.sinks
        .filter((place) => this.#isKnown(this.#hashOf(agent, call, place), now))
        .map((pointer) => ({ call: index, pointer, isApproved: true })),
    );
  }

  #isKnown(value: string, now: UnixSeconds): boolean {
    const found = this.#sql.exec(
      'SELECT 1 FROM approved_value WHERE value = ? AND last > ? LIMIT 1',
      ...[value, now - APPROVED_VALUE_SECONDS],
    );
    return found.toArray().length > 0;
  }

  /** Returns what one person has approved at least so often, the most frequent first. */
  repeated(countMin: number, limit: number, now: UnixSeconds): readonly ApprovedValue[] {
    return this.#sql
      .exec(
        `SELECT * FROM approved_value WHERE count >= ? AND last > ?
           ORDER BY count DESC, last DESC, value LIMIT ?`,
        ...[countMin, now - APPROVED_VALUE_SECONDS, limit],
      )
      .toArray()
      .map((row) => ({
        value: String(row.value),
        by: String(row.by),
        agent: String(row.agent),
        tool: String(row.tool),
        pointer: String(row.pointer),
        count: Number(row.count),
        last: Number(row.last),
      }));
  }

  /** Returns the value that a hash stands for, if one of these calls has it. */
  valueIn(agent: string, calls: readonly ValuedCall[], hash: string): string | undefined {
    for (const call of calls) {
      const place = call.sinks.find((one) => this.#hashOf(agent, call, one) === hash);
      if (place !== undefined) return canonicalJson(valueAt(call.args, place) ?? null);
    }
    return undefined;
  }

  purge(now: UnixSeconds): void {
    this.#sql.exec('DELETE FROM approved_value WHERE last <= ?', now - APPROVED_VALUE_SECONDS);
    this.#sql.exec(
      `DELETE FROM approved_value WHERE rowid IN
         (SELECT rowid FROM approved_value ORDER BY last DESC LIMIT -1 OFFSET ?)`,
      APPROVED_VALUES_MAX,
    );
  }

  #hashOf(agent: string, { tool, args }: ValuedCall, place: string): string {
    const value = valueAt(args, place) ?? null;
    const text = canonicalJson([agent, tool, patternOf(place), value]);
    return createHmac('sha256', this.#key()).update(text).digest('hex');
  }

  #key(): string {
    const [row] = this.#sql.exec('SELECT key FROM value_key WHERE id = 1').toArray();
    if (row) return String(row.key);
    const key = randomBytes(32).toString('hex');
    this.#sql.exec('INSERT INTO value_key (id, key) VALUES (1, ?)', key);
    return key;
  }
}

/** The pointer of a destination with `*` for the place in a list: the order says nothing. */
const patternOf = (pointer: string): string => pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*');
