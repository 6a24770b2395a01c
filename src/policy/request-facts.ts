import { bool, date, type Fact, fact, string } from '../biscuit/index.ts';
import type { Json } from '../canonical-json.ts';
import type { Grant } from '../capability/index.ts';
import type { BoundSink, Catalogue } from '../catalogue/index.ts';
import { claimFacts } from './claims.ts';
import { toTerm } from './json-terms.ts';
import type { PolicyInput } from './policy.ts';
import { leftOpen } from './sinks.ts';

/**
 * Returns the facts of a request about one grant, given what bounds its sinks. Values are terms and
 * never Datalog text, so a task named `x"); owner("me` injects nothing.
 */
export function requestFacts(
  catalogue: Catalogue,
  input: PolicyInput,
  grant: Grant,
  bounds: readonly BoundSink[],
): readonly Fact[] {
  const { workload, user, task, audience, now, stepUp } = input;
  const facts = [
    fact('workload', string(workload.issuerName), string(workload.subject)),
    fact('task', string(task)),
    fact('audience', string(audience)),
    fact('time', date(Math.floor(now.getTime() / 1000))),
    fact('tool', string(grant.tool)),
    fact('action', string(grant.action)),
    fact('dataset', string(grant.dataset)),
  ];
  facts.push(...claimFacts('workload_claim', workload.claims));
  if (user) {
    facts.push(fact('user', string(user.issuerName), string(user.subject)));
    facts.push(...claimFacts('user_claim', user.claims));
  }
  if (stepUp) facts.push(fact('step_up', bool(true)));
  // The dataset and its parents by whole segments, so that a policy needs no prefix test, which
  // would accept `files/reports-archive` for `files/reports`.
  const segments = grant.dataset.split('/');
  for (let depth = 1; depth <= segments.length; depth++) {
    facts.push(fact('under', string(segments.slice(0, depth).join('/'))));
  }
  const entry = catalogue.get(grant.tool);
  if (entry?.secret) facts.push(fact('secret', bool(true)));
  for (const pointer of entry?.sinks ?? []) {
    facts.push(fact('sink', string(pointer)));
  }
  for (const { pointer, bound } of bounds) {
    facts.push(fact('bounded_by', string(pointer), string(bound)));
  }
  for (const { pointer } of leftOpen(bounds)) facts.push(fact('leaves_open', string(pointer)));
  for (const [pointer, constraint] of Object.entries(grant.constraints?.constraints ?? {})) {
    // A parsed constraint is JSON.
    facts.push(fact('constraint', string(pointer), toTerm(constraint as unknown as Json)));
  }
  return facts;
}
