import type { AuditRecord } from '../audit/index.ts';
import { canonicalJson, type Json } from '../canonical-json.ts';
import type { Grant } from '../capability/index.ts';
import type { UnixMilliseconds } from '../clock.ts';
import { RecentMap } from './recent-map.ts';
import { type RecordedRequest, requestOf } from './recorded-request.ts';

/** Each costs a decision of the policy in a question about it. */
const DISTINCT_REQUESTS_MAX = 2_000;
const NAMES_MAX = 10_000;
const NAMES_OF_A_PARTY_MAX = 256;
const GIVEN_MAX = 20_000;
const RULES_MAX = 1_000;
export const HOURS_COUNTED = 24;
const HOUR_MILLISECONDS = 3_600_000;

/** How often something happened, and when last. */
export interface Hits {
  readonly total: number;
  readonly last: UnixMilliseconds;
  readonly workflow?: string;
  /** By the number of the hour since 1970; only the newest ones are kept. */
  readonly hours: ReadonlyMap<number, number>;
}

/** An agent, a subject, an owner or a tool, as the requests of it show. */
export interface Party {
  readonly mints: number;
  readonly refusals: number;
  readonly first: UnixMilliseconds;
  readonly last: UnixMilliseconds;
  /** What it occurred with, by kind. Bounded. */
  readonly with: Readonly<Record<PartyKind | 'dataset', ReadonlySet<string>>>;
}

export const PARTY_KINDS = ['agent', 'subject', 'owner', 'tool'] as const;
export type PartyKind = (typeof PARTY_KINDS)[number];

/** Requests that differ only in time and workflow. */
export interface SeenRequest extends RecordedRequest {
  readonly count: number;
  readonly first: UnixMilliseconds;
  readonly hours: ReadonlyMap<number, number>;
}

/** A grant as it was given to an agent. */
export interface GivenGrant {
  readonly agent: string;
  readonly tool: string;
  readonly action: Grant['action'];
  readonly dataset: string;
  readonly given: number;
  readonly first: UnixMilliseconds;
  readonly last: UnixMilliseconds;
}

type Counted<T> = { -readonly [K in keyof T]: T[K] };
type CountedHits = Counted<Omit<Hits, 'hours'>> & { hours: Map<number, number> };
type CountedParty = Counted<Omit<Party, 'with'>> & {
  with: Record<PartyKind | 'dataset', Set<string>>;
};

/**
 * What the mints and the refusals of the policy show, in bounded memory. Take the records of the
 * control logs in the order of their times; each is counted once.
 */
export class SeenRequests {
  readonly #requests = new RecentMap<Counted<SeenRequest> & { hours: Map<number, number> }>(
    DISTINCT_REQUESTS_MAX,
  );
  readonly #parties: Readonly<Record<PartyKind, RecentMap<CountedParty>>> = {
    agent: new RecentMap(NAMES_MAX),
    subject: new RecentMap(NAMES_MAX),
    owner: new RecentMap(NAMES_MAX),
    tool: new RecentMap(NAMES_MAX),
  };
  readonly #given = new RecentMap<Counted<GivenGrant>>(GIVEN_MAX);
  readonly #rules = new RecentMap<CountedHits>(RULES_MAX);
  #taken = 0;
  #since: UnixMilliseconds | undefined;

  /** How many requests were taken. */
  get taken(): number {
    return this.#taken;
  }

  /** The time of the oldest one. */
  get since(): UnixMilliseconds | undefined {
    return this.#since;
  }

  /** Whether some were dropped, because there are too many different ones. */
  get hasDropped(): boolean {
    const maps = [this.#requests, this.#given, this.#rules, ...Object.values(this.#parties)];
    return maps.some(({ hasDropped }) => hasDropped);
  }

  /** Takes a record. Those that are no request of a policy decision change nothing. */
  take(record: AuditRecord): void {
    const request = requestOf(record);
    if (!request) return;
    this.#taken += 1;
    this.#since = Math.min(this.#since ?? request.at, request.at);
    this.#countRequest(request);
    this.#countParties(request);
    for (const { grant, verdict, rule } of request.outcomes) {
      if (verdict !== 'granted') continue;
      this.#countGiven(request, grant);
      if (rule !== undefined) this.#countRule(rule, request);
    }
  }

  /** Returns the different requests, the one that was asked last first. */
  requests(): readonly SeenRequest[] {
    return [...this.#requests.entries()].map(([, request]) => request).reverse();
  }

  /** Returns the parties of a kind by name. */
  parties(kind: PartyKind): ReadonlyMap<string, Party> {
    return new Map(this.#parties[kind].entries());
  }

  /** Returns every grant that was given. */
  given(): readonly GivenGrant[] {
    return [...this.#given.entries()].map(([, given]) => given);
  }

  /** Returns the hits of an `allow if`, as the engine prints it. */
  hitsOf(rule: string): Hits | undefined {
    return this.#rules.get(rule);
  }

  #countRequest(request: RecordedRequest): void {
    const seen = this.#requests.touch(keyOf(request), () => ({
      ...request,
      count: 0,
      first: request.at,
      hours: new Map(),
    }));
    seen.count += 1;
    seen.first = Math.min(seen.first, request.at);
    seen.at = Math.max(seen.at, request.at);
    if (request.workflow !== undefined) seen.workflow = request.workflow;
    countHour(seen.hours, request.at);
  }

  #countParties({ agent, user, owner, outcomes, at, isMinted }: RecordedRequest): void {
    const granted = outcomes.filter(({ verdict }) => verdict === 'granted');
    const names: Readonly<Record<PartyKind | 'dataset', readonly string[]>> = {
      agent: [agent],
      // Without a person, the workflow is the owner's.
      subject: [user ?? owner ?? []].flat(),
      owner: owner === undefined ? [] : [owner],
      tool: granted.map(({ grant }) => grant.tool),
      dataset: granted.map(({ grant }) => grant.dataset),
    };
    for (const kind of PARTY_KINDS) {
      for (const name of new Set(names[kind])) {
        const party = this.#parties[kind].touch(name, () => newParty(at));
        if (isMinted) party.mints += 1;
        else party.refusals += 1;
        party.first = Math.min(party.first, at);
        party.last = Math.max(party.last, at);
        const datasets = granted.flatMap(({ grant: { tool, dataset } }) =>
          kind !== 'tool' || tool === name ? [dataset] : [],
        );
        for (const other of PARTY_KINDS) addAll(party.with[other], names[other]);
        addAll(party.with.dataset, datasets);
      }
    }
  }

  #countGiven({ agent, at }: RecordedRequest, { tool, action, dataset }: Grant): void {
    const key = canonicalJson([agent, tool, action, dataset]);
    const given = this.#given.touch(key, () => ({
      agent,
      tool,
      action,
      dataset,
      given: 0,
      first: at,
      last: at,
    }));
    given.given += 1;
    given.first = Math.min(given.first, at);
    given.last = Math.max(given.last, at);
  }

  #countRule(rule: string, { at, workflow }: RecordedRequest): void {
    const hits = this.#rules.touch(rule, () => ({ total: 0, last: at, hours: new Map() }));
    hits.total += 1;
    hits.last = Math.max(hits.last, at);
    if (workflow !== undefined) hits.workflow = workflow;
    countHour(hits.hours, at);
  }
}

const newParty = (at: UnixMilliseconds): CountedParty => ({
  mints: 0,
  refusals: 0,
  first: at,
  last: at,
  with: {
    agent: new Set(),
    subject: new Set(),
    owner: new Set(),
    tool: new Set(),
    dataset: new Set(),
  },
});

function addAll(set: Set<string>, names: readonly string[]): void {
  for (const name of names) if (set.size < NAMES_OF_A_PARTY_MAX) set.add(name);
}

/** Returns the number of the hour of a time. */
export const hourOf = (at: UnixMilliseconds): number => Math.floor(at / HOUR_MILLISECONDS);

function countHour(hours: Map<number, number>, at: UnixMilliseconds): void {
  const hour = hourOf(at);
  hours.set(hour, (hours.get(hour) ?? 0) + 1);
  const newest = Math.max(...hours.keys());
  for (const one of hours.keys()) if (one <= newest - HOURS_COUNTED) hours.delete(one);
}

/** Everything that the policy reads but the time, and what it said. */
function keyOf(request: RecordedRequest): string {
  const { agent, user, task, audience, stepUp, outcomes, isMinted, isApproved } = request;
  return canonicalJson([
    [agent, user ?? null, task, audience, stepUp ?? false, isMinted, isApproved],
    outcomes as unknown as Json,
  ]);
}
