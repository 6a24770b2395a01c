import { describe, expect, test, vi } from 'vitest';
import { type ProtectOptions, protect } from '../../../../src/verifier/index.ts';
import { AUDIENCE, at, ISSUER, mintToken } from '../../fixtures/issuer.ts';
import { feedKeys } from '../../fixtures/log.ts';
import { codeOf, requestTo, SEARCH } from './protected.ts';

const hex = 'ab'.repeat(32);
const KEY = Uint8Array.from({ length: 32 }, () => 0xab);
const base64url = Buffer.from(KEY).toString('base64url');
const OPTIONS: ProtectOptions = {
  issuer: ISSUER,
  audience: AUDIENCE,
  feedKey: hex,
  now: () => at(1),
  report: () => undefined,
};

describe('a key of `protect`', () => {
  test.each([
    ['hex', hex],
    ['hex after its algorithm', `ed25519/${hex}`],
    ['the x of a JWK', base64url],
    ['two keys during a rotation', `${hex} ed25519/${'cd'.repeat(32)}`],
    ['a list', [hex, base64url]],
    ['a CryptoKey', feedKeys.publicKey],
  ])('may be %s', (_, feedKey) => {
    expect(() => protect({ ...OPTIONS, feedKey })).not.toThrow();
  });

  test.each([
    ['upper-case hex', hex.toUpperCase(), /64 hex digits, the `x` of a JWK/],
    ['half of it', hex.slice(32), /64 hex digits/],
    ['an empty text', '', /64 hex digits/],
    ['nothing', [], /a list of them/],
    ['another algorithm', `secp256r1/${hex}`, /64 hex digits/],
    ['a private key', `ed25519-private/${hex}`, /the public half of its pair/],
  ])('must not be %s, and the error does not repeat it', (_, feedKey, message) => {
    const act = () => protect({ ...OPTIONS, feedKey });
    expect(act).toThrow(TypeError);
    expect(act).toThrow(message);
    expect(act).not.toThrow(hex);
  });

  test.each(['keys', 'kill'] as const)('is text in `%s`, too', (member) => {
    const of = (publicKey: string): ProtectOptions =>
      member === 'keys'
        ? { ...OPTIONS, keys: [{ id: 1, publicKey }] }
        : { ...OPTIONS, kill: { key: publicKey, url: ISSUER } };
    expect(() => protect(of(`ed25519/${hex}`))).not.toThrow();
    expect(() => protect(of(hex.slice(2)))).toThrow(/Ed25519 public key|keys as text/);
  });
});

/** Sends a request, and waits for the work after its response. */
async function send(options: Partial<ProtectOptions>, token = mintToken()) {
  const hewn = protect({ ...OPTIONS, ...options });
  const handler = hewn.fetch({ ...SEARCH, dataset: 'crm/contacts' }, () => new Response('served'));
  const kept: Promise<unknown>[] = [];
  const context = { waitUntil: (work: Promise<unknown>) => void kept.push(work) };
  const env = { waitUntil: 'a binding of this name' };
  const response = await (handler as (...all: unknown[]) => Promise<Response>)(
    requestTo('/', { token }),
    env,
    context,
  );
  await Promise.all(kept);
  return { response, kept: kept.length };
}

describe('the issuer', () => {
  test('is not asked before the first request', () => {
    const service = vi.fn();
    protect({ ...OPTIONS, service });
    expect(service).not.toHaveBeenCalled();
  });

  test.each([
    ['a function', (fetched: typeof fetch) => fetched],
    ['a service binding', (fetched: typeof fetch) => ({ fetch: fetched })],
  ])('is reached through %s, in the request and after it', async (_, serviceOf) => {
    const urls: string[] = [];
    const service = serviceOf((async (url: string) => {
      urls.push(url);
      return new Response(null, { status: 503 });
    }) as typeof fetch);
    const { response, kept } = await send({ service: service as never });
    expect([response.status, await codeOf(response)]).toEqual([503, 'head_missing']);
    expect(urls[0]).toBe(`${ISSUER}/feed/v2/0/head`);
    expect(kept).toBe(1);
  });

  test('that Cloudflare hides from this Worker is explained in the log, and nothing else is', async () => {
    const reported: unknown[] = [];
    const answers = [
      new Response('error code: 1042', { status: 404 }),
      new Response('<html>error code: 1042</html>', { status: 530 }),
      new Response('error code: 1015', { status: 429 }),
      new Response('x'.repeat(20_000), { status: 404 }),
    ];
    for (const answer of answers) {
      const report = (event: string, detail: unknown) =>
        event === 'feed.blocked' && reported.push(detail);
      await send({ service: async () => answer.clone(), report: report as never });
    }
    expect(reported.length).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(reported)).toMatch(/`service` to protect.*global_fetch_strictly_public/);
    expect(JSON.stringify(reported)).not.toMatch(/429/);
  });
});

test('`protect` names an unknown option and a wrong one', () => {
  expect(() => protect({ ...OPTIONS, feedKeys: hex } as never)).toThrow(/Did you mean `feedKey`/);
  expect(() => protect({ ...OPTIONS, shards: 0 })).toThrow(/`shards` must be an integer from 1/);
  expect(() => protect({ ...OPTIONS, shards: 257 })).toThrow(/`shards` must be an integer from 1/);
  const kill = { key: hex, url: 'https://kill.example', urls: [] };
  expect(() => protect({ ...OPTIONS, kill })).toThrow(/protect: kill: unknown member `urls`/);
  expect(() => protect({ ...OPTIONS, service: {} as never })).toThrow(/a service binding/);
});
