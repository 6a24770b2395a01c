/**
 * The reference implementation as an arena, in either runtime. Building an authorizer grows its
 * memory permanently, so its instance is dropped and linked again once it has outgrown a bound.
 * Linking takes about a millisecond, once in about five hundred authorizations.
 *
 * No finalizer may outlive an arena: load the glue where `FinalizationRegistry` is absent.
 */
export type Reference = typeof import('@biscuit-auth/biscuit-wasm');

export type Glue = Reference & { __wbg_set_wasm(exports: WebAssembly.Exports): void };

export type ReferenceParts = { readonly glue: Glue; readonly module: WebAssembly.Module };

export type ReferenceArena = {
  /** Objects of the reference do not outlive the call, except those that `keep` creates. */
  readonly use: <T>(run: (reference: Reference) => T) => T;
  /** Created once in each arena, as a server creates its root key once. */
  readonly keep: <T>(make: (reference: Reference) => T) => () => T;
};

const ARENA_BYTES_MAX = 16 * 1024 * 1024;

export function openReference({ glue, module }: ReferenceParts): ReferenceArena {
  const imports = linkImports(glue, module);
  let memory: WebAssembly.Memory | undefined;
  let arena = 0;
  const link = () => {
    const { exports } = new WebAssembly.Instance(module, imports);
    glue.__wbg_set_wasm(exports);
    memory?.grow(0); // Detaches the old buffer, so that the glue drops its cached views of it.
    memory = exports.memory as WebAssembly.Memory;
    (exports.__wbindgen_start as () => void)();
    arena++;
  };
  link();
  return {
    use: (run) => {
      if ((memory?.buffer.byteLength ?? 0) > ARENA_BYTES_MAX) link();
      return run(glue);
    },
    keep: (make) => {
      let kept: { readonly arena: number; readonly value: ReturnType<typeof make> } | undefined;
      return () => {
        if (kept?.arena !== arena) kept = { arena, value: make(glue) };
        return kept.value;
      };
    },
  };
}

/** The names of the imports contain build hashes, so they are read from the module. */
function linkImports(glue: Glue, module: WebAssembly.Module): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    const functions = imports[from];
    if (name === 'performance_now') functions[name] = () => performance.now();
    else if (name.startsWith('__wbg_log_')) functions[name] = () => {};
    else functions[name] = (glue as unknown as Record<string, WebAssembly.ImportValue>)[name] ?? 0;
  }
  return imports;
}
