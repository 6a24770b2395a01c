import * as v from 'valibot';
import type { PublicRoutes } from './route.ts';

const text = (description: string) => v.optional(v.pipe(v.string(), v.description(description)));
const JSON_TYPE = 'application/json';
const toConsole = { description: 'To `/console/`, or to the provider. Never elsewhere.' };

export const CONSOLE_ROUTES = {
  providers: {
    method: 'GET',
    path: '/console/providers',
    summary: 'Lists the providers at which operators sign in, for the console and `hewn login`.',
    caller: 'anyone',
    answers: {
      200: {
        description: 'The providers; none without `[operators]`',
        contentType: JSON_TYPE,
        schema: v.object({
          providers: v.array(
            v.object({
              name: v.string(),
              issuer: v.string(),
              client_id: v.string(),
              scopes: v.array(v.string()),
            }),
          ),
        }),
      },
    },
  },
  signIn: {
    method: 'GET',
    path: '/console/sign-in',
    summary: 'Begins a sign-in at a provider: authorization code with PKCE, state and nonce.',
    specification: 'OpenID Connect Core 1.0 section 3.1',
    caller: 'anyone',
    query: v.object({ provider: text('the name of a provider, if there are several') }),
    answers: { 303: toConsole },
  },
  callback: {
    method: 'GET',
    path: '/console/callback',
    summary: 'Takes the answer of the provider and begins a session, which a cookie has.',
    specification: 'OpenID Connect Core 1.0 section 3.1, RFC 9207',
    caller: 'anyone',
    answers: { 303: toConsole },
  },
  signOut: {
    method: 'POST',
    path: '/console/sign-out',
    summary: 'Ends the session of the cookie. Takes requests of the console only.',
    caller: 'anyone',
    answers: {
      204: { description: 'Signed out' },
      403: { description: 'The request comes from another page', contentType: JSON_TYPE },
    },
  },
  openSession: {
    method: 'POST',
    path: '/admin/v1/session',
    summary: 'Begins a session of a command, from an ID token of a provider.',
    caller: 'anyone',
    request: {
      contentType: JSON_TYPE,
      schema: v.object({
        provider: v.string(),
        id_token: v.string(),
        nonce_verifier: v.optional(v.string()),
      }),
    },
    answers: {
      200: {
        description: 'The session. Its token is sent as a bearer token.',
        contentType: JSON_TYPE,
        schema: v.object({ token: v.string(), ends_at: v.number() }),
      },
      401: { description: '`sign_in_refused`', contentType: JSON_TYPE },
      403: { description: '`no_role`', contentType: JSON_TYPE },
    },
  },
} as const satisfies PublicRoutes;
