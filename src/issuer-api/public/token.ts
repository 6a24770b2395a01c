import * as v from 'valibot';
import type { PublicRoutes } from './route.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const text = (description: string) => v.optional(v.pipe(v.string(), v.description(description)));

const tokenRequest = v.object({
  grant_type: v.pipe(
    v.string(),
    v.description('`urn:ietf:params:oauth:grant-type:token-exchange` or `client_credentials`'),
  ),
  subject_token: text('a JWT of the person (RFC 8693)'),
  subject_token_type: text('the type of `subject_token`'),
  actor_token: text('a JWT of the agent (RFC 8693)'),
  actor_token_type: text('the type of `actor_token`'),
  client_assertion: text('a JWT of a client that acts for itself (RFC 7523)'),
  client_assertion_type: text('`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`'),
  client_id: text('the client of the assertion'),
  resource: text('the resource server that the capability is for (RFC 8707)'),
  audience: text('the same, as RFC 8693 names it'),
  scope: text('grants in their short form; not together with `authorization_details`'),
  hewn_task: text('the task, for a request with `scope`'),
  authorization_details: text('the task and its grants, as JSON (RFC 9396)'),
  requested_token_type: text('the type of the token to issue'),
  auth_req_id: text('an approval request to poll for (CIBA)'),
});

const presented = v.object({ token: v.string(), token_type_hint: v.optional(v.string()) });

const tokenAnswer = v.object({
  access_token: v.string(),
  issued_token_type: v.optional(v.string()),
  token_type: v.picklist(['Bearer', 'DPoP']),
  expires_in: v.number(),
  authorization_details: v.array(v.looseObject({ type: v.string(), workflow: v.string() })),
  hewn_refused: v.exactOptional(v.string()),
});

const oauthError = v.looseObject({ error: v.string(), error_description: v.optional(v.string()) });
const refused = { description: 'Refused', contentType: JSON_TYPE, schema: oauthError };
const tooMany = { description: 'Too many requests; see `Retry-After`', contentType: JSON_TYPE };

export const TOKEN_ROUTES = {
  token: {
    method: 'POST',
    path: '/token',
    summary: 'Mints a capability.',
    specification: 'RFC 8693, RFC 6749 section 4.4, RFC 9396, RFC 9449',
    caller: 'anyone',
    request: { contentType: FORM, schema: tokenRequest },
    answers: {
      200: { description: 'The capability', contentType: JSON_TYPE, schema: tokenAnswer },
      400: refused,
      401: refused,
      403: refused,
      413: refused,
      429: tooMany,
      503: refused,
    },
  },
  introspect: {
    method: 'POST',
    path: '/introspect',
    summary: 'Says whether a capability is active, and what it grants.',
    specification: 'RFC 7662',
    caller: 'operator_or_verifier',
    request: { contentType: FORM, schema: presented },
    answers: {
      200: {
        description: 'The state of the capability',
        contentType: JSON_TYPE,
        schema: v.looseObject({ active: v.boolean() }),
      },
      400: refused,
      401: refused,
      429: tooMany,
    },
  },
  revoke: {
    method: 'POST',
    path: '/revoke',
    summary: 'Revokes the last block of a capability that the caller holds.',
    specification: 'RFC 7009',
    caller: 'anyone',
    request: { contentType: FORM, schema: presented },
    answers: {
      200: { description: 'Revoked, or not a token that could be' },
      400: refused,
      429: tooMany,
      503: refused,
    },
  },
  metadata: {
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    summary: 'Describes the issuer.',
    specification: 'RFC 8414',
    caller: 'anyone',
    answers: { 200: { description: 'The metadata', contentType: JSON_TYPE } },
  },
  jwks: {
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'Lists the public halves of the keys that sign capabilities, feed and signals.',
    specification: 'RFC 7517',
    caller: 'anyone',
    answers: {
      200: {
        description: 'The keys',
        contentType: JSON_TYPE,
        schema: v.object({ keys: v.array(v.looseObject({ kty: v.string() })) }),
      },
    },
  },
} as const satisfies PublicRoutes;
