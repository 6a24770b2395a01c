/**
 * The parser: reads Datalog text as data. A verifier that parses nothing per request need not load
 * it.
 */
import { ok, type Result, refuse } from '../../../result.ts';
import type { BiscuitError } from '../../errors.ts';
import { checkLimits, DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import type { AuthorizerSource, Block, Check, Fact, Policy, Rule, Scope, Term } from '../ast.ts';
import {
  expect,
  openSource,
  type Parameters,
  refusal,
  reject,
  type Source,
  skip,
  take,
} from './source.ts';
import * as statement from './statements.ts';
import { parseValue } from './terms.ts';

export type { Parameters } from './source.ts';

type Parsed<T> = Result<T, BiscuitError>;

function parse<T>(
  text: string,
  parameters: Parameters,
  limits: Limits,
  read: (source: Source) => T | undefined,
): Parsed<T> {
  const maximum = checkLimits(limits).sourceCharsMax;
  if (text.length > maximum)
    return refuse({ code: 'limit_exceeded', limit: 'sourceCharsMax', maximum });
  const source = openSource(text, parameters, limits);
  const surrogate = text.isWellFormed() ? -1 : text.search(/\p{Cs}/u);
  if (surrogate >= 0) {
    reject(source, surrogate, 'well-formed Unicode');
    return refusal(source);
  }
  skip(source);
  const value = read(source);
  skip(source);
  if (value === undefined || source.failure !== undefined) return refusal(source);
  if (source.at < text.length) {
    expect(source, 'the end');
    return refusal(source);
  }
  const unused = Object.keys(parameters).filter((name) => !source.used.has(name));
  if (source.missing.size > 0 || unused.length > 0)
    return refuse({ code: 'parameters_mismatch', missing: [...source.missing], unused });
  return ok(value);
}

type Statements = {
  scopes: readonly Scope[];
  readonly facts: Fact[];
  readonly rules: Rule[];
  readonly checks: Check[];
  readonly policies: Policy[];
};

/** Appends the value to the list; returns false if nothing was read. */
function keep<T>(list: T[], value: T | undefined): boolean {
  if (value !== undefined) list.push(value);
  return value !== undefined;
}

function parseStatement(source: Source, into: Statements, policies: 'policies' | 'none'): boolean {
  const start = source.at;
  if (keep(into.checks, statement.parseCheck(source))) return true;
  if (source.at > start) return false;
  if (policies === 'policies' && keep(into.policies, statement.parsePolicy(source))) return true;
  if (source.at > start) return false;
  return statement.isRule(source)
    ? keep(into.rules, statement.parseRule(source))
    : keep(into.facts, statement.parseFact(source));
}

/** Parses statements, each followed by a semicolon, which is optional after the last. */
function parseStatements(source: Source, policies: 'policies' | 'none'): Statements | undefined {
  const into: Statements = { scopes: [], facts: [], rules: [], checks: [], policies: [] };
  const start = source.at;
  const scopes = statement.parseScopes(source);
  if (scopes === undefined && source.at > start) return undefined;
  if (scopes !== undefined) into.scopes = scopes;
  let separated = scopes === undefined || take(source, ';');
  for (;;) {
    skip(source);
    if (source.at === source.text.length) return into;
    if (!separated || !parseStatement(source, into, policies)) return undefined;
    skip(source);
    separated = take(source, ';');
  }
}

/**
 * Parses the source of a block.
 *
 * @param parameters one value for each `{name}` in the text; an unused name is an error
 *
 * @example
 * ```ts
 * import { parseBlock, string } from 'hewn/biscuit';
 *
 * const block = parseBlock('check if resource({file})', { file: string('reports/q3.md') });
 * if (!block.ok) throw new Error(block.error.code);
 * ```
 */
export const parseBlock = (
  text: string,
  parameters: Parameters = {},
  limits: Limits = DEFAULT_LIMITS,
): Parsed<Block> =>
  parse(text, parameters, limits, (source) => {
    const statements = parseStatements(source, 'none');
    if (statements === undefined) return undefined;
    const { facts, rules, checks, scopes } = statements;
    return { facts, rules, checks, scopes };
  });

/**
 * Parses the source of an authorizer: a block plus policies.
 *
 * @example
 * ```ts
 * import { parseAuthorizer } from 'hewn/biscuit';
 *
 * const authorizer = parseAuthorizer('allow if right($file, "read"), resource($file)');
 * if (!authorizer.ok) throw new Error(authorizer.error.code);
 * ```
 */
export const parseAuthorizer = (
  text: string,
  parameters: Parameters = {},
  limits: Limits = DEFAULT_LIMITS,
): Parsed<AuthorizerSource> =>
  parse(text, parameters, limits, (source) => parseStatements(source, 'policies'));

/** Parses one fact, without a semicolon. The next three functions work alike. */
export const parseFact = (
  text: string,
  parameters: Parameters = {},
  limits: Limits = DEFAULT_LIMITS,
): Parsed<Fact> => parse(text, parameters, limits, statement.parseFact);

/** Parses one rule, without a semicolon. */
export const parseRule = (
  text: string,
  parameters: Parameters = {},
  limits: Limits = DEFAULT_LIMITS,
): Parsed<Rule> => parse(text, parameters, limits, statement.parseRule);

/** Parses one check, without a semicolon. */
export const parseCheck = (
  text: string,
  parameters: Parameters = {},
  limits: Limits = DEFAULT_LIMITS,
): Parsed<Check> => parse(text, parameters, limits, statement.parseCheck);

/** Parses one policy, without a semicolon. */
export const parsePolicy = (
  text: string,
  parameters: Parameters = {},
  limits: Limits = DEFAULT_LIMITS,
): Parsed<Policy> => parse(text, parameters, limits, statement.parsePolicy);

/** Parses one value: neither a variable nor a parameter. */
export const parseTerm = (text: string, limits: Limits = DEFAULT_LIMITS): Parsed<Term> =>
  parse(text, {}, limits, parseValue);
