/**
 * Another process on this machine that has read the agent's token and does not have its key. It
 * reads a token, a URL and a JSON-RPC message from standard input, and prints the response.
 */
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { createDpopKey, signProof } from '../../src/dpop/index.ts';

const loot = v.strictObject({
  token: v.string(),
  url: v.string(),
  message: v.string(),
  /** How it presents the token: as a bearer token, or with a proof by its own key. */
  as: v.picklist(['bearer', 'dpop']),
});

export type Loot = v.InferOutput<typeof loot>;

async function use({ token, url, message, as }: Loot): Promise<string> {
  const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json' });
  headers.set('authorization', `${as === 'dpop' ? 'DPoP' : 'Bearer'} ${token}`);
  if (as === 'dpop') {
    const own = await createDpopKey();
    headers.set('dpop', await signProof(own, { method: 'POST', url, now: Date.now(), token }));
  }
  const response = await fetch(url, { method: 'POST', headers, body: message });
  return response.text();
}

if (import.meta.main) {
  process.stdout.write(await use(v.parse(loot, JSON.parse(await text(process.stdin)))));
}
