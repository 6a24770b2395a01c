import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

/**
 * What reaches a browser or the edge, and what must not. A forbidden name says more than a limit on
 * bytes.
 */
interface Bundle {
  readonly text: string;
  /** Paths from the root of every bundled file. */
  readonly files: readonly string[];
}

async function bundle(entry: string, conditions: readonly string[]): Promise<Bundle> {
  const built = await build({
    absWorkingDir: new URL('../..', import.meta.url).pathname,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: [...conditions],
    logLevel: 'silent',
    external: ['cloudflare:*', 'node:*'],
    loader: { '.toml': 'text', '.datalog': 'text', '.wasm': 'binary' },
  });
  const [output] = built.outputFiles;
  return { text: output?.text ?? '', files: Object.keys(built.metafile.inputs) };
}

const NODE = /(?:from|import|require)\s*\(?\s*["'](?:node:|fs|crypto|buffer)/;
const WORKERD = ['workerd', 'worker', 'browser'];

describe.each([
  ['the agent', 'src/agent/index.ts'],
  ['the verifier', 'src/verifier/index.ts'],
  ['the adapter for Hono', 'src/hono/index.ts'],
  ['the adapter for MCP servers', 'src/mcp/index.ts'],
  ['the vocabulary', 'src/capability/index.ts'],
])('%s', (_, entry) => {
  test.each([
    ['a browser', ['browser']],
    ['workerd', WORKERD],
  ])('runs in %s: contains nothing of Node', async (_host, conditions) => {
    const { text, files } = await bundle(entry, conditions);
    expect(files).toContain(entry);
    expect(text).not.toMatch(NODE);
  });

  test('contains no reference engine, no issuer code and no writer of the feed', async () => {
    const { text, files } = await bundle(entry, WORKERD);
    const leaked = /biscuit-wasm|\.wasm$|^workers\/|policy\/|^src\/feed\/log\//;
    expect(files.filter((file) => leaked.test(file))).toEqual([]);
    expect(text).not.toContain('ed25519-private');
  });
});

describe('the gateway', () => {
  test('contains no key code, policy or identity of the issuer and no writer of the feed', async () => {
    const { text, files } = await bundle('deployment/gateway.ts', WORKERD);
    // It has a key of its own, for callers, and reads its text.
    const leaked =
      /^workers\/issuer|^src\/(policy|identity|keyring|biscuit-wasm|feed\/log)\/|\.wasm$|\.datalog$/;
    expect(files.filter((file) => leaked.test(file))).toEqual([]);
    // The package for HPKE loads the crypto of old versions of Node if there is no global one.
    expect(text.replaceAll(/import\("crypto"\)/g, '')).not.toMatch(NODE);
  });
});

test('the issuer shows that these marks would be found', async () => {
  const { text, files } = await bundle('deployment/issuer.ts', WORKERD);
  expect(text).toContain('ed25519-private');
  expect(text).toMatch(NODE);
  expect(files.some((file) => file.endsWith('.wasm'))).toBe(true);
  expect(files).toContain('src/feed/log/write-record.ts');
  expect(files.some((file) => file.startsWith('src/keyring/'))).toBe(true);
});
