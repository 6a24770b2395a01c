import * as v from 'valibot';
import { canonicalJson } from '../canonical-json.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../encoding.ts';

/**
 * One line of the revocation log: everything of a workflow (its children name it as an ancestor),
 * or one block and all that was narrowed from it. Revoked is for ever; there is no entry that
 * undoes.
 */
const entrySchema = v.strictObject({
  /** 1 for the first; without gaps. */
  seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  kind: v.picklist(['workflow', 'block']),
  /** A workflow id, or a block's revocation id in lower-case hex. */
  id: v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(256),
    // A lone surrogate has no canonical form, so no chain: refused here, where it is a value.
    v.check((id) => id.isWellFormed()),
  ),
  /** Unix seconds. */
  at: v.pipe(v.number(), v.safeInteger()),
  /** Unix seconds after which no token that it could hit is alive. */
  expires: v.pipe(v.number(), v.safeInteger()),
});

export type FeedEntry = v.InferOutput<typeof entrySchema>;

/** Undefined where `value` is not exactly an entry; unknown members are refused. */
export function readEntry(value: unknown): FeedEntry | undefined {
  const parsed = v.safeParse(entrySchema, value);
  return parsed.success ? parsed.output : undefined;
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
