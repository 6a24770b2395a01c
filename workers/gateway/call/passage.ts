import { type Observation, type Recorded, sampleOf } from '../../../src/audit/calls/index.ts';
import type { CallSource } from '../../../src/audit/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { Evidence } from '../../../src/verifier/index.ts';
import {
  isPassable,
  meantTool,
  modeOf,
  observedCaller,
  observedStop,
  ownCredential,
} from '../observe/index.ts';
import type { CallerFacts } from '../upstream/index.ts';
import type { GatewayDenial } from './denial.ts';
import type { Admitted } from './transport.ts';
import type { Handling, Verified } from './verify.ts';

/** A request that is made: by its token, or because its route only observes. */
export interface Passage {
  readonly decision: Extract<Recorded, { allowed: true }>;
  readonly caller: CallerFacts;
}

/** A request that is not made. */
export interface Stopped extends Observation {
  readonly denial: GatewayDenial;
  readonly evidence: Evidence;
}

/** Decides which requests are made, and on whose behalf. Made by `judgeOf`. */
export interface PassageJudge {
  /** For the records of the request. */
  readonly observation: Observation;
  /** Which parts of a list belong to routes that observe. */
  readonly isObserved: NonNullable<Admitted['isObserved']>;
  /** Returns what a decision of the verifier leads to. */
  decide(): Promise<Result<Passage, Stopped>>;
  /** Returns what a later denial leads to, such as that of a budget. */
  denied(denial: GatewayDenial, evidence: Evidence): Promise<Result<Passage, Stopped>>;
}

/** Returns the judge of a request, which knows the mode of its route. */
export function judgeOf(handling: Handling, verified: Verified): PassageJudge {
  const { exchange } = handling;
  const { judging, call, undescribed } = verified;
  const tool = call?.tool ?? undescribed?.tool;
  const isObserved = (name: string | undefined) =>
    modeOf(exchange.upstream, judging.catalogue, name) === 'observe';
  return isObserved(meantTool(judging.catalogue, tool))
    ? new Observing(handling, verified, tool, isObserved)
    : enforcing(verified, isObserved);
}

function enforcing(
  { decision, call }: Verified,
  isObserved: PassageJudge['isObserved'],
): PassageJudge {
  const denied = async (denial: GatewayDenial, evidence: Evidence) => refuse({ denial, evidence });
  return {
    observation: {},
    isObserved,
    denied,
    decide: async () => {
      const { evidence } = decision;
      if (!decision.allowed) return denied(decision.denial, evidence);
      return ok({ decision, caller: callerOf(evidence, call && evidence.tool) });
    },
  };
}

/** The verified agent, with the credential of the gateway. */
function callerOf(evidence: Evidence, tool: string | undefined): CallerFacts {
  const { workflow, agent, subject, owner, task } = evidence;
  if (workflow === undefined) throw new Error('an allowed request must name its workflow');
  return { workflow, agent, subject, owner, task, tool, credential: 'gateway' };
}

class Observing implements PassageJudge {
  readonly #handling: Handling;
  readonly #verified: Verified;
  readonly #tool: string | undefined;
  readonly isObserved: PassageJudge['isObserved'];
  observation: Observation;

  constructor(
    handling: Handling,
    verified: Verified,
    tool: string | undefined,
    isObserved: PassageJudge['isObserved'],
  ) {
    this.#handling = handling;
    this.#verified = verified;
    this.#tool = tool;
    this.isObserved = isObserved;
    this.observation = { mode: 'observe', sample: sampleOf(this.#args) };
  }

  async decide(): Promise<Result<Passage, Stopped>> {
    const { decision, call, undescribed } = this.#verified;
    const { evidence } = decision;
    if (!decision.allowed) return this.denied(decision.denial, evidence);
    const named = { ...evidence, ...(this.#tool !== undefined && { tool: this.#tool }) };
    if (undescribed) return this.denied(undescribed.denial, named);
    const caller = callerOf(evidence, call && evidence.tool);
    return ok({ decision: { ...decision, ...this.observation }, caller });
  }

  async denied(denial: GatewayDenial, known: Evidence): Promise<Result<Passage, Stopped>> {
    const { gateway, request, credentials, exchange } = this.#handling;
    const { undescribed } = this.#verified;
    const tool = this.#tool;
    const evidence = { ...known, ...(tool !== undefined && { tool }) };
    const opened = await gateway.verifier.open(credentials.token);
    const own = ownCredential(request, opened);
    if (evidence.workflow === undefined) {
      const source = await gateway.sources.nameOf(request.headers, own);
      this.observation = { mode: 'observe', sample: sampleOf(this.#args, source) };
    }
    const meant = meantTool(this.#verified.judging.catalogue, tool);
    const stop = observedStop(opened, denial, tool) ?? opened.stopped(meant);
    const refused = (reason: GatewayDenial) =>
      refuse({ denial: reason, evidence, ...this.observation });
    if (stop) return refused(stop);
    const unreadable = undescribed && !undescribed.observed ? undescribed.denial : undefined;
    const { upstream } = exchange;
    if (unreadable || !upstream || !isPassable(denial)) return refused(unreadable ?? denial);
    const source = nameOf(this.observation.sample?.source);
    const facts = { upstream, denial, evidence, tool: this.#verified.call && tool, own, source };
    const caller = observedCaller(facts);
    if (!caller) return refused(denial);
    const observed = { allowed: true, stale: false, evidence, observed: denial } as const;
    return ok({ decision: { ...observed, ...this.observation }, caller });
  }

  get #args(): JsonObject | undefined {
    const { call, undescribed } = this.#verified;
    return call?.args ?? undescribed?.observed?.args;
  }
}

const nameOf = ({ credential, address = 'unknown' }: CallSource = {}): string =>
  credential ?? address;
