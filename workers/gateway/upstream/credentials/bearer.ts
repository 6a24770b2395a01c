import { ok } from '../../../../src/result.ts';
import type { CredentialOf } from '../../../../src/upstream/index.ts';
import type { CreateCredential } from './credential.ts';

/** A token that the server issued once: `authorization: Bearer …`. */
export const create: CreateCredential<CredentialOf<'bearer'>> = (_, tools) => ({
  async inject(request) {
    const secret = await tools.secret(request);
    if (!secret.ok) return secret;
    request.headers.set('authorization', `Bearer ${secret.value}`);
    return ok({ secrets: [secret.value] });
  },
});
