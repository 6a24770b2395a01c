/** Parses statements: facts, rules, checks, policies, and the scopes that they trust. */
import type { Check, Expression, Fact, Policy, Predicate, Query, Rule, Scope } from '../ast.ts';
import { headIsBound } from '../rule.ts';
import { parseExpression } from './expressions.ts';
import { endOfName, takePublicKey } from './literals.ts';
import { expect, list, reject, type Source, skip, takeMatch } from './source.ts';
import { parsePredicate, parseTerm, parseValue, takeKeyParameter } from './terms.ts';

const CHECK = /(check|reject)[ \t\r\n]+(if|all)(?![\w:]|[^\0-\x7f])/iy;
const POLICY = /(allow|deny)[ \t\r\n]+if(?![\w:]|[^\0-\x7f])/iy;
const OR = /or(?![\w:]|[^\0-\x7f])/iy;
const TRUSTING = /trusting(?![\w:]|[^\0-\x7f])/y;
const SCOPE = /(authority|previous)(?![\w:]|[^\0-\x7f])/y;
const ARROW = /<-/y;
const OPENING = /[ \t\r\n]*\(/y;

export const parseFact = (source: Source): Fact | undefined => parsePredicate(source, parseValue);

/**
 * Returns undefined both if there are no scopes and if they are wrong: then no statement ends here.
 */
export function parseScopes(source: Source): readonly Scope[] | undefined {
  if (takeMatch(source, TRUSTING, '"trusting"') === undefined) return undefined;
  return list(source, () => parseScope(source));
}

function parseScope(source: Source): Scope | undefined {
  const word = takeMatch(source, SCOPE, '"authority" or "previous"')?.[1];
  if (word !== undefined) return { kind: word === 'authority' ? 'authority' : 'previous' };
  const key = takeKeyParameter(source) ?? takePublicKey(source);
  return key && { kind: 'publicKey', key };
}

/** A name and an opening parenthesis: no expression starts like that. */
function startsPredicate({ text, at }: Source): boolean {
  OPENING.lastIndex = endOfName(text, at);
  return OPENING.lastIndex > at && OPENING.test(text);
}

function parseBody(source: Source): Query | undefined {
  const body: Predicate[] = [];
  const expressions: Expression[] = [];
  const elements = list(source, () => {
    if (startsPredicate(source)) {
      const predicate = parsePredicate(source, parseTerm);
      if (predicate !== undefined) body.push(predicate);
      return predicate;
    }
    expect(source, 'a predicate');
    const expression = parseExpression(source);
    if (expression !== undefined) expressions.push(expression);
    return expression;
  });
  if (elements === undefined) return undefined;
  skip(source);
  const start = source.at;
  const scopes = parseScopes(source);
  if (scopes === undefined && source.at > start) return undefined;
  return { body, expressions, scopes: scopes ?? [] };
}

function parseQueries(source: Source): readonly Query[] | undefined {
  const queries: Query[] = [];
  do {
    skip(source);
    const query = parseBody(source);
    if (query === undefined) return undefined;
    queries.push(query);
    skip(source);
  } while (takeMatch(source, OR, '"or"') !== undefined);
  return queries;
}

/** Parses one check, without a semicolon. */
export function parseCheck(source: Source): Check | undefined {
  const start = source.at;
  const words = takeMatch(source, CHECK, 'a check');
  if (words === undefined) return undefined;
  const kind = words[1]?.toLowerCase() === 'reject' ? 'reject' : words[2]?.toLowerCase();
  if (kind === 'reject' && words[2]?.toLowerCase() === 'all')
    return reject(source, start, '"reject if"');
  const queries = parseQueries(source);
  return queries && { kind: kind === 'all' ? 'all' : kind === 'reject' ? 'reject' : 'if', queries };
}

/** Parses one policy, without a semicolon. */
export function parsePolicy(source: Source): Policy | undefined {
  const word = takeMatch(source, POLICY, 'a policy')?.[1];
  if (word === undefined) return undefined;
  const queries = parseQueries(source);
  return queries && { kind: word.toLowerCase() === 'allow' ? 'allow' : 'deny', queries };
}

/** Parses one rule, without a semicolon. */
export function parseRule(source: Source): Rule | undefined {
  const start = source.at;
  const head = parsePredicate(source, parseTerm);
  skip(source);
  if (head === undefined || takeMatch(source, ARROW, '"<-"') === undefined) return undefined;
  skip(source);
  const query = parseBody(source);
  if (query === undefined) return undefined;
  const rule: Rule = { head, ...query };
  if (headIsBound(rule)) return rule;
  return reject(source, start, 'a head whose variables occur in predicates of the body');
}

/** Returns whether this is a rule rather than a fact: an arrow follows the first predicate. */
export function isRule(source: Source): boolean {
  const start = source.at;
  const head = parsePredicate(source, parseTerm);
  skip(source);
  const found = head !== undefined && takeMatch(source, ARROW, '"<-"') !== undefined;
  source.at = start;
  return found;
}
