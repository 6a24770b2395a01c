import { DurableObject } from 'cloudflare:workers';
import { readClock, readSeconds, type UnixMilliseconds } from '../../../src/clock.ts';
import { type BreakerAnswer, judgeStop } from '../../../src/lifecycle/index.ts';
import { BREAKER_WINDOW_SECONDS } from '../../../src/limits.ts';
import type { LivingScope } from '../log/binding.ts';
import { countLiving } from '../log/control-logs.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { migrate, type SchemaVersion, schemaVersionOf } from '../platform/sqlite.ts';
import { notify } from '../watchdog/notify.ts';
import type { BreakerBinding, StopRequest } from './breaker-binding.ts';
import { breakerSchema } from './breaker-schema.ts';

const BREAKER_PURGE_SECONDS = 60;
/** Keeps one run of the alarm short. */
const BREAKER_ROWS_PER_RUN_MAX = 10_000;

/**
 * Holds back deviation rules that would stop too many workflows. One object per tenant, because a
 * workflow's own object sees only itself. It knows what each version of a rule stopped recently,
 * and asks the control log how many workflows live.
 */
export class Breaker extends DurableObject<IssuerEnv> implements BreakerBinding {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, breakerSchema);
    this.#sql = ctx.storage.sql;
  }

  /** Returns the version of its storage. */
  schemaVersion(): SchemaVersion {
    return schemaVersionOf(this.ctx.storage, breakerSchema);
  }

  /**
   * Returns how many living workflows of a scope release 0.3.0 began: it registered them here, and
   * not with the control log.
   */
  livingBefore({ scope, value }: LivingScope): number {
    const now = readSeconds();
    const counted =
      scope === 'all'
        ? this.#sql.exec('SELECT COUNT(*) AS n FROM living WHERE ends >= ?', now)
        : this.#sql.exec(
            `SELECT COUNT(*) AS n FROM living_scope JOIN living USING (workflow)
               WHERE scope = ? AND value = ? AND ends >= ?`,
            ...[scope, value, now],
          );
    return Number(counted.one().n);
  }

  /** Decides whether a rule may stop a workflow. Repeated requests for one workflow count once. */
  async ask({ rule, version, workflow }: StopRequest): Promise<BreakerAnswer> {
    const all = { scope: 'all', value: '' } as const;
    // Without an answer, the smallest bound holds: a rule must be able to stop something.
    const counted = await countLiving(this.env, all).catch(() => 0);
    const living = this.livingBefore(all) + counted;
    if ((await this.ctx.storage.getAlarm()) === null) await this.#purgeLater();
    const name = `${rule}@${version}`;
    const now = readClock();
    const answer = this.ctx.storage.transactionSync(() => {
      const stops = this.#sql
        .exec(
          'SELECT workflow, at FROM stop WHERE rule = ? AND at > ?',
          ...[name, now - BREAKER_WINDOW_SECONDS * 1000],
        )
        .toArray()
        .map((row) => ({ workflow: String(row.workflow), at: Number(row.at) }));
      const tripped =
        this.#sql.exec('SELECT 1 FROM tripped WHERE rule = ?', name).toArray().length > 0;
      const answer = judgeStop({ stops, living, tripped }, workflow, now);
      if (answer.act) {
        this.#sql.exec(
          'INSERT INTO stop (rule, workflow, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at',
          ...[name, workflow, now],
        );
      }
      if (answer.trips) {
        this.#sql.exec('INSERT INTO tripped (rule, at) VALUES (?, ?)', name, now);
        // An operator must look: either the rule is wrong, or many workflows are under attack.
        console.error({ event: 'breaker.tripped', rule: name, ...answer });
      }
      return answer;
    });
    if (answer.trips) {
      const { stopped, bound } = answer;
      const data = { rule: name, stopped, bound };
      this.ctx.waitUntil(notify(this.env, { type: 'breaker.tripped', data }));
    }
    return answer;
  }

  /** Returns the rules, with versions, that stop nothing until an operator arms them again. */
  tripped(): readonly { readonly rule: string; readonly at: UnixMilliseconds }[] {
    return this.#sql
      .exec('SELECT rule, at FROM tripped ORDER BY at')
      .toArray()
      .map(({ rule, at }) => ({ rule: String(rule), at: Number(at) }));
  }

  /** Lets a rule stop workflows again, and resets its count. Returns whether it had tripped. */
  arm(rule: string): boolean {
    return this.ctx.storage.transactionSync(() => {
      this.#sql.exec('DELETE FROM stop WHERE rule = ?', rule);
      const armed = this.#sql.exec('DELETE FROM tripped WHERE rule = ? RETURNING 1', rule);
      return armed.toArray().length > 0;
    });
  }

  override async alarm(): Promise<void> {
    const now = readClock();
    const over = this.#sql.exec(
      `DELETE FROM living WHERE workflow IN (SELECT workflow FROM living WHERE ends < ? LIMIT ?)
         RETURNING workflow`,
      ...[Math.floor(now / 1000), BREAKER_ROWS_PER_RUN_MAX],
    );
    for (const { workflow } of over.toArray()) {
      this.#sql.exec('DELETE FROM living_scope WHERE workflow = ?', workflow);
    }
    this.#sql.exec('DELETE FROM stop WHERE at < ?', now - BREAKER_WINDOW_SECONDS * 1000);
    const left = this.#sql
      .exec('SELECT 1 FROM stop UNION ALL SELECT 1 FROM living LIMIT 1')
      .toArray();
    if (left.length > 0) await this.#purgeLater();
  }

  #purgeLater(): Promise<void> {
    return this.ctx.storage.setAlarm(readClock() + BREAKER_PURGE_SECONDS * 1000);
  }
}
