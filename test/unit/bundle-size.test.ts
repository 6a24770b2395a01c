import { describe, expect, test } from 'vitest';
import {
  bundleGateway,
  bundleProtected,
  GATEWAY_GZIP_BYTES_MAX,
  PROTECTED_GZIP_BYTES_MAX,
} from '../../bench/suites/bundle.ts';

/**
 * A ceiling notices late and vaguely, so forbidden parts are named. At the ceiling, the failure
 * lists the files by size, largest first.
 */
const { text, gzipBytes, files, onDemand } = await bundleGateway();

const largest = () =>
  [...files]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 40)
    .map(([path, bytes]) => `${String(bytes).padStart(7)} ${path}`)
    .join('\n');

test('everything that a gateway needs to decide is at most 37 kB, minified and gzipped', () => {
  expect(gzipBytes, largest()).toBeGreaterThan(10_000);
  expect(gzipBytes, largest()).toBeLessThanOrEqual(GATEWAY_GZIP_BYTES_MAX);
});

test('code that few decisions need is loaded on demand', () => {
  expect([...onDemand.keys()].sort()).toEqual([
    'src/biscuit/crypto/p256.ts',
    'src/biscuit/datalog/regex/index.ts',
    'src/capability/approved-call.ts',
    'src/capability/hops.ts',
    'src/dpop/index.ts',
    // Not needed for a decision: it updates the feed in the background.
    'src/feed/client/catch-up.ts',
    'src/feed/client/kill-source.ts',
    'src/feed/client/shared-refresh.ts',
    'src/feed/replica/next-head.ts',
    'src/feed/replica/update.ts',
    'src/feed/replica/witnesses.ts',
    'src/json-body.ts',
    'src/verifier/describe-rule.ts',
    'src/verifier/protect/blocked-fetch.ts',
    'src/verifier/provenance/index.ts',
    'src/verifier/scope/index.ts',
  ]);
  for (const size of onDemand.values()) expect(size).toBeGreaterThan(300);
});

describe('an API that is protected by `protect`', () => {
  test('loads at most 44.3 kB, minified and gzipped, with its feed', async () => {
    const api = await bundleProtected();
    expect(api.gzipBytes, [...api.files.keys()].join('\n')).toBeGreaterThan(gzipBytes);
    expect(api.gzipBytes).toBeLessThanOrEqual(PROTECTED_GZIP_BYTES_MAX);
  });

  test('contains no records, no server of Node, no package and no code of other roles', async () => {
    const { files, text: code } = await bundleProtected();
    const foreign =
      /^src\/(?:audit|lifecycle|agent|policy|verifier-node|node-http|testing)\/|_modules/;
    expect([...files].filter(([path, bytes]) => bytes > 0 && foreign.test(path))).toEqual([]);
    expect(code).not.toMatch(/["'`]node:/);
  });
});

const FOLDERS = [
  ['the regular expressions', /^src\/biscuit\/datalog\/regex\//],
  ['the proofs of a key', /^src\/dpop\//],
  ['the writing side of the feed', /^src\/feed\/log\//],
  ['the parser of Datalog text', /^src\/biscuit\/datalog\/text\//],
  ['the reference implementation', /biscuit-wasm|\.wasm$/],
  ['the policy, identities or the trail', /^src\/(?:policy|identity|audit|agent)\//],
  ["the issuer's or the gateway's own code", /^workers\//],
  ['a package: routers, validators, JOSE', /node_modules\//],
] as const;

test.each(FOLDERS)('it does not contain %s', (_, folder) => {
  const brought = [...files].filter(([path, bytes]) => bytes > 0 && folder.test(path));
  expect(brought).toEqual([]);
});

const STRINGS = [
  ['the glue of the reference', 'biscuit_bg'],
  ['a WebAssembly module', /\.wasm/],
  ['a module of Node', /["'`](?:node|cloudflare):/],
  ["the parser's refusals", 'well-formed Unicode'],
  ['the text of a private key', 'ed25519-private'],
  ["a router's own answers", 'itty'],
  ['what the documentation says about denials', 'Retry after the time'],
  ['the denials of the gateway alone', 'not in the catalogue'],
] as const;

test.each(STRINGS)('no string shows %s', (_, string) => {
  expect(text).not.toMatch(string);
});
