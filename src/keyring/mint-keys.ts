import * as v from 'valibot';
import { ISSUER_KEYS_MAX, KEY_ID_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { KeyRing } from './ring.ts';

/** A root key with its private half, `ed25519-private/<64 hex digits>`. */
export interface MintKey {
  readonly id: number;
  readonly key: string;
}

/** The keys in the secret `MINT_KEYS`, by their use. */
export interface MintKeys {
  /** The key that signs. */
  readonly active: MintKey;
  /** The keys whose tokens are accepted, including the active one. */
  readonly published: readonly MintKey[];
}

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(KEY_ID_MAX));
const key = v.pipe(v.string(), v.regex(/^ed25519-private\/[0-9a-f]{64}$/));
const schema = v.array(
  v.variant('state', [
    v.strictObject({ id, key, state: v.picklist(['active', 'published']) }),
    // Listed so that its id is never reused. Its private half should be deleted.
    v.strictObject({ id, key: v.optional(key), state: v.literal('retired') }),
  ]),
);

/** Reads the secret. Errors never quote any part of it. */
export function readMintKeys(text: string | undefined): Result<MintKeys, { readonly why: string }> {
  const listed = v.safeParse(schema, parseJson(text));
  if (!listed.success) {
    return refuse({ why: 'not a JSON array of {"id","key","state"}' });
  }
  const entries = listed.output;
  const live = entries.flatMap(({ id, key, state }) =>
    state === 'retired' || key === undefined ? [] : [{ id, key, state }],
  );
  const active = live.filter(({ state }) => state === 'active');
  const [minting] = active;
  if (minting === undefined || active.length > 1) {
    return refuse({ why: `${active.length} keys are active; exactly one must be` });
  }
  if (new Set(entries.map(({ id }) => id)).size < entries.length) {
    return refuse({ why: 'two keys have the same id' });
  }
  if (new Set(live.map(({ key }) => key)).size < live.length) {
    return refuse({ why: 'the same key appears under two ids' });
  }
  if (live.length > ISSUER_KEYS_MAX)
    return refuse({ why: `more than ${ISSUER_KEYS_MAX} keys are active or published` });
  const plain = ({ id, key }: MintKey): MintKey => ({ id, key });
  return ok({ active: plain(minting), published: live.map(plain) });
}

/** Writes the secret as the issuer reads it. Contains private keys: pipe it, never log it. */
export const writeMintKeys = (ring: KeyRing): string =>
  JSON.stringify(
    ring.map(({ id, state, privateKey }) =>
      state === 'retired' ? { id, state } : { id, key: privateKey, state },
    ),
  );

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
