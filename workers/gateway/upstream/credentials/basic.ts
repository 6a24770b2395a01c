import { ok } from '../../../../src/result.ts';
import type { CredentialOf } from '../../../../src/upstream/index.ts';
import type { CreateCredential } from './credential.ts';

/** A user and a password (RFC 7617). */
export const create: CreateCredential<CredentialOf<'basic'>> = ({ user }, tools) => ({
  async inject(request) {
    const secret = await tools.secret(request);
    if (!secret.ok) return secret;
    request.headers.set('authorization', `Basic ${btoa(`${user}:${secret.value}`)}`);
    return ok({ secrets: [secret.value] });
  },
});
