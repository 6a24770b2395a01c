/// <reference path="./modules.d.ts" />
import * as glue from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.js';

export type Reference = typeof glue;

// The reference never gives memory back after an authorization: its instance is an arena that is
// dropped and linked again when it has outgrown this. A Worker's isolate has 128 MB, and linking
// takes about 1 ms.
const ARENA_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Links the reference implementation to its compiled module and returns `withBiscuit`.
 *
 * The package's own entry is not used: it imports the .wasm file as an instance, which workerd,
 * Node 20 and Bun do not support.
 */
export function linkReference(wasm: WebAssembly.Module) {
  const imports = importsOf(wasm);
  let memory: WebAssembly.Memory | undefined;

  function link(): void {
    const { exports } = new WebAssembly.Instance(wasm, imports);
    glue.__wbg_set_wasm(exports);
    memory?.grow(0); // Detaches the old buffer, so that the glue drops its cached views of it.
    memory = exports.memory as WebAssembly.Memory;
    (exports.__wbindgen_start as () => void)();
  }

  link();

  /**
   * Runs `use` on the reference implementation, and links a new instance if the old one has grown.
   *
   * `use` is synchronous and returns plain data: no object of the reference outlives the call. A
   * Worker that loads this file sets `disable_weak_ref`, so that no finalizer frees an old address
   * in a new arena. A trap (`RuntimeError`) leaves the instance in an unknown state, so it is
   * replaced as well.
   */
  return function withBiscuit<T>(use: (reference: Reference) => T): T {
    let trapped = true;
    try {
      const value = use(glue);
      trapped = false;
      return value;
    } catch (error) {
      trapped = error instanceof WebAssembly.RuntimeError;
      throw error;
    } finally {
      if (trapped || (memory?.buffer.byteLength ?? 0) > ARENA_BYTES_MAX) link();
    }
  };
}

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
