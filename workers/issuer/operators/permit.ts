import * as v from 'valibot';
import type { AdminRoute, Refusal } from '../../../src/issuer-api/index.ts';
import { type About, isReading, type Operator } from '../../../src/operators/index.ts';
import type { Result } from '../../../src/result.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { aboutOwnerOf } from '../workflow/owner.ts';
import { requirePermission, requirePermissionAbout } from './scope.ts';

interface Asked {
  readonly url: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * Checks that an operator may call a route at all, before anything of the request is read but what
 * it is about. Lists show everything to a person. To an operator capability that is limited to an
 * owner they show that owner, or nothing: it allows what it says, and an agent that got hold of it
 * must learn no more.
 */
export async function permit(
  operator: Operator,
  route: AdminRoute,
  request: Asked,
  env: IssuerEnv,
): Promise<Result<null, Refusal<'not_for_your_role'>>> {
  const { needs } = route;
  if (!operator.capability || needs === 'none' || !isReading(needs)) {
    return requirePermission(operator, route);
  }
  const whole = requirePermissionAbout(operator, needs, {});
  return whole.ok
    ? whole
    : requirePermissionAbout(operator, needs, await readAbout(route, request, env));
}

async function readAbout(
  { readsOwner, params }: AdminRoute,
  request: Asked,
  env: IssuerEnv,
): Promise<About> {
  if (readsOwner === undefined) return {};
  switch (readsOwner) {
    case 'owner of the query': {
      const owners = new URL(request.url).searchParams.getAll('owner');
      const [owner] = owners;
      return owners.length === 1 && owner !== undefined ? { owner } : {};
    }
    case 'owner of the workflow': {
      const id = String(request.params.id);
      return params.id && v.is(params.id.schema, id) ? aboutOwnerOf(env, id) : {};
    }
  }
}
