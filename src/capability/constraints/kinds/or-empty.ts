import type * as v from 'valibot';
import { isJsonObject } from '../../../canonical-json.ts';
import { matchingBody } from '../queries.ts';
import { each } from './each.ts';
import { eachHas } from './each-has.ts';
import type { ListKind } from './element.ts';
import { empty } from './empty.ts';
import { type AnyKind, type ConstraintOf, kindIn, none } from './kind.ts';
import { every, subsetOf } from './lists.ts';
import { oneKind, schemasOf } from './schemas.ts';

const LISTS = { subsetOf, every, each, eachHas };
const KINDS: Readonly<Record<string, Omit<ListKind<never>, 'schema'> & AnyKind>> = LISTS;

/** What `orEmpty` can be around: each of these also allows the empty list. */
export type ListOrEmpty = ConstraintOf<typeof LISTS>;

/**
 * A list that meets the constraint, or nothing: no argument, null, an empty text or object.
 * Frameworks send null for a list that a model left out.
 */
export const orEmpty: ListKind<ListOrEmpty> = {
  schema: oneKind(schemasOf(LISTS)) as v.GenericSchema<unknown, ListOrEmpty>,
  // What is nothing has nothing inside, so the checks of the elements find no element.
  write: (checks, place, list) => {
    const conditions = [empty.condition(true, checks.block)].flat();
    const bodies = conditions.map((condition) => matchingBody(place.parameter, [condition]));
    kindOf(list, (kind, value) =>
      kind.write(checks, { ...place, absent: [...place.absent, ...bodies] }, value),
    );
  },
  boundsSink: (list, author) => kindOf(list, (kind, value) => kind.boundsSink(value, author)),
  listedValues: none,
  elements: (list) => kindOf(list, (kind, value) => kind.elements(value)),
};

function kindOf<T>(list: ListOrEmpty, use: (kind: (typeof KINDS)[string], value: never) => T): T {
  const [kind, value] = kindIn(KINDS, list) ?? [];
  if (kind === undefined) throw new Error('a constraint of an unknown kind');
  return use(kind, value as never);
}

/** The constraint on the list, if nothing is allowed, too. */
export const orEmptyIn = (part: object): ListOrEmpty | undefined =>
  'orEmpty' in part && isJsonObject(part.orEmpty) ? (part.orEmpty as ListOrEmpty) : undefined;
