/** The evaluator: blocks and an authorizer in, a decision out. */
export { type Authorization, decide, evaluate } from './decide.ts';
export { describeWorld, type OriginName, type WorldText } from './describe.ts';
export { query, queryAll } from './query.ts';
export type { Extern, Externs } from './run.ts';
export { type EvaluationInput, type LoadedBlock, loadWorld, type World } from './world.ts';
