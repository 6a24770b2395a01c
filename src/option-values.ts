import { type Check, expecting } from './options.ts';

/**
 * Checks the values of options beyond their type. An odd value, such as NaN as a bound or an empty
 * list of keys, must fail at construction, not at the first call that it lets through.
 */

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

const protocolOf = (value: unknown): string =>
  typeof value === 'string' && URL.canParse(value) ? new URL(value).protocol : '';

export const httpUrl = expecting('an absolute http or https URL', (value) =>
  /^https?:$/.test(protocolOf(value)),
);
export const httpUrls = expecting(
  'a list of at least one absolute http or https URL',
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every((one) => httpUrl(one) === undefined),
);
export const socketUrl = expecting('an absolute ws or wss URL', (value) =>
  /^wss?:$/.test(protocolOf(value)),
);

/** A timer with a longer delay fires after 1 ms. */
const TIMER_MILLISECONDS_MAX = 2 ** 31 - 1;

export const milliseconds = expecting(
  'a number of milliseconds from 1 to 2,147,483,647',
  (value) => typeof value === 'number' && value >= 1 && value <= TIMER_MILLISECONDS_MAX,
);

/** Accepts an object of any class that has these methods. */
export const having = (...methods: readonly string[]): Check =>
  expecting(
    `an object with the functions ${methods.join(' and ')}`,
    (value) => isObject(value) && methods.every((name) => typeof value[name] === 'function'),
  );

/** An Ed25519 public key for WebCrypto, also from another realm or package. */
export const publicKey = expecting('a CryptoKey that verifies Ed25519', isPublicKey);
/** One such key, or several during a rotation. */
export const publicKeys = expecting(
  'a CryptoKey that verifies Ed25519, or a list of at least one',
  (value) =>
    Array.isArray(value) ? value.length > 0 && value.every(isPublicKey) : isPublicKey(value),
);

function isPublicKey(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.algorithm) || !Array.isArray(value.usages)) return false;
  return value.algorithm.name === 'Ed25519' && value.usages.includes('verify');
}
