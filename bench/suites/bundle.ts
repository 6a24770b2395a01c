/** The size of what a gateway loads to decide, minified and gzipped, by source folder. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { type Report, verdict } from '../report.ts';

/**
 * Decimal kilobytes. About 900 bytes read the options of the public functions and cannot be loaded
 * on demand, because a malformed option is an error at once. About 600 bytes find the argument that
 * a denial is about, which `verify` returns at once. About 400 bytes open a token before its call
 * is known, and check keys that are text. About 300 bytes check the names of datasets with escapes,
 * about 200 read grants for many reads, about 700 read queries and public hosts, and about 300
 * judge a retrieval before the code of its filters is loaded. About 500 ask what the witnesses of
 * the feed have seen, which is checked on demand. About 250 state where the values of a call come
 * from, which is found out on demand. About 300 check the lists of keys in a head, and keep the
 * signatures of third parties, for approvals of calls.
 */
export const GATEWAY_GZIP_BYTES_MAX = 37_000;

/**
 * What an API loads with `protect`: the same, its routes, and its answers to denials. About 200
 * bytes of those say where a denied call can be approved.
 */
export const PROTECTED_GZIP_BYTES_MAX = 44_300;

const PROJECT = join(import.meta.dirname, '../..');
const REFERENCE = join(PROJECT, 'node_modules/@biscuit-auth/biscuit-wasm/module');

export interface Bundle {
  readonly text: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Minified bytes of each source file, by its path from the root of the project. */
  readonly files: ReadonlyMap<string, number>;
  /** Gzipped bytes that are loaded on demand, by the module that is imported. */
  readonly onDemand: ReadonlyMap<string, number>;
}

export const bundleGateway = (): Promise<Bundle> => bundle('bench/operations/gateway.ts');

/** An API with one route that is protected by `protect`. */
export const bundleProtected = (): Promise<Bundle> => bundle('bench/operations/protected.ts');

async function bundle(entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'error',
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    splitting: true,
    outdir: 'bundle',
    chunkNames: '[hash]',
    external: ['*.wasm'],
  });
  const atStart = loadedWith(metafile, relative(PROJECT, join(PROJECT, entry)));
  const contentOf = (paths: ReadonlySet<string>): Buffer =>
    Buffer.concat(
      outputFiles
        .filter(({ path }) => paths.has(relative(PROJECT, path)))
        .map(({ contents }) => contents),
    );
  const contents = contentOf(atStart);
  const gzipped = (content: Buffer): number => gzipSync(content, { level: 9 }).length;
  // A dynamic import has its own entry.
  const asked = Object.values(metafile.outputs).flatMap(({ entryPoint }) =>
    entryPoint === undefined || entryPoint === entry ? [] : [entryPoint],
  );
  const inputs = [...atStart].flatMap((path) =>
    Object.entries(metafile.outputs[path]?.inputs ?? {}),
  );
  return {
    text: contents.toString('utf8'),
    bytes: contents.length,
    gzipBytes: gzipped(contents),
    files: new Map(inputs.map(([path, { bytesInOutput }]) => [path, bytesInOutput])),
    onDemand: new Map(
      asked.map((module) => {
        const more = [...loadedWith(metafile, module)].filter((path) => !atStart.has(path));
        return [module, gzipped(contentOf(new Set(more)))];
      }),
    ),
  };
}

/** A module and all its static imports, without its dynamic ones. */
function loadedWith({ outputs }: Metafile, entry: string): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === entry);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && outputs[next]) pending.push(next);
    }
  }
  return found;
}

/** Maps `src/biscuit/datalog/regex/parse.ts` to `src/biscuit/datalog/regex`. */
function byFolder(files: Bundle['files']): readonly (readonly [string, number])[] {
  const folders = new Map<string, number>();
  for (const [path, bytes] of files) {
    const folder = path.replace(/\/[^/]*$/, '');
    folders.set(folder, (folders.get(folder) ?? 0) + bytes);
  }
  return [...folders].filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a);
}

export async function bundleReport(): Promise<Report> {
  const { bytes, gzipBytes, files, onDemand } = await bundleGateway();
  const glue = await bundle('node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.js');
  const wasm = await readFile(join(REFERENCE, 'biscuit_bg.wasm'));
  const reference = {
    bytes: glue.bytes + wasm.length,
    gzipBytes: glue.gzipBytes + gzipSync(wasm, { level: 9 }).length,
  };
  const folders = byFolder(files);
  const reached = gzipBytes <= GATEWAY_GZIP_BYTES_MAX;
  return {
    suite: 'bundle',
    title: 'What a gateway loads to decide, bytes',
    columns: ['', 'minified', 'gzipped', 'target', ''],
    rows: [
      [
        'verifier, feed client, capability, engine',
        String(bytes),
        String(gzipBytes),
        `<= ${GATEWAY_GZIP_BYTES_MAX}`,
        verdict(reached),
      ],
      ...[...onDemand].map(([module, size]) => [`${module}, on demand`, '', String(size)]),
      ['biscuit-wasm alone', String(reference.bytes), String(reference.gzipBytes)],
      [],
      ['of it', 'minified'],
      ...folders.map(([folder, size]) => [`  ${folder}`, String(size)]),
    ],
    data: {
      bytes,
      gzipBytes,
      onDemand: Object.fromEntries(onDemand),
      reached,
      reference,
      folders: Object.fromEntries(folders),
    },
  };
}
