import { FeedClient } from '../../../src/feed/index.ts';

interface Env {
  readonly ISSUER: string;
  readonly FEED_URL: string;
  readonly FEED_PUBLIC_KEY: string;
}

// One per isolate, as in a gateway: its requests share the log's answer.
let client: FeedClient | undefined;

async function createClient({ ISSUER, FEED_URL, FEED_PUBLIC_KEY }: Env): Promise<FeedClient> {
  const raw = Uint8Array.from(FEED_PUBLIC_KEY.match(/../g) ?? [], (byte) => Number(`0x${byte}`));
  return new FeedClient({
    issuer: ISSUER,
    feedKey: await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']),
    fetch: (path, init) => fetch(FEED_URL + path, init),
  });
}

export default {
  async fetch(_request: Request, env: Env): Promise<Response> {
    client ??= await createClient(env);
    const answer = await client.refresh();
    return Response.json({ ok: answer.ok, seq: client.head?.seq ?? null });
  },
};
