import { AwsV4Signer } from 'aws4fetch';
import { toHex, utf8 } from '../../../../src/encoding.ts';
import { ok, refuse } from '../../../../src/result.ts';
import type { CredentialOf } from '../../../../src/upstream/index.ts';
import type { CreateCredential } from './credential.ts';

/**
 * Signs the request for AWS (Signature Version 4), the body included. Only the headers that AWS
 * reads are signed: the platform may change others on the way.
 */
export const create: CreateCredential<CredentialOf<'aws-sigv4'>> = (config, tools) => ({
  async inject({ url, method, headers, body = '' }) {
    const secret = await tools.secret({ url, method });
    if (!secret.ok) return secret;
    const { accessKeyId, region, service } = config;
    const bytes = body instanceof ReadableStream ? undefined : bytesOf(body);
    // Only S3 accepts a body that is not covered.
    if (!bytes && service !== 's3') return refuse('body_streams');
    headers.set('x-amz-content-sha256', bytes ? await digestOf(bytes) : 'UNSIGNED-PAYLOAD');
    const signed = [...headers].filter(([name]) => name.startsWith('x-amz-'));
    const { headers: added } = await new AwsV4Signer({
      url: url.href,
      method,
      headers: new Headers(signed),
      ...(bytes && { body: bytes }),
      accessKeyId,
      secretAccessKey: secret.value,
      region,
      service,
    }).sign();
    for (const [name, value] of added) {
      if (name === 'authorization' || name.startsWith('x-amz-')) headers.set(name, value);
    }
    return ok({ secrets: [secret.value] });
  },
});

const bytesOf = (body: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? utf8(body) : body;

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
