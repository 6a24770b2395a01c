import { withBiscuit } from '../biscuit-wasm/index.ts';
import { utf8 } from '../encoding.ts';
import { POLICY_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { decide } from './decide.ts';
import type { LoadedRules } from './evaluate.ts';
import type { Policy, PolicyError, PolicyFile } from './policy.ts';
import { type Statement, splitStatements } from './statements.ts';
import { kindOf, misuse, statedBy } from './vocabulary.ts';

/**
 * Reads policy files, in the order given, as one policy. What is wrong with them is found here and
 * not at the first mint; without a policy nothing is minted.
 */
export function loadPolicy(files: readonly PolicyFile[]): Result<Policy, PolicyError> {
  const read: { file: string; statement: Statement }[] = [];
  for (const { name: file, source } of files) {
    if (source.length > POLICY_BYTES_MAX || utf8(source).length > POLICY_BYTES_MAX) {
      return refuse({ code: 'policy_too_large', file });
    }
    const split = splitStatements(source);
    if (!split.ok) return refuse({ code: 'policy_invalid', file, ...split.error });
    read.push(...split.value.map((statement) => ({ file, statement })));
  }
  // A file of comments alone is a policy that was lost on the way.
  if (read.length === 0) return refuse({ code: 'policy_missing' });

  const statements = read.map(({ statement }) => statement);
  const stated = statedBy(statements);
  const policies: string[] = [];
  for (const { file, statement } of read) {
    const parsed = parseStatement(statement);
    const why = parsed.ok ? misuse(statement, stated) : parsed.error;
    if (why !== undefined) {
      return refuse({ code: 'policy_invalid', file, line: statement.line, why });
    }
    if (parsed.ok && kindOf(statement) === 'policy') policies.push(parsed.value);
  }
  const source = statements.map(({ text }) => `${text};\n`).join('');
  const rules: LoadedRules = { source, policies };
  return ok({ decide: (input) => decide(rules, input) });
}

/** The statement as the engine prints it, read by the engine alone; or why it does not. */
function parseStatement(statement: Statement): Result<string, string> {
  const kind = kindOf(statement);
  try {
    return withBiscuit((reference) => {
      const { Check, Fact, Policy, Rule } = reference;
      const parser = { fact: Fact, rule: Rule, check: Check, policy: Policy }[kind];
      const parsed = parser.fromString(statement.text);
      // A parameter that nobody sets would make every evaluation fail.
      if (parsed.unboundParameters().length > 0) return refuse('a parameter');
      const [pattern] = patterns(statement).filter((text) => !isPattern(reference, text));
      if (pattern !== undefined) return refuse('a regular expression that the engine cannot read');
      return ok(parsed.toString());
    });
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown;
    return refuse(parseProblem(thrown, kind));
  }
}

function parseProblem(thrown: unknown, kind: string): string {
  const { Language } = thrown as {
    Language?: { ParseError?: { errors?: { input: string; message?: string }[] } };
  };
  const [error] = Language?.ParseError?.errors ?? [];
  if (!error) return `not a ${kind}`;
  return error.message ?? `not a ${kind}, from: ${error.input.slice(0, 80)}`;
}

type Reference = Parameters<Parameters<typeof withBiscuit>[0]>[0];

/** The literal regular expressions of a statement. */
function patterns({ text, bare }: Statement): readonly string[] {
  return [...bare.matchAll(/\.matches\(\s*" *"/g)].map((match) => {
    const literal = text.slice(match.index, match.index + match[0].length);
    const inside = literal.slice(literal.indexOf('"') + 1, -1);
    return inside.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
  });
}

/**
 * To the engine, a broken regular expression is one that matches nothing, which turns a `deny if`
 * into nothing at all. With an empty alternative, one that it can read matches everything.
 */
function isPattern(reference: Reference, pattern: string): boolean {
  const builder = new reference.AuthorizerBuilder();
  builder.addCodeWithParameters('allow if "".matches({p});', { p: `${pattern}|` }, {});
  try {
    builder.buildUnauthenticated().authorize();
    return true;
  } catch {
    return false;
  }
}
