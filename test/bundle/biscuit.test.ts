import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const DOOR = fileURLToPath(new URL('../../src/biscuit/index.ts', import.meta.url).href);

/**
 * Minified and gzipped, as a Worker uploads it. 1 kB is 1,000 bytes. About 3.7 kB are Unicode
 * tables for regular expressions, which a gateway loads with the first token that has one.
 */
const VERIFIER_BYTES_MAX = 31_000;

/** Everything that a gateway needs to decide, with the parser of policies and the regex engine. */
const VERIFIER = `export {
  authorize, createChainCache, DEFAULT_LIMITS, parseAndVerify, parseAuthorizer, publicKeyFromJwk,
  publicKeyFromText,
} from ${JSON.stringify(DOOR)};`;

/**
 * Names that must not come back. A size alone would notice late, and would not say what came back.
 */
const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ['the reference', /biscuit_bg|biscuit-wasm/i],
  ['WebAssembly', /wasm|WebAssembly/i],
  ['a module of Node', /["'`]node:/],
  ['a module outside of the bundle', /\bimport\s*["'{(]|\brequire\(\s*["'`]/],
  ["Node's globals", /\bBuffer\.|\bprocess\./],
  ['code from text', /\beval\s*\(|new Function/],
];

async function bundle(source: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: '/', loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    platform: 'neutral',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

const gzipped = (text: string): number => gzipSync(text, { level: 9 }).length;

describe('the bundle of a verifier', () => {
  test('is small', async () => {
    const text = await bundle(VERIFIER);
    const whole = await bundle(`export * from ${JSON.stringify(DOOR)};`);
    console.log(
      `verifier ${gzipped(text)} bytes, the whole engine ${gzipped(whole)} bytes, gzipped`,
    );
    // Proves that the engine was measured, not an empty file.
    expect(text).toContain('limit_exceeded');
    expect(gzipped(text)).toBeLessThanOrEqual(VERIFIER_BYTES_MAX);
  });

  test.each(FORBIDDEN)('has no trace of %s', async (_, pattern) => {
    const whole = await bundle(`export * from ${JSON.stringify(DOOR)};`);
    expect(pattern.exec(whole)?.[0]).toBeUndefined();
  });

  test('these names would be found in a bundle that has them', async () => {
    const caught = [
      'import glue from "./biscuit_bg.js"',
      'WebAssembly.instantiate(x)',
      'import("node:crypto")',
      'require("x")',
      'Buffer.from(x)',
      'eval("1")',
    ];
    for (const [i, [, pattern]] of FORBIDDEN.entries()) expect(caught[i]).toMatch(pattern);
  });
});
