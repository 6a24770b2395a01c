/**
 * Runs an unpatched agent: holds its capability in another process, hands it the
 * servers of the run, widens on request, and ends the workflow with it.
 */
export { describeSummary } from './describe-summary.ts';
export { hideCredentials } from './hide-credentials.ts';
export { catalogueOf, openRelays } from './relays.ts';
export { endWorkflow, runAgent } from './run.ts';
export { Tally } from './tally.ts';
