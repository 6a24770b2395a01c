import * as v from 'valibot';
import { limitsSchema } from '../call-limits.ts';
import { checkedText } from '../checked-text.ts';
import { hostOf, isListable, isPlainUrl, isSpecialHost } from './address.ts';
import { credentialSchema } from './credentials.ts';

/** The name of an upstream, in `/mcp/<server>` and `mcp/<server>/<tool>`. */
export const serverName = /^[a-z0-9-]{1,32}$/;

export const upstreamUrl = checkedText(
  (text) => isPlainUrl(text) && !text.includes('*'),
  'an http(s) URL without user info and fragment, such as "https://files.internal.example/mcp"',
);

const bindingName = checkedText(
  (text) => /^[A-Z][A-Z0-9_]{0,63}$/.test(text),
  'the name of a binding: capital letters, digits and "_"',
);

const address = checkedText(
  isListable,
  'a network such as "10.20.0.0/16", an address, or the name of a host in lower case',
);

/** What a server may ask of a client, if the deployment allows it. */
export const SERVER_REQUESTS = ['elicitation', 'sampling', 'roots'] as const;

export type ServerRequest = (typeof SERVER_REQUESTS)[number];

/** One upstream as a table. A text instead of a table is its `url`. */
export const upstreamSchema = v.strictObject({
  url: upstreamUrl,
  kind: v.exactOptional(v.picklist(['mcp', 'http'])),
  mode: v.exactOptional(v.picklist(['enforce', 'observe'])),
  serverRequests: v.exactOptional(v.array(v.picklist(SERVER_REQUESTS))),
  observe: v.exactOptional(
    v.strictObject({ credential: v.exactOptional(v.picklist(['caller', 'gateway'])) }),
  ),
  caller: v.exactOptional(v.picklist(['signed', 'plain', 'none'])),
  credential: v.exactOptional(credentialSchema),
  limits: v.exactOptional(limitsSchema),
  addresses: v.exactOptional(v.array(address)),
  service: v.exactOptional(
    checkedText(
      (text) => /^(?:[A-Z][A-Z0-9_]{0,63}|[a-z0-9][a-z0-9_-]{0,62})$/.test(text),
      'the name of a Worker, such as "notes-api"',
    ),
  ),
  certificate: v.exactOptional(bindingName),
});

export type UpstreamTable = v.InferOutput<typeof upstreamSchema>;

/** An upstream as `hewn.toml` and the variable `UPSTREAMS` have it. */
export type StatedUpstream = string | UpstreamTable;

/** The binding through which a gateway calls the Worker of an upstream. */
export const serviceBinding = (upstream: string): string =>
  `UPSTREAM_${upstream.toUpperCase().replaceAll('-', '_')}`;

/** Returns the URLs of the upstreams that are reached over the network, by name. */
export const addressedUrls = (
  upstreams: Readonly<Record<string, StatedUpstream>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(upstreams)
      .map(([name, upstream]) => [name, tableOf(upstream)] as const)
      .filter(([, { service }]) => service === undefined)
      .map(([name, { url }]) => [name, url]),
  );

/**
 * Returns an upstream with another server in its place, such as one on this machine. What is
 * deployed with the server alone stays behind. Its address is listed, because the file names it.
 */
export function standInFor(upstream: StatedUpstream, url: string): UpstreamTable {
  const { kind, caller, mode, serverRequests, observe, limits } = tableOf(upstream);
  return {
    url,
    ...(isSpecialHost(new URL(url)) && { addresses: [hostOf(new URL(url))] }),
    ...(kind !== undefined && { kind }),
    ...(caller !== undefined && { caller }),
    ...(mode !== undefined && { mode }),
    ...(serverRequests !== undefined && { serverRequests }),
    ...(observe !== undefined && { observe }),
    ...(limits !== undefined && { limits }),
  };
}

export const tableOf = (upstream: StatedUpstream): UpstreamTable =>
  typeof upstream === 'string' ? { url: upstream } : upstream;
