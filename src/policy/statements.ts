import {
  type AuthorizerSource,
  type BiscuitError,
  parseCheck,
  parseFact,
  parsePolicy,
  parseRule,
} from '../biscuit/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { isComposed, lineAt, NOT_COMPOSED, replacedAt, type SourceFault } from '../source-text.ts';

/** One parsed statement of a policy file. */
export type Statement = {
  [K in 'fact' | 'rule' | 'check' | 'policy']: {
    readonly kind: K;
    /** Where it starts, from 1. */
    readonly line: number;
    readonly value: AuthorizerSource[Plural[K]][number];
  };
}[keyof Plural];

interface Plural {
  readonly fact: 'facts';
  readonly rule: 'rules';
  readonly check: 'checks';
  readonly policy: 'policies';
}

export type StatementError = SourceFault;

/** A string with its escapes, a comment, a semicolon, or the start of an unterminated one. */
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|;|"|\/\*/g;

/**
 * Parses a file statement by statement, so that a decision can name its rule and an error its line.
 * Comments are allowed anywhere.
 */
export function readStatements(source: string): Result<readonly Statement[], StatementError> {
  const statements: Statement[] = [];
  const fault = replacedAt(source);
  if (fault) return refuse(fault);
  let text = '';
  let startsAt = 0;
  let end = 0;
  const take = (from: number, to: number): void => {
    const piece = source.slice(from, to);
    if (text.trim() === '') startsAt = from + (piece.length - piece.trimStart().length);
    text += piece;
  };
  const finish = (): StatementError | undefined => {
    const line = lineAt(source, startsAt);
    const read = readStatement(text.trim(), line);
    text = '';
    if (!read.ok) return { line, why: read.error };
    statements.push(read.value);
    return undefined;
  };
  for (const match of source.matchAll(TOKEN)) {
    const [token] = match;
    take(end, match.index);
    end = match.index + token.length;
    if (token === '"' || token === '/*') {
      const why = token === '"' ? 'an unterminated string' : 'an unterminated comment';
      return refuse({ line: lineAt(source, match.index), why });
    }
    if (token === ';') {
      const empty = { line: lineAt(source, match.index), why: 'an empty statement' };
      const error = text.trim() === '' ? empty : finish();
      if (error) return refuse(error);
    } else if (token.startsWith('"')) {
      // It would equal no name, so a `deny if` with it would deny nothing.
      if (!isComposed(token))
        return refuse({ line: lineAt(source, match.index), why: NOT_COMPOSED });
      if (text.trim() === '') startsAt = match.index;
      text += token;
    } else text += ' ';
  }
  take(end, source.length);
  const error = text.trim() === '' ? undefined : finish();
  return error ? refuse(error) : ok(statements);
}

function readStatement(text: string, line: number): Result<Statement, string> {
  const parsed = parse(text, line);
  return parsed.ok ? parsed : refuse(describe(parsed.error));
}

/** The kind of a statement shows in its first words, or in its arrow. */
function parse(text: string, line: number): Result<Statement, BiscuitError> {
  if (/^(?:allow|deny)\s+if\b/.test(text)) return mark('policy', line, parsePolicy(text));
  if (/^(?:check\s+(?:if|all)|reject\s+if)\b/.test(text)) {
    return mark('check', line, parseCheck(text));
  }
  // A fact may contain an arrow inside a string, so it is tried before a rule.
  const fact = parseFact(text);
  if (fact.ok) return mark('fact', line, fact);
  return text.includes('<-') ? mark('rule', line, parseRule(text)) : fact;
}

function mark<K extends Statement['kind'], T>(
  kind: K,
  line: number,
  parsed: Result<T, BiscuitError>,
): Result<Statement, BiscuitError> {
  return parsed.ok ? ok({ kind, line, value: parsed.value } as unknown as Statement) : parsed;
}

function describe(error: BiscuitError): string {
  if (error.code === 'parse_failed') {
    const [line = ''] = error.found.split(/\n|\\u\{a\}/, 1);
    const end = error.found === '' ? 'the end' : 'the end of the line';
    const found = line === '' ? end : line;
    const hint = line.startsWith('#') ? '. A comment begins with //' : '';
    return `expected ${error.expected.join(' or ')}, found ${found}${hint}`;
  }
  // Policies are loaded without parameters, so every evaluation would fail.
  return error.code === 'parameters_mismatch' ? 'a parameter' : error.code;
}
