/**
 * Runs the Workers of a deployment on workerd alone, on a machine of one's own: the configuration
 * that workerd reads, the lock of the state folder, and one program that needs no Node.
 */
export { type BuiltServer, buildServer, compileServer } from './build.ts';
export { uniqueKeyOf } from './config.ts';
export { demandGeneration, generationFault } from './generation.ts';
export { lockState, RESTORING_FILE } from './lock.ts';
export { collectSecrets } from './secrets.ts';
export { type StartOptions, startServer } from './server.ts';
