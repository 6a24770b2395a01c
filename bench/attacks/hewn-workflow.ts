/** One workflow: it is begun, stepped up and asked about with the code of the product. */
import { type Grant, mergeGrants, narrow } from '../../src/capability/index.ts';
import { type Catalogue, describeCall } from '../../src/catalogue/index.ts';
import type { Policy } from '../../src/policy/index.ts';
import { neededDetails, type Decision as Verdict } from '../../src/verifier/index.ts';
import type {
  Decision,
  Json,
  Question,
  Task,
  ToolCall,
  Workflow,
} from '../agent-authz-bench/index.ts';
import { unwrap } from '../unwrap.ts';
import { approveOne } from './approve-one.ts';
import { Attestations, type Attesting } from './attestations.ts';
import { AUDIENCE, type BenchIssuer } from './bench-issuer.ts';
import type { BenchLabels } from './bench-labels.ts';
import type { Configuration } from './configurations.ts';
import { type Derivation, deriveGrants } from './derive.ts';
import { type MintedToken, mintTokens } from './mint-tokens.ts';
import { PlanSteps } from './plan-steps.ts';
import { toolName } from './suite-catalogue.ts';
import type { Tally } from './tally.ts';
import { newIn, unattestedIn, valuesListed } from './values.ts';

const TASK_CHARACTERS_MAX = 200; // A token has 256 bytes for it.
const NARROWED_SECONDS = 30;

type Person = 'approves' | 'declines';
type Described = Extract<ReturnType<typeof describeCall>, { ok: true }>['value'];

export interface WorkflowParts {
  readonly id: string;
  readonly configuration: Configuration;
  readonly derivation: Derivation;
  readonly task: Task;
  readonly catalogue: Catalogue;
  readonly policy: Policy;
  readonly issuer: BenchIssuer;
  readonly labels: BenchLabels;
  readonly tally: Tally;
}

export class HewnWorkflow implements Workflow {
  readonly asked: Question[] = [];
  /** Absent where nothing that was read changes a decision. */
  readonly answered?: (call: ToolCall, answer: string) => Promise<void>;
  readonly #parts: WorkflowParts;
  readonly #steps: PlanSteps | undefined;
  readonly #attestations: Attestations | undefined;
  #grants: readonly Grant[] = [];
  /** Several, if one authority block cannot hold all grants. */
  #tokens: readonly MintedToken[] = [];
  #child: HewnWorkflow | undefined;

  constructor(parts: WorkflowParts, attestations: Attestations | undefined) {
    this.#parts = parts;
    this.#attestations = attestations;
    if (attestations) this.answered = (call, answer) => this.#hear(call, answer);
    if (parts.configuration.perStep) this.#steps = new PlanSteps(parts.task);
  }

  /** Begins a workflow. The request of the user is attested now, and never again. */
  static async begin(parts: WorkflowParts): Promise<HewnWorkflow> {
    const isAttested = parts.configuration.sinks === 'origins';
    const attestations = isAttested
      ? await Attestations.begin(attestingOf(parts), parts.task.prompt)
      : undefined;
    const workflow = new HewnWorkflow(parts, attestations);
    await workflow.#begin();
    return workflow;
  }

  /**
   * Begins a child with all grants of this workflow, and without the request of the user. Only
   * where values have to be attested: elsewhere, a child can do exactly what its parent can.
   */
  async child(): Promise<Workflow | undefined> {
    if (!this.#attestations || this.#grants.length === 0) return undefined;
    if (this.#child) return this.#child;
    const parts = { ...this.#parts, id: `${this.#parts.id}.1` };
    const child = new HewnWorkflow(parts, Attestations.ofChild(attestingOf(parts)));
    await child.#sign(this.#grants, [this.#parts.id]);
    this.#child = child;
    return child;
  }

  get state(): string {
    return JSON.stringify(this.#grants);
  }

  async #begin(): Promise<void> {
    const { catalogue, task, configuration, derivation } = this.#parts;
    let requested = deriveGrants(catalogue, task, configuration, derivation);
    if (configuration.sinks === 'origins') requested = this.#closed(requested);
    if (requested.length === 0) return;
    const minted = await this.#mint(requested, false, 'approves');
    if (minted === 'asked') this.asked.push({ tool: '(the workflow)', new: ['(delete)'] });
  }

  /** Leaves out the tools whose sinks nothing bounds: they are asked about when they are needed. */
  #closed(requests: readonly Grant[]): readonly Grant[] {
    const { refused } = this.#decide(requests, false);
    const open = refused.flatMap(({ code, grant }) => (code === 'sink_open' ? [grant.tool] : []));
    return requests.filter(({ tool }) => !open.includes(tool));
  }

  async decide(call: ToolCall, person: Person): Promise<Decision> {
    const { catalogue, task, configuration } = this.#parts;
    const tool = toolName(task.suite, call.function);
    const described = describeCall(catalogue, tool, call.args);
    if (!described.ok) return { allowed: false, why: described.error.code };
    if (this.#steps?.allows(call.function, person) === false) {
      return { allowed: false, why: 'not the next step' };
    }
    const token = await this.#stepToken(described.value, person);
    const decided = await this.#verify(token, described.value);
    if (decided.allowed) return this.#leave(token, described.value, decided, person);
    const { denial } = decided;
    const why = 'pointer' in denial ? `${denial.code} ${denial.pointer}` : denial.code;
    if (!configuration.stepUp) return { allowed: false, why };
    if (configuration.sinks === 'origins' && denial.code === 'constraint_failed') {
      const names = unattestedIn(catalogue.get(tool), described.value.args, decided.evidence);
      return this.#askOnce(token, described.value, { tool, new: names }, person);
    }
    return this.#stepUp(described.value, denial, why, person);
  }

  allowedValues(tool: string, argument: string): readonly Json[] {
    const name = toolName(this.#parts.task.suite, tool);
    const listed = valuesListed(this.#grants, name, argument);
    return [...listed, ...(this.#attestations?.valuesFor(name, argument) ?? [])];
  }

  /** Hears what an allowed call answered, as the gateway does that served it. */
  async #hear(call: ToolCall, answer: string): Promise<void> {
    const { catalogue, task, labels, id } = this.#parts;
    const described = describeCall(catalogue, toolName(task.suite, call.function), call.args);
    if (!described.ok) return;
    await labels.raise(this.#allowed(described.value, id, false));
    await this.#attestations?.hear(described.value, answer);
  }

  /** A call that its token allows may still not leave after what the workflow has read. */
  async #leave(
    token: string,
    call: Described,
    { evidence }: Verdict,
    person: Person,
  ): Promise<Decision> {
    if (!this.#attestations) return { allowed: true };
    const { labels, id } = this.#parts;
    const isApproved = evidence.approval !== undefined;
    const denial = await labels.decide(this.#allowed(call, id, isApproved));
    if (!denial) {
      // An attacker who only tries a call has not been served its answer.
      if (person === 'approves') await labels.raise(this.#allowed(call, id, isApproved));
      return { allowed: true };
    }
    if (denial.code !== 'flow_unapproved') return { allowed: false, why: denial.code };
    const asked = { tool: call.tool, new: [`(${denial.labels})`] };
    return this.#askOnce(token, call, asked, person);
  }

  #allowed(call: Described, workflow: string, isApproved: boolean) {
    const { catalogue } = this.#parts;
    const ancestors = workflow.includes('.') ? [workflow.split('.', 1)[0] ?? ''] : [];
    const reach = async () => ({ grants: this.#grants, ancestors });
    return { catalogue, call, evidence: { workflow }, isApproved, attested: [], reach };
  }

  /** A person approves exactly this call, and nothing of it stays. */
  async #askOnce(
    token: string,
    call: Described,
    asked: Question,
    person: Person,
  ): Promise<Decision> {
    if (person === 'declines') return { allowed: false, asked, why: 'declined' };
    const approved = await approveOne(this.#parts.issuer, token, call);
    const again = await this.#verify(approved, call);
    if (!again.allowed) {
      return { allowed: false, asked, why: `${again.denial.code} after the approval` };
    }
    const left = await this.#leave(approved, call, again, 'declines');
    return { ...left, asked };
  }

  async #stepUp(
    call: Described,
    denial: Extract<Verdict, { allowed: false }>['denial'],
    why: string,
    person: Person,
  ): Promise<Decision> {
    const { catalogue } = this.#parts;
    const needed = neededDetails(denial, call, catalogue.get(call.tool));
    const merged =
      needed &&
      mergeGrants(
        this.#grants,
        needed.flatMap(({ grants }) => grants),
      );
    if (!merged?.ok) return { allowed: false, why: `${why}, and no step-up expresses the call` };
    const asked: Question = { tool: call.tool, new: newIn(this.#grants, merged.value.wanted) };
    const minted = await this.#mint(merged.value.grants, true, person);
    if (minted === 'refused') return { allowed: false, why: `${why}, and the step-up was refused` };
    if (minted === 'declined') return { allowed: false, asked, why: `${why}, declined` };
    const again = await this.#verify(await this.#stepToken(call, person), call);
    return {
      allowed: again.allowed,
      ...(minted === 'asked' && { asked }),
      ...(!again.allowed && { why: `${again.denial.code} after the step-up` }),
    };
  }

  /** The agent narrows to each call, as the SDK does. An attacker presents what it holds. */
  async #stepToken(call: Described, person: Person): Promise<string> {
    const held = this.#tokens.find(({ tools }) => tools.has(call.tool)) ?? this.#tokens[0];
    if (!held) throw new Error('the workflow has no token');
    if (person === 'declines') return held.text;
    const { tool, action, args } = call;
    const expires = new Date(this.#parts.issuer.clock.now() + NARROWED_SECONDS * 1000);
    const [dataset] = call.dataset;
    const narrowing = { tool, action, expires, ...(args && { args }) };
    const whole = call.dataset.length === 1 && dataset ? { ...narrowing, dataset } : narrowing;
    return unwrap(await narrow(held.text, whole));
  }

  async #verify(token: string, call: Described): Promise<Verdict> {
    const { issuer, tally, catalogue } = this.#parts;
    const attached = await this.#attestations?.attachedTo(call);
    const request = attached ? { ...call, attached, catalogue } : call;
    const started = performance.now();
    const decision = await issuer.verifier.verify(token, request);
    tally.decided(performance.now() - started);
    return decision;
  }

  #decide(requests: readonly Grant[], stepUp: boolean) {
    const { policy, issuer } = this.#parts;
    return policy.decide({
      workload: { issuerName: 'idp', subject: 'agent' },
      user: { issuerName: 'idp', subject: 'emma' },
      task: this.#task,
      audience: AUDIENCE,
      now: new Date(issuer.clock.now()),
      ...(stepUp && { stepUp }),
      requests,
    });
  }

  get #task(): string {
    return this.#parts.task.prompt.trim().replace(/\s+/g, ' ').slice(0, TASK_CHARACTERS_MAX);
  }

  async #mint(
    requests: readonly Grant[],
    stepUp: boolean,
    person: Person,
  ): Promise<'minted' | 'asked' | 'declined' | 'refused'> {
    const decision = this.#decide(requests, stepUp);
    if (decision.refused.length > 0) {
      if (!stepUp) throw new Error(JSON.stringify(decision.refused[0]));
      return 'refused';
    }
    if (decision.approvalRequired && person === 'declines') return 'declined';
    await this.#sign(decision.granted.map(({ grant }) => grant));
    return decision.approvalRequired ? 'asked' : 'minted';
  }

  async #sign(grants: readonly Grant[], ancestors: readonly string[] = []): Promise<void> {
    const { issuer, tally, id } = this.#parts;
    const prompt = this.#attestations?.promptDigest;
    const authority = { workflow: id, ancestors, task: this.#task, ...(prompt && { prompt }) };
    this.#grants = grants;
    this.#tokens = await mintTokens(issuer, grants, authority, tally);
  }
}

const attestingOf = ({ catalogue, id, issuer }: WorkflowParts): Attesting => ({
  catalogue,
  workflow: id,
  signer: issuer.receipts,
  now: issuer.clock.now,
});
