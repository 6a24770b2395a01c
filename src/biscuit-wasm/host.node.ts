// `#biscuit-wasm` outside workerd, where the module is read from disk and compiled here.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { linkReference } from './link.ts';

const WASM = '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.wasm';

// The types of Workers declare the constructor as abstract, because a Worker cannot compile code.
const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module;

export const withBiscuit = linkReference(
  new Module(readFileSync(fileURLToPath(new URL(WASM, import.meta.url).href))),
);
