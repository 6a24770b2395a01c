import * as v from 'valibot';
import { expect } from 'vitest';
import { ADMIN_API, type AdminRoute } from '../src/issuer-api/index.ts';

const ROUTES = Object.values(ADMIN_API)
  .flatMap((routes) => Object.values<AdminRoute>(routes))
  .map((route) => ({
    ...route,
    pattern: new RegExp(`^${route.path.replace(/:\w+/g, '[^/]+')}$`),
  }));

/**
 * Expects an answer to have each member that the contract requires, and none that it lacks: OpenAPI
 * and the command line would be wrong about it. `path` is below `/admin/v1/`.
 */
export function expectContract(method: string, path: string, answer: unknown): void {
  const [pathname] = path.split('?');
  const route = ROUTES.find((one) => one.method === method && one.pattern.test(`/${pathname}`));
  if (!route?.answer) throw new Error(`no route of the contract answers ${method} ${path}`);
  expect(v.parse(route.answer, answer)).toEqual(answer);
}
