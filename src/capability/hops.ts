/**
 * Hops: a capability that one process hands to another. A hop is a third-party block that is signed
 * by the key that the capability was bound to until then, and that names the next key. It is read
 * offline, from the blocks and their signatures alone (docs/reference/hand-off.md).
 */
import { type Block, type PublicKey, publicKeyThumbprint } from '../biscuit/index.ts';
import { utf8 } from '../encoding.ts';
import { isThumbprint } from '../jwk-thumbprint.ts';
import { HOP_NAME_BYTES_MAX, HOPS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { UNSEEN } from '../unseen.ts';

/** The fact that makes a third-party block a hop: the next key's thumbprint, and a name. */
export const HOP_FACT = 'handed_to';

/** A block, and the key of the third party that signed it, if any. */
export interface HopBlock {
  readonly block: Block;
  readonly externalKey?: PublicKey | undefined;
}

/** One hand-over of a capability: from the holder of one key to the holder of the next. */
export interface Hop {
  /** RFC 7638 thumbprint of the key that handed the capability on, and signed the block. */
  readonly by: string;
  /** The thumbprint of the key that the capability is bound to from this block on. */
  readonly to: string;
  /** What the holder of `by` calls the next one. Nothing but its signature vouches for it. */
  readonly name?: string;
}

/** Why a hop counts for nothing, and the token with it. */
export interface HopError {
  readonly code: 'hop_invalid';
  readonly block: number;
  readonly why: /** The capability is bound to no key, so no one can prove to hand it on. */
    | 'unbound'
    /** Another key than that of the holder signed the block. */
    | 'signer'
    /** Not exactly one thumbprint and one name. */
    | 'malformed'
    /** More than eight hops. */
    | 'count';
}

/**
 * Returns the hops of a verified token, in order. Each must be signed by the key that the token is
 * bound to before it: first that of the authority block, then that of the hop before.
 */
export async function readHops(
  blocks: readonly HopBlock[],
  holder: string | undefined,
): Promise<Result<readonly Hop[], HopError>> {
  const hops: Hop[] = [];
  let current = holder;
  for (const [block, { block: content, externalKey }] of blocks.entries()) {
    // Without a third party's signature, it is a fact that any holder may have added.
    if (!externalKey || content.facts.every(({ name }) => name !== HOP_FACT)) continue;
    const invalid = (why: HopError['why']) => refuse({ code: 'hop_invalid', block, why } as const);
    if (current === undefined) return invalid('unbound');
    if (hops.length === HOPS_MAX) return invalid('count');
    if ((await thumbprintOf(externalKey)) !== current) return invalid('signer');
    const next = readHop(content);
    if (!next) return invalid('malformed');
    hops.push({ by: current, ...next });
    current = next.to;
  }
  return ok(hops);
}

// The cache of chains returns the key of a block as the same object, so it is hashed once.
const thumbprints = new WeakMap<PublicKey, string>();

async function thumbprintOf(key: PublicKey): Promise<string | undefined> {
  const known = thumbprints.get(key);
  if (known !== undefined) return known;
  const thumbprint = await publicKeyThumbprint(key);
  if (thumbprint !== undefined) thumbprints.set(key, thumbprint);
  return thumbprint;
}

function readHop({ facts }: Block): Pick<Hop, 'to' | 'name'> | undefined {
  const [hop, ...others] = facts.filter(({ name }) => name === HOP_FACT);
  const [to, name, ...terms] = hop?.terms ?? [];
  if (others.length > 0 || terms.length > 0) return undefined;
  if (to?.kind !== 'string' || name?.kind !== 'string') return undefined;
  if (!isThumbprint(to.value) || !isHopName(name.value)) return undefined;
  return name.value === '' ? { to: to.value } : { to: to.value, name: name.value };
}

/** Fit for a log line, as the names of the authority block; empty for no name. */
export const isHopName = (name: string): boolean =>
  utf8(name).length <= HOP_NAME_BYTES_MAX &&
  /^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(name) &&
  !UNSEEN.test(name);
