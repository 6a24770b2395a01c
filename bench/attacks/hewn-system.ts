/** Hewn as a system under test: it mints, narrows and verifies with the code of the product. */
import { type Grant, mergeGrants, narrow } from '../../src/capability/index.ts';
import { type Catalogue, describeCall } from '../../src/catalogue/index.ts';
import type { Policy } from '../../src/policy/index.ts';
import { type TestIssuer, testIssuer } from '../../src/testing/index.ts';
import { neededDetails } from '../../src/verifier/index.ts';
import type {
  Decision,
  Json,
  Question,
  System,
  Task,
  ToolCall,
  Workflow,
} from '../agent-authz-bench/index.ts';
import type { Configuration } from './configurations.ts';
import { type Derivation, deriveGrants } from './derive.ts';
import { PlanSteps } from './plan-steps.ts';
import { benchPolicy } from './policy.ts';
import { toolName } from './suite-catalogue.ts';
import { Tally } from './tally.ts';
import { newIn, valuesListed } from './values.ts';

const AUDIENCE = 'https://gateway.example';
const TASK_CHARACTERS_MAX = 200; // A token has 256 bytes for it.
const NARROWED_SECONDS = 30;

export interface HewnOptions {
  readonly configuration: Configuration;
  readonly derivation: Derivation;
  readonly catalogues: ReadonlyMap<string, Catalogue>;
}

/** A system with what it minted and how long it took. */
export interface HewnSystem extends System {
  readonly tally: Tally;
}

export async function hewnSystem(options: HewnOptions): Promise<HewnSystem> {
  const issuer = await testIssuer({ audience: AUDIENCE });
  const tally = new Tally();
  const policies = new Map(
    [...options.catalogues].map(([suite, catalogue]) => [
      suite,
      benchPolicy(catalogue, options.configuration),
    ]),
  );
  return {
    name: options.configuration.name,
    tally,
    begin: async (task) => {
      const [catalogue, policy] = [options.catalogues.get(task.suite), policies.get(task.suite)];
      if (!catalogue || !policy) throw new Error(`there is no catalogue of ${task.suite}`);
      const workflow = new HewnWorkflow({ ...options, task, catalogue, policy, issuer, tally });
      await workflow.begin();
      return workflow;
    },
  };
}

interface Parts extends HewnOptions {
  readonly task: Task;
  readonly catalogue: Catalogue;
  readonly policy: Policy;
  readonly issuer: TestIssuer;
  readonly tally: Tally;
}

class HewnWorkflow implements Workflow {
  readonly asked: Question[] = [];
  readonly #parts: Parts;
  readonly #steps: PlanSteps | undefined;
  #grants: readonly Grant[] = [];
  /** Several, if one authority block cannot hold all grants. */
  #tokens: readonly { readonly text: string; readonly tools: ReadonlySet<string> }[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    if (parts.configuration.perStep) this.#steps = new PlanSteps(parts.task);
  }

  get state(): string {
    return JSON.stringify(this.#grants);
  }

  async begin(): Promise<void> {
    const { catalogue, task, configuration, derivation } = this.#parts;
    const requested = deriveGrants(catalogue, task, configuration, derivation);
    if (requested.length === 0) return;
    const minted = await this.#mint(requested, false, 'approves');
    if (minted === 'asked') this.asked.push({ tool: '(the workflow)', new: ['(delete)'] });
  }

  async decide(call: ToolCall, person: 'approves' | 'declines'): Promise<Decision> {
    const { catalogue, task, configuration } = this.#parts;
    const tool = toolName(task.suite, call.function);
    const described = describeCall(catalogue, tool, call.args);
    if (!described.ok) return { allowed: false, why: described.error.code };
    if (this.#steps?.allows(call.function, person) === false) {
      return { allowed: false, why: 'not the next step' };
    }
    const decided = await this.#verify(described.value, person === 'approves');
    if (decided.allowed) return { allowed: true };
    const { denial } = decided;
    const why = 'pointer' in denial ? `${denial.code} ${denial.pointer}` : denial.code;
    if (!configuration.stepUp) return { allowed: false, why };
    const needed = neededDetails(denial, described.value, catalogue.get(tool));
    const merged =
      needed &&
      mergeGrants(
        this.#grants,
        needed.flatMap(({ grants }) => grants),
      );
    if (!merged?.ok) return { allowed: false, why: `${why}, and no step-up expresses the call` };
    const asked: Question = { tool, new: newIn(this.#grants, merged.value.wanted) };
    const minted = await this.#mint(merged.value.grants, true, person);
    if (minted === 'refused') return { allowed: false, why: `${why}, and the step-up was refused` };
    if (minted === 'declined') return { allowed: false, asked, why: `${why}, declined` };
    const again = await this.#verify(described.value, person === 'approves');
    return {
      allowed: again.allowed,
      ...(minted === 'asked' && { asked }),
      ...(!again.allowed && { why: `${again.denial.code} after the step-up` }),
    };
  }

  allowedValues(tool: string, argument: string): readonly Json[] {
    const name = toolName(this.#parts.task.suite, tool);
    return valuesListed(this.#grants, name, argument);
  }

  /** The agent narrows each call as the SDK does. An attacker presents what it holds. */
  async #verify(call: Parameters<TestIssuer['verifier']['verify']>[1], isNarrowed: boolean) {
    const { issuer, tally } = this.#parts;
    const held = this.#tokens.find(({ tools }) => tools.has(call.tool)) ?? this.#tokens[0];
    if (!held) throw new Error('the workflow has no token');
    const expires = new Date(issuer.clock.now() + NARROWED_SECONDS * 1000);
    const { tool, action, args } = call;
    const [dataset] = call.dataset;
    const narrowing = { tool, action, expires, ...(args && { args }) };
    const whole = call.dataset.length === 1 && dataset ? { ...narrowing, dataset } : narrowing;
    const narrowed = isNarrowed ? await narrow(held.text, whole) : undefined;
    if (narrowed && !narrowed.ok) throw new Error(narrowed.error.code);
    const started = performance.now();
    const decision = await issuer.verifier.verify(narrowed?.value ?? held.text, call);
    tally.decided(performance.now() - started);
    return decision;
  }

  async #mint(
    requests: readonly Grant[],
    stepUp: boolean,
    person: 'approves' | 'declines',
  ): Promise<'minted' | 'asked' | 'declined' | 'refused'> {
    const { policy, issuer, task, tally } = this.#parts;
    const text = task.prompt.trim().replace(/\s+/g, ' ').slice(0, TASK_CHARACTERS_MAX);
    const decision = policy.decide({
      workload: { issuerName: 'idp', subject: 'agent' },
      user: { issuerName: 'idp', subject: 'emma' },
      task: text,
      audience: AUDIENCE,
      now: new Date(issuer.clock.now()),
      ...(stepUp && { stepUp }),
      requests,
    });
    if (decision.refused.length > 0) {
      if (!stepUp) throw new Error(JSON.stringify(decision.refused[0]));
      return 'refused';
    }
    if (decision.approvalRequired && person === 'declines') return 'declined';
    this.#grants = decision.granted.map(({ grant }) => grant);
    this.#tokens = await signed(issuer, this.#grants, text, tally);
    return decision.approvalRequired ? 'asked' : 'minted';
  }
}

/** Halves the tools until each authority block is within its limit. */
async function signed(
  issuer: TestIssuer,
  grants: readonly Grant[],
  task: string,
  tally: Tally,
): Promise<readonly { readonly text: string; readonly tools: ReadonlySet<string> }[]> {
  const tools = [...new Set(grants.map(({ tool }) => tool))];
  try {
    const started = performance.now();
    const text = await issuer.mint({ grants, agent: 'https://idp.example#agent', task });
    tally.minted(text.length, performance.now() - started);
    return [{ text, tools: new Set(tools) }];
  } catch (thrown) {
    if (tools.length < 2 || !/over_limit|grants_count/.test(String(thrown))) throw thrown;
    const half = new Set(tools.slice(0, tools.length >> 1));
    const parts = [
      grants.filter(({ tool }) => half.has(tool)),
      grants.filter(({ tool }) => !half.has(tool)),
    ];
    const both = await Promise.all(parts.map((part) => signed(issuer, part, task, tally)));
    return both.flat();
  }
}
