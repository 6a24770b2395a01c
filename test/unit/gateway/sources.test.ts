import { afterEach, describe, expect, test, vi } from 'vitest';
import type { GatewayEnv, GatewaySources } from '../../../workers/gateway/index.ts';
import { createGateway } from '../../../workers/gateway/index.ts';

/** What a gateway makes of the catalogue that its entry file passes. */

const ENV = {
  ISSUER: 'https://issuer.example',
  AUDIENCE: 'https://gateway.example',
  FEED_PUBLIC_KEY: '0a'.repeat(32),
  MCP_UPSTREAMS: '{"files":"https://files.example/mcp"}',
} as unknown as GatewayEnv;

const call = (sources: GatewaySources) =>
  createGateway(sources).fetch(
    new Request('https://gateway.example/mcp/files', { method: 'POST', body: '{}' }),
    ENV,
    { waitUntil: () => undefined } as unknown as ExecutionContext,
  );

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('createGateway throws a TypeError', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a misspelt member', { catalogue: '', catalog: '' }, 'Did you mean `catalogue`?'],
    ['a catalogue that is not a string', { catalogue: {} }, '`catalogue` must be a string'],
    ['an undefined catalogue', { catalogue: undefined }, '`catalogue` is undefined'],
  ])('for %s', (_, sources, message) => {
    const create = () => createGateway(sources as unknown as GatewaySources);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });
});

test('a gateway whose catalogue does not load answers 503 and names the catalogue', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  // The reporter of the process writes such a line once a second, and other tests share it.
  vi.setSystemTime(Date.now() + 2_000);
  const answer = await call({ catalogue: '[[tool]' });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: 'misconfigured' });
  expect(JSON.stringify(log.mock.calls)).toContain('"variable":"catalogue"');
});
