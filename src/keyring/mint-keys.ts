import * as v from 'valibot';
import { ISSUER_KEYS_MAX, KEY_ID_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { KeyRing } from './ring.ts';

/** A root key with its private half, `ed25519-private/<64 hex digits>`. */
export interface MintKey {
  readonly id: number;
  readonly key: string;
}

/** What the issuer does with its secret `MINT_KEYS`. */
export interface MintKeys {
  /** The one that signs. */
  readonly active: MintKey;
  /** Those whose tokens count, the active one among them. */
  readonly published: readonly MintKey[];
}

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(KEY_ID_MAX));
const key = v.pipe(v.string(), v.regex(/^ed25519-private\/[0-9a-f]{64}$/));
const schema = v.array(
  v.variant('state', [
    v.strictObject({ id, key, state: v.picklist(['active', 'published']) }),
    // Kept so that its id is not given to another; its private half is better gone.
    v.strictObject({ id, key: v.optional(key), state: v.literal('retired') }),
  ]),
);

/** Reads the secret. What is wrong is said without a byte of it. */
export function readMintKeys(text: string | undefined): Result<MintKeys, { readonly why: string }> {
  const listed = v.safeParse(schema, parseJson(text));
  if (!listed.success) {
    return refuse({ why: 'it is not a JSON list of {"id","key","state"}' });
  }
  const entries = listed.output;
  const live = entries.flatMap(({ id, key, state }) =>
    state === 'retired' || key === undefined ? [] : [{ id, key, state }],
  );
  const active = live.filter(({ state }) => state === 'active');
  const [minting] = active;
  if (minting === undefined || active.length > 1) {
    return refuse({ why: `${active.length} keys are active, and exactly one mints` });
  }
  if (new Set(entries.map(({ id }) => id)).size < entries.length) {
    return refuse({ why: 'two keys have one id' });
  }
  if (new Set(live.map(({ key }) => key)).size < live.length) {
    return refuse({ why: 'one key has two ids' });
  }
  if (live.length > ISSUER_KEYS_MAX) return refuse({ why: `over ${ISSUER_KEYS_MAX} keys count` });
  const plain = ({ id, key }: MintKey): MintKey => ({ id, key });
  return ok({ active: plain(minting), published: live.map(plain) });
}

/** The secret as the issuer reads it. It holds private keys: for a pipe, never for a log. */
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
