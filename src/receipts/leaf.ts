/** Leaves: one value of an answer, hashed with a salt so that a receipt reveals no other value. */
import { canonicalJson, type Json } from '../canonical-json.ts';
import { concatBytes, utf8 } from '../encoding.ts';

/** Of a leaf and of a salt. The salt is drawn after the value, so 16 bytes resist a second one. */
export const LEAF_BYTES = 16;
/** Of a seed, from which the salts of a receipt are derived. */
export const SEED_BYTES = 16;

const LEAF = utf8('hewn receipt leaf\0');
const ARGUMENTS = utf8('hewn receipt arguments\0');

/** One value of an answer, and where it stands. */
export interface LeafValue {
  /** RFC 6901 pointer into the data of the answer, with every index and key written out. */
  readonly pointer: string;
  readonly value: string | number;
}

/** Derives the salts of a receipt. */
export type Salts = (of: number | 'arguments') => Promise<Uint8Array<ArrayBuffer>>;

/** Returns the salts that follow from a seed: the first bytes of HMAC-SHA-256 over the index. */
export async function saltsOf(seed: Uint8Array<ArrayBuffer>): Promise<Salts> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', seed, algorithm, false, ['sign']);
  return async (of) => {
    const whole = await crypto.subtle.sign('HMAC', key, utf8(String(of)));
    return new Uint8Array(whole).slice(0, LEAF_BYTES);
  };
}

/** Returns the leaf of a value: the first 16 bytes of a SHA-256. */
export const leafOf = (
  { pointer, value }: LeafValue,
  salt: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> => digest(LEAF, salt, canonicalJson([pointer, value]));

/** Returns the salted digest of the arguments of a read, which only the caller can open. */
export const argumentsLeaf = (args: Json, salt: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  digest(ARGUMENTS, salt, canonicalJson(args));

async function digest(
  domain: Uint8Array,
  salt: Uint8Array,
  json: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const hashed = await crypto.subtle.digest('SHA-256', concatBytes(domain, salt, utf8(json)));
  return new Uint8Array(hashed).slice(0, LEAF_BYTES);
}
