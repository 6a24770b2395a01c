import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { doorsOf, isWorkerDoor } from '../../scripts/doors.ts';

/**
 * The most that each door may weigh, in bytes, minified and gzipped, with everything that it
 * exports and loads on demand. A consumer's bundle has less: what it does not use is dropped.
 * About 1,300 bytes of the doors with constraints are `each`, `anyOf`, `not` and `empty`, about 700
 * are `from`, and about 500 `eachHas`, `orEmpty` and optional sinks. About 900 of those with
 * catalogues are flows and labels.
 */
const GZIP_BYTES_MAX: Readonly<Record<string, number>> = {
  // Nearly all of it is what hands capabilities on, and the key's proofs.
  a2a: 75_000,
  // Reads routes of HTTP APIs, as the gateway does, so that a step is narrowed to its call.
  // About 5,000 bytes are `connect`, with the identity sources and the reasons for what failed, and
  // about 5,600 hand a capability on and receive one.
  // About 1,800 ask a person about single calls.
  // About 2,600 keep the receipts of answers and attach them to later calls, also in `a2a`.
  agent: 88_400,
  // The sources of `hewn/agent`, and those that need Node. No engine.
  'agent/node': 6_900,
  // About 3,000 bytes are SHA-256, which assigns records to logs, and 300 what a verifier reports
  // of itself.
  audit: 24_700,
  // Knows the digests that stand for a missing credential, which do not compress.
  authzen: 12_300,
  biscuit: 36_500,
  // About 2,000 bytes are hand-offs, 400 the grants of a step-up, and 700 approvals of calls.
  capability: 63_400,
  // Its keys cover HTTP routes, with their overlaps, and templates of resources since 0.4.0. About
  // 1,200 bytes are the marks of sinks and fields, and their lint.
  // About 1,400 read the rules over history, also in every door that reads a catalogue.
  catalogue: 43_800,
  // About 250 bytes derive the key of a run that is resumed; so do the doors of a verifier.
  dpop: 3_800,
  express: 3_000,
  // Of every door with a feed, about 6,000 check the cosignatures of witnesses, on demand.
  feed: 23_500,
  // About 2,600 bytes are SHA-256, for the leaves of a log's tree.
  'feed/log': 7_900,
  hono: 600,
  // Reads datasets out of natural names and URLs since 0.4.0. About 60 bytes offer approvals, and
  // about 300 read what calls attach.
  mcp: 23_050,
  'mcp/node': 2_500,
  policy: 62_600,
  signals: 13_500,
  // Of the next three, about 7,000 are the scopes of retrievals and their filters.
  testing: 86_500,
  tlog: 9_800,
  // About 900 bytes of both read the hops of a capability that was handed on, and about 1,900 find
  // out where the values of a call come from, 700 which call a person approved, and 1,900 check receipts, on demand.
  // About 300 read what requests attach.
  verifier: 84_600,
  'verifier/node': 90_100,
};

const doors = doorsOf(JSON.parse(readFileSync('package.json', 'utf8'))).filter(
  (door) => !isWorkerDoor(door),
);

describe.each(doors)('hewn/%s', (door, path) => {
  test('keeps to its size', async () => {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      minify: true,
      write: false,
      logLevel: 'silent',
      format: 'esm',
      target: 'es2024',
      conditions: ['workerd', 'worker', 'browser'],
      external: ['node:*', 'cloudflare:*', '*.wasm'],
    });
    const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
    expect(bytes).toBeLessThanOrEqual(GZIP_BYTES_MAX[door] ?? 0);
  });
});
