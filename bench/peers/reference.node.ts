import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Glue, ReferenceParts } from './reference.ts';

const MODULE = new URL('../../node_modules/@biscuit-auth/biscuit-wasm/module/', import.meta.url);

/** The types in force are those of workerd, which cannot compile at run time; Node can. */
const { compile } = WebAssembly as unknown as {
  compile(bytes: Uint8Array): Promise<WebAssembly.Module>;
};

export async function loadReference(): Promise<ReferenceParts> {
  const registry = globalThis.FinalizationRegistry;
  Reflect.deleteProperty(globalThis, 'FinalizationRegistry');
  // A separate copy: the package's own entry has already linked its glue to another instance.
  const glue = (await import(`${MODULE.href}biscuit_bg.js?arena`)) as Glue;
  globalThis.FinalizationRegistry = registry;
  const wasm = fileURLToPath(`${MODULE.href}biscuit_bg.wasm`);
  return { glue, module: await compile(await readFile(wasm)) };
}
