import { type Check, expecting } from './options.ts';
import { readPublicKey } from './public-key.ts';

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

const KEY = 'an Ed25519 public key: 64 hex digits, the `x` of a JWK, or a CryptoKey that verifies';

/** An Ed25519 public key, as text or imported, also from another realm or package. */
export const publicKey: Check = (value) =>
  isPublicKey(value)
    ? undefined
    : `${isPrivate(value) ? 'the public half of its pair: ' : ''}${KEY}`;

/** One such key, or several during a rotation. A text may hold two, with a space between them. */
export const publicKeys: Check = (value) => {
  const keys = typeof value === 'string' ? value.split(' ') : [value].flat();
  if (keys.length > 0 && keys.every(isPublicKey)) return undefined;
  return `${publicKey(keys.find((key) => !isPublicKey(key)))}; or a list of them`;
};

/** A secret must not be put where everyone can read it. */
const isPrivate = (value: unknown): boolean => /private/i.test(String(value));

function isPublicKey(value: unknown): boolean {
  if (typeof value === 'string') return readPublicKey(value) !== undefined;
  if (!isObject(value) || !isObject(value.algorithm) || !Array.isArray(value.usages)) return false;
  return value.algorithm.name === 'Ed25519' && value.usages.includes('verify');
}
