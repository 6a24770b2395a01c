import * as v from 'valibot';
import { type AddressFault, addressFault } from './address.ts';
import { type CallLimits, upstreamLimits } from './limits.ts';
import {
  type ServerRequest,
  type StatedUpstream,
  serverName,
  tableOf,
  type UpstreamTable,
  upstreamSchema,
  upstreamUrl,
} from './schema.ts';

/** A server behind the gateway, with every default filled in. */
export interface UpstreamConfig {
  readonly url: string;
  readonly kind: 'mcp' | 'http';
  readonly mode: 'enforce' | 'observe';
  /** What the server may ask of clients. */
  readonly serverRequests: readonly ServerRequest[];
  readonly observedCredential: 'caller' | 'gateway';
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
      const { fault: _, ...config } = configOf({ url });
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
  const { service, certificate, limits, mode, observe } = upstream;
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
