declare module '*/biscuit_bg.js' {
  export function __wbg_set_wasm(exports: WebAssembly.Exports): void;
}
declare module '*/biscuit_bg.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
