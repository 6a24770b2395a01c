// `#biscuit-wasm` on workerd, where the import of a .wasm file is a compiled module.
import wasm from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.wasm';
import { linkReference } from './link.ts';

export const withBiscuit = linkReference(wasm);
