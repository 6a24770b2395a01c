/** A feed of any size on paper: how many entries live, who asks how often, when a denial holds. */
export { report } from './report.ts';
export { type Simulated, simulate } from './run.ts';
export { type FeedScale, USUAL } from './scale.ts';
export { SCENARIOS, scenarioTable } from './scenarios.ts';
