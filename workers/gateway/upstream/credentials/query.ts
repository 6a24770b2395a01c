import { ok } from '../../../../src/result.ts';
import type { CredentialOf } from '../../../../src/upstream/index.ts';
import type { CreateCredential } from './credential.ts';

/** A key in the query. Servers and proxies log URLs, so a header is better, if possible. */
export const create: CreateCredential<CredentialOf<'query'>> = ({ name }, tools) => ({
  async inject(request) {
    const secret = await tools.secret(request);
    if (!secret.ok) return secret;
    const url = new URL(request.url);
    // What the agent wrote stays as it is, unless it wrote this parameter.
    if (url.searchParams.has(name)) url.searchParams.delete(name);
    const parameter = `${encodeURIComponent(name)}=${encodeURIComponent(secret.value)}`;
    url.search = url.search === '' ? parameter : `${url.search}&${parameter}`;
    return ok({ url, secrets: [secret.value] });
  },
});
