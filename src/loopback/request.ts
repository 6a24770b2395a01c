import type { IncomingMessage } from 'node:http';

/**
 * Whether a request can come from a program on this machine, and not from a page in a browser. A
 * page reaches 127.0.0.1 too, directly or through a name that resolves to it: the former has an
 * `Origin`, which a browser adds to every POST, and the latter another host.
 */
export function isFromProgram({ headers }: IncomingMessage): boolean {
  const { host = '', origin } = headers;
  return origin === undefined && /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/i.test(host);
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
