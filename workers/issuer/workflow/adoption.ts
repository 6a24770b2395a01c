import { readClock } from '../../../src/clock.ts';
import { report } from '../../../src/report.ts';
import { within } from '../../../src/within.ts';
import { adoptRoot } from '../log/control-logs.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { begin } from './begin.ts';
import { earlySuspensionOf, type Intents, revocationId, type StoredIntent } from './intents.ts';
import type { WorkflowRows } from './rows.ts';
import type { TreeRow } from './tree-row.ts';

/** A stop waits no longer for the facts of a workflow. */
const ADOPTION_MILLISECONDS = 3_000;

interface AdoptionParts {
  /** The id of the root, which is the object's name. */
  readonly root: string;
  readonly env: () => IssuerEnv;
  readonly tree: TreeRow;
  readonly rows: WorkflowRows;
  readonly intents: Intents;
  readonly schedule: () => Promise<void>;
}

/**
 * Brings a root into its object. A mint writes the facts of a new root into the control log, in the
 * transaction of its record, and makes no object. Whatever concerns the root first brings them
 * here. An object without a root asks again each time, so nothing depends on a single answer.
 */
export class Adoption {
  readonly #parts: AdoptionParts;
  #isDone = false;
  #isAnswered = false;

  constructor(parts: AdoptionParts) {
    this.#parts = parts;
  }

  /** Resolves once the root is in its rows, if it lives. Rejects if the log does not answer. */
  async adopt(): Promise<void> {
    if (this.#isDone || this.#hasRoot()) return;
    const { root, env, tree, rows, intents, schedule } = this.#parts;
    const start = await adoptRoot(env(), root);
    this.#isAnswered = true;
    if (!start || this.#hasRoot()) return;
    const suspension = earlySuspensionOf(intents, root);
    const isRevoked = intents.find(revocationId(root, root)) !== undefined;
    // It was stopped before anyone could tell that it lives, and stays stopped.
    if (isRevoked || (!suspension && intents.isTouched(root))) return;
    tree.transact(() => {
      begin(rows, start, start.startedAt);
      if (suspension) this.#suspend(suspension);
    });
    await schedule();
  }

  /** Whether the root was suspended without its facts, and the log was not heard since. */
  isOwed(): boolean {
    const { intents, root } = this.#parts;
    return !this.#isAnswered && !this.#hasRoot() && earlySuspensionOf(intents, root) !== undefined;
  }

  #suspend({ done }: StoredIntent): void {
    const { root, rows } = this.#parts;
    const row = rows.find(root);
    if (!row) return;
    rows.saveLife({ ...row.life, state: 'suspended', suspendedBy: 'operator' }, readClock());
    // Otherwise the state follows when the feed has the entry.
    if (done) rows.saveInForce(root, 'suspended');
  }

  /**
   * The same, for what takes power. Returns false if the log does not answer: then the root may
   * live, and a revocation continues without its facts.
   */
  async tryAdopt(): Promise<boolean> {
    try {
      await within(this.adopt(), ADOPTION_MILLISECONDS);
      return true;
    } catch (error) {
      report('workflow.unadopted', { workflow: this.#parts.root, why: String(error) });
      return false;
    }
  }

  #hasRoot(): boolean {
    this.#isDone = this.#parts.rows.find(this.#parts.root) !== undefined;
    return this.#isDone;
  }
}
