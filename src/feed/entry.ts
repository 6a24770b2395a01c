import { canonicalJson } from '../canonical-json.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../encoding.ts';
import { exactMembers, isInteger, isIntegerFrom, isTextUpTo } from './shape.ts';

/**
 * One line of the revocation log: everything of a workflow (its children name it as an ancestor),
 * or one block and all that was narrowed from it. Revoked is for ever; there is no entry that
 * undoes.
 */
export interface FeedEntry {
  /** 1 for the first; without gaps. */
  readonly seq: number;
  readonly kind: 'workflow' | 'block';
  /** A workflow id, or a block's revocation id in lower-case hex. */
  readonly id: string;
  /** Unix seconds. */
  readonly at: number;
  /** Unix seconds after which no token that it could hit is alive. */
  readonly expires: number;
}

/** UTF-16 units. */
const ID_MAX = 256;

/** Undefined where `value` is not exactly an entry; unknown members are refused. */
export function readEntry(value: unknown): FeedEntry | undefined {
  const members = exactMembers(value, ['seq', 'kind', 'id', 'at', 'expires']);
  if (!members) return undefined;
  const { seq, kind, id, at, expires } = members;
  if (!isIntegerFrom(seq, 1) || (kind !== 'workflow' && kind !== 'block')) return undefined;
  if (!isInteger(at) || !isInteger(expires)) return undefined;
  // A lone surrogate has no canonical form, so no chain: refused here, where it is a value.
  if (!isTextUpTo(id, ID_MAX) || id === '' || !id.isWellFormed()) return undefined;
  return { seq, kind, id, at, expires };
}

/** The chain before the first entry. */
export const CHAIN_START = '0'.repeat(64);

/**
 * The bytes whose SHA-256 is the chain after `entry`. One signature over the newest chain value
 * vouches for every entry before it; hashing is left to the caller, whose host may have to do it
 * without an `await` (the log) or with one (a replica).
 */
export const chainInput = (previous: string, entry: FeedEntry): Uint8Array<ArrayBuffer> =>
  concatBytes(fromHex(previous) ?? new Uint8Array(32), utf8(canonicalJson({ ...entry })));

export async function chainAfter(previous: string, entry: FeedEntry): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', chainInput(previous, entry));
  return toHex(new Uint8Array(digest));
}
