import type { Fact, Predicate, Query } from '../biscuit/index.ts';
import { ACTIONS, covers } from '../capability/index.ts';
import { type Catalogue, datasetRoots, tools } from '../catalogue/index.ts';
import { didYouMean, likely } from '../likely.ts';
import type { Statement } from './statements.ts';
import { queriesOf } from './vocabulary.ts';

/** The names that are known. */
export interface KnownNames {
  readonly catalogue: Catalogue;
  /** The names of identity issuers. Absent if they are not known here. */
  readonly issuers?: readonly string[] | undefined;
}

/**
 * Returns why the tool is probably misspelt, or undefined. An unlisted tool may belong to an API
 * with its own verifier. An unlisted tool of an MCP server, or one that resembles a listed tool, is
 * a mistake.
 */
export function toolFault(name: string, { catalogue }: KnownNames): string | undefined {
  if (catalogue.size === 0 || catalogue.has(name)) return undefined;
  const close = likely(name, catalogue.keys());
  return close !== undefined || name.startsWith('mcp/')
    ? `the catalogue has no tool ${JSON.stringify(name)}${didYouMean(close)}`
    : undefined;
}

/** Returns why a dataset is probably misspelt: it almost starts with a root of the catalogue. */
export function datasetFault(name: string, { catalogue }: KnownNames): string | undefined {
  const roots = new Set(tools(catalogue).flatMap(datasetRoots));
  if ([...roots].some((root) => covers(root, name) || covers(name, root))) return undefined;
  for (const root of roots) {
    const start = name.split('/').slice(0, root.split('/').length).join('/');
    if (likely(start, [root]) !== undefined) {
      return `no tool of the catalogue has a dataset ${JSON.stringify(start)}${didYouMean(root)}`;
    }
  }
  return undefined;
}

/** Returns why the name of an identity issuer is unknown, or undefined if it is configured. */
export function issuerFault(name: string, { issuers }: KnownNames): string | undefined {
  if (issuers === undefined || issuers.includes(name)) return undefined;
  return `unknown identity issuer ${JSON.stringify(name)}${didYouMean(likely(name, issuers))}`;
}

function actionFault(name: string): string | undefined {
  const isAction = ACTIONS.some((action) => action === name);
  return isAction
    ? undefined
    : `unknown action ${JSON.stringify(name)}${didYouMean(likely(name, ACTIONS))}`;
}

type Check = (name: string, known: KnownNames) => string | undefined;
/** Which terms of a fact are names, by the name of the fact. */
const NAMED: Readonly<Record<string, readonly (Check | undefined)[]>> = {
  tool: [toolFault],
  action: [actionFault],
  dataset: [datasetFault],
  under: [datasetFault],
  workload: [issuerFault],
  user: [issuerFault],
  max_tool_calls: [toolFault],
  max_sum: [toolFault],
};

/**
 * Returns why a name in the statement is unknown. A rule for a misspelt tool silently allows
 * nothing, and a `deny if` silently denies nothing. `facts` are those that the policy states: facts
 * that a rule joins with `tool($tool)` are lists of tools.
 */
export function findUnknownName(
  statement: Statement,
  facts: readonly Fact[],
  known: KnownNames,
): string | undefined {
  const own = statement.kind === 'fact' ? [statement.value] : [];
  const head = statement.kind === 'rule' ? [statement.value.head] : [];
  for (const predicate of [...own, ...head, ...queriesOf(statement).flatMap(({ body }) => body)]) {
    const fault = faultIn(predicate, NAMED[predicate.name] ?? [], known);
    if (fault !== undefined) return fault;
  }
  for (const { name, checks } of queriesOf(statement).flatMap(joinedWith)) {
    for (const fact of facts) {
      const fault = fact.name === name ? faultIn(fact, checks, known) : undefined;
      if (fault !== undefined) return `${fault} (in ${name})`;
    }
  }
  return undefined;
}

function faultIn(
  { terms }: Predicate,
  checks: readonly (Check | undefined)[],
  known: KnownNames,
): string | undefined {
  for (const [index, term] of terms.entries()) {
    const fault = term.kind === 'string' ? checks[index]?.(term.value, known) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The other facts of a body that share a variable with a name: `tool($t), reading_tool($t)`. */
function joinedWith({ body }: Query) {
  const checkOf = new Map<string, Check>();
  for (const { name, terms } of body) {
    for (const [index, term] of terms.entries()) {
      const check = Object.hasOwn(NAMED, name) ? NAMED[name]?.[index] : undefined;
      if (term.kind === 'variable' && check) checkOf.set(term.value, check);
    }
  }
  return body
    .filter(({ name }) => !Object.hasOwn(NAMED, name))
    .map(({ name, terms }) => ({
      name,
      checks: terms.map(({ kind, value }) =>
        kind === 'variable' ? checkOf.get(value as string) : undefined,
      ),
    }));
}

/** Returns the identity issuers that the statements name. */
export const issuersIn = (statements: readonly Statement[]): readonly string[] => {
  const named = statements
    .flatMap(queriesOf)
    .flatMap(({ body }) => body)
    .filter(({ name }) => name === 'workload' || name === 'user')
    .flatMap(({ terms: [issuer] }) => (issuer?.kind === 'string' ? [issuer.value] : []));
  return [...new Set(named)];
};

/**
 * Returns the datasets that the statements name: in a rule itself, or in a fact that a rule joins
 * with `under($dataset)` or `dataset($dataset)`.
 */
export function datasetsIn(statements: readonly Statement[]): readonly string[] {
  const queries = statements.flatMap(queriesOf);
  const facts = statements.flatMap(({ kind, value }) => (kind === 'fact' ? [value] : []));
  const own = queries
    .flatMap(({ body }) => body)
    .filter(({ name }) => name === 'under' || name === 'dataset')
    .flatMap(({ terms: [path] }) => (path?.kind === 'string' ? [path.value] : []));
  const listed = queries
    .flatMap(joinedWith)
    .flatMap(({ name, checks }) =>
      facts
        .filter((fact) => fact.name === name)
        .flatMap(({ terms }) =>
          terms.flatMap((term, index) =>
            checks[index] === datasetFault && term.kind === 'string' ? [term.value] : [],
          ),
        ),
    );
  return [...new Set([...own, ...listed])];
}
