import type { CryptoKey as JoseKey } from 'jose';
import { GRANTS, read, TASK } from '../agent.ts';
import type { Stage } from '../stage.ts';

/** Requests to our endpoints, in the plain parameters that every OAuth client accepts. */

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

/** The client of the stage that has its own key: `private_key_jwt`. */
export const CLIENT_ID = 'nightly-report';

export const clientKey = (stage: Stage): { key: CryptoKey; kid: string } => ({
  key: stage.nightlyKey as JoseKey as CryptoKey,
  kid: 'nightly',
});

/** One report to read, which the policy grants to that client and to an agent with a user alike. */
export const wanted = (audience: string, grants = GRANTS.slice(0, 1)): Record<string, string> => ({
  resource: audience,
  authorization_details: JSON.stringify([{ type: 'hewn_task', task: TASK, grants }]),
});

export const exchanged = (subject: string, actor?: string): Record<string, string> => ({
  subject_token: subject,
  subject_token_type: TOKEN_TYPE,
  ...(actor !== undefined && { actor_token: actor, actor_token_type: TOKEN_TYPE }),
});

/** A call of the MCP server behind the gateway: URL, body and media type. */
export const readReport = (audience: string, path: string) => ({
  url: new URL(`${audience}/mcp/files`),
  body: JSON.stringify(read(path)),
  headers: new Headers({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }),
});

/** Authentication at /introspect, as a function, which both libraries accept. */
export const bearer =
  (credential: string) =>
  (_server: unknown, _client: unknown, _body: URLSearchParams, headers: Headers): void =>
    headers.set('authorization', `Bearer ${credential}`);
