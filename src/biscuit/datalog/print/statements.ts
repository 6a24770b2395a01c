/** Prints facts, rules, checks, policies and whole blocks as the reference does. */
import type { AuthorizerSource, Block, Check, Fact, Policy, Query, Rule, Scope } from '../ast.ts';
import { printExpression } from './expressions.ts';
import { printPredicate, printPublicKey } from './terms.ts';

const CHECK_WORDS = { if: 'check if', all: 'check all', reject: 'reject if' } as const;

const printScope = (scope: Scope) =>
  scope.kind === 'publicKey' ? printPublicKey(scope.key) : scope.kind;

const printScopes = (scopes: readonly Scope[]) => `trusting ${scopes.map(printScope).join(', ')}`;

function printBody({ body, expressions, scopes }: Query): string {
  const elements = [...body.map(printPredicate), ...expressions.map(printExpression)].join(', ');
  return scopes.length === 0 ? elements : `${elements} ${printScopes(scopes)}`;
}

const printQueries = (queries: readonly Query[]) => queries.map(printBody).join(' or ');

/** Returns a fact as Datalog text. */
export const printFact = (fact: Fact): string => printPredicate(fact);

/** Returns a rule as Datalog text. */
export const printRule = (rule: Rule): string =>
  `${printPredicate(rule.head)} <- ${printBody(rule)}`;

/** Returns a check as Datalog text. */
export const printCheck = ({ kind, queries }: Check): string =>
  `${CHECK_WORDS[kind]} ${printQueries(queries)}`;

/** Returns a policy as Datalog text. */
export const printPolicy = ({ kind, queries }: Policy): string =>
  `${kind} if ${printQueries(queries)}`;

const printSource = (
  scopes: readonly Scope[],
  ...statements: readonly (readonly string[])[]
): string =>
  [scopes.length === 0 ? [] : printScopes(scopes), ...statements]
    .flat()
    .map((statement) => `${statement};\n`)
    .join('');

/**
 * One statement per line: the block's scopes, which the reference omits, then facts, rules and
 * checks.
 */
export const printBlock = ({ scopes, facts, rules, checks }: Block): string =>
  printSource(scopes, facts.map(printFact), rules.map(printRule), checks.map(printCheck));

/** Like `printBlock`, with the policies at the end. Their order matters. */
export const printAuthorizer = (source: AuthorizerSource): string =>
  printSource(
    source.scopes,
    source.facts.map(printFact),
    source.rules.map(printRule),
    source.checks.map(printCheck),
    source.policies.map(printPolicy),
  );
