import { writable } from '../../../src/audit/index.ts';
import { ancestorsOf, isTerminal } from '../../../src/lifecycle/index.ts';
import {
  AUDIT_ANSWER_MILLISECONDS,
  OWED_WAIT_MILLISECONDS,
  STOP_RETRY_MILLISECONDS_MIN,
} from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { within } from '../../../src/within.ts';
import type { OwedRecords } from '../audit/owed-records.ts';
import type { AppendReceipt } from '../feed/binding.ts';
import { auditLog, breaker, type IssuerEnv, revocationLog } from '../platform/config.ts';
import type { SignalOutbox } from '../signals/outbox.ts';
import type { NotInForce } from './binding.ts';
import { shardOfWorkflow } from './id.ts';
import { type Intents, isGrant, type StoredIntent } from './intents.ts';
import type { WorkflowRows } from './rows.ts';

const FEED_ANSWER_MILLISECONDS = 5_000; // The log, and its archive's 2 s within it.
const STOP_RETRY_MILLISECONDS_MAX = 10_000; // A log that is back has the stop this soon.
const GRANT_RETRY_MILLISECONDS_MAX = 300_000;

/** By a record's id, what a grant that is not in force waits for. */
export type Waiting = ReadonlyMap<string, NotInForce['code']>;

interface Surroundings {
  readonly ctx: DurableObjectState;
  readonly env: () => IssuerEnv;
  readonly rows: WorkflowRows;
  readonly intents: Intents;
  readonly owed: OwedRecords;
  readonly untold: SignalOutbox;
}

/**
 * Carries out what was decided. What takes power away goes to the feed, then into the state, and is
 * recorded afterwards; what grants power is recorded first. Each intent is by itself, so that none
 * holds up another, and each may be carried out twice, also at a time: an entry, a record and the
 * end of an intent are there once. No promise is waited for that another request has made.
 */
export class IntentDelivery {
  readonly #at: Surroundings;

  constructor(at: Surroundings) {
    this.#at = at;
  }

  /** All that is open, for the alarm and after a decision. Never rejects: what fails stays open. */
  async all(): Promise<Waiting> {
    await this.stops();
    await within(this.#at.owed.deliver(), OWED_WAIT_MILLISECONDS).catch(() => undefined);
    const waiting = await this.#grants();
    this.#at.ctx.waitUntil(this.#at.untold.tell());
    return waiting;
  }

  /** Those with a word for the feed at once, since their order is nothing to it; then the rest. */
  async stops(): Promise<void> {
    const worded = this.#open().filter((intent) => !isGrant(intent) && intent.word);
    await Promise.all(worded.map((intent) => this.#attempt(intent, () => this.say(intent))));
    for (const intent of this.#open()) {
      if (isGrant(intent) || intent.word || this.#isCovered(intent)) continue;
      this.#finish(intent, undefined);
    }
  }

  /** One after the other, as they were decided: a parent comes back after those below it. */
  async #grants(): Promise<Waiting> {
    const waiting = new Map<string, NotInForce['code']>();
    for (const intent of this.#open().filter(isGrant)) {
      const before = this.#mustFollow(intent)?.record.id;
      const code =
        before === undefined
          ? await this.#grant(intent)
          : (waiting.get(before) ?? 'feed_unavailable');
      if (code) waiting.set(intent.record.id, code);
    }
    return waiting;
  }

  /** Says one to the feed, and writes the state; throws where the feed does not answer. */
  async say(intent: StoredIntent): Promise<void> {
    const { word } = intent;
    if (!word) throw new Error('an intent without a word is said to the feed');
    const log = revocationLog(this.#at.env(), shardOfWorkflow(this.#at.ctx.id.name ?? ''));
    this.#finish(intent, await within(log.append(word), FEED_ANSWER_MILLISECONDS));
  }

  /** Undefined where it is in force, or was ended; otherwise which log has not answered. */
  async #grant(intent: StoredIntent): Promise<NotInForce['code'] | undefined> {
    const { record } = intent;
    const append = () => auditLog(this.#at.env()).append([writable(record)]);
    const isRecorded = await this.#attempt(intent, async () => {
      await within(append(), AUDIT_ANSWER_MILLISECONDS);
    });
    if (!isRecorded) return 'audit_unavailable';
    // Stopped again while it was recorded: the record of the stop says so.
    if (this.#at.intents.find(record.id)?.done) return undefined;
    const isSaid = await this.#attempt(intent, () => this.say(intent));
    return isSaid ? undefined : 'feed_unavailable';
  }

  #finish(intent: StoredIntent, said: AppendReceipt | undefined): void {
    const { ctx, intents, owed, untold, env } = this.#at;
    const isFirst = ctx.storage.transactionSync(() => {
      if (!intents.finish(intent, said)) return false;
      if (!isGrant(intent)) owed.add(intent.record);
      untold.addStep(intent);
      return true;
    });
    const { becomes } = intent;
    if (isFirst && becomes && isTerminal(becomes.state)) {
      // Lost, it is one more of those that a twentieth is taken of, until its end.
      ctx.waitUntil(Promise.resolve(breaker(env()).ended(becomes.workflow)).catch(unheard));
    }
  }

  /** It is the entry of a workflow above that stops this one, and the feed does not have it yet. */
  #isCovered({ becomes }: StoredIntent): boolean {
    if (!becomes) return false;
    const above = ancestorsOf(this.#at.rows.tree(), becomes.workflow);
    return this.#open().some(
      (one) => !isGrant(one) && one.word && one.becomes && above.includes(one.becomes.workflow),
    );
  }

  /**
   * What was decided before of the same workflow, or of one below it, comes first: a suspension
   * that followed its resumption would stop what was resumed, and old tokens of a child whose
   * generation the feed does not know would live again with its parent.
   */
  #mustFollow({ n, becomes }: StoredIntent): StoredIntent | undefined {
    const tree = this.#at.rows.tree();
    return this.#open().find((one) => {
      if (one.n >= n || !one.becomes || !becomes) return false;
      const { workflow } = one.becomes;
      return (
        workflow === becomes.workflow || ancestorsOf(tree, workflow).includes(becomes.workflow)
      );
    });
  }

  #open(): readonly StoredIntent[] {
    return this.#at.intents.open();
  }

  async #attempt({ target }: StoredIntent, carry: () => Promise<void>): Promise<boolean> {
    try {
      await carry();
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : typeof error;
      report('workflow.unfinished', { target, why });
      return false;
    }
  }
}

const unheard = (error: unknown): void => report('breaker.unheard', { why: String(error) });

/**
 * How long the alarm waits for another try. A stop is tried again soon, whatever has failed; what
 * is granted waits longer each time, because the log that has to record it may be full for days.
 */
export function retryMilliseconds(open: readonly StoredIntent[], failures: number): number {
  const isGranting = open.length > 0 && open.every(isGrant);
  const most = isGranting ? GRANT_RETRY_MILLISECONDS_MAX : STOP_RETRY_MILLISECONDS_MAX;
  return Math.min(STOP_RETRY_MILLISECONDS_MIN * 2 ** Math.min(failures, 30), most);
}
