import { type IRequest, Router } from 'itty-router';
import { ConfigurationFault } from '../../../src/configuration-fault.ts';
import {
  ADMIN_PREFIX,
  type AdminApi,
  PUBLIC_API,
  type PublicApi,
  type PublicRoutes,
} from '../../../src/issuer-api/index.ts';
import { report } from '../../../src/report.ts';
import type { BoundRoute, BoundRoutes } from './admin-router.ts';
import type { IssuerEnv } from './env.ts';

export type PublicHandler = (
  request: Request & IRequest,
  env: IssuerEnv,
  ctx: ExecutionContext,
) => Response | Promise<Response>;

/** A handler for each public route of a feature: one that is missing does not compile. */
export type PublicHandlers<Routes extends PublicRoutes> = {
  readonly [Name in keyof Routes]: PublicHandler;
};

/** The admin routes of every feature of the contract. */
export type AdminFeatures = {
  readonly [Feature in keyof AdminApi]: BoundRoutes<AdminApi[Feature]>;
};

export type PublicFeatures = {
  readonly [Feature in keyof PublicApi]: PublicHandlers<PublicApi[Feature]>;
};

export type IssuerRouter = ReturnType<typeof createRouter>;

/**
 * Answers what no route takes with 404, a fault of the configuration with 503, and an exception
 * with 500 and without its text.
 */
export const createRouter = () =>
  // itty-router's own `catch` copies the exception into the body.
  Router<never, [IssuerEnv, ExecutionContext], Response>({
    catch: (error: unknown) => {
      if (error instanceof ConfigurationFault) {
        const { variable, message } = error;
        report('misconfigured', { code: variable, variable, message });
        const text = 'The configuration of this issuer is invalid. GET /readyz names the variable.';
        return Response.json({ error: 'misconfigured', message: text }, { status: 503 });
      }
      console.error({
        event: 'unhandled',
        error: error instanceof Error ? error.stack : typeof error,
      });
      return Response.json({ error: 'internal' }, { status: 500 });
    },
    finally: [(response) => response ?? Response.json({ error: 'not_found' }, { status: 404 })],
  });

export function mountPublic(
  router: IssuerRouter,
  features: Omit<PublicFeatures, MountedFirst>,
): void {
  for (const [feature, routes] of Object.entries(PUBLIC_API)) {
    if (!isMountedFirst(feature)) mount(router, routes, features[feature as keyof typeof features]);
  }
}

/** Features that are mounted before others, each by a function of its own. */
type MountedFirst = 'health' | 'console';

const isMountedFirst = (feature: string): feature is MountedFirst =>
  feature === 'health' || feature === 'console';

/** Mounts the routes of sign-in: before the check of who an operator is. */
export const mountSignIn = (router: IssuerRouter, console: PublicFeatures['console']): void =>
  mount(router, PUBLIC_API.console, console);

/** Mounts the routes that answer whatever the configuration is: before the check of it. */
export const mountHealth = (router: IssuerRouter, health: PublicFeatures['health']): void =>
  mount(router, PUBLIC_API.health, health);

function mount(
  router: IssuerRouter,
  routes: PublicRoutes,
  handlers: Readonly<Record<string, PublicHandler>>,
): void {
  for (const [name, { method, path }] of Object.entries(routes)) {
    const handler = handlers[name] as never;
    if (method === 'GET') router.get(path, handler);
    else router.post(path, handler);
  }
}

export function mountAdmin(router: IssuerRouter, features: AdminFeatures): void {
  for (const routes of Object.values(features)) {
    for (const { method, path, handle } of Object.values<BoundRoute>(routes)) {
      const full = `${ADMIN_PREFIX}${path}`;
      if (method === 'GET') router.get(full, handle);
      else if (method === 'POST') router.post(full, handle);
      else router.delete(full, handle);
    }
  }
}
