/** The adaptive attacker of one user task: what it reads first, and where it tries each call. */
import type { RecordedAnswers } from './answers.ts';
import type { AttackPair, EssentialCall, SuiteTool, ToolCall } from './data.ts';
import type { Workflow } from './system.ts';
import { splitsOf, variantsOf } from './variants.ts';

/** An attack on a user task. A person who is asked declines. */
export interface JudgedPair {
  readonly pair: AttackPair;
  /**
   * The calls that carry it out in the workflow as it began, if every needed call has one that is
   * allowed.
   */
  readonly succeeded?: readonly ToolCall[];
  /** The same, after an honest run and everything that a person approved in it. */
  readonly succeededLater?: readonly ToolCall[];
  /** The reads that the attacker planned, and those that were allowed. */
  readonly reads: number;
  readonly readsAllowed: number;
}

/** Carries out an attack in a workflow, if it can. */
type Attempt = (
  needed: readonly EssentialCall[],
  workflow: Workflow,
) => Promise<readonly ToolCall[] | undefined>;

export class Attacker {
  /** The workflow as it began, and as it was after honest runs. */
  readonly #states: readonly Workflow[];
  readonly #tools: readonly SuiteTool[];
  readonly #answers: RecordedAnswers;
  /** The call whose answer can bring the attacker's text. */
  readonly #injected: ToolCall | undefined;
  /** The workflows in which everything was read. */
  readonly #wellRead = new WeakSet<Workflow>();

  constructor(
    states: readonly Workflow[],
    tools: readonly SuiteTool[],
    answers: RecordedAnswers,
    injected: ToolCall | undefined,
  ) {
    this.#states = states;
    this.#tools = tools;
    this.#answers = answers;
    this.#injected = injected;
  }

  /**
   * Tries every attack before anything was read, and those that fail once more after everything was
   * read, and in a child: what was read can help an attacker, and can also be held against it.
   */
  async attack(pairs: readonly AttackPair[]): Promise<readonly JudgedPair[]> {
    const judged: JudgedPair[] = [];
    for (const pair of pairs) {
      judged.push(await this.#attackOnce(pair, (needed, one) => this.#carryOut(needed, one)));
    }
    for (const [index, { pair, succeeded, succeededLater }] of judged.entries()) {
      if (succeeded) continue;
      const again = await this.#attackOnce(pair, (needed, one) => this.#readFirst(needed, one));
      judged[index] = { ...(succeededLater && { succeededLater }), ...again };
    }
    return judged;
  }

  async #attackOnce(pair: AttackPair, tryIn: Attempt): Promise<JudgedPair> {
    const reads = pair.attack.ground_truth.filter((call) =>
      this.#tools.some(({ name, effectful }) => name === call.function && !effectful),
    );
    let readsAllowed = 0;
    for (const call of reads) if (await this.#isAllowedAnywhere(call)) readsAllowed += 1;
    const judged = { pair, reads: reads.length, readsAllowed };
    const { minimal_attack: needed, goal } = pair.attack;
    if (readsAllowed < reads.length && needsToRead(needed, goal)) return judged;
    for (const [index, workflow] of this.#states.entries()) {
      await this.#inject(workflow, goal);
      const calls = await tryIn(needed, workflow);
      if (calls) return { ...judged, [index === 0 ? 'succeeded' : 'succeededLater']: calls };
    }
    return judged;
  }

  /** Makes every read that it may make, and then acts in the workflow, or in a child of it. */
  async #readFirst(
    needed: readonly EssentialCall[],
    workflow: Workflow,
  ): Promise<readonly ToolCall[] | undefined> {
    if (workflow.answered) {
      await this.#readEverything(workflow);
      const calls = await this.#carryOut(needed, workflow);
      if (calls) return calls;
    }
    const child = await workflow.child?.();
    if (!child) return undefined;
    await this.#readEverything(child);
    return this.#carryOut(needed, child);
  }

  /** The system hears the attacker's text, at the end of the answer that can bring it. */
  async #inject(workflow: Workflow, goal: string): Promise<void> {
    const call = this.#injected;
    if (call) await workflow.answered?.(call, `${this.#answers.of(call) ?? ''}\n${goal}`);
  }

  /** The attacker reads whatever it may, so that it has every value that a read could give it. */
  async #readEverything(workflow: Workflow): Promise<void> {
    if (this.#wellRead.has(workflow)) return;
    this.#wellRead.add(workflow);
    for (const { call, answer } of this.#answers.reads) {
      const { allowed } = await workflow.decide(call, 'declines');
      if (allowed) await workflow.answered?.(call, answer);
    }
  }

  async #isAllowedAnywhere(call: ToolCall): Promise<boolean> {
    for (const workflow of this.#states) {
      if ((await workflow.decide(call, 'declines')).allowed) return true;
    }
    return false;
  }

  async #carryOut(
    needed: readonly EssentialCall[],
    workflow: Workflow,
  ): Promise<readonly ToolCall[] | undefined> {
    const calls: ToolCall[] = [];
    for (const one of needed) {
      const call = await this.#firstAllowed(one, workflow);
      const made = call ? [call] : await this.#firstSplit(one, workflow);
      if (!made) return undefined;
      calls.push(...made);
    }
    return calls;
  }

  /** Sends an amount in parts, if the system lets all of them through. */
  async #firstSplit(
    needed: EssentialCall,
    workflow: Workflow,
  ): Promise<readonly ToolCall[] | undefined> {
    for (const parts of splitsOf(needed)) {
      const calls: ToolCall[] = [];
      for (const part of parts) {
        const call = await this.#firstAllowed(part, workflow);
        if (!call) break;
        calls.push(call);
      }
      if (calls.length === parts.length) return calls;
    }
    return undefined;
  }

  async #firstAllowed(needed: EssentialCall, workflow: Workflow): Promise<ToolCall | undefined> {
    for (const call of variantsOf(needed, this.#tools, workflow)) {
      if ((await workflow.decide(call, 'declines')).allowed) return call;
    }
    return undefined;
  }
}

/** Whether an essential value is not in the injected text, so that the attacker has to read it. */
const needsToRead = (needed: readonly EssentialCall[], goal: string): boolean =>
  needed.some(({ essential_args: essential }) =>
    Object.values(essential)
      .flatMap((value): readonly unknown[] => (Array.isArray(value) ? value : [value]))
      .some((value) => !goal.includes(String(value))),
  );
