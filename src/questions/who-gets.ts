import { canonicalJson, type Json } from '../canonical-json.ts';
import { covers, type Grant } from '../capability/index.ts';
import type { Catalogue, DatasetSource } from '../catalogue/index.ts';
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

/**
 * Decides, by the policy's own engine, what agents would be granted that have asked for anything
 * before. An agent asks as it did last, for each person, and for each tool and dataset of the
 * question: those that the catalogue has, and those that were requested.
 */
export function whoGets(
  { policy, catalogue }: { readonly policy: Policy; readonly catalogue: Catalogue },
  requests: readonly SeenRequest[],
  about: About,
  names: Names,
): WhoGets {
  const rows = new Map<string, Row>();
  let left = DECISIONS_MAX;
  for (const asker of askersOf(requests, about)) {
    for (const grant of candidates(catalogue, requests, asker, about)) {
      const input = inputOf({ ...asker, outcomes: [{ grant, verdict: '' }] }, names);
      if (!input) continue;
      if (left <= 0) return { rows: settle(rows), isComplete: false };
      left -= 1;
      add(rows, asker, decide(policy, input));
    }
  }
  return { rows: settle(rows), isComplete: true };
}

type Row = Omit<ByPolicy, 'subjects'> & { readonly people: Set<string> };

type Answer = Pick<ByPolicy, 'outcome' | 'whole' | 'conditions' | 'lacking' | 'nearest'>;

/** Decides a request for one grant; if it is refused, also as a step-up. */
function decide(policy: Policy, input: PolicyInput): Answer {
  const person = input.user ? `for a person of ${input.user.issuerName}` : 'without a person';
  const [first, whole] = decideOne(policy, input);
  if (first.verdict === 'granted') return { outcome: first, whole, conditions: [person] };
  if (!input.stepUp) {
    const [stepped, terms] = decideOne(policy, { ...input, stepUp: true });
    if (stepped.verdict === 'granted') {
      return { outcome: stepped, whole: terms, conditions: [person, 'as a step-up'] };
    }
  }
  const [near] = policy.explain(input)[0]?.nearest ?? [];
  const lacking = near?.conditions
    .filter(({ outcome }) => outcome !== 'matched' && outcome !== 'unknown')
    .map(({ text }) => text);
  return {
    outcome: first,
    whole,
    conditions: lacksClaims(near)
      ? [person, 'unless the claims of its identity allow it']
      : [person],
    ...(lacking && lacking.length > 0 && { lacking }),
    ...(near && { nearest: { rule: near.rule, ...near.at } }),
  };
}

function decideOne(policy: Policy, input: PolicyInput): readonly [Outcome, ByPolicy['whole']] {
  const { outcomes, ...whole } = decideInOrder(policy, input);
  const [outcome] = outcomes;
  if (!outcome) throw new Error('a request for one grant has one outcome');
  return [outcome, whole];
}

function add(rows: Map<string, Row>, asker: SeenRequest, answer: Answer): void {
  const { agent, user, task, audience } = asker;
  const { outcome, whole, conditions } = answer;
  const { openSinks, constraints, ...decided } = outcome;
  const key = canonicalJson([
    [agent, user === undefined, conditions as Json],
    JSON.parse(JSON.stringify([decided, openSinks ?? [], constraints ?? {}, whole])) as Json,
  ]);
  const example = { ...(user !== undefined && { user }), task, audience };
  const row = rows.get(key) ?? { agent, example, ...answer, people: new Set<string>() };
  if (user !== undefined) row.people.add(user);
  rows.set(key, row);
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

/** A refusal is left out beside a grant of the same, as with other arguments. */
function isWithin(one: Outcome, other: Outcome): boolean {
  const [grant, wider] = [one.grant, other.grant];
  if (grant.tool !== wider.tool || grant.action !== wider.action) return false;
  const isRefused = one.verdict !== 'granted';
  if (isRefused && other.verdict === 'granted') return grant.dataset === wider.dataset;
  const isSame = one.verdict === other.verdict && one.rule === other.rule;
  if (!isSame || !covers(wider.dataset, grant.dataset)) return false;
  return isRefused
    ? wider.dataset !== grant.dataset
    : wider.dataset !== grant.dataset && termsOf(one) === termsOf(other);
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

/** Returns the grants to try for an agent. */
function candidates(
  catalogue: Catalogue,
  requests: readonly SeenRequest[],
  asker: SeenRequest,
  about: About,
): readonly Grant[] {
  const asked = requests.flatMap(({ agent, outcomes }) =>
    outcomes.map(({ grant }) => ({ agent, grant })),
  );
  const grants = new Map<string, Grant>();
  const propose = (grant: Grant): void => {
    const key = canonicalJson(grant as unknown as Json);
    if (isAbout(grant, about) && !grants.has(key)) grants.set(key, grant);
  };
  for (const tool of toolsOf(catalogue, asked, about)) {
    const own = asked.filter(({ grant }) => grant.tool === tool);
    const listed = catalogue.get(tool);
    const action = listed?.action ?? own[0]?.grant.action;
    if (action === undefined) continue;
    const sources = (listed?.datasets ?? []).map(rootOf);
    const known = [...sources, ...own.map(({ grant }) => grant.dataset)];
    for (const dataset of datasetsFor(known, about)) propose({ tool, action, dataset });
    // A policy may refuse what the agent does not bound by itself.
    own
      .filter(({ agent, grant }) => agent === asker.agent && grant.constraints)
      .slice(0, CONSTRAINED_MAX)
      .forEach(({ grant }) => void propose(grant));
  }
  return [...grants.values()];
}

function toolsOf(
  catalogue: Catalogue,
  asked: readonly { readonly grant: Grant }[],
  about: About,
): ReadonlySet<string> {
  if (about.tool !== undefined) return new Set([about.tool]);
  return new Set([...catalogue.keys(), ...asked.map(({ grant }) => grant.tool)]);
}

/**
 * The dataset of the question, if the tool can reach it; else those that are known for the tool.
 */
function datasetsFor(known: readonly string[], { dataset }: About): readonly string[] {
  if (dataset === undefined) return [...new Set(known)].slice(0, DATASETS_MAX);
  return known.some((one) => overlaps(one, dataset)) ? [dataset] : [];
}

const rootOf = (source: DatasetSource): string => ('fixed' in source ? source.fixed : source.under);
