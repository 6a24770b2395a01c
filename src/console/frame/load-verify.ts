/** In a variable, so that the bundler leaves the import to the browser. */
const FILE = '/console/verify.js';

/** Loads what verifies records, when a person asks for it. */
export const loadVerify = (): Promise<typeof import('../trail/verify/index.ts')> => import(FILE);
