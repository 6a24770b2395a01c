import type { KeyPath, RuleFault } from './fault.ts';
import { type Environment, workerName } from './model.ts';
import { LOOPBACK } from './texts.ts';

const WORKERS_DEV = '.workers.dev';

/** How wrangler publishes a Worker. */
export interface Publication {
  readonly workersDev: boolean;
  readonly routes: readonly { readonly pattern: string; readonly custom_domain?: true }[];
}

/** Returns where a Worker is published, from its URL and the routes that the file states. */
export function publicationOf(url: string, routes: readonly string[] | undefined): Publication {
  const { hostname } = new URL(url);
  const stated = routes?.map((route) =>
    route.includes('/') ? { pattern: route } : { pattern: route, custom_domain: true as const },
  );
  if (stated) return { workersDev: false, routes: stated };
  if (hostname.endsWith(WORKERS_DEV)) return { workersDev: true, routes: [] };
  if (LOOPBACK.test(hostname)) return { workersDev: false, routes: [] };
  return { workersDev: false, routes: [{ pattern: hostname, custom_domain: true }] };
}

/** Finds a Worker that its own URL would not reach. */
export function routeFaults(environment: Environment): readonly RuleFault[] {
  const { issuer, gateways } = environment;
  return [
    ...faultsOf(['issuer'], workerName(environment, 'issuer'), issuer),
    ...gateways.flatMap((gateway) =>
      faultsOf(['gateways', gateway.name], workerName(environment, gateway.name), gateway),
    ),
  ];
}

function faultsOf(
  path: KeyPath,
  worker: string,
  { url, routes }: { readonly url: string; readonly routes?: readonly string[] },
): readonly RuleFault[] {
  const { hostname } = new URL(url);
  if (routes !== undefined) {
    const isReached = routes.some((route) => route.split('/', 1)[0] === hostname);
    const found = `none of them has the host of "url", ${hostname}`;
    const allowed = `"${hostname}" or "${hostname}/*" in the list`;
    return isReached ? [] : [{ path: [...path, 'routes'], found, allowed }];
  }
  if (!hostname.endsWith(WORKERS_DEV)) return [];
  const rest = hostname.split('.').slice(1).join('.');
  const isOwn = hostname.split('.')[0] === worker;
  const found = `is not where the Worker will be: it is named ${worker}`;
  return isOwn ? [] : [{ path: [...path, 'url'], found, allowed: `https://${worker}.${rest}` }];
}
