/** Datalog: its words, its text, its evaluation. */
export * from './ast.ts';
export {
  type Authorization,
  decide,
  describeWorld,
  type EvaluationInput,
  type Extern,
  type Externs,
  evaluate,
  type LoadedBlock,
  loadWorld,
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
export { compileRegex, type RegexError } from './regex/index.ts';
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
