import { describe, expect, test } from 'vitest';
import { type GatewayEnv, parseConfig } from '../../../workers/gateway/config.ts';

const KEY = '0a'.repeat(32);
const OTHER = '0b'.repeat(32);

const configOf = (change: Partial<Record<keyof GatewayEnv, string>>) =>
  parseConfig({
    ISSUER: 'https://issuer.example',
    AUDIENCE: 'https://gateway.example',
    FEED_PUBLIC_KEY: KEY,
    MCP_UPSTREAMS: '{"files":"https://files.example/mcp"}',
    ...change,
  } as unknown as GatewayEnv);

describe('the feed key of a gateway', () => {
  test('is one key, or two while one replaces the other', () => {
    expect(configOf({}).feedPublicKeys).toHaveLength(1);
    expect(configOf({ FEED_PUBLIC_KEY: `${KEY} ${OTHER}` }).feedPublicKeys).toHaveLength(2);
  });

  test.each([
    ['nothing', ''],
    ['a short key', '0a'],
    ['one valid key and one invalid', `${KEY} 0b`],
    ['two keys with two spaces', `${KEY}  ${OTHER}`],
    ['a space at the end', `${KEY} `],
    ['three keys', `${KEY} ${OTHER} ${KEY}`],
    ['text that is not hex', 'z'.repeat(64)],
  ])('cannot be %s, and the fault names the variable but not its value', (_, text) => {
    expect(() => configOf({ FEED_PUBLIC_KEY: text })).toThrow(/^FEED_PUBLIC_KEY is missing/);
  });
});
