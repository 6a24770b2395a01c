/** The printer: writes Datalog as text. */
export { printExpression } from './expressions.ts';
export {
  printAuthorizer,
  printBlock,
  printCheck,
  printFact,
  printPolicy,
  printRule,
} from './statements.ts';
export { printPublicKey, printTerm } from './terms.ts';
