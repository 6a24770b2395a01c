import { toSeconds, type UnixMilliseconds } from '../clock.ts';
import { utf8 } from '../encoding.ts';
import { toBase64 } from '../tlog/index.ts';

export interface Signed {
  /** The same for each delivery of one message: the receiver recognises a repeated one by it. */
  readonly id: string;
  readonly now: UnixMilliseconds;
  readonly body: string;
}

/**
 * Returns the headers of Standard Webhooks 1.0: the signature is an HMAC-SHA-256 over id, time and
 * body. The receiver compares it, and refuses a time that is more than five minutes away.
 */
export async function signatureHeaders(
  key: Uint8Array<ArrayBuffer>,
  { id, now, body }: Signed,
): Promise<Readonly<Record<string, string>>> {
  const timestamp = String(toSeconds(now));
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const secret = await crypto.subtle.importKey('raw', key, hmac, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', secret, utf8(`${id}.${timestamp}.${body}`));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${toBase64(new Uint8Array(signature))}`,
  };
}
