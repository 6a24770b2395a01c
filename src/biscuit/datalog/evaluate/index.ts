/** The evaluator: decides from blocks and an authorizer. */
export { type Authorization, decide, evaluate } from './decide.ts';
export { describeWorld, type OriginName, type WorldText } from './describe.ts';
export { query, queryAll } from './query.ts';
export type { Extern, Externs } from './run.ts';
export { type EvaluationInput, type LoadedBlock, loadWorld, type World } from './world.ts';
