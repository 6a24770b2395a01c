import * as v from 'valibot';
import { type CallLimits, upstreamLimits } from '../call-limits.ts';
import { type AddressFault, addressFault } from './address.ts';
import { type CredentialConfig, GITHUB_API } from './credentials.ts';
import {
  type ServerRequest,
  type StatedUpstream,
  serverName,
  tableOf,
  type UpstreamTable,
  upstreamSchema,
  upstreamUrl,
} from './schema.ts';
import { sealedHosts } from './sealed.ts';

/** A server behind the gateway, with every default filled in. */
export interface UpstreamConfig {
  readonly url: string;
  readonly kind: 'mcp' | 'http';
  readonly mode: 'enforce' | 'observe';
  /** What the server may ask of clients. */
  readonly serverRequests: readonly ServerRequest[];
  readonly observedCredential: 'caller' | 'gateway';
  /** How the server learns who calls. */
  readonly caller: 'signed' | 'plain' | 'none';
  /** What the gateway authenticates itself with. */
  readonly credential?: CredentialConfig;
  readonly limits: CallLimits;
  /** Private and special addresses that it may be at. */
  readonly addresses: readonly string[];
  /** The binding of a Worker that is called instead of an address. */
  readonly service?: string;
  /** The binding whose `fetch` presents a client certificate. */
  readonly certificate?: string;
  /** Why the gateway must not connect to it. */
  readonly fault?: AddressFault;
}

export type UpstreamConfigs = Readonly<Record<string, UpstreamConfig>>;

const upstreamsSchema = v.record(
  v.pipe(v.string(), v.regex(serverName)),
  v.union([upstreamUrl, upstreamSchema]),
);

/** Reads the variable `UPSTREAMS`. Returns undefined if it is malformed. */
export function readUpstreams(json: unknown): UpstreamConfigs | undefined {
  const read = v.safeParse(upstreamsSchema, json);
  if (!read.success) return undefined;
  const entries = Object.entries(read.output as Readonly<Record<string, StatedUpstream>>);
  if (entries.some(([, upstream]) => conflictOf(tableOf(upstream)) !== undefined)) return undefined;
  return Object.fromEntries(entries.map(([name, each]) => [name, configOf(tableOf(each))]));
}

/**
 * Reads `MCP_UPSTREAMS`, the variable of version 0.3.0: URLs of MCP servers by name. They may be at
 * any address, as in that version.
 */
export function readUrls(json: unknown): UpstreamConfigs | undefined {
  const read = v.safeParse(v.record(v.pipe(v.string(), v.regex(serverName)), upstreamUrl), json);
  if (!read.success) return undefined;
  return Object.fromEntries(
    Object.entries(read.output).map(([name, url]) => {
      const { fault: _, ...config } = configOf({ url, caller: 'none' });
      return [name, config];
    }),
  );
}

function configOf({ limits, observe, ...table }: UpstreamTable): UpstreamConfig {
  const fault = faultOf(table);
  return {
    kind: 'mcp',
    mode: 'enforce',
    serverRequests: [],
    caller: 'signed',
    addresses: [],
    ...table,
    observedCredential: observe?.credential ?? 'caller',
    limits: upstreamLimits(limits),
    ...(fault !== undefined && { fault }),
  };
}

/** The URL of a service binding is a label: no address is connected to. */
export const faultOf = ({ url, addresses, service }: UpstreamTable): AddressFault | undefined =>
  service === undefined ? addressFault(new URL(url), addresses) : undefined;

/** Two keys of an upstream that cannot stand together. */
export interface UpstreamConflict {
  readonly key: keyof UpstreamTable;
  readonly found: string;
  readonly allowed: string;
}

/** Returns the first conflict between the keys of an upstream. */
export function conflictOf(upstream: UpstreamTable): UpstreamConflict | undefined {
  const { service, certificate, limits, mode, observe, credential } = upstream;
  const conflict = credential && credentialConflict(credential, upstream);
  if (conflict) return { key: 'credential', ...conflict };
  if (service !== undefined && certificate !== undefined) {
    const found = '"service" and "certificate": a service binding has no TLS';
    return { key: 'certificate', found, allowed: 'one of them' };
  }
  const isBound = service !== undefined || certificate !== undefined;
  if (mode === 'observe' && isBound && observe?.credential !== 'gateway') {
    const found = '"observe" with a binding, through which a server is called as the gateway';
    return { key: 'mode', found, allowed: '"enforce", or observe = { credential = "gateway" }' };
  }
  const { seconds, progressSeconds } = limits ?? {};
  if (seconds !== undefined && progressSeconds !== undefined && progressSeconds < seconds) {
    const found = '"progressSeconds" below "seconds"';
    return { key: 'limits', found, allowed: 'at least as many as "seconds"' };
  }
  return undefined;
}

/** A client of an OAuth server may be public when it exchanges a token. */
function credentialConflict(
  credential: CredentialConfig,
  { addresses }: UpstreamTable,
): Omit<UpstreamConflict, 'key'> | undefined {
  const { secret, sealed, kind } = credential;
  const isPublic =
    kind === 'token-exchange' && secret === undefined && credential.authentication === undefined;
  if ((secret === undefined) === (sealed === undefined) && !(isPublic && sealed === undefined)) {
    const found = secret === undefined ? 'neither "secret" nor "sealed"' : '"secret" and "sealed"';
    return { found, allowed: 'one of them' };
  }
  const other = endpointOf(credential);
  const fault = other === undefined ? undefined : addressFault(new URL(other), addresses);
  if (fault === undefined) return undefined;
  const found =
    fault === 'unlisted'
      ? `"${other}" leads to a private or special address that is not listed`
      : `"${other}" is plain http on a public network`;
  return { found, allowed: 'an https URL, or an address that "addresses" lists' };
}

/**
 * Returns the host that the secret of an upstream is sent to, if it is sealed for others: the
 * gateway cannot use it.
 */
export function sealedElsewhere({ url, credential }: UpstreamTable): string | undefined {
  if (credential?.sealed === undefined) return undefined;
  const { host } = new URL(endpointOf(credential) ?? url);
  return sealedHosts(credential.sealed).includes(host) ? undefined : host;
}

/** Returns where a credential is obtained, if not from the upstream itself. */
function endpointOf(credential: CredentialConfig): string | undefined {
  switch (credential.kind) {
    case 'client-credentials':
    case 'token-exchange':
      return credential.tokenEndpoint;
    case 'github-app':
      return credential.api ?? GITHUB_API;
    default:
      return undefined;
  }
}

/** Whether the gateway signs who calls: for the server, or to exchange it for a token. */
export const signsCaller = ({
  caller = 'signed',
  credential,
}: Pick<UpstreamTable, 'caller' | 'credential'>): boolean =>
  caller === 'signed' || credential?.kind === 'token-exchange';

/** Returns the names of the secrets that a gateway needs for these upstreams. */
export function neededSecrets(
  upstreams: Readonly<Record<string, StatedUpstream>>,
): readonly string[] {
  const needed = Object.values(upstreams).flatMap((upstream): (string | undefined)[] => {
    const table = tableOf(upstream);
    const { credential } = table;
    return [
      signsCaller(table) ? 'CALLER_KEY' : undefined,
      credential?.sealed === undefined ? undefined : 'SEAL_KEYS',
      credential?.secret,
    ];
  });
  return [...new Set(needed)].filter((name) => name !== undefined);
}
