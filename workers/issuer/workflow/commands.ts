import { readClock, type UnixSeconds } from '../../../src/clock.ts';
import { type TransitionRefused, tokensEndOf } from '../../../src/lifecycle/index.ts';
import { OWED_WAIT_MILLISECONDS } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { within } from '../../../src/within.ts';
import type { OwedRecords } from '../audit/owed-records.ts';
import type {
  NotInForce,
  RevokeCommand,
  Revoked,
  TransitionCommand,
  TransitionOutcome,
  WorkflowUnknown,
} from './binding.ts';
import type { IntentDelivery } from './delivery.ts';
import {
  type Intents,
  isGrant,
  isSuperseded,
  revocationId,
  revocationIntent,
  type StoredIntent,
  suspensionIntent,
} from './intents.ts';
import type { WorkflowRows } from './rows.ts';
import type { Transitions } from './transitions.ts';
import type { TreeRow } from './tree-row.ts';

/** Long enough for both logs to time out twice; then the caller learns which one did. */
const GRANT_WAIT_MILLISECONDS = 20_000;

/** Blocks that one holder may revoke in one workflow. */
const HOLDER_REVOCATIONS_MAX = 64;

interface CommandParts {
  readonly tree: TreeRow;
  readonly rows: WorkflowRows;
  readonly intents: Intents;
  readonly transitions: Transitions;
  readonly owed: OwedRecords;
  readonly delivery: IntentDelivery;
  /** Sets the alarm that delivers what is left open. Called before anything is delivered. */
  readonly schedule: () => Promise<void>;
}

/** Commands of operators, agents and holders: each is decided and stored, delivered, answered. */
export class Commands {
  readonly #parts: CommandParts;

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  /** Revokes a workflow or a block. An ended workflow keeps its state and gets a feed entry. */
  async revoke(
    id: string,
    command: RevokeCommand,
  ): Promise<Result<Revoked, WorkflowUnknown | NotInForce>> {
    const { rows, intents, transitions, tree } = this.#parts;
    const row = rows.find(id);
    if (!row && !command.evenUnknown) return refuse({ code: 'workflow_unknown' });
    const { actor, reason, block, via } = command;
    const intent = revocationId(id, block ?? id);
    const now = readClock();
    tree.transact(() => {
      if (intents.find(intent)) return;
      const revoke = {
        move: 'revoke',
        by: 'operator',
        actor,
        reason,
        ...(via && { via }),
      } as const;
      if (block === undefined && transitions.decide(id, revoke, now).ok) return;
      intents.add(revocationIntent(id, command, row, now));
    });
    const delivered = await this.#deliver(intent);
    if (!delivered.ok) return delivered;
    const { epoch = 0, seq = 0, archived = false } = delivered.value;
    const recorded = !this.#parts.owed.has(intent);
    return ok({ epoch, seq, archived, recorded, ...this.#expires(id) });
  }

  /**
   * Revokes one block for its holder. Bounded: a holder narrows offline as often as it likes, and
   * every verifier carries each revocation.
   */
  async revokeByHolder(
    id: string,
    block: string,
  ): Promise<Result<Revoked, { code: 'too_many_revocations' } | NotInForce>> {
    const { intents } = this.#parts;
    const isKnown = intents.isTouched(block);
    if (!isKnown && intents.blockCount(id) >= HOLDER_REVOCATIONS_MAX) {
      return refuse({ code: 'too_many_revocations' });
    }
    const command = { actor: 'holder', reason: 'given up by its holder', block };
    // The signed token proves the workflow, so this also works if the row of its begin was lost.
    const revoked = await this.revoke(id, { ...command, evenUnknown: true });
    if (revoked.ok) return revoked;
    const { error } = revoked;
    if (error.code === 'workflow_unknown') throw new Error('a forced revocation was refused');
    return refuse(error);
  }

  /** Makes one transition. Repeating a command that is not in force yet awaits the same intent. */
  async transition(
    id: string,
    command: TransitionCommand,
    applyClock: (id: string) => void,
  ): Promise<Result<TransitionOutcome, WorkflowUnknown | TransitionRefused | NotInForce>> {
    const { rows, intents, transitions, tree, owed } = this.#parts;
    if (!rows.find(id)) return refuse({ code: 'workflow_unknown' });
    const decided = tree.transact((): Result<string, TransitionRefused> => {
      applyClock(id);
      const first = transitions.decide(id, command, readClock());
      if (!first.ok) {
        const open = intents.openOf(id);
        return open && moveOf(open) === command.move ? ok(open.record.id) : first;
      }
      // Without a grace period the workflow is completed at once.
      if (command.move !== 'complete' || command.graceSeconds) return first;
      return transitions.decide(id, { move: 'finish', by: 'clock', actor: 'clock' }, readClock());
    });
    if (!decided.ok) return decided;
    const delivered = await this.#deliver(decided.value);
    if (!delivered.ok) return delivered;
    const row = rows.find(id);
    if (!row) throw new Error('the row of a workflow is gone after its transition');
    // It was stopped again before the feed had the entry, so it never was in force.
    if (isSuperseded(delivered.value)) {
      return refuse({ code: 'move_refused', move: command.move, state: row.life.state });
    }
    const { epoch, seq, becomes } = delivered.value;
    const recorded = !owed.has(decided.value);
    const state = becomes?.state ?? row.life.state;
    const position = epoch === undefined || seq === undefined ? {} : { epoch, seq };
    return ok({ state, gen: row.life.gen, ...position, recorded, ...this.#expires(id) });
  }

  /**
   * Suspends a root that no object has while the log that has its facts does not answer: what stops
   * waits for nothing. Once the log answers, the object begins the workflow as suspended.
   */
  async suspendUnknown(
    id: string,
    command: TransitionCommand,
  ): Promise<Result<TransitionOutcome, TransitionRefused | NotInForce>> {
    const { intents, tree, owed } = this.#parts;
    const intent = suspensionIntent(id, command, readClock());
    if (intents.find(revocationId(id, id))) {
      return refuse({ code: 'move_refused', move: command.move, state: 'revoked' });
    }
    tree.transact(() => intents.add(intent));
    const delivered = await this.#deliver(intent.record.id);
    if (!delivered.ok) return delivered;
    const { epoch, seq, record } = delivered.value;
    const position = epoch === undefined || seq === undefined ? {} : { epoch, seq };
    const gen = record.event === 'transition' ? record.gen : 1;
    return ok({ state: 'suspended', gen, ...position, recorded: !owed.has(record.id) });
  }

  /** The end of the subtree's last token: a child's may outlive its parent's. */
  #expires(id: string): { readonly expires?: UnixSeconds } {
    const { rows } = this.#parts;
    return rows.find(id) ? { expires: tokensEndOf(rows.tree(), id) } : {};
  }

  /** Delivers one intent, then the other open ones as far as there is time. */
  async #deliver(id: string): Promise<Result<StoredIntent, NotInForce>> {
    const { intents, delivery, schedule } = this.#parts;
    const scheduled = schedule();
    const intent = intents.find(id);
    if (!intent) throw new Error('an intent must be stored before it is delivered');
    await scheduled;
    if (!intent.done && intent.entry && !isGrant(intent)) {
      try {
        await delivery.appendEntry(intent);
      } catch (error) {
        const why = error instanceof Error ? error.message : typeof error;
        report('workflow.unfinished', { target: intent.target, why });
        return refuse({ code: 'feed_unavailable' });
      }
    }
    const wait = isGrant(intent) ? GRANT_WAIT_MILLISECONDS : OWED_WAIT_MILLISECONDS;
    const waiting = await within(delivery.all(), wait).catch(() => undefined);
    await schedule();
    const delivered = intents.find(id);
    if (delivered?.done) return ok(delivered);
    return refuse({ code: waiting?.get(id) ?? 'feed_unavailable' });
  }
}

const moveOf = ({ record }: StoredIntent): string | undefined =>
  record.event === 'transition' ? record.move : undefined;
