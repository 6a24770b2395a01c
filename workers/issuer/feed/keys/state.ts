import type { UnixSeconds } from '../../../../src/clock.ts';
import type {
  ApproverKey,
  HeadKeyList,
  HeadKeyLists,
  ReceiptKey,
} from '../../../../src/feed/index.ts';
import { fitsKeyList } from '../../../../src/feed/log/index.ts';
import { ok, type Result, refuse } from '../../../../src/result.ts';

/** Every key that heads of a log name beside the root keys, and what may not come back. */
export interface HeadKeysState extends HeadKeyLists {
  /** The id that the next key gets, of either list. No id is used twice. */
  readonly next: number;
  /** Public keys that were removed, the last one at the end. */
  readonly removed: readonly string[];
}

/** A key as an operator names it. The log gives it an id. */
export type KeyDraft =
  | ({ readonly list: 'receipt_keys' } & Omit<ReceiptKey, 'id'>)
  | ({ readonly list: 'approver_keys' } & Omit<ApproverKey, 'id'>);

export type AddKeyRefusal =
  /** The list has no room. */
  | { readonly code: 'keys_full' }
  /** The key was removed before. A command that publishes the same key at each start must stop. */
  | { readonly code: 'key_removed' }
  /** The key is in a list with other facts. */
  | { readonly code: 'key_conflict' };

/** What a list says after a change. */
export interface ChangedKeys {
  readonly state: HeadKeysState;
  readonly key: ReceiptKey | ApproverKey;
  /** False if the list had it like this before. */
  readonly changed: boolean;
}

export const NO_HEAD_KEYS: HeadKeysState = {
  next: 1,
  receipt_keys: [],
  approver_keys: [],
  removed: [],
};

/** Four times what both lists hold: no command publishes a key that was removed that long ago. */
const REMOVED_KEYS_MAX = 128;

/** Adds a key. The same key with the same facts again changes nothing. */
export function addKey(
  state: HeadKeysState,
  draft: KeyDraft,
  now: UnixSeconds,
): Result<ChangedKeys, AddKeyRefusal> {
  const { list, ...facts } = draft;
  if (state.removed.includes(facts.public_key)) return refuse({ code: 'key_removed' });
  const known = knownAs(state, facts.public_key);
  if (known) {
    const isSame = known.list === list && isEqual({ ...facts, id: known.key.id }, known.key);
    return isSame
      ? ok({ state, key: known.key, changed: false })
      : refuse({ code: 'key_conflict' });
  }
  const key = { ...facts, id: state.next } as ReceiptKey & ApproverKey;
  // A key whose time is over counts nowhere, so its place is free.
  const living = state[list].filter(({ until }) => until === null || until > now);
  const keys = [...living, key] as HeadKeyLists[typeof list];
  if (!fitsKeyList(keys)) return refuse({ code: 'keys_full' });
  return ok({ state: { ...state, next: state.next + 1, [list]: keys }, key, changed: true });
}

/** Removes a key, which then never comes back. */
export function removeKey(
  state: HeadKeysState,
  list: HeadKeyList,
  id: number,
): Result<ChangedKeys, { readonly code: 'key_unknown' }> {
  const key = state[list].find((one) => one.id === id);
  if (!key) return refuse({ code: 'key_unknown' });
  const keys = (state[list] as readonly (ReceiptKey | ApproverKey)[]).filter((one) => one !== key);
  const removed = [...state.removed, key.public_key].slice(-REMOVED_KEYS_MAX);
  return ok({ state: { ...state, removed, [list]: keys }, key, changed: true });
}

function knownAs({ receipt_keys, approver_keys }: HeadKeysState, publicKey: string) {
  const is = (key: { readonly public_key: string }) => key.public_key === publicKey;
  const receipt = receipt_keys.find(is);
  if (receipt) return { list: 'receipt_keys', key: receipt } as const;
  const approver = approver_keys.find(is);
  return approver && ({ list: 'approver_keys', key: approver } as const);
}

const isEqual = (one: object, other: object): boolean => spelled(one) === spelled(other);

const spelled = (key: object): string =>
  JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
