// `#biscuit-wasm` on workerd. The package's own entry imports its .wasm as an instance, the way
// Node and bundlers resolve it; workerd hands back a compiled module, so it is linked here.
import * as glue from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.js';
import wasm from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.wasm';

// The reference never gives memory back after an authorization: its instance is an arena, dropped
// and linked anew when it has outgrown this. An isolate has 128 MB; linking takes about 1 ms.
const ARENA_BYTES_MAX = 16 * 1024 * 1024;

// Import names carry build hashes, so they are read from the module and never spelled: the glue
// supplies all but one inlined clock, and its greeting on load goes unheard.
const imports: Record<string, Record<string, unknown>> = {};
for (const { module, name } of WebAssembly.Module.imports(wasm)) {
  imports[module] ??= {};
  const functions = imports[module];
  if (name === 'performance_now') functions[name] = () => performance.now();
  else if (name.startsWith('__wbg_log_')) functions[name] = () => {};
  else functions[name] = (glue as Record<string, unknown>)[name];
}

let memory: WebAssembly.Memory | undefined;

function link(): void {
  const { exports } = new WebAssembly.Instance(wasm, imports as WebAssembly.Imports);
  glue.__wbg_set_wasm(exports);
  memory?.grow(0); // Detaches the old buffer, so that the glue drops its cached views of it.
  memory = exports.memory as WebAssembly.Memory;
  (exports.__wbindgen_start as () => void)();
}

link();

/**
 * Runs `use` on the reference implementation and renews a grown arena after it. `use` is
 * synchronous and returns plain data: no object of the reference outlives the call. Workers that
 * load this file set `disable_weak_ref`, so that no finalizer frees an old address in a new arena.
 * A trap (`RuntimeError`) leaves the instance in an unknown state, so that, too, renews it.
 */
export function withBiscuit<T>(use: (reference: typeof glue) => T): T {
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
}
