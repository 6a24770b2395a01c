import { serverName } from '../upstream/index.ts';
import type { DevParty, DevSettings } from './dev-model.ts';
import type { KeyFault, KeyPath } from './fault.ts';
import type { Deployment, Environment } from './model.ts';
import { nearest } from './nearest.ts';

/** Returns the environment that `hewn dev` runs. */
export const devEnvironmentOf = ({ environments, dev }: Deployment): Environment | undefined =>
  dev.environment === undefined
    ? environments[0]
    : environments.find(({ name }) => name === dev.environment);

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What must hold between the values of `[dev]` and the rest of the file. */
export function devFaults(deployment: Deployment): readonly KeyFault[] {
  const environment = devEnvironmentOf(deployment);
  const names = deployment.environments.map(({ name }) => name);
  if (environment === undefined) {
    const { environment: wanted = '' } = deployment.dev;
    return [unknownName(['dev', 'environment'], wanted, names, 'environment')];
  }
  const { dev } = deployment;
  return [
    ...Object.entries(dev.users ?? {}).flatMap(([name, user]) =>
      partyFaults(['dev', 'users', name], user, {
        allowed: userProviders(environment),
        provider: defaultProvider(environment, 'user'),
      }),
    ),
    ...Object.entries(dev.agents ?? {}).flatMap(([name, agent]) =>
      partyFaults(['dev', 'agents', name], agent, {
        allowed: agentProviders(environment),
        provider: defaultProvider(environment, 'agent'),
      }),
    ),
    ...Object.keys(dev.operators ?? {}).flatMap((name) => nameFaults(['dev', 'operators', name])),
    ...serverFaults(dev, environment),
  ];
}

const nameOf = (provider: Environment['providers'][number]): string => String(provider.name);

/** SPIFFE and client entries vouch for workloads only. */
const userProviders = ({ providers }: Environment): readonly string[] =>
  providers.filter(({ kind }) => kind !== 'spiffe' && kind !== 'client').map(nameOf);

const agentProviders = ({ providers }: Environment): readonly string[] => providers.map(nameOf);

/** The provider of a party that names none. */
export const defaultProvider = (
  environment: Environment,
  kind: 'user' | 'agent',
): string | undefined => {
  const names = userProviders(environment);
  const all = kind === 'user' || names.length > 0 ? names : agentProviders(environment);
  return all.length === 1 ? all[0] : undefined;
};

function nameFaults(path: KeyPath): KeyFault[] {
  const name = String(path.at(-1));
  if (NAME.test(name)) return [];
  const found = `${JSON.stringify(name.slice(0, 64))} is not a valid name`;
  return [{ path, found, allowed: 'letters, digits, ".", "_" and "-"', atKey: true }];
}

function partyFaults(
  path: KeyPath,
  party: DevParty,
  {
    allowed,
    provider,
  }: { readonly allowed: readonly string[]; readonly provider?: string | undefined },
): KeyFault[] {
  const faults = nameFaults(path);
  if (party.provider === undefined && provider === undefined) {
    const found =
      allowed.length === 0
        ? 'missing, and there is no valid provider'
        : `missing, and there are ${allowed.length} providers to choose from`;
    const choice = allowed.length === 0 ? 'a provider of [providers.NAME]' : allowed.join(', ');
    faults.push({ path: [...path, 'provider'], found, allowed: choice });
  }
  if (party.provider !== undefined && !allowed.includes(party.provider)) {
    faults.push(unknownName([...path, 'provider'], party.provider, allowed, 'provider'));
  }
  return faults;
}

function serverFaults({ servers = {} }: DevSettings, environment: Environment): KeyFault[] {
  const upstreams = [
    ...new Set(environment.gateways.flatMap((gateway) => Object.keys(gateway.upstreams))),
  ];
  return Object.entries(servers).flatMap(([name, { command, cwd, url, variables }]): KeyFault[] => {
    const path = ['dev', 'servers', name];
    if (!serverName.test(name) || !upstreams.includes(name)) {
      return [{ ...unknownName(path, name, upstreams, 'upstream'), atKey: true }];
    }
    if ((command === undefined) === (url === undefined)) {
      const found = command === undefined ? 'found neither "command" nor "url"' : 'found both';
      return [{ path, found, allowed: 'exactly one of "command" and "url"', atKey: true }];
    }
    if (command !== undefined) return [];
    return Object.entries({ cwd, variables }).flatMap(([key, value]): KeyFault[] =>
      value === undefined
        ? []
        : [{ path: [...path, key], found: `a "${key}" without "command"`, allowed: 'both' }],
    );
  });
}

function unknownName(
  path: KeyPath,
  name: string,
  names: readonly string[],
  what: string,
): KeyFault {
  const suggestion = nearest(name, names);
  const allowed = names.length === 0 ? 'none: there is no such table' : names.join(', ');
  const found = `no ${what} ${JSON.stringify(name.slice(0, 64))}`;
  return { path, found, allowed, ...(suggestion !== undefined && { suggestion }) };
}
