import type { AdminRoute, Refusal } from '../../../src/issuer-api/index.ts';
import type { Permission } from '../../../src/operators/index.ts';
import { type About, isReading, may, type Operator } from '../../../src/operators/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { AdminContext } from '../platform/admin-context.ts';

type NotForYourRole = Refusal<'not_for_your_role'>;

/**
 * Checks that an operator may do this at all. The handler of a `scoped` route then checks for which
 * owner or tool. Any other order is about everything, so a limited role does not allow it; lists
 * show everything.
 */
export function requirePermission(
  operator: Operator,
  { needs, scoped }: Pick<AdminRoute, 'needs' | 'scoped'>,
): Result<null, NotForYourRole> {
  if (needs === 'none') return ok(null);
  return requirePermissionAbout(operator, needs, scoped || isReading(needs) ? undefined : {});
}

/**
 * Checks that the operator of a request may do this to what the request is about. A handler of a
 * `scoped` route calls it before it changes anything. The owner is only looked up, by passing a
 * function, if the operator is limited.
 */
export async function requireScope(
  { operator, second }: AdminContext,
  permission: Permission,
  about: About | (() => Promise<About>),
): Promise<Result<null, NotForYourRole>> {
  const people = second ? [operator, second] : [operator];
  if (people.every((each) => may(each, permission, {}) === true)) return ok(null);
  const what = typeof about === 'function' ? await about() : about;
  const refused = people
    .map((each) => requirePermissionAbout(each, permission, what))
    .find(({ ok: is }) => !is);
  return refused ?? ok(null);
}

/** The same for what an order is about; without it, for anything at all. */
export function requirePermissionAbout(
  operator: Operator,
  permission: Permission,
  about: About | undefined,
): Result<null, NotForYourRole> {
  return may(operator, permission, about) === true
    ? ok(null)
    : notForYourRole(operator, permission, about);
}

/** Returns the refusal of an order, with the roles that allow it and those of the operator. */
export function notForYourRole(
  operator: Operator,
  permission: Permission,
  about: About | undefined,
): Result<never, NotForYourRole> {
  const allowed = may(operator, permission, about);
  const needs = allowed === true ? [] : allowed.needs;
  const have = operator.roles.map(({ role, owners, tools }) => ({
    role,
    ...(owners && { owners }),
    ...(tools && { tools }),
  }));
  const detail = { permission, needs, have };
  return refuse({ code: 'not_for_your_role', detail });
}
