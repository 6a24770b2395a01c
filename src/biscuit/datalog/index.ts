/** Datalog: its data types, parser, printer and evaluator. */
export * from './ast.ts';
export { compileRegex, evaluate, loadWorld, testRegex } from './complete.ts';
export {
  type Authorization,
  decide,
  describeWorld,
  type EvaluationInput,
  type Extern,
  type Externs,
  evaluate as evaluateWith,
  type LoadedBlock,
  type OriginName,
  query,
  queryAll,
  type World,
  type WorldText,
} from './evaluate/index.ts';
export { compareKeys, compareTerms, compareText } from './order.ts';
export {
  printAuthorizer,
  printBlock,
  printCheck,
  printExpression,
  printFact,
  printPolicy,
  printPublicKey,
  printRule,
  printTerm,
} from './print/index.ts';
export type { RegexEngine, RegexError } from './regex/index.ts';
export { regexFor } from './regex-on-demand.ts';
export * from './terms.ts';
export {
  type Parameters,
  parseAuthorizer,
  parseBlock,
  parseCheck,
  parseFact,
  parsePolicy,
  parseRule,
  parseTerm,
} from './text/index.ts';
