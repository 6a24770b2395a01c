import type { IncomingMessage } from 'node:http';

/**
 * Whether a request names this machine as its host. A name that someone else lets resolve to
 * 127.0.0.1 would let a page in a browser in.
 */
export function isOwnHost({ headers }: IncomingMessage): boolean {
  const { hostname } = new URL(`http://${headers.host ?? 'invalid.'}/`);
  return hostname === '127.0.0.1' || hostname === 'localhost';
}

/** Reads a body as text. Undefined if it is larger than allowed. */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
