import { readBounded } from '../../body.ts';
import { isJsonObject } from '../../canonical-json.ts';
import { OBTAIN_MILLISECONDS_MAX } from '../../limits.ts';

const ANSWER_BYTES_MAX = 64 * 1024; // A JWT with claims of a platform, and some room.

/** A question to the endpoint of a platform that issues tokens. */
export interface Question {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch | undefined;
}

/** Returns the answer of a platform. Follows no redirect: the request has a credential. */
export async function askPlatform({
  url,
  headers,
  fetch: send = fetch,
}: Question): Promise<string> {
  const init: RequestInit = {
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(OBTAIN_MILLISECONDS_MAX),
  };
  const response = await send(url, init).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : 'unknown';
    throw new Error(`${url.origin} did not answer (${why})`);
  });
  const body = await readBounded(response, ANSWER_BYTES_MAX);
  if (!response.ok) throw new Error(`${url.origin} answered with HTTP ${response.status}`);
  if (!body.ok) throw new Error(`the answer of ${url.origin} is too large`);
  return body.value;
}

/** Returns a text member of a JSON answer. */
export function memberOf(answer: string, name: string, url: URL): string {
  const value = parse(answer);
  const member = isJsonObject(value) ? value[name] : undefined;
  if (typeof member === 'string') return member;
  throw new Error(`the answer of ${url.origin} has no \`${name}\``);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
