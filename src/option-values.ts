import { type Check, expecting } from './options.ts';

/**
 * What the values of options must be, beyond their kind. An odd value, such as a bound that is no
 * number or a list without keys, must not be found out by the first call that it lets through.
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

/** Timers take no more than this, and take more for 1 ms. */
const TIMER_MILLISECONDS_MAX = 2 ** 31 - 1;

export const milliseconds = expecting(
  'a number of milliseconds from 1 to 2,147,483,647',
  (value) => typeof value === 'number' && value >= 1 && value <= TIMER_MILLISECONDS_MAX,
);

/** An object of any class that has these methods. */
export const having = (...methods: readonly string[]): Check =>
  expecting(
    `an object with the functions ${methods.join(' and ')}`,
    (value) => isObject(value) && methods.every((name) => typeof value[name] === 'function'),
  );

/** An Ed25519 public key for WebCrypto; of another realm or package, too. */
export const publicKey = expecting('a CryptoKey that verifies Ed25519', isPublicKey);
/** One such key, or several while one takes the place of another. */
export const publicKeys = expecting(
  'a CryptoKey that verifies Ed25519, or a list of at least one',
  (value) =>
    Array.isArray(value) ? value.length > 0 && value.every(isPublicKey) : isPublicKey(value),
);

function isPublicKey(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.algorithm) || !Array.isArray(value.usages)) return false;
  return value.algorithm.name === 'Ed25519' && value.usages.includes('verify');
}
