import * as v from 'valibot';
import { CONSTRAINT_ANY_MAX } from '../limits.ts';
import { empty } from './empty.ts';
import { from } from './from.ts';
import { type AnyValueKind, type ConstraintOf, kindIn, none, type ValueKind } from './kind.ts';
import { not } from './not.ts';
import { publicHost } from './public-host.ts';
import { oneKind, schemasOf } from './schemas.ts';
import { SIMPLE_KINDS } from './simple-kinds.ts';

const ALTERNATIVES = { ...SIMPLE_KINDS, not, from, publicHost, empty };
const KINDS: Readonly<Record<string, AnyValueKind>> = ALTERNATIVES;

/** One constraint of `anyOf`. */
export type Alternative = ConstraintOf<typeof ALTERNATIVES>;

const alternatives = v.pipe(
  v.array(oneKind(schemasOf(ALTERNATIVES))),
  v.minLength(1),
  v.maxLength(CONSTRAINT_ANY_MAX),
) as v.GenericSchema<unknown, readonly Alternative[]>;

/** What one of these constraints allows. */
export const anyOf: ValueKind<readonly Alternative[]> = {
  schema: alternatives,
  condition: (all, block) =>
    all.flatMap((one) => kindOf(one, (kind, value) => kind.condition(value, block))),
  // A destination that one of them leaves open is open.
  boundsSink: (all, author) =>
    all.every((one) => kindOf(one, (kind, value) => kind.boundsSink(value, author))),
  listedValues: none,
  numberRange: none,
};

function kindOf<T>(one: Alternative, use: (kind: AnyValueKind, value: never) => T): T {
  const [kind, value] = kindIn(KINDS, one) ?? [];
  if (kind === undefined) throw new Error('a constraint of an unknown kind');
  return use(kind, value as never);
}
