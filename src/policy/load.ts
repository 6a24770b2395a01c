import { type AuthorizerSource, printCheck, printPolicy, printRule } from '../biscuit/index.ts';
import { lintConstraint, parseConstraint } from '../capability/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import { utf8 } from '../encoding.ts';
import { expecting, type Members, optional, readOptions } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import { decide } from './decide.ts';
import type { LoadedRules, Placed } from './evaluate.ts';
import { explain } from './explain.ts';
import { fromTerm } from './json-terms.ts';
import { datasetsIn, findUnknownName, issuersIn, type KnownNames } from './names.ts';
import { ownersOf } from './owners.ts';
import { hasBrokenPattern } from './patterns.ts';
import type { Policy, PolicyError, PolicyFile, PolicyRule, PolicyWarning } from './policy.ts';
import { readStatements, type Statement } from './statements.ts';
import { findAlwaysTrue, findNeverTrue } from './vacuous.ts';
import { findMisuse, readBy, statedBy } from './vocabulary.ts';

export const POLICY_BYTES_MAX = 64 * 1024;

/** The options of `loadPolicy` and `findPolicyFaults`. */
export interface LoadOptions {
  /** The names of the configured identity issuers. Absent: they are not checked. */
  readonly issuers?: readonly string[];
}

const listOfTexts = expecting(
  'an array of strings',
  (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
);
const OPTIONS: Members<LoadOptions> = { issuers: optional(listOfTexts) };

/**
 * Loads policy files, in the order given, as one policy. Mistakes are found here and not at the
 * first mint. `catalogue` describes the tools that the policy grants. Throws a TypeError for
 * options that it does not know.
 *
 * @example
 * ```ts
 * import { parseCatalogue } from 'hewn/catalogue';
 * import { loadPolicy } from 'hewn/policy';
 *
 * const catalogue = parseCatalogue(toolsToml);
 * if (!catalogue.ok) throw new Error(catalogue.error.code);
 * const source = `
 *   owner("team:crm");
 *   max_lifetime(300);
 *   unattended(true);
 *   allow if workload("nightly", "nightly"), tool("crm.search"), action("read"), under("crm");
 * `;
 * const policy = loadPolicy([{ name: 'crm.datalog', source }], catalogue.value);
 * if (!policy.ok) throw new Error(JSON.stringify(policy.error));
 * const { granted } = policy.value.decide({
 *   workload: { issuerName: 'nightly', subject: 'nightly' },
 *   task: 'nightly digest',
 *   audience: 'https://api.example',
 *   now: new Date(),
 *   requests: [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }],
 * });
 * console.log(granted.length); // 1
 * ```
 */
export function loadPolicy(
  files: readonly PolicyFile[],
  catalogue: Catalogue,
  options: LoadOptions = {},
): Result<Policy, PolicyError> {
  const { issuers } = readOptions(options, 'loadPolicy', OPTIONS);
  const read: Read[] = [];
  for (const one of readFiles(files)) {
    if (!one.ok) return one;
    read.push(...one.value);
  }
  // A file with only comments probably lost its policy.
  if (read.length === 0) return refuse({ code: 'policy_missing' });

  const [misuse] = findMisuses(read, { catalogue, issuers });
  if (misuse) return refuse(misuse);
  // The engine takes the first match, so every `deny if` comes first, wherever it was written.
  const ordered = deniesFirst(read);
  const statements = ordered.map(({ statement }) => statement);
  const authorizer: AuthorizerSource = {
    facts: statements.flatMap(({ kind, value }) => (kind === 'fact' ? [value] : [])),
    rules: statements.flatMap(({ kind, value }) => (kind === 'rule' ? [value] : [])),
    checks: statements.flatMap(({ kind, value }) => (kind === 'check' ? [value] : [])),
    policies: statements.flatMap(({ kind, value }) => (kind === 'policy' ? [value] : [])),
    scopes: [],
  };
  const rules: LoadedRules = { authorizer, ...placesOf(ordered), catalogue };
  return ok({
    rules: read.flatMap(decidingRule),
    owners: ownersOf(statements),
    issuers: issuersIn(statements),
    datasets: datasetsIn(statements),
    warnings: read.flatMap(warningsOf),
    decide: (input) => decide(rules, input),
    explain: (input) => explain(rules, input),
  });
}

/**
 * Returns every fault of policy files, for a person who repairs them: one for each file that cannot
 * be parsed, or else one for each statement that could have no effect. Throws a TypeError for
 * options that it does not know.
 */
export function findPolicyFaults(
  files: readonly PolicyFile[],
  catalogue: Catalogue,
  options: LoadOptions = {},
): readonly PolicyError[] {
  const { issuers } = readOptions(options, 'findPolicyFaults', OPTIONS);
  const results = [...readFiles(files)];
  const faults = results.flatMap((one) => (one.ok ? [] : [one.error]));
  if (faults.length > 0) return faults;
  const read = results.flatMap((one) => (one.ok ? one.value : []));
  if (read.length === 0) return [{ code: 'policy_missing' }];
  return [...findMisuses(read, { catalogue, issuers })];
}

/** A statement, and its file. */
interface Read {
  readonly file: string;
  readonly statement: Statement;
}

/** Reads the statements of each file. Lazily: a policy is not loaded past its first fault. */
function* readFiles(files: readonly PolicyFile[]): Generator<Result<readonly Read[], PolicyError>> {
  for (const { name: file, source } of files) {
    if (source.length > POLICY_BYTES_MAX || utf8(source).length > POLICY_BYTES_MAX) {
      yield refuse({ code: 'policy_too_large', file });
      continue;
    }
    const statements = readStatements(source);
    yield statements.ok
      ? ok(statements.value.map((statement) => ({ file, statement })))
      : refuse({ code: 'policy_invalid', file, ...statements.error });
  }
}

/** Finds the statements that could have no effect. */
function* findMisuses(read: readonly Read[], known: KnownNames): Generator<PolicyError> {
  const statements = read.map(({ statement }) => statement);
  const [stated, asked] = [statedBy(statements), readBy(statements)];
  const facts = statements.flatMap(({ kind, value }) => (kind === 'fact' ? [value] : []));
  for (const { file, statement } of read) {
    const broken = hasBrokenPattern(statement);
    const why = broken
      ? 'an invalid regular expression'
      : (findMisuse(statement, stated, asked) ??
        findUnknownName(statement, facts, known) ??
        findNeverTrue(statement));
    if (why !== undefined) yield { code: 'policy_invalid', file, line: statement.line, why };
  }
}

/** Warns of what is valid, and probably not intended. */
function warningsOf({ file, statement }: Read): readonly PolicyWarning[] {
  const why = [findAlwaysTrue(statement) ?? [], ...laxConstraints(statement)].flat();
  return why.map((one) => ({ file, line: statement.line, why: one }));
}

/** Warns of constraints that the statement requires and that bound little. */
function laxConstraints(statement: Statement): readonly string[] {
  const head = statement.kind === 'fact' ? statement.value : undefined;
  const required = statement.kind === 'rule' ? statement.value.head : head;
  if (required?.name !== 'require_constraint') return [];
  const [pointer, value] = required.terms;
  const parsed = value && parseConstraint(fromTerm(value));
  if (pointer?.kind !== 'string' || !parsed?.ok) return [];
  return lintConstraint(parsed.value).map(({ why }) => `${pointer.value}: ${why}`);
}

/** Moves every `deny if` before every `allow if`, and otherwise keeps the order of the files. */
function deniesFirst(read: readonly Read[]): readonly Read[] {
  const isDeny = ({ statement: { kind, value } }: Read) =>
    kind === 'policy' && value.kind === 'deny';
  return [...read.filter(isDeny), ...read.filter((one) => !isDeny(one))];
}

/** Returns the statement if it decides requests by itself. */
function decidingRule({ file, statement }: Read): readonly PolicyRule[] {
  const at = { file, line: statement.line };
  if (statement.kind === 'policy') {
    const { value } = statement;
    return [{ kind: value.kind, rule: printPolicy(value), at }];
  }
  return statement.kind === 'check'
    ? [{ kind: 'check', rule: printCheck(statement.value), at }]
    : [];
}

function placesOf(read: readonly Read[]): Pick<LoadedRules, 'rules' | 'checks' | 'policies'> {
  const places: Record<Statement['kind'], Placed[]> = { fact: [], rule: [], check: [], policy: [] };
  for (const { file, statement } of read) {
    const at = { file, line: statement.line };
    const { kind, value } = statement;
    if (kind === 'rule') places.rule.push({ rule: printRule(value), at });
    if (kind === 'check') places.check.push({ rule: printCheck(value), at });
    if (kind === 'policy') places.policy.push({ rule: printPolicy(value), at });
  }
  return { rules: places.rule, checks: places.check, policies: places.policy };
}
