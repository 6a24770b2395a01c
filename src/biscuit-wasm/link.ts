/// <reference path="./modules.d.ts" />
import * as glue from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.js';

export type Reference = typeof glue;

// The reference never gives memory back after an authorization: its instance is an arena that is
// dropped and linked again when it has outgrown this. A Worker's isolate has 128 MB, and linking
// takes about 1 ms.
const ARENA_BYTES_MAX = 16 * 1024 * 1024;

/**
 * The memory of the linked instance, wherever this file was evaluated. Vitest evaluates it once for
 * each test file of a process, but the glue only once: a view that the glue cached of an instance
 * of the previous evaluation would read and write out of bounds.
 */
const MEMORY = Symbol.for('hewn.reference.memory');
const linked = globalThis as { [MEMORY]?: WebAssembly.Memory };

/**
 * Links the reference implementation to its compiled module and returns `withBiscuit`.
 *
 * The package's own entry is not used: it imports the .wasm file as an instance, which workerd,
 * Node 20 and Bun do not support.
 */
export function linkReference(wasm: WebAssembly.Module) {
  const imports = importsOf(wasm);
  /** Calls of `withBiscuit` inside each other; only the outermost one replaces the instance. */
  let depth = 0;

  function link(): void {
    const { exports } = new WebAssembly.Instance(wasm, imports);
    glue.__wbg_set_wasm(withoutFinalizers(exports));
    linked[MEMORY]?.grow(0); // Detaches the old buffer, so that the glue drops its views of it.
    linked[MEMORY] = exports.memory as WebAssembly.Memory;
    (exports.__wbindgen_start as () => void)();
  }

  link();

  /**
   * Runs `use` on the reference implementation, and links a new instance if the old one has grown.
   *
   * `use` is synchronous and returns plain data: no object of the reference outlives the call. A
   * trap (`RuntimeError`) leaves the instance in an unknown state, so it is replaced as well.
   */
  return function withBiscuit<T>(use: (reference: Reference) => T): T {
    let trapped = true;
    depth++;
    try {
      const value = use(glue);
      trapped = false;
      return value;
    } catch (error) {
      trapped = error instanceof WebAssembly.RuntimeError;
      throw error;
    } finally {
      depth--;
      const isFull = (linked[MEMORY]?.buffer.byteLength ?? 0) > ARENA_BYTES_MAX;
      if (trapped || (isFull && depth === 0)) link();
    }
  };
}

/**
 * Returns the exports without the functions that free one object each. The glue's finalizers call
 * them whenever the garbage collector runs: for an object of an old instance they would free an
 * address in the new one, which corrupts its memory. An instance is dropped as a whole anyway.
 */
const withoutFinalizers = (exports: WebAssembly.Exports): WebAssembly.Exports =>
  Object.fromEntries(
    Object.entries(exports).map(([name, value]) =>
      /^__wbg_.*_free$/.test(name) ? [name, () => {}] : [name, value],
    ),
  );

/**
 * Names of imports contain build hashes, so they are read from the module. The glue supplies all of
 * them except one inlined clock. The greeting that the module logs on load is dropped.
 */
function importsOf(wasm: WebAssembly.Module): WebAssembly.Imports {
  const imports: Record<string, Record<string, unknown>> = {};
  for (const { module, name } of WebAssembly.Module.imports(wasm)) {
    imports[module] ??= {};
    const functions = imports[module];
    if (name === 'performance_now') functions[name] = () => performance.now();
    else if (name.startsWith('__wbg_log_')) functions[name] = () => {};
    else functions[name] = (glue as Record<string, unknown>)[name];
  }
  return imports as WebAssembly.Imports;
}
