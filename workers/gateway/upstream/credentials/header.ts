import { ok } from '../../../../src/result.ts';
import type { CredentialOf } from '../../../../src/upstream/index.ts';
import type { CreateCredential } from './credential.ts';

/** A key in a header: `x-api-key: …`, or behind a prefix such as `Token `. */
export const create: CreateCredential<CredentialOf<'header'>> = ({ name, prefix = '' }, tools) => ({
  async inject(request) {
    const secret = await tools.secret(request);
    if (!secret.ok) return secret;
    request.headers.set(name, `${prefix}${secret.value}`);
    return ok({ secrets: [secret.value] });
  },
});
