import { genericTokenEndpointRequest, processGenericTokenEndpointResponse } from 'oauth4webapi';
import { ok } from '../../../../src/result.ts';
import type { CredentialOf } from '../../../../src/upstream/index.ts';
import type { CallerFacts } from '../upstream.ts';
import type { CreateCredential } from './credential.ts';
import { oauthCredential } from './oauth.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';
const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

/**
 * A token for the user on whose behalf the agent calls (RFC 8693): the gateway's signed statement
 * of who calls is exchanged for it. No caller, no token.
 */
export const create: CreateCredential<CredentialOf<'token-exchange'>> = (config, tools) =>
  oauthCredential(
    config,
    tools,
    (caller) =>
      caller && {
        key: keyOf(caller),
        async request({ server, client, authentication, parameters, options }) {
          const statement = await tools.callerToken(caller, server.issuer);
          if (!statement.ok) return statement;
          parameters.set('subject_token', statement.value);
          parameters.set('subject_token_type', JWT_TYPE);
          parameters.set('requested_token_type', ACCESS_TOKEN_TYPE);
          const response = await genericTokenEndpointRequest(
            ...([server, client, authentication, GRANT, parameters, options] as const),
          );
          return ok(await processGenericTokenEndpointResponse(server, client, response));
        },
      },
  );

/**
 * A token belongs to what the statement says: to one workflow, so that stopping the workflow ends
 * its use, and to one tool, which the server may have issued it for.
 */
const keyOf = ({ workflow, agent, subject, owner, task, tool }: CallerFacts): string =>
  JSON.stringify([workflow, agent, subject, owner, task, tool]);
