import { isJsonObject } from '../../canonical-json.ts';
import { rangeBits } from '../ip-address.ts';
import type { Constraint, ListConstraint, Range, ValueConstraint } from './constraint.ts';
import { globPattern } from './glob.ts';
import { endsLikeStranger, isStrangersPattern, startsLikeStranger } from './strangers.ts';

/**
 * Who wrote a constraint. `request`: it came with the request, and may be the work of the hijacked
 * agent that it should bind. `policy`: it stands in a policy, or the policy requires it.
 */
export type ConstraintAuthor = 'policy' | 'request';

type KindOf<T> = T extends unknown ? keyof T : never;
type ValueOf<T, Kind extends PropertyKey> =
  T extends Readonly<Record<Kind, infer Value>> ? Value : never;
/** One answer for each kind of constraint: a new kind does not compile without one. */
type Answers<T> = {
  readonly [Kind in KindOf<T>]: (value: ValueOf<T, Kind>, author: ConstraintAuthor) => boolean;
};

const always = () => true;
const never = () => false;
const isRequest = (author: ConstraintAuthor): boolean => author === 'request';

const ELEMENTS: Answers<ValueConstraint | ListConstraint> = {
  exact: never,
  oneOf: never,
  prefix: (text, author) => isRequest(author) || startsLikeStranger(text),
  suffix: (text, author) => isRequest(author) || endsLikeStranger(text),
  glob: (glob, author) => isRequest(author) || isGlobOfStars(glob),
  pathBelow: (path) => path === '/',
  // A suffix can be a whole registry (`co.uk`, `github.io`): only a policy says which one is not.
  url: ({ host }, author) => host === undefined && isRequest(author),
  cidr: (ranges) => [ranges].flat().some(isWide),
  number: hasNoEnd,
  integer: hasNoEnd,
  length: always,
  matches: (pattern, author) => isRequest(author) || isStrangersPattern(pattern),
  subsetOf: never,
  every: (element, author) => isOpen(element, author),
  any: always,
  count: always,
};

const CONSTRAINTS: Answers<Constraint> = {
  ...ELEMENTS,
  optional: (constraint, author) => isOpen(constraint, author),
  absent: never,
  allOf: (constraints, author) => constraints.every((one) => isOpen(one, author)),
  present: always,
};

/**
 * Whether an argument with this constraint can still be pointed anywhere, as far as one who trusts
 * its author can tell. A length, a number of elements, a number without a maximum, one good element
 * among others, a glob of stars and wide ranges of addresses bound something, but not where a call
 * goes. A pattern, a glob, a prefix, a suffix and the suffix of a host are believed of a policy
 * alone, and not where they take the addresses of a stranger; of a request, neither they nor a
 * number without a minimum. An unknown kind leaves everything open.
 *
 * `false` for a request means that the request says where the call goes, and not that this is a
 * good place: `{"exact": "https://evil.example/"}` bounds. Who wrote it decides (`boundSinks`).
 */
export const leavesOpen = (constraint: Constraint, author: ConstraintAuthor): boolean =>
  isOpen(constraint, author);

function isOpen(constraint: object, author: ConstraintAuthor): boolean {
  const [[kind, value] = ['', undefined], ...others] = Object.entries(constraint);
  if (!isJsonObject(constraint) || others.length > 0) return true;
  const answers: Readonly<Record<string, (value: never, author: ConstraintAuthor) => boolean>> =
    CONSTRAINTS;
  const answer = Object.hasOwn(answers, kind) ? answers[kind] : undefined;
  return answer === undefined || answer(value as never, author);
}

/**
 * A policy that leaves the minimum out is warned (lint.ts); a request that does is not believed.
 */
function hasNoEnd({ min, max }: Range, author: ConstraintAuthor): boolean {
  return max === undefined || (min === undefined && isRequest(author));
}

const isGlobOfStars = (glob: string): boolean =>
  !/[\p{L}\p{N}]/u.test(glob) || isStrangersPattern(globPattern(glob));

const IPV4_BITS_MIN = 8; // 10.0.0.0/8 is the largest network that one organisation may have.
const IPV6_BITS_MIN = 16;
/** Local networks, which are short prefixes by definition: fc00::/7 and fe80::/10. */
const LOCAL = ['6:1111110', '6:1111111010'];

function isWide(range: string): boolean {
  const bits = rangeBits(range) ?? '';
  const length = bits.length - '4:'.length;
  if (bits.startsWith('4:')) return length < IPV4_BITS_MIN;
  return length < IPV6_BITS_MIN && !LOCAL.some((local) => bits.startsWith(local));
}
