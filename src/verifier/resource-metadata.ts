import { httpUrl, httpUrls } from '../option-values.ts';
import { type Members, optional, readOptions, text } from '../options.ts';
import { ALGORITHMS } from './wire-form.ts';

/** A resource server, as its metadata describes it (RFC 9728). */
export interface ProtectedResource {
  /** The resource server's identifier: the audience of its tokens. */
  readonly resource: string;
  /** The issuers whose tokens it accepts. */
  readonly authorizationServers: readonly string[];
  /** For people. */
  readonly name?: string;
  /** The URL of its documentation for developers. */
  readonly documentation?: string;
}

const MEMBERS: Members<ProtectedResource> = {
  resource: httpUrl,
  authorizationServers: httpUrls,
  name: optional(text),
  documentation: optional(httpUrl),
};

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/**
 * Returns the URL where the metadata of `resource` is served: the resource's path follows the
 * well-known one (RFC 9728 section 3.1). Throws a TypeError for anything but a URL.
 */
export function resourceMetadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}`;
}

/**
 * Returns the metadata document as a JSON response, for a GET of `resourceMetadataUrl`. Throws a
 * TypeError for a member that it does not know or cannot use.
 */
export function resourceMetadata(described: ProtectedResource): Response {
  readOptions(described, 'resourceMetadata', MEMBERS);
  const { resource, authorizationServers, name, documentation } = described;
  return Response.json({
    resource,
    authorization_servers: authorizationServers,
    // A token in a query or a body would end up in logs, so neither is read.
    bearer_methods_supported: ['header'],
    authorization_details_types_supported: ['hewn_task'],
    dpop_signing_alg_values_supported: ALGORITHMS,
    ...(name !== undefined && { resource_name: name }),
    ...(documentation !== undefined && { resource_documentation: documentation }),
  });
}

/**
 * Returns the response with the URL of the metadata in its challenge, so that a client finds the
 * issuer (RFC 9728 section 5.1). A response without a `WWW-Authenticate` header is returned as it
 * is.
 *
 * @example
 * ```ts
 * import { denialResponse, resourceMetadataUrl, withResourceMetadata } from 'hewn/verifier';
 *
 * const denied = denialResponse({ code: 'token_missing' }, 'api.example');
 * const response = withResourceMetadata(denied, resourceMetadataUrl(audience));
 * console.log(response.headers.get('www-authenticate'));
 * ```
 */
export function withResourceMetadata(response: Response, url: string): Response {
  const challenge = response.headers.get('www-authenticate');
  if (challenge === null) return response;
  // A parsed URL has no quotation mark, so it can be quoted in the header.
  const { href } = new URL(url);
  const answer = new Response(response.body, response);
  answer.headers.set('www-authenticate', `${challenge}, resource_metadata="${href}"`);
  return answer;
}
