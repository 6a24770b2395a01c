import { httpUrl, httpUrls } from '../option-values.ts';
import { type Members, optional, readOptions, text } from '../options.ts';
import { ALGORITHMS } from './wire.ts';

/** RFC 9728: what a resource server says of itself, and how a refused caller finds it. */

export interface ProtectedResource {
  /** The resource server's identifier: the audience of its tokens. */
  readonly resource: string;
  /** The issuers whose tokens it takes. */
  readonly authorizationServers: readonly string[];
  readonly name?: string;
  readonly documentation?: string;
}

const MEMBERS: Members<ProtectedResource> = {
  resource: httpUrl,
  authorizationServers: httpUrls,
  name: optional(text),
  documentation: optional(httpUrl),
};

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Where the metadata of `resource` is served: its path goes behind the well-known one. */
export function resourceMetadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}`;
}

/** The metadata document, for a GET of `resourceMetadataUrl`. */
export function resourceMetadata(described: ProtectedResource): Response {
  readOptions(described, 'resourceMetadata', MEMBERS);
  const { resource, authorizationServers, name, documentation } = described;
  return Response.json({
    resource,
    authorization_servers: authorizationServers,
    // In a query or a body a token ends up in logs: neither is looked at.
    bearer_methods_supported: ['header'],
    authorization_details_types_supported: ['hewn_task'],
    dpop_signing_alg_values_supported: ALGORITHMS,
    ...(name !== undefined && { resource_name: name }),
    ...(documentation !== undefined && { resource_documentation: documentation }),
  });
}

/** The response, and in its challenge where to find who gives out tokens (RFC 9728 section 5.1). */
export function withResourceMetadata(response: Response, url: string): Response {
  // Quoted into a header: the URL has no quotation mark, whoever made it.
  const { href } = new URL(url);
  const challenge = response.headers.get('www-authenticate');
  if (challenge === null) return response;
  const answer = new Response(response.body, response);
  answer.headers.set('www-authenticate', `${challenge}, resource_metadata="${href}"`);
  return answer;
}
