declare module '*/biscuit_bg.js' {
  export * from '@biscuit-auth/biscuit-wasm';
  export function __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
