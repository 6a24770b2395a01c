import { clientCredentialsGrantRequest, processClientCredentialsResponse } from 'oauth4webapi';
import { ok } from '../../../../src/result.ts';
import type { CredentialOf } from '../../../../src/upstream/index.ts';
import type { CreateCredential } from './credential.ts';
import { oauthCredential } from './oauth.ts';

/** A token of the gateway's own client (RFC 6749 section 4.4). */
export const create: CreateCredential<CredentialOf<'client-credentials'>> = (config, tools) =>
  oauthCredential(config, tools, () => ({
    key: 'gateway',
    async request({ server, client, authentication, parameters, options }) {
      const response = await clientCredentialsGrantRequest(
        ...([server, client, authentication, parameters, options] as const),
      );
      return ok(await processClientCredentialsResponse(server, client, response));
    },
  }));
