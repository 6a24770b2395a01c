import {
  type Deployment,
  type DevServer,
  devEnvironmentOf,
  type Environment,
  NO_ARCHIVE_BUCKET,
} from '../deployment/index.ts';
import { type StatedUpstream, standInFor } from '../upstream/index.ts';

/** The name of the environment that runs on this machine. Its keys and its state belong to it. */
export const DEV = 'dev';

/** Where the parts of a local run are. */
export interface Addresses {
  readonly issuer: string;
  /** In the order of the file. */
  readonly gateways: readonly string[];
  /** The MCP servers that replace upstreams, by name. */
  readonly servers: Readonly<Record<string, string>>;
  readonly providers: Environment['providers'];
  readonly operators: Environment['operators'];
  /** Returns the digest of the credential of an API's verifier. */
  readonly credentialDigest: (audience: string) => string;
}

/** Returns the environment of the file that `[dev]` names. The reader checked that it exists. */
export function chosenEnvironment(deployment: Deployment): Environment {
  const environment = devEnvironmentOf(deployment);
  if (environment === undefined) throw new Error('hewn.toml has no such environment');
  return environment;
}

/**
 * Returns an environment as it runs on this machine: with local URLs, the development identity
 * provider, keys and credentials of its own. What belongs to the deployed environment alone is left
 * out: its domains, pinned keys, optional secrets, and the header that a platform adds to requests.
 */
export function localEnvironment(deployment: Deployment, addresses: Addresses): Environment {
  const chosen = chosenEnvironment(deployment);
  const { deployment: name, issuer, gateways, drill, serve, wrangler } = chosen;
  const { dev } = deployment;
  const audiences = dev.audiences ?? issuer.audiences;
  const rules = dev.deviationRules ?? issuer.deviationRules;
  return {
    deployment: name,
    name: DEV,
    providers: addresses.providers,
    // In the state folder, so that a run needs no other storage.
    audit: { archive: NO_ARCHIVE_BUCKET },
    // No message of this machine reaches the people who are on call.
    notify: [],
    drill: drill.every === undefined ? { every: 'off' } : drill,
    operators: addresses.operators,
    serve,
    wrangler,
    issuer: {
      url: addresses.issuer,
      signalLoopback: 'allowed',
      routes: [],
      ...(issuer.entry !== undefined && { entry: issuer.entry }),
      ...(audiences !== undefined && {
        audiences,
        verifierCredentials: audiences.map((audience) => ({
          audience,
          sha256: addresses.credentialDigest(audience),
        })),
      }),
      ...(rules !== undefined && { deviationRules: rules }),
      ...(issuer.feedShards !== undefined && { feedShards: issuer.feedShards }),
      ...(issuer.tripwires !== undefined && { tripwires: issuer.tripwires }),
    },
    gateways: gateways.map((gateway, index) => ({
      name: gateway.name,
      url: addresses.gateways[index] ?? '',
      upstreams: localUpstreams(gateway.upstreams, addresses.servers),
      routes: [],
      ...(gateway.entry !== undefined && { entry: gateway.entry }),
      ...(gateway.stepUpChallenge !== undefined && { stepUpChallenge: gateway.stepUpChallenge }),
      ...(gateway.denials !== undefined && { denials: gateway.denials }),
    })),
  };
}

/** Returns the upstreams of a gateway, with the servers that replace some of them. */
const localUpstreams = (
  upstreams: Readonly<Record<string, StatedUpstream>>,
  servers: Readonly<Record<string, string>>,
): Readonly<Record<string, StatedUpstream>> =>
  Object.fromEntries(
    Object.entries(upstreams).map(([name, upstream]) => {
      const url = Object.hasOwn(servers, name) ? servers[name] : undefined;
      return [name, url === undefined ? upstream : standInFor(upstream, url)];
    }),
  );

/** Returns the servers of `[dev]` that hewn dev starts, and those that run already. */
export function serversOf({ dev }: Deployment): {
  readonly started: readonly (DevServer & { readonly name: string })[];
  readonly running: Readonly<Record<string, string>>;
} {
  const servers = Object.entries(dev.servers ?? {});
  return {
    started: servers.flatMap(([name, server]) =>
      server.command === undefined ? [] : [{ name, ...server }],
    ),
    running: Object.fromEntries(
      servers.flatMap(([name, { url }]) => (url === undefined ? [] : [[name, url]])),
    ),
  };
}
