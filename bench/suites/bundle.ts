/** What a gateway loads to decide, minified and gzipped, and what of it comes from where. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { type Report, verdict } from '../report.ts';

/** Decimal kilobytes, as the target has them. */
export const GATEWAY_GZIP_BYTES_MAX = 30_000;

const PROJECT = join(import.meta.dirname, '../..');
const REFERENCE = join(PROJECT, 'node_modules/@biscuit-auth/biscuit-wasm/module');

export interface Bundle {
  readonly text: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Minified bytes of each source file in it, by its path from the root of the project. */
  readonly files: ReadonlyMap<string, number>;
}

export const bundleGateway = (): Promise<Bundle> => bundle('bench/operations/gateway.ts');

async function bundle(entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: [entry],
    ...{ bundle: true, minify: true, write: false, metafile: true, logLevel: 'error' },
    ...{ format: 'esm', target: 'es2024', conditions: ['workerd', 'worker', 'browser'] },
    external: ['*.wasm'],
  });
  const [output] = outputFiles;
  const contents = output?.contents ?? new Uint8Array();
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  return {
    text: output?.text ?? '',
    bytes: contents.length,
    gzipBytes: gzipSync(contents, { level: 9 }).length,
    files: new Map(inputs.map(([path, { bytesInOutput }]) => [path, bytesInOutput])),
  };
}

/** `src/biscuit/datalog/regex/parse.ts` belongs to `src/biscuit/datalog/regex`. */
function byFolder(files: Bundle['files']): readonly (readonly [string, number])[] {
  const folders = new Map<string, number>();
  for (const [path, bytes] of files) {
    const folder = path.replace(/\/[^/]*$/, '');
    folders.set(folder, (folders.get(folder) ?? 0) + bytes);
  }
  return [...folders].filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a);
}

export async function bundleReport(): Promise<Report> {
  const { bytes, gzipBytes, files } = await bundleGateway();
  const glue = await bundle(join(REFERENCE, 'biscuit_bg.js'));
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
      ['biscuit-wasm alone', String(reference.bytes), String(reference.gzipBytes)],
      [],
      ['of it', 'minified'],
      ...folders.map(([folder, size]) => [`  ${folder}`, String(size)]),
    ],
    data: { bytes, gzipBytes, reached, reference, folders: Object.fromEntries(folders) },
  };
}
