/** The verifier of an earlier release, out of the gateway that `freeze.ts` kept. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { createVerifier } from '../../src/verifier/index.ts';

/** Its minifier kept the names of functions: `i(Sa,"createVerifier")`. */
const NAMED = /\bi\((\w+),"createVerifier"\)/;
/** The catalogue of the deployment, which a verifier does not read. */
const TEXT = /import (\w+) from"\.\/[^"]+\.toml"/g;

/** Returns `createVerifier` as the release has it. */
export async function releasedVerifier(version: string): Promise<typeof createVerifier> {
  const kept = join(import.meta.dirname, version, 'gateway.js.gz');
  const text = gunzipSync(await readFile(kept)).toString();
  const [, name] = NAMED.exec(text) ?? [];
  if (name === undefined) throw new Error(`release ${version} has no createVerifier`);
  const folder = await mkdtemp(join(tmpdir(), 'hewn-released-'));
  const file = join(folder, 'gateway.mjs');
  try {
    const standalone = text.replace(TEXT, 'const $1=""').replace(/\n\/\/# sourceMappingURL=.*/, '');
    await writeFile(file, `${standalone}\nexport { ${name} as createVerifier };\n`);
    const released: { createVerifier: typeof createVerifier } = await import(
      /* @vite-ignore */ pathToFileURL(file).href
    );
    return released.createVerifier;
  } finally {
    await rm(folder, { recursive: true });
  }
}
