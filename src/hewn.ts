/**
 * `hewn` has one door for each role, so that a program loads only what it uses. This module is for
 * the reader of a stack trace who imported the package as a whole.
 */
throw new Error(
  'Import a part of hewn by its role: "hewn/agent" to obtain and narrow a capability, ' +
    '"hewn/verifier", "hewn/verifier/node", "hewn/hono", "hewn/express" and "hewn/mcp" to protect ' +
    'an API, "hewn/testing" to test it, "hewn/issuer" and "hewn/gateway" to deploy the Workers. ' +
    'The "exports" of its package.json lists all parts.',
);
