import type { KeyFault, KeyPath } from './fault.ts';
import {
  CATALOGUE_DEFAULT,
  type Deployment,
  ENVIRONMENT_DEFAULT,
  type Environment,
  POLICY_DEFAULT,
} from './model.ts';
import { SERVE_SETTINGS } from './serve-settings.ts';
import { GATEWAY_SETTINGS, ISSUER_SETTINGS, type Settings } from './settings.ts';
import { isTable, MISSING, member, type Table } from './values.ts';

/** A deployment whose required keys may still be missing. */
export interface Resolved {
  readonly deployment: Deployment;
  readonly faults: readonly KeyFault[];
}

/**
 * Applies each environment to what stands outside of them. A key of an environment replaces the
 * whole value: lists and tables of servers are not joined, so that no URL of another environment
 * remains in one.
 */
export function resolve(file: Table): Resolved {
  const stated = member(file, 'name');
  const name = typeof stated === 'string' ? stated : '';
  const given = member(file, 'environments');
  const named = isTable(given) ? Object.entries(given) : [];
  const faults: KeyFault[] = [];
  if (member(file, 'name') === undefined) faults.push(missing(['name']));
  const environments = (named.length > 0 ? named : [[ENVIRONMENT_DEFAULT, {}] as const]).map(
    ([environment, changes]) => {
      const table = isTable(changes) ? changes : {};
      const resolved = resolveOne(file, table, name, environment);
      faults.push(...requiredFaults(resolved, file, named.length > 0 ? environment : undefined));
      return resolved;
    },
  );
  const policy = member(file, 'policy') ?? POLICY_DEFAULT;
  const catalogue = member(file, 'catalogue') ?? CATALOGUE_DEFAULT;
  const dev = asTable(member(file, 'dev'));
  const profiles = Object.fromEntries(
    Object.entries(asTable(member(file, 'profiles'))).filter(([, profile]) => isTable(profile)),
  );
  const read = { name, policy, catalogue, environments, dev, profiles };
  const deployment = read as unknown as Deployment;
  return { deployment, faults };
}

const asTable = (value: unknown): Table => (isTable(value) ? value : {});

/** Joins two tables. What the environment states replaces what stands outside. */
const join = (file: Table, changes: Table, section: string): Table => ({
  ...asTable(member(file, section)),
  ...asTable(member(changes, section)),
});

function resolveOne(file: Table, changes: Table, deployment: string, name: string): Environment {
  const gateways = (table: Table) => asTable(member(table, 'gateways'));
  const both = Object.entries({ ...gateways(file), ...gateways(changes) });
  const names = both.filter(([, gateway]) => isTable(gateway)).map(([gateway]) => gateway);
  const wrangler = (role: string): Table =>
    join(asTable(member(file, 'wrangler')), asTable(member(changes, 'wrangler')), role);
  return {
    deployment,
    name,
    issuer: join(file, changes, 'issuer'),
    providers: Object.entries(join(file, changes, 'providers')).map(([provider, entry]) => ({
      ...asTable(entry),
      name: provider,
    })),
    gateways: names.map((gateway) => ({
      ...join(gateways(file), gateways(changes), gateway),
      name: gateway,
    })),
    audit: join(file, changes, 'audit'),
    notify: Object.entries(join(file, changes, 'notify')).map(([target, entry]) => ({
      ...asTable(entry),
      name: target,
    })),
    drill: join(file, changes, 'drill'),
    operators: join(file, changes, 'operators'),
    serve: join(file, changes, 'serve'),
    wrangler: { issuer: wrangler('issuer'), gateway: wrangler('gateway') },
  } as unknown as Environment;
}

const missing = (path: KeyPath, environment?: string): KeyFault => ({
  path,
  found: environment === undefined ? MISSING : `${MISSING} for the environment "${environment}"`,
  allowed: `a key ${JSON.stringify(path.at(-1))}`,
});

function requiredFaults(
  { issuer, providers, gateways, serve }: Environment,
  file: Table,
  environment: string | undefined,
): KeyFault[] {
  const at = (path: KeyPath): KeyPath => whereIs(file, environment, path);
  const absent = (settings: Settings, table: object, path: KeyPath): KeyFault[] =>
    Object.entries(settings)
      .filter(([name, { required }]) => required && !Object.hasOwn(table, name))
      .map(([name]) => missing([...at(path), name], environment));
  const noProvider: KeyFault = {
    path: at(['providers']),
    found: environment === undefined ? MISSING : `${MISSING} for the environment "${environment}"`,
    allowed: 'at least one identity provider, in a table [providers.NAME]',
  };
  return [
    ...absent(ISSUER_SETTINGS, issuer, ['issuer']),
    ...(providers.length === 0 ? [noProvider] : []),
    ...gateways.flatMap((each) => absent(GATEWAY_SETTINGS, each, ['gateways', each.name])),
    ...(Object.keys(serve).length > 0 ? absent(SERVE_SETTINGS, serve, ['serve']) : []),
  ];
}

/** Returns the path of a value in the file: that of the environment if it states the value. */
export function whereIs(file: Table, environment: string | undefined, path: KeyPath): KeyPath {
  if (environment === undefined) return path;
  const own = ['environments', environment, ...path];
  const isStated = (full: KeyPath): boolean => {
    let value: unknown = file;
    for (const part of full) {
      value = typeof part === 'number' ? (value as unknown[])?.[part] : member(value, part);
      if (value === undefined) return false;
    }
    return true;
  };
  return isStated(own) ? own : path;
}
