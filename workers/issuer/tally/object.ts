import { DurableObject } from 'cloudflare:workers';
import { readSeconds, toMilliseconds, type UnixSeconds } from '../../../src/clock.ts';
import {
  EMPTY_HISTORY,
  type HistoryRefusal,
  type HistoryRule,
  type HistoryState,
  type HistoryUse,
  isReserved,
  refundHistory,
  reserveHistory,
  usesOf,
} from '../../../src/history/index.ts';
import { ok, type Result } from '../../../src/result.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { OnDemandStorage } from '../platform/on-demand.ts';
import { type SchemaVersion, schemaVersionOf } from '../platform/sqlite.ts';
import type { LastingLabel, TallyBinding, TallyRequest } from './binding.ts';
import { TALLY } from './columns.ts';
import { LastingLabels } from './lasting-labels.ts';
import { tallySchema } from './schema.ts';

interface StoredTally {
  readonly history: HistoryState;
  /** From then on, nothing of it counts. */
  readonly until: UnixSeconds;
}

/**
 * What lasts longer than a workflow: the calls, sums and values that rules over history count for
 * one agent, subject or owner, and the labels that last for one agent with one subject. An object
 * has one of the two, by its name.
 *
 * The object of a workflow asks it about a charge, after it has taken the charge itself: if
 * anything ends in between, a charge may count although its call was never made, and never the
 * other way round.
 *
 * It knows no version of the catalogue: the workflow's object sends the rules with each request.
 */
export class Tally extends DurableObject<IssuerEnv> implements TallyBinding {
  readonly #storage: OnDemandStorage;
  readonly #labels: LastingLabels;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    this.#storage = new OnDemandStorage(ctx.storage, tallySchema);
    this.#labels = new LastingLabels(this.#storage);
  }

  /** Returns the version of its storage. */
  schemaVersion(): SchemaVersion {
    return schemaVersionOf(this.ctx.storage, tallySchema);
  }

  /** Judges a call by the rules of the scope, and takes it. A repeated request is taken once. */
  async reserve(
    { tool, nonce, measured }: TallyRequest,
    rules: readonly HistoryRule[],
  ): Promise<Result<null, HistoryRefusal>> {
    const now = readSeconds();
    const answer = this.#storage.transact((): Result<StoredTally | undefined, HistoryRefusal> => {
      const { history, until } = this.#read();
      if (isReserved(history, nonce)) return ok(undefined);
      const reserved = reserveHistory(rules, history, { tool, nonce, measured }, now);
      if (!reserved.ok) return reserved;
      const longest = Math.max(0, ...rules.map(({ within = 0 }) => within));
      const next = { history: reserved.value, until: Math.max(until, now + longest + 1) };
      this.#write(next);
      return ok(next);
    });
    if (!answer.ok) return answer;
    if (answer.value) await this.#endLater(answer.value.until);
    return ok(null);
  }

  /** Forgets a charge whose call was not made. Changes nothing if it is unknown. */
  async refund(nonce: string): Promise<void> {
    this.#storage.transact(() => {
      const tally = this.#read();
      const history = refundHistory(tally.history, nonce);
      if (history !== tally.history) this.#write({ ...tally, history });
    });
  }

  /** Returns how much of each rule is used now. */
  uses(rules: readonly HistoryRule[]): readonly HistoryUse[] {
    return usesOf(rules, this.#read().history, readSeconds());
  }

  /**
   * Remembers labels for later workflows. Returns false, and remembers none, if there are too many:
   * then no answer that carries them is served.
   */
  async remember(labels: readonly LastingLabel[]): Promise<boolean> {
    const isKept = this.#storage.transact(() => this.#labels.add(labels, readSeconds()));
    if (isKept) await this.#endLater(this.#labels.end());
    return isKept;
  }

  /** Returns the labels that hold a workflow that began at this time. */
  lasting(begun: UnixSeconds): readonly LastingLabel[] {
    return this.#labels.all().filter(({ until }) => until >= begun);
  }

  override async alarm(): Promise<void> {
    const until = Math.max(this.#read().until, this.#labels.end());
    if (readSeconds() > until) await this.#storage.deleteAll();
    else await this.#endLater(until);
  }

  #read(): StoredTally {
    if (!this.#storage.has('tally')) return { history: EMPTY_HISTORY, until: 0 };
    const [row] = this.#storage.sql.exec('SELECT history, until FROM tally').toArray();
    if (!row) return { history: EMPTY_HISTORY, until: 0 };
    return { history: TALLY.read(row.history), until: Number(row.until) };
  }

  #write({ history, until }: StoredTally): void {
    this.#storage.ensure('tally');
    this.#storage.sql.exec(
      'INSERT OR REPLACE INTO tally (one, history, until) VALUES (1, ?, ?)',
      ...[TALLY.write(history), until],
    );
  }

  /** An alarm that comes too early sets itself again. */
  async #endLater(until: UnixSeconds): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) !== null) return;
    await this.ctx.storage.setAlarm(toMilliseconds(until + 1));
  }
}
