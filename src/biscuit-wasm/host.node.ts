import * as biscuit from '@biscuit-auth/biscuit-wasm';

/**
 * `#biscuit-wasm` outside workerd: the package loads itself. Its memory grows with every
 * authorization, which a command or a test run outlives; a long-lived Node server should not use
 * it.
 */
export const withBiscuit = <T>(use: (reference: typeof biscuit) => T): T => use(biscuit);
