/** A feed of any size on paper: how many entries live, who asks how often, when a denial holds. */
export { report } from './report.ts';
export { simulate } from './run.ts';
export { type FeedScale, USUAL } from './scale.ts';
export { scenarioTable } from './scenarios.ts';
