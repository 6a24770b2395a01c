import { hashable } from '../../../src/audit/index.ts';
import { ancestorsOf } from '../../../src/lifecycle/index.ts';
import {
  AUDIT_ANSWER_MILLISECONDS,
  OWED_WAIT_MILLISECONDS,
  STOP_RETRY_MILLISECONDS_MIN,
} from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { within } from '../../../src/within.ts';
import type { OwedRecords } from '../audit/owed-records.ts';
import type { AppendReceipt } from '../feed/binding.ts';
import { appendRecords } from '../log/append.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import type { SignalOutbox } from '../signals/outbox.ts';
import type { NotInForce } from './binding.ts';
import { shardOfWorkflow } from './id.ts';
import { type Intents, isGrant, type StoredIntent } from './intents.ts';
import type { WorkflowRows } from './rows.ts';
import type { TreeRow } from './tree-row.ts';

/** Includes the two seconds that the log waits for its archive. */
const FEED_ANSWER_MILLISECONDS = 5_000;
/** A log that is available again gets the stop this soon. */
const STOP_RETRY_MILLISECONDS_MAX = 10_000;
const GRANT_RETRY_MILLISECONDS_MAX = 300_000;

/** By record id, the log that a grant waits for. */
export type WaitingGrants = ReadonlyMap<string, NotInForce['code']>;

interface DeliveryParts {
  readonly ctx: DurableObjectState;
  readonly tree: TreeRow;
  readonly env: () => IssuerEnv;
  readonly rows: WorkflowRows;
  readonly intents: Intents;
  readonly owed: OwedRecords;
  readonly signals: SignalOutbox;
}

/**
 * Delivers intents. A stop is appended to the feed, then applied to the state, then recorded. A
 * grant is recorded first. Intents are independent, so that none holds up another. Delivering one
 * twice, or twice at a time, is harmless: its entry, its record and its end exist once. Never
 * awaits a promise that another request created.
 */
export class IntentDelivery {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Delivers all open intents, for the alarm and after a decision. Never rejects. */
  async all(): Promise<WaitingGrants> {
    await this.stops();
    await within(this.#parts.owed.deliver(), OWED_WAIT_MILLISECONDS).catch(() => undefined);
    const waiting = await this.#grants();
    this.#parts.ctx.waitUntil(this.#parts.signals.deliver());
    return waiting;
  }

  /**
   * Delivers the stops with a feed entry concurrently, since the feed needs no order; then others.
   */
  async stops(): Promise<void> {
    const withEntry = this.#open().filter((intent) => !isGrant(intent) && intent.entry);
    await Promise.all(withEntry.map((one) => this.#attempt(one, () => this.appendEntry(one))));
    for (const intent of this.#open()) {
      if (isGrant(intent) || intent.entry || this.#isCovered(intent)) continue;
      this.#finish(intent, undefined);
    }
  }

  /** Delivers grants one by one in the order of decision: a parent resumes after its children. */
  async #grants(): Promise<WaitingGrants> {
    const waiting = new Map<string, NotInForce['code']>();
    for (const intent of this.#open().filter(isGrant)) {
      const before = this.#predecessor(intent)?.record.id;
      const code =
        before === undefined
          ? await this.#grant(intent)
          : (waiting.get(before) ?? 'feed_unavailable');
      if (code) waiting.set(intent.record.id, code);
    }
    return waiting;
  }

  /** Appends the entry to the feed and writes the state. Throws if the feed does not answer. */
  async appendEntry(intent: StoredIntent): Promise<void> {
    const { entry } = intent;
    if (!entry) throw new Error('an intent without a feed entry cannot be appended to the feed');
    const { ctx, env } = this.#parts;
    const log = revocationLog(env(), shardOfWorkflow(ctx.id.name ?? ''));
    this.#finish(intent, await within(log.append(entry), FEED_ANSWER_MILLISECONDS));
  }

  /** Returns undefined if the grant is in force or was superseded, else the log it waits for. */
  async #grant(intent: StoredIntent): Promise<NotInForce['code'] | undefined> {
    const { record } = intent;
    const append = () => appendRecords(this.#parts.env(), [hashable(record)]);
    const isRecorded = await this.#attempt(intent, async () => {
      await within(append(), AUDIT_ANSWER_MILLISECONDS);
    });
    if (!isRecorded) return 'audit_unavailable';
    // A stop superseded it while it was being recorded. The stop's own record shows that.
    if (this.#parts.intents.find(record.id)?.done) return undefined;
    const isInFeed = await this.#attempt(intent, () => this.appendEntry(intent));
    return isInFeed ? undefined : 'feed_unavailable';
  }

  #finish(intent: StoredIntent, position: AppendReceipt | undefined): void {
    const { tree, intents, owed, signals } = this.#parts;
    tree.transact(() => {
      if (!intents.finish(intent, position)) return;
      if (!isGrant(intent)) owed.add(intent.record);
      signals.addIntent(intent);
    });
  }

  /** Returns whether the pending entry of a workflow above stops this one. */
  #isCovered({ becomes }: StoredIntent): boolean {
    if (!becomes) return false;
    const above = ancestorsOf(this.#parts.rows.tree(), becomes.workflow);
    return this.#open().some(
      (one) => !isGrant(one) && one.entry && one.becomes && above.includes(one.becomes.workflow),
    );
  }

  /**
   * Returns an earlier open intent of the same workflow or of one below it. Such an intent must be
   * delivered first. A suspension delivered after a later resumption would stop the workflow again.
   * Old tokens of a child whose new generation is not in the feed would revive with its parent.
   */
  #predecessor({ n, becomes }: StoredIntent): StoredIntent | undefined {
    const tree = this.#parts.rows.tree();
    return this.#open().find((one) => {
      if (one.n >= n || !one.becomes || !becomes) return false;
      const { workflow } = one.becomes;
      return (
        workflow === becomes.workflow || ancestorsOf(tree, workflow).includes(becomes.workflow)
      );
    });
  }

  #open(): readonly StoredIntent[] {
    return this.#parts.intents.open();
  }

  async #attempt({ target }: StoredIntent, deliver: () => Promise<void>): Promise<boolean> {
    try {
      await deliver();
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : typeof error;
      report('workflow.unfinished', { target, why });
      return false;
    }
  }
}

/**
 * Returns how long the alarm waits before the next attempt. A stop is always retried soon. Grants
 * back off further, because the audit log that must record them may be full for days.
 */
export function retryMilliseconds(open: readonly StoredIntent[], failures: number): number {
  const onlyGrants = open.length > 0 && open.every(isGrant);
  const most = onlyGrants ? GRANT_RETRY_MILLISECONDS_MAX : STOP_RETRY_MILLISECONDS_MAX;
  return Math.min(STOP_RETRY_MILLISECONDS_MIN * 2 ** failures, most);
}
