import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Capability,
  type FetchCatalogueOptions,
  fetchCatalogue,
  issuerCatalogue,
  narrowingFetch,
} from '../../../src/agent/index.ts';
import { AUDIENCE, at, ISSUER, mintToken, printBlock } from '../fixtures/issuer.ts';

const toml = (under: string) => `
[[tool]]
name = "mcp/files/read_file"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "${under}" }]
`;
const [FIRST, SECOND] = [toml('files'), toml('documents')];
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const capabilityOf = (catalogue?: string): Capability => ({
  token: mintToken(catalogue === undefined ? {} : { catalogue }),
  workflow: 'wf_1',
  task: 'churn',
  audience: AUDIENCE,
  grants: [],
  expires: new Date(at(300)),
});

let asked: string[];
let answer: (url: string) => Response;
const send = (async (url: string) => {
  asked.push(url);
  return answer(url);
}) as typeof fetch;

beforeEach(() => {
  asked = [];
  answer = (url) => {
    const text = [FIRST, SECOND].find((one) => url.endsWith(hashOf(one)));
    return text === undefined ? new Response(null, { status: 404 }) : new Response(text);
  };
});

describe('an agent fetches', () => {
  test('the catalogue that its capability was minted under', async () => {
    const capability = capabilityOf(hashOf(FIRST));
    const fetched = await fetchCatalogue({ issuer: ISSUER, capability, fetch: send });
    expect(fetched.ok && [...fetched.value.keys()]).toEqual(['mcp/files/read_file']);
    expect(asked).toEqual([`${ISSUER}/catalogue/${hashOf(FIRST)}`]);
  });

  test('the catalogue with a hash', async () => {
    const fetched = await fetchCatalogue({ issuer: ISSUER, hash: hashOf(SECOND), fetch: send });
    expect(fetched).toMatchObject({ ok: true });
  });

  test('no other bytes than those of the hash', async () => {
    answer = () => new Response(SECOND);
    const fetched = await fetchCatalogue({ issuer: ISSUER, hash: hashOf(FIRST), fetch: send });
    expect(fetched).toEqual({ ok: false, error: { code: 'catalogue_mismatch' } });
  });

  test('nothing through a redirect, which could lead to any address', async () => {
    const redirects: unknown[] = [];
    const fetch = (async (url: string, init: RequestInit) => {
      redirects.push(init.redirect);
      return new Response(null, { status: 302, headers: { location: `${url}?elsewhere` } });
    }) as typeof globalThis.fetch;
    const fetched = await fetchCatalogue({ issuer: ISSUER, hash: hashOf(FIRST), fetch });
    expect(fetched).toEqual({
      ok: false,
      error: { code: 'catalogue_unreachable', why: 'HTTP 302' },
    });
    expect(redirects).toEqual(['manual']);
  });

  test('nothing with a capability of an issuer that names no catalogue', async () => {
    const capability = capabilityOf();
    const fetched = await fetchCatalogue({ issuer: ISSUER, capability, fetch: send });
    expect(fetched).toEqual({ ok: false, error: { code: 'catalogue_unnamed' } });
    expect(asked).toEqual([]);
  });

  test.each<[string, Partial<FetchCatalogueOptions>]>([
    ['neither a capability nor a hash', {}],
    ['both', { hash: hashOf(FIRST), capability: capabilityOf() }],
    ['a hash in upper case', { hash: hashOf(FIRST).toUpperCase() }],
  ])('nothing with %s', async (_, options) => {
    const fetched = await fetchCatalogue({ issuer: ISSUER, fetch: send, ...options });
    expect(fetched).toMatchObject({ ok: false, error: { code: 'options_invalid' } });
    expect(asked).toEqual([]);
  });
});

describe('a source of catalogues', () => {
  test('follows the capabilities of the agent, with one request for each catalogue', async () => {
    const source = issuerCatalogue({ issuer: ISSUER, fetch: send });
    for (const text of [FIRST, SECOND, FIRST]) {
      expect(await source(capabilityOf(hashOf(text)))).toMatchObject({ ok: true });
    }
    expect(asked).toHaveLength(2);
  });

  test('tells `narrowingFetch` which datasets a call names', async () => {
    const tokens: string[] = [];
    const narrowing = narrowingFetch({
      capability: capabilityOf(hashOf(SECOND)),
      catalogue: issuerCatalogue({ issuer: ISSUER, fetch: send }),
      server: 'files',
      now: () => at(0),
      fetch: (async (request: Request) => {
        tokens.push(request.headers.get('authorization')?.replace('Bearer ', '') ?? '');
        return new Response();
      }) as typeof fetch,
    });
    const params = { name: 'read_file', arguments: { path: 'a' } };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    await narrowing(`${AUDIENCE}/mcp/files`, { method: 'POST', body });
    expect(printBlock(tokens[0] ?? '', 1)).toContain('documents/a');
  });

  test('that cannot fetch it leaves the request unsent', async () => {
    answer = () => new Response(null, { status: 503 });
    const narrowing = narrowingFetch({
      capability: capabilityOf(hashOf(SECOND)),
      catalogue: issuerCatalogue({ issuer: ISSUER, fetch: send }),
      server: 'files',
      fetch: send,
    });
    const params = { name: 'read_file', arguments: { path: 'a' } };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const sending = narrowing(`${AUDIENCE}/mcp/files`, { method: 'POST', body });
    await expect(sending).rejects.toMatchObject({ code: 'catalogue_unreachable' });
    expect(asked).toEqual([`${ISSUER}/catalogue/${hashOf(SECOND)}`]);
  });
});
