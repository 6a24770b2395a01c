/**
 * The reference implementation in Node, as an arena: a WebAssembly instance that is thrown away
 * after a number of judgements, because building an authorizer grows its memory for good.
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

/** The types in force are those of workerd, which compiles nothing at run time; Node does. */
const { compile } = WebAssembly as unknown as {
  compile(bytes: Uint8Array): Promise<WebAssembly.Module>;
};

let compiled: WebAssembly.Module | undefined;
let arenas = 0;

/** Without finalizers: one of them would run after its instance is gone. The instance frees all. */
async function importGlue(): Promise<Glue> {
  const registry = globalThis.FinalizationRegistry;
  Reflect.deleteProperty(globalThis, 'FinalizationRegistry');
  try {
    return await import(/* @vite-ignore */ `${MODULE.href}biscuit_bg.js?arena=${arenas++}`);
  } finally {
    globalThis.FinalizationRegistry = registry;
  }
}

/** The names of the imports carry build hashes, so they are read from the module, not spelled. */
function linkImports(module: WebAssembly.Module, glue: Glue): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    const functions = imports[from];
    // A clock that stands still: the reference gives its rules one millisecond, which is up to the
    // machine. Facts and rounds bound it as well, and those are counts.
    if (name === 'performance_now') functions[name] = () => 0;
    // Its greeting, and what it writes before it traps: the trap itself is an exception.
    else if (/^__wbg_(?:log|error)_/.test(name)) functions[name] = () => {};
    else functions[name] = (glue as unknown as Record<string, WebAssembly.ImportValue>)[name] ?? 0;
  }
  return imports;
}

export type Arena = {
  readonly reference: Reference;
  memoryBytes(): number;
  /** Nothing that came from `reference` may be used afterwards. */
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
