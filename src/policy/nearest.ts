import {
  type Expression,
  type Fact,
  type Predicate,
  printRule,
  type Query,
  query,
  type Rule,
  type World,
} from '../biscuit/index.ts';
import { type LoadedRules, openWorld, type Placed } from './evaluate.ts';
import type { ConditionExplanation, NearRule } from './policy.ts';

/** More would be a listing of the policy rather than a hint. */
const NEAREST_MAX = 3;
/** How deep to follow rules that state the facts of rules. */
const DEPTH_MAX = 4;
/** Queries for one explanation. The engine bounds each of them like those of a request. */
const QUERIES_MAX = 2_000;

/**
 * Returns the `allow if` rules that came closest to a request that none of them matched. Each
 * condition is tried alone and then with the conditions before it. This counts what is missing; it
 * does not prove what would have to change.
 */
export function nearestRules(rules: LoadedRules, facts: readonly Fact[]): readonly NearRule[] {
  const world = openWorld(rules, facts);
  if (!world.ok) return [];
  const search = { world: world.value, rules, queriesLeft: QUERIES_MAX };
  const near: NearRule[] = [];
  for (const [index, policy] of rules.authorizer.policies.entries()) {
    const placed = rules.policies[index];
    if (policy.kind !== 'allow' || placed === undefined) continue;
    for (const body of policy.queries) near.push(compare(search, body, placed, 0));
  }
  return near.sort((a, b) => missing(a) - missing(b)).slice(0, NEAREST_MAX);
}

interface Search {
  readonly world: World;
  readonly rules: LoadedRules;
  queriesLeft: number;
}

const missing = ({ conditions }: NearRule): number =>
  conditions.filter(({ outcome }) => outcome !== 'matched').length;

const FOUND: Predicate = { name: 'found', terms: [] };
const bodyOf = (body: readonly Predicate[], expressions: readonly Expression[] = []): Rule => ({
  head: FOUND,
  body,
  expressions,
  scopes: [],
});

/** Undefined if the rule was not evaluated, or could not be. */
function matches(search: Search, rule: Rule): boolean | undefined {
  if (search.queriesLeft === 0) return undefined;
  search.queriesLeft -= 1;
  const found = query(search.world, rule);
  return found.ok ? found.value.length > 0 : undefined;
}

function compare(
  search: Search,
  { body, expressions }: Query,
  placed: Placed,
  depth: number,
): NearRule {
  const conditions: ConditionExplanation[] = [];
  const together: Predicate[] = [];
  for (const predicate of body) {
    const text = textOf(bodyOf([predicate]));
    const alone = matches(search, bodyOf([predicate]));
    if (alone === false) {
      const statedBy = depth < DEPTH_MAX ? couldState(search, predicate, depth + 1) : [];
      conditions.push({ text, outcome: 'unmatched', ...(statedBy.length > 0 && { statedBy }) });
      continue;
    }
    const joined = alone && matches(search, bodyOf([...together, predicate]));
    if (joined) together.push(predicate);
    const outcome = joined === undefined ? 'unknown' : joined ? 'matched' : 'apart';
    conditions.push({ text, outcome });
  }
  // A missing fact may bind a variable of the test, so the test cannot be evaluated.
  const whole = together.length === body.length;
  for (const expression of expressions) {
    const passed = whole ? matches(search, bodyOf(body, [expression])) : undefined;
    const outcome = passed === undefined ? 'unknown' : passed ? 'matched' : 'false';
    conditions.push({ text: textOf(bodyOf([], [expression])), outcome });
  }
  return { ...placed, conditions };
}

/** Compares the rules that could state a fact of this kind. */
function couldState(
  search: Search,
  { name, terms }: Predicate,
  depth: number,
): readonly NearRule[] {
  const { authorizer, rules } = search.rules;
  return authorizer.rules.flatMap((rule, index) => {
    const placed = rules[index];
    const isOfKind = rule.head.name === name && rule.head.terms.length === terms.length;
    return isOfKind && placed !== undefined ? [compare(search, rule, placed, depth)] : [];
  });
}

const textOf = (rule: Rule): string => printRule(rule).replace(/^found\(\) <- /, '');
