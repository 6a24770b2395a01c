import { genericTokenEndpointRequest, processGenericTokenEndpointResponse } from 'oauth4webapi';
import { ok, refuse } from '../../../../src/result.ts';
import type { CredentialOf } from '../../../../src/upstream/index.ts';
import type { CallerFacts } from '../upstream.ts';
import type { CreateCredential } from './credential.ts';
import { issuedToken, oauthClient, oauthParameters } from './oauth.ts';
import { TokenCache } from './token-cache.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';
const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

/**
 * A token for the user on whose behalf the agent calls (RFC 8693): the gateway's signed statement
 * of who calls is exchanged for it. No caller, no token.
 */
export const create: CreateCredential<CredentialOf<'token-exchange'>> = (config, tools) => {
  const cache = new TokenCache();
  return {
    async inject({ headers, caller }) {
      if (!caller) return refuse('token_refused');
      const key = keyOf(caller);
      const known = cache.get(key);
      const prepared = await oauthClient(config, tools);
      if (!prepared.ok) return prepared;
      const { server, client, authentication, options, secret } = prepared.value;
      const obtain = async (subjectToken: string) => {
        const parameters = oauthParameters(config);
        parameters.set('subject_token', subjectToken);
        parameters.set('subject_token_type', JWT_TYPE);
        parameters.set('requested_token_type', ACCESS_TOKEN_TYPE);
        const response = await genericTokenEndpointRequest(
          ...([server, client, authentication, GRANT, parameters, options] as const),
        );
        return issuedToken(await processGenericTokenEndpointResponse(server, client, response));
      };
      let token = known;
      if (token === undefined) {
        const statement = await tools.callerToken(caller, server.issuer);
        if (!statement.ok) return statement;
        const issued = await obtain(statement.value).catch(() => undefined);
        if (issued) cache.set(key, issued);
        token = issued?.token;
      }
      if (token === undefined) return refuse('token_refused');
      headers.set('authorization', `Bearer ${token}`);
      return ok({ secrets: secret === undefined ? [token] : [token, secret] });
    },
    refused: ({ caller }) => {
      if (caller) cache.delete(keyOf(caller));
    },
  };
};

/** A token belongs to one workflow, so that stopping the workflow ends its use. */
const keyOf = ({ workflow, agent, subject, owner, task }: CallerFacts): string =>
  JSON.stringify([workflow, agent, subject, owner, task]);
