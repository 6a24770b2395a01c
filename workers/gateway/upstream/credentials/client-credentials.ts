import { clientCredentialsGrantRequest, processClientCredentialsResponse } from 'oauth4webapi';
import { ok, refuse } from '../../../../src/result.ts';
import type { CredentialOf } from '../../../../src/upstream/index.ts';
import type { CreateCredential } from './credential.ts';
import { issuedToken, oauthClient, oauthParameters } from './oauth.ts';
import { TokenCache } from './token-cache.ts';

const KEY = 'gateway';

/** A token of the gateway's own client (RFC 6749 section 4.4). */
export const create: CreateCredential<CredentialOf<'client-credentials'>> = (config, tools) => {
  const cache = new TokenCache();
  return {
    async inject({ headers }) {
      const known = cache.get(KEY);
      const prepared = await oauthClient(config, tools);
      if (!prepared.ok) return prepared;
      const { server, client, authentication, options, secret } = prepared.value;
      const obtain = async () => {
        const parameters = oauthParameters(config);
        const response = await clientCredentialsGrantRequest(
          ...([server, client, authentication, parameters, options] as const),
        );
        return issuedToken(await processClientCredentialsResponse(server, client, response));
      };
      const issued = known === undefined ? await obtain().catch(() => undefined) : undefined;
      if (issued) cache.set(KEY, issued);
      const token = known ?? issued?.token;
      if (token === undefined) return refuse('token_refused');
      headers.set('authorization', `Bearer ${token}`);
      return ok({ secrets: secret === undefined ? [token] : [token, secret] });
    },
    refused: () => cache.delete(KEY),
  };
};
