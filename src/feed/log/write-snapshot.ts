import type { UnixSeconds } from '../../clock.ts';
import { concatBytes } from '../../encoding.ts';
import type { ResumptionEntry, SuspensionEntry } from '../format/entry.ts';
import { IdBytes, type IdKind, minuteOf } from '../format/id-bytes.ts';
import { SALT_BYTES, SNAPSHOT_HEADER_BYTES, SNAPSHOT_VERSION } from '../format/read-snapshot.ts';
import { SipHash } from '../format/siphash.ts';
import { encodeEntry } from './write-record.ts';

/** A live revocation, as a snapshot is made from it. */
export interface LiveRevocation {
  readonly kind: IdKind;
  readonly id: string;
  readonly expires: UnixSeconds;
}

/** The content of a snapshot. */
export interface SnapshotContent {
  /** Each kind and id once. It is iterated once, so it may be a cursor over a million rows. */
  readonly revoked: Iterable<LiveRevocation>;
  /** All live suspensions and resumptions. Watermarks are in the head. */
  readonly stops: readonly (SuspensionEntry | ResumptionEntry)[];
}

/**
 * Encodes a snapshot. `salt` is 16 random bytes, drawn for this snapshot after its content is
 * settled: a salt that is known earlier lets an attacker grind an id. Returns undefined if two ids
 * have the same fingerprint under this salt, once in 37 million snapshots of a million ids. Draw
 * another salt then.
 *
 * Throws a TypeError for an id that no entry can have.
 */
export function encodeSnapshot(
  { revoked, stops }: SnapshotContent,
  salt: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const { minutes, fingerprints } = fingerprintsOf(revoked, salt);
  const sorted = fingerprints.toSorted();
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) return undefined;
  const groups = groupsOf(minutes);
  const records = concatBytes(...stops.map(encodeEntry));
  const bodyAt = SNAPSHOT_HEADER_BYTES + records.length;
  const bytes = new Uint8Array(bodyAt + 8 * (groups.length + fingerprints.length));
  const view = new DataView(bytes.buffer);
  bytes[0] = SNAPSHOT_VERSION;
  bytes.set(salt, 1);
  view.setUint32(1 + SALT_BYTES, records.length);
  view.setUint32(5 + SALT_BYTES, groups.length);
  bytes.set(records, SNAPSHOT_HEADER_BYTES);

  const byMinute = inGroups(minutes, fingerprints, groups);
  groups.forEach(([minute, count], index) => {
    view.setUint32(bodyAt + 8 * index, minute);
    view.setUint32(bodyAt + 8 * index + 4, count);
  });
  byMinute.forEach((each, index) => {
    view.setBigUint64(bodyAt + 8 * (groups.length + index), each);
  });
  return bytes;
}

/** Returns each minute with the number of ids that expire in it, ascending. */
function groupsOf(minutes: Uint32Array): (readonly [minute: number, count: number])[] {
  const counts = new Map<number, number>();
  for (const minute of minutes) counts.set(minute, (counts.get(minute) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}

/** Sorts the fingerprints into groups, ascending in each. */
function inGroups(
  minutes: Uint32Array,
  fingerprints: BigUint64Array,
  groups: readonly (readonly [minute: number, count: number])[],
): BigUint64Array {
  const placed = new BigUint64Array(fingerprints.length);
  const next = new Map<number, number>();
  let start = 0;
  for (const [minute, count] of groups) {
    next.set(minute, start);
    start += count;
  }
  minutes.forEach((minute, index) => {
    const slot = next.get(minute) ?? 0;
    placed[slot] = fingerprints[index] ?? 0n;
    next.set(minute, slot + 1);
  });
  let end = 0;
  for (const [, count] of groups) {
    placed.subarray(end, end + count).sort();
    end += count;
  }
  return placed;
}

/** Collects typed arrays that grow: a million objects would not fit into an isolate. */
function fingerprintsOf(revoked: Iterable<LiveRevocation>, salt: Uint8Array) {
  const fingerprint = fingerprintUnder(salt);
  let minutes = new Uint32Array(1_024);
  let fingerprints = new BigUint64Array(1_024);
  let length = 0;
  for (const { kind, id, expires } of revoked) {
    if (length === minutes.length) {
      const [oldMinutes, oldFingerprints] = [minutes, fingerprints];
      minutes = new Uint32Array(2 * length);
      fingerprints = new BigUint64Array(2 * length);
      minutes.set(oldMinutes);
      fingerprints.set(oldFingerprints);
    }
    // Minute 0 would mark a free slot of a table.
    minutes[length] = Math.max(1, minuteOf(expires));
    fingerprints[length] = fingerprint(kind, id);
    length += 1;
  }
  return {
    minutes: minutes.subarray(0, length),
    fingerprints: fingerprints.subarray(0, length),
  };
}

function fingerprintUnder(salt: Uint8Array) {
  if (salt.length !== SALT_BYTES) throw new TypeError('A salt must have 16 bytes.');
  const hash = new SipHash(salt);
  const bytes = new IdBytes();
  return (kind: IdKind, id: string): bigint => {
    const length = bytes.write(kind, id);
    if (length === 0) throw new TypeError(`No entry can have this ${kind} id.`);
    hash.hash(bytes.bytes, length);
    return (BigInt(hash.high) << 32n) | BigInt(hash.low);
  };
}
