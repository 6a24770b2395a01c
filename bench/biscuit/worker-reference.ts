/** biscuit-wasm in workerd, where its own entry does not load: linked by hand. */
import * as glue from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.js';
import wasm from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.wasm';
import { type Link, makeReference, type Reference } from './reference.ts';
import { serve } from './worker.ts';

const functions = glue as unknown as Record<string, WebAssembly.ImportValue>;

const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
for (const { module, name } of WebAssembly.Module.imports(wasm)) {
  imports[module] ??= {};
  const given = imports[module];
  if (name === 'performance_now') given[name] = () => performance.now();
  else given[name] = name.startsWith('__wbg_log_') ? () => {} : (functions[name] ?? 0);
}

let memory: WebAssembly.Memory | undefined;

const link: Link = async () => {
  const { exports } = new WebAssembly.Instance(wasm, imports);
  glue.__wbg_set_wasm(exports);
  // Detaches the old buffer, so that the glue drops the views that it keeps of it.
  memory?.grow(0);
  const own = exports.memory as WebAssembly.Memory;
  memory = own;
  (exports.__wbindgen_start as () => void)();
  return { reference: glue as unknown as Reference, memoryBytes: () => own.buffer.byteLength };
};

export default serve((fixture) => makeReference(fixture, link));
