/** Simulates a feed of any size: live entries, requests, and the time to a denial. */
export { report } from './report.ts';
export { simulate } from './run.ts';
export { type FeedScale, USUAL } from './scale.ts';
export { scenarioTable } from './scenarios.ts';
