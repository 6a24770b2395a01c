import { isPlain } from './canonical-json.ts';

/**
 * Reads the options objects of every public function. An unknown member, a member whose value is
 * `undefined` and a value of the wrong kind are errors: a JavaScript caller has no compiler, and a
 * misspelt limit would limit nothing.
 *
 * Messages name members and kinds of values, never values: an option may be a token.
 */

/** Returns what a valid value would be ("a function"), or undefined if the value is valid. */
export type Check = (value: unknown) => string | undefined;

/** An optional member. If it is present, its value must pass the check. */
export interface OptionalMember {
  readonly optional: Check;
}

/**
 * Every member of `T` and no other: a new member of an options type does not compile without one.
 */
export type Members<T> = {
  readonly [Name in keyof T]-?: Record<never, never> extends Pick<T, Name> ? OptionalMember : Check;
};

// The annotations let a bundler drop the tables of functions that nothing calls.

/* @__NO_SIDE_EFFECTS__ */
export function optional(check: Check): OptionalMember {
  return { optional: check };
}

/* @__NO_SIDE_EFFECTS__ */
export function expecting(wanted: string, isGood: (value: unknown) => boolean): Check {
  return (value) => (isGood(value) ? undefined : wanted);
}

/** Accepts any value, because another reader checks it. */
export const anything: Check = () => undefined;
export const text = expecting(
  'a non-empty string',
  (value) => typeof value === 'string' && !!value,
);
export const flag = expecting('true or false', (value) => typeof value === 'boolean');
export const callable = expecting('a function', (value) => typeof value === 'function');
export const object = expecting(
  'an object',
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
export const list = expecting('an array', Array.isArray);
/** Accepts finite numbers only: NaN and Infinity would disable the limit they are given for. */
/* @__NO_SIDE_EFFECTS__ */
export function numberFrom(least: number): Check {
  return expecting(
    `a finite number of at least ${least}`,
    (value) => typeof value === 'number' && Number.isFinite(value) && value >= least,
  );
}
/* @__NO_SIDE_EFFECTS__ */
export function integerFrom(least: number): Check {
  return expecting(
    `an integer of at least ${least}`,
    (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= least,
  );
}
/* @__NO_SIDE_EFFECTS__ */
export function oneOf(values: readonly unknown[]): Check {
  return expecting(`one of ${values.join(', ')}`, (value) => values.includes(value));
}

/** Checks an object inside the options as strictly. */
/* @__NO_SIDE_EFFECTS__ */
export function recordOf<T extends object>(members: Members<T>): Check {
  return (value) => {
    const fault = optionsFault(value, 'there', members);
    return fault && `an object. ${fault}`;
  };
}

/**
 * Returns what is wrong with `given`, in a sentence for its author, or undefined. `what` names the
 * function, such as `createVerifier`.
 */
export function optionsFault<T extends object>(
  given: unknown,
  what: string,
  members: Members<T>,
): string | undefined {
  if (!isPlain(given)) return `${what}: the options must be a plain object (got ${kindOf(given)}).`;
  const known: Readonly<Record<string, Check | OptionalMember>> = members;
  for (const name of Object.getOwnPropertyNames(given)) {
    if (!Object.hasOwn(known, name)) return `${what}: ${unknownMember(name, Object.keys(known))}`;
    if (given[name] === undefined) {
      return `${what}: \`${name}\` is undefined. Leave the member out, or give it a value.`;
    }
  }
  // Runs several times for each call that a verifier decides, so it allocates no lists.
  for (const name in known) {
    const member = known[name];
    const check = typeof member === 'object' ? member.optional : member;
    const isThere = Object.hasOwn(given, name);
    if (check === undefined || (!isThere && check !== member)) continue;
    if (!isThere) return `${what}: \`${name}\` is missing.`;
    const value = given[name];
    const wanted = check(value);
    if (wanted !== undefined) {
      return `${what}: \`${name}\` must be ${wanted} (got ${kindOf(value)}).`;
    }
  }
  return undefined;
}

/**
 * Returns `given` if it has exactly the members of `T`. Throws a TypeError otherwise: options are
 * written by the program's author, so an error in them is a bug.
 */
export function readOptions<T extends object>(given: T, what: string, members: Members<T>): T {
  const fault = optionsFault(given, what, members);
  if (fault !== undefined) throw new TypeError(fault);
  return given;
}

function unknownMember(name: string, known: readonly string[]): string {
  const close = known
    .map((other) => [other, likeness(name, other) / other.length] as const)
    .filter(([, share]) => share >= 0.5)
    .sort(([, one], [, other]) => other - one)[0];
  const hint = close ? ` Did you mean \`${close[0]}\`?` : '';
  return `unknown member \`${name.slice(0, 64)}\`.${hint} Known members: ${known.join(', ')}.`;
}

/**
 * How many letters two names share at both ends, which catches plurals, typos and other endings.
 */
function likeness(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  const most = Math.min(a.length, b.length);
  let front = 0;
  while (front < most && a[front] === b[front]) front++;
  let back = 0;
  while (front + back < most && a.at(-1 - back) === b.at(-1 - back)) back++;
  return front + back;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object') return typeof value;
  return Object.getPrototypeOf(value)?.constructor?.name || 'an object';
}
