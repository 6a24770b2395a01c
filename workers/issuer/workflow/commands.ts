import { readClock } from '../../../src/clock.ts';
import { type TransitionRefused, tokensEndOf } from '../../../src/lifecycle/index.ts';
import { OWED_WAIT_MILLISECONDS } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { within } from '../../../src/within.ts';
import type { OwedRecords } from '../audit/owed-records.ts';
import type { NotInForce, TransitionCommand, TransitionOutcome, Unknown } from './binding.ts';
import type { Revoked, RevokeRequest } from './contract.ts';
import type { IntentDelivery } from './delivery.ts';
import { type Intents, isGrant, isSuperseded, type StoredIntent } from './intents.ts';
import { revocationId, revocationOf } from './revocation.ts';
import type { WorkflowRows } from './rows.ts';
import type { Transitions } from './transitions.ts';

const GRANT_WAIT_MILLISECONDS = 20_000; // Both logs hang, twice; then whoever asked is told.

interface Surroundings {
  readonly storage: DurableObjectStorage;
  readonly rows: WorkflowRows;
  readonly intents: Intents;
  readonly moves: Transitions;
  readonly owed: OwedRecords;
  readonly carry: IntentDelivery;
  /** Sets the alarm that carries out what is left open; begun before anything else is. */
  readonly schedule: () => Promise<void>;
}

/** Decides and stores what operators, agents and holders command, delivers it, then answers. */
export class Commands {
  readonly #at: Surroundings;

  constructor(at: Surroundings) {
    this.#at = at;
  }

  /** Also what has ended, where somebody says so: the feed is told, and the state stays. */
  async revoke(id: string, request: RevokeRequest): Promise<Result<Revoked, Unknown | NotInForce>> {
    const { rows, intents, moves, storage } = this.#at;
    const row = rows.find(id);
    if (!row && !request.evenUnknown) return refuse({ code: 'workflow_unknown' });
    const { actor, reason, block } = request;
    const intent = revocationId(id, block ?? id);
    const now = readClock();
    storage.transactionSync(() => {
      if (intents.find(intent)) return;
      const order = { move: 'revoke', by: 'operator', actor, reason } as const;
      if (block === undefined && moves.decide(id, order, now).ok) return;
      intents.add(revocationOf(id, request, row, now));
    });
    const done = await this.#done(intent);
    if (!done.ok) return done;
    const { epoch = 0, seq = 0, archived = false } = done.value;
    return ok({ epoch, seq, archived, recorded: !this.#at.owed.has(intent), ...this.#expires(id) });
  }

  /** One step; said again while it is not in force yet, it is the same one. */
  async move(
    id: string,
    order: TransitionCommand,
    applyClock: (id: string) => void,
  ): Promise<Result<TransitionOutcome, Unknown | TransitionRefused | NotInForce>> {
    const { rows, intents, moves, storage } = this.#at;
    if (!rows.find(id)) return refuse({ code: 'workflow_unknown' });
    const decided = storage.transactionSync((): Result<string, TransitionRefused> => {
      applyClock(id);
      const first = moves.decide(id, order, readClock());
      if (!first.ok) {
        const open = intents.openOf(id);
        return open && moveOf(open) === order.move ? ok(open.record.id) : first;
      }
      // Without a grace there is nothing to wait for.
      if (order.move !== 'complete' || order.graceSeconds) return ok(first.value.intent);
      const finish = { move: 'finish', by: 'clock', actor: 'clock' } as const;
      const finished = moves.decide(id, finish, readClock());
      return finished.ok ? ok(finished.value.intent) : finished;
    });
    if (!decided.ok) return decided;
    const done = await this.#done(decided.value);
    if (!done.ok) return done;
    const row = rows.find(id);
    if (!row) throw new Error('a workflow that was moved is gone');
    // Stopped again before the feed had it: it never was in force.
    if (isSuperseded(done.value)) {
      return refuse({ code: 'move_refused', move: order.move, state: row.life.state });
    }
    const { epoch, seq, becomes } = done.value;
    const recorded = !this.#at.owed.has(decided.value);
    const state = becomes?.state ?? row.life.state;
    const place = epoch === undefined || seq === undefined ? {} : { epoch, seq };
    return ok({ state, gen: row.life.gen, ...place, recorded, ...this.#expires(id) });
  }

  /** A child's token may outlive its parent's. */
  #expires(id: string): { readonly expires?: number } {
    const { rows } = this.#at;
    return rows.find(id) ? { expires: tokensEndOf(rows.tree(), id) } : {};
  }

  /** Carries out one intent, and what else is open as far as there is time. */
  async #done(id: string): Promise<Result<StoredIntent, NotInForce>> {
    const { intents, carry, schedule } = this.#at;
    const scheduled = schedule();
    const intent = this.#found(id);
    await scheduled;
    if (!intent.done && intent.word && !isGrant(intent)) {
      try {
        await carry.say(intent);
      } catch (error) {
        const why = error instanceof Error ? error.message : typeof error;
        report('workflow.unfinished', { target: intent.target, why });
        return refuse({ code: 'feed_unavailable' });
      }
    }
    const wait = isGrant(intent) ? GRANT_WAIT_MILLISECONDS : OWED_WAIT_MILLISECONDS;
    const waiting = await within(carry.all(), wait).catch(() => undefined);
    await schedule();
    const found = intents.find(id);
    if (found?.done) return ok(found);
    return refuse({ code: waiting?.get(id) ?? 'feed_unavailable' });
  }

  #found(id: string): StoredIntent {
    const intent = this.#at.intents.find(id);
    if (!intent) throw new Error('an intent is carried out that was never stored');
    return intent;
  }
}

const moveOf = ({ record }: StoredIntent): string | undefined =>
  record.event === 'transition' ? record.move : undefined;
