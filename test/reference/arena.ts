/**
 * The reference implementation in Node, as an arena: a WebAssembly instance that is dropped after a
 * number of judgements, because building an authorizer grows its memory permanently.
 *
 * Each arena has its own copy of the glue, so that no object of one can reach into another.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Reference = typeof import('@biscuit-auth/biscuit-wasm');

type Glue = Reference & {
  __wbg_set_wasm(exports: WebAssembly.Exports | undefined): void;
};

const MODULE = new URL('../../node_modules/@biscuit-auth/biscuit-wasm/module/', import.meta.url);

/** The types in force are those of workerd, which cannot compile at run time; Node can. */
const { compile } = WebAssembly as unknown as {
  compile(bytes: Uint8Array): Promise<WebAssembly.Module>;
};

let compiled: WebAssembly.Module | undefined;
let arenas = 0;

/**
 * Without finalizers: one of them would run after its instance is gone. Dropping the instance frees
 * everything.
 */
async function importGlue(): Promise<Glue> {
  const registry = globalThis.FinalizationRegistry;
  Reflect.deleteProperty(globalThis, 'FinalizationRegistry');
  try {
    return await import(/* @vite-ignore */ `${MODULE.href}biscuit_bg.js?arena=${arenas++}`);
  } finally {
    globalThis.FinalizationRegistry = registry;
  }
}

/** The names of the imports contain build hashes, so they are read from the module. */
function linkImports(module: WebAssembly.Module, glue: Glue): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    const functions = imports[from];
    // A clock that stands still. The reference gives its rules one millisecond, which depends on
    // the machine. Facts and rounds bound the work as well, and those are counts.
    if (name === 'performance_now') functions[name] = () => 0;
    // Its greeting, and what it prints before it traps. The trap itself is an exception.
    else if (/^__wbg_(?:log|error)_/.test(name)) functions[name] = () => {};
    else functions[name] = (glue as unknown as Record<string, WebAssembly.ImportValue>)[name] ?? 0;
  }
  return imports;
}

export type Arena = {
  readonly reference: Reference;
  memoryBytes(): number;
  /** Nothing obtained from `reference` may be used afterwards. */
  close(): void;
};

export async function openArena(): Promise<Arena> {
  compiled ??= await compile(readFileSync(fileURLToPath(`${MODULE.href}biscuit_bg.wasm`)));
  const glue = await importGlue();
  const { exports } = new WebAssembly.Instance(compiled, linkImports(compiled, glue));
  glue.__wbg_set_wasm(exports);
  (exports.__wbindgen_start as () => void)();
  const memory = exports.memory as WebAssembly.Memory;
  return {
    reference: glue,
    memoryBytes: () => memory.buffer.byteLength,
    close: () => glue.__wbg_set_wasm(undefined),
  };
}
