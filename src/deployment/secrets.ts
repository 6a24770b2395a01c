/**
 * Recognizes secrets, which do not belong into a file that is committed. The file has the names of
 * secrets only; their values go to the platform.
 */

/** The secrets of the issuer, and whether it runs without them. */
export const ISSUER_SECRETS = {
  MINT_KEYS: 'required',
  FEED_KEY: 'required',
  LOG_KEY: 'required',
  OPERATOR_SHA256: 'required',
  APPROVER_KEY: 'generated',
  DPOP_NONCE_SECRET: 'optional',
  SIGNAL_KEY: 'optional',
  NOTIFY_SECRETS: 'by_notify',
} as const;

/**
 * `by_upstreams` and `by_notify`: whether it is needed follows from another table. `generated`: the
 * commands generate it, and the Worker runs without it.
 */
export const GATEWAY_SECRETS = {
  DPOP_NONCE_SECRET: 'optional',
  CALLER_KEY: 'by_upstreams',
  RECEIPT_KEY: 'generated',
  SEAL_KEYS: 'by_upstreams',
} as const;

export type SecretNeed = 'required' | 'generated' | 'optional' | 'by_upstreams' | 'by_notify';

const PRIVATE_KEY = /ed25519-private\/|-----BEGIN [A-Z ]*PRIVATE KEY|"d"\s*:/;
const SECRET_NAME =
  /secret|password|passwd|token$|credential$|api_?key|private|^(?:mint|feed|log|signal)_?keys?$/i;

/** True for a text that is a private key. It must never be in the file. */
export const isPrivateKeyText = (value: unknown): boolean =>
  typeof value === 'string' && PRIVATE_KEY.test(value);

/** True for the name of a key whose value is probably secret. */
const isSecretName = (name: string | number | undefined): boolean =>
  typeof name === 'string' && name !== 'secrets' && SECRET_NAME.test(name);

/** A text longer than this is described by its length. */
const SHOWN_CHARACTERS_MAX = 80;

/**
 * Describes a value for a message. Long values, values that look random and values of keys with the
 * name of a secret are described and not quoted: messages end up in logs of CI.
 */
export function describeValue(value: unknown, key?: string | number): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint') {
    return isSecretName(key) ? 'a number' : String(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value !== 'string') return value instanceof Date ? 'a date' : 'a table';
  if (value === '') return 'an empty text';
  const isShown =
    value.length <= SHOWN_CHARACTERS_MAX &&
    !isSecretName(key) &&
    !PRIVATE_KEY.test(value) &&
    !looksRandom(value) &&
    !value.includes('@');
  return isShown ? JSON.stringify(value) : `a text of ${value.length} characters`;
}

/** Keys, digests and tokens: a long run that mixes letters and digits. */
const looksRandom = (text: string): boolean =>
  (text.match(/[\w+=~-]{20,}/g) ?? []).some((run) => /\d/.test(run) && /[a-z]/i.test(run)) ||
  /\?[^ ]+=/.test(text);
