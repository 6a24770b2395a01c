const SOURCE = '../../node_modules/@biscuit-auth/biscuit-wasm/module/';
const PACKAGE = './vendor/';

/**
 * Makes a built file load the reference engine from inside the package.
 *
 * Throws if the file does not load it: the sources have changed, and this must change with them.
 */
export function vendored(code: string, name: string): string {
  if (!code.includes(SOURCE)) throw new Error(`${name} does not load the reference engine`);
  return code.replaceAll(SOURCE, PACKAGE);
}
