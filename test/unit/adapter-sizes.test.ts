import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** Gzipped bytes that an adapter may add to what its API loads anyway, and the packages in it. */
const ADAPTERS = [
  ['src/hono/index.ts', 800],
  ['src/express/index.ts', 3_000],
  // 270 bytes of it deny answers to a tool's questions, which no judgement has seen; 500 say whose
  // rule denied a call, and what a caveat allows; 7,000 read the bounds of a token and show them in
  // the schemas that it lists; 150 pass a scope to its tool; 300 read what a call attaches.
  ['src/mcp/index.ts', 16_100],
  ['src/mcp-node/index.ts', 2_800],
] as const;

test.each(ADAPTERS)(
  '%s adds at most %i bytes to a verifier, and no package',
  async (entry, max) => {
    const { outputFiles, metafile } = await build({
      absWorkingDir: new URL('../..', import.meta.url).pathname,
      entryPoints: [entry],
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: 'esm',
      target: 'es2024',
      logLevel: 'silent',
      external: ['node:*'],
      plugins: [
        {
          // The API has these without the adapter as well.
          name: 'shared',
          setup: ({ onResolve }) =>
            onResolve(
              { filter: /\/(?:verifier|mcp|catalogue|capability|feed)\/index\.ts$/ },
              (given) =>
                given.kind === 'entry-point' ? undefined : { path: given.path, external: true },
            ),
        },
      ],
    });
    const packages = Object.keys(metafile.inputs).filter((path) => path.includes('node_modules'));
    expect(packages).toEqual([]);
    const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
    expect(bytes).toBeLessThanOrEqual(max);
    expect(bytes).toBeGreaterThan(max / 2);
  },
);
