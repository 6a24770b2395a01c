import { covers, type Grant } from '../capability/index.ts';
import { type Catalogue, datasetRoots } from '../catalogue/index.ts';
import { groupBy } from '../group-by.ts';
import type { Policy, PolicyInput } from '../policy/index.ts';
import { type About, isAbout, overlaps } from './held.ts';
import { type Decided, decideInOrder, type Outcome } from './outcome.ts';
import { inputOf, lacksClaims } from './policy-input.ts';
import type { Names } from './principal.ts';
import type { SeenRequest } from './seen.ts';

/** What a policy would decide if an agent asked for a grant. */
export interface ByPolicy {
  readonly agent: string;
  /** The people for whom it has the same answer; 0 without a person. */
  readonly subjects: number;
  readonly example: Pick<SeenRequest, 'user' | 'task' | 'audience'>;
  readonly outcome: Outcome;
  readonly whole: Omit<Decided, 'outcomes'>;
  readonly conditions: readonly string[];
  /** Of a refusal: what the nearest rule lacks. */
  readonly lacking?: readonly string[];
  /** Of a refusal that no rule caused: the nearest one. */
  readonly nearest?: { readonly rule: string; readonly file: string; readonly line: number };
}

/** Decisions of one answer: each costs about a millisecond. */
const DECISIONS_MAX = 2_000;
/** Of one agent, the people who are tried. */
const PEOPLE_MAX = 10;
/** Of one tool, the datasets that are tried. */
const DATASETS_MAX = 24;
/** Requests of an agent for one tool whose constraints are tried. */
const CONSTRAINED_MAX = 4;

export interface WhoGets {
  readonly rows: readonly ByPolicy[];
  /** False if only some of the possible requests were decided. */
  readonly isComplete: boolean;
}

/** What decides, and what is known of its tools. */
export interface Deciding {
  readonly policy: Policy;
  readonly catalogue: Catalogue;
}

/**
 * Decides, by the policy's own engine, what agents would be granted that have asked for anything
 * before. An agent asks as it did last, for each person, and for each tool and dataset of the
 * question: those that the catalogue has, that the policy names, and that were requested. Refusals
 * are listed if the question names a tool and the agent gets nothing of it.
 */
export function whoGets(
  { policy, catalogue }: Deciding,
  requests: readonly SeenRequest[],
  about: About,
  names: Names,
): WhoGets {
  const rows = new Map<string, Row>();
  const proposals = proposalsOf({ policy, catalogue }, requests, about);
  let left = DECISIONS_MAX;
  for (const asker of askersOf(requests, about)) {
    for (const grant of candidatesOf(proposals, asker)) {
      const input = inputOf({ ...asker, outcomes: [{ grant, verdict: '' }] }, names);
      if (!input) continue;
      if (left <= 0) return { rows: settle(rows), isComplete: false };
      left -= 1;
      const answer = decide(policy, input);
      const isListed = about.tool !== undefined || answer.outcome.verdict === 'granted';
      if (isListed) add(rows, asker, answer, () => explainRefusal(policy, input));
    }
  }
  return { rows: settle(rows), isComplete: true };
}

type Row = Omit<ByPolicy, 'subjects'> & { readonly people: Set<string> };

type Answer = Pick<ByPolicy, 'outcome' | 'whole' | 'conditions'>;
type Why = Pick<ByPolicy, 'lacking' | 'nearest'> & { readonly claims?: string };

/** Decides a request for one grant; if it is refused, also as a step-up. */
function decide(policy: Policy, input: PolicyInput): Answer {
  const person = input.user ? `for a person of ${input.user.issuerName}` : 'without a person';
  const [first, whole] = decideOne(policy, input);
  if (first.verdict === 'granted' || input.stepUp) {
    return { outcome: first, whole, conditions: [person] };
  }
  const [stepped, terms] = decideOne(policy, { ...input, stepUp: true });
  return stepped.verdict === 'granted'
    ? { outcome: stepped, whole: terms, conditions: [person, 'as a step-up'] }
    : { outcome: first, whole, conditions: [person] };
}

/** Costs more than the decision, so it is called once for each row. */
function explainRefusal(policy: Policy, input: PolicyInput): Why {
  const [near] = policy.explain(input)[0]?.nearest ?? [];
  if (!near) return {};
  const lacking = near.conditions
    .filter(({ outcome }) => outcome !== 'matched' && outcome !== 'unknown')
    .map(({ text }) => text);
  return {
    ...(lacking.length > 0 && { lacking }),
    nearest: { rule: near.rule, ...near.at },
    ...(lacksClaims(near) && { claims: 'unless the claims of its identity allow it' }),
  };
}

function decideOne(policy: Policy, input: PolicyInput): readonly [Outcome, ByPolicy['whole']] {
  const { outcomes, ...whole } = decideInOrder(policy, input);
  const [outcome] = outcomes;
  if (!outcome) throw new Error('a request for one grant has one outcome');
  return [outcome, whole];
}

function add(rows: Map<string, Row>, asker: SeenRequest, answer: Answer, explain: () => Why): void {
  const { agent, user, task, audience } = asker;
  const { outcome, whole, conditions } = answer;
  const key = JSON.stringify([agent, user === undefined, conditions, outcome, whole]);
  const row = rows.get(key) ?? makeRow();
  if (user !== undefined) row.people.add(user);
  rows.set(key, row);

  function makeRow(): Row {
    const { claims, ...why } = outcome.verdict === 'granted' ? ({} as Why) : explain();
    return {
      agent,
      example: { ...(user !== undefined && { user }), task, audience },
      outcome,
      whole,
      conditions: claims === undefined ? conditions : [...conditions, claims],
      ...why,
      people: new Set(),
    };
  }
}

/** Leaves out what a wider row with the same answer contains already. */
function settle(rows: ReadonlyMap<string, Row>): readonly ByPolicy[] {
  const all = [...rows.values()];
  const isWithinAnother = (row: Row): boolean =>
    all.some(
      (other) =>
        other !== row &&
        other.agent === row.agent &&
        'user' in other.example === 'user' in row.example &&
        isWithin(row.outcome, other.outcome),
    );
  return all
    .filter((row) => !isWithinAnother(row))
    .map(({ people, ...row }) => ({ ...row, subjects: people.size }))
    .sort((a, b) => order(a) - order(b) || (a.agent < b.agent ? -1 : 1));
}

const order = ({ outcome: { verdict } }: Pick<ByPolicy, 'outcome'>): number =>
  verdict === 'granted' ? 0 : 1;

/** A refusal is left out beside a grant for the same tool, as with other arguments. */
function isWithin(one: Outcome, other: Outcome): boolean {
  const [grant, wider] = [one.grant, other.grant];
  if (grant.tool !== wider.tool || grant.action !== wider.action) return false;
  if (one.verdict !== 'granted' && other.verdict === 'granted') return true;
  const isSame = one.verdict === other.verdict && one.rule === other.rule;
  const isNarrower = wider.dataset !== grant.dataset && covers(wider.dataset, grant.dataset);
  return isSame && isNarrower && termsOf(one) === termsOf(other);
}

const termsOf = ({ constraints = {}, openSinks = [], approvalRequired }: Outcome): string =>
  JSON.stringify([constraints, openSinks, approvalRequired]);

/** Returns each agent as it asked last, with each person and for each audience. */
function askersOf(requests: readonly SeenRequest[], about: About): readonly SeenRequest[] {
  const askers = new Map<string, SeenRequest>();
  const people = new Map<string, number>();
  for (const request of requests) {
    const { agent, user, audience } = request;
    if (about.agent !== undefined && about.agent !== agent) continue;
    const key = JSON.stringify([agent, user ?? null, audience]);
    if (askers.has(key)) continue;
    const known = people.get(agent) ?? 0;
    if (known >= PEOPLE_MAX) continue;
    people.set(agent, known + 1);
    const { stepUp: _, ...asked } = request;
    askers.set(key, asked);
  }
  return [...askers.values()];
}

/** The grants to try for one tool. */
interface Proposal {
  readonly grants: readonly Grant[];
  /** What agents have asked for with constraints of their own. */
  readonly constrained: readonly { readonly agent: string; readonly grant: Grant }[];
}

function proposalsOf(
  { policy, catalogue }: Deciding,
  requests: readonly SeenRequest[],
  about: About,
): readonly Proposal[] {
  const asked = requests.flatMap(({ agent, outcomes }) =>
    outcomes.map(({ grant }) => ({ agent, grant })),
  );
  const byTool = groupBy(asked, ({ grant }) => grant.tool);
  const tools = about.tool === undefined ? [...catalogue.keys(), ...byTool.keys()] : [about.tool];
  return [...new Set(tools)].flatMap((tool) => {
    const own = byTool.get(tool) ?? [];
    const listed = catalogue.get(tool);
    const action = listed?.action ?? own[0]?.grant.action;
    if (action === undefined) return [];
    const sources = listed ? datasetRoots(listed) : [];
    const named = policy.datasets.filter((one) => sources.some((root) => overlaps(root, one)));
    const requested = own.map(({ grant }) => grant.dataset);
    const datasets = datasetsFor([...sources, ...named, ...requested], about);
    const grants = datasets.map((dataset): Grant => ({ tool, action, dataset }));
    // A policy may refuse what an agent does not bound by itself.
    const constrained = own.filter(({ grant }) => grant.constraints && isAbout(grant, about));
    return [{ grants, constrained }];
  });
}

/** Returns the grants to try for an agent. */
const candidatesOf = (proposals: readonly Proposal[], { agent }: SeenRequest): readonly Grant[] =>
  proposals.flatMap(({ grants, constrained }) => {
    const own = constrained.filter((one) => one.agent === agent).map(({ grant }) => grant);
    const different = new Map(own.map((grant) => [JSON.stringify(grant), grant]));
    return [...grants, ...[...different.values()].slice(0, CONSTRAINED_MAX)];
  });

/**
 * The dataset of the question, if the tool can reach it; else those that are known for the tool.
 */
function datasetsFor(known: readonly string[], { dataset }: About): readonly string[] {
  if (dataset === undefined) return [...new Set(known)].slice(0, DATASETS_MAX);
  return known.some((one) => overlaps(one, dataset)) ? [dataset] : [];
}
