import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, fromBase64Url, fromHex, toBase64Url, utf8 } from '../../../src/encoding.ts';
import { WORKFLOW_ID } from '../../../src/issuer-api/index.ts';
import { rootWorkflowOf } from '../../../src/root-workflow.ts';

/**
 * Returns whether a string has the form of a workflow id. The id contains the shard of the
 * revocation log, because a workflow keeps its shard even if their number changes. A child's id
 * begins with its root's id and a dot, so the id alone leads to the object that stores it.
 */
export const isWorkflowId = (text: string): boolean => WORKFLOW_ID.test(text);

const RANDOM_BYTES = 16;
/** An asker finds one id that was never drawn in 2^63 requests. */
const CHECK_BYTES = 8;
/** `RANDOM_BYTES` in base64url. */
const FORMER_CHARACTERS = 22;

const randomBytes = (): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));

/** A secret under which ids are drawn and checked. */
export type IdKey = Uint8Array;

/** Returns the key of ids that goes with a root key, `ed25519-private/<hex>`. */
export function idKeyOf(mintKey: string): IdKey {
  const seed = fromHex(mintKey.slice(mintKey.indexOf('/') + 1));
  if (!seed) throw new Error('a mint key has no hex digits');
  return hmac(sha256, seed, utf8('hewn/workflow-id/v1'));
}

/**
 * Returns a new id in a random one of `shards` shards. It ends with a check value under `key`, so
 * that an id shows by itself that this issuer drew it.
 */
export function newWorkflowId(shards: number, key: IdKey): string {
  // With so few shards, the bias of a 32-bit remainder is negligible.
  const [chance = 0] = crypto.getRandomValues(new Uint32Array(1));
  return newWorkflowIdIn(chance % shards, key);
}

/** Returns a new id in one shard. */
export function newWorkflowIdIn(shard: number, key: IdKey): string {
  const prefix = `wf${shard === 0 ? '' : shard}_`;
  const random = randomBytes();
  return `${prefix}${toBase64Url(concatBytes(random, checkOf(prefix, random, key)))}`;
}

const checkOf = (prefix: string, random: Uint8Array, key: IdKey): Uint8Array =>
  hmac(sha256, key, concatBytes(utf8(prefix), random)).subarray(0, CHECK_BYTES);

/**
 * Where an id comes from, by the id alone. `former`: of a release before 0.4.0, without a check
 * value. `other`: drawn under a key that is no longer listed, or never.
 */
export type IdOrigin = 'drawn' | 'former' | 'other';

/** Returns where an id comes from; that of a child is its root's. */
export function originOfId(id: string, keys: readonly IdKey[]): IdOrigin {
  const root = rootOf(id);
  const place = root.indexOf('_') + 1;
  const prefix = root.slice(0, place);
  const drawn = root.slice(place);
  if (drawn.length === FORMER_CHARACTERS) return 'former';
  const bytes = fromBase64Url(drawn) ?? new Uint8Array();
  const random = bytes.subarray(0, RANDOM_BYTES);
  const check = bytes.subarray(RANDOM_BYTES);
  return keys.some((key) => isEqual(checkOf(prefix, random, key), check)) ? 'drawn' : 'other';
}

/** Compares in a time that depends on the length only. */
const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length &&
  a.reduce((differing, byte, i) => differing | (byte ^ (b[i] ?? 0)), 0) === 0;

export const newChildId = (parent: string): string =>
  `${rootOf(parent)}.${toBase64Url(randomBytes())}`;

/** Returns the id of the root, which names the Durable Object. */
export const rootOf = rootWorkflowOf;

/** Returns the shard of the revocation log for a workflow and its children. */
export const shardOfWorkflow = (id: string): number => Number(WORKFLOW_ID.exec(id)?.[1] ?? 0);
