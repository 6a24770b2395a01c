import { DurableObject } from 'cloudflare:workers';
import { readClock } from '../../../src/clock.ts';
import type { Notice } from '../../../src/notices/index.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { migrate, type SchemaVersion, schemaVersionOf } from '../platform/sqlite.ts';
import type { DrillStatus, TargetState, WatchdogBinding } from './binding.ts';
import { Deliveries } from './deliver.ts';
import { Drill } from './drill.ts';
import { NoticeQueue } from './queue.ts';
import { watchdogSchema } from './schema.ts';

/**
 * Runs the scheduled drill, and delivers notices to people and other systems. One object for each
 * issuer. On Workers a cron trigger starts it again if its alarm was lost, and elsewhere the first
 * request of a process does.
 */
export class Watchdog extends DurableObject<IssuerEnv> implements WatchdogBinding {
  readonly #queue: NoticeQueue;
  readonly #deliveries: Deliveries;
  readonly #drill: Drill;
  #isDrilling = false;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, watchdogSchema);
    this.#queue = new NoticeQueue(ctx.storage);
    this.#deliveries = new Deliveries(this.#queue, () => this.#config.issuer);
    const tell = (notice: Notice): void => this.#tell(notice);
    this.#drill = new Drill({ sql: ctx.storage.sql, env: () => this.env, tell });
  }

  /** Returns the version of its storage. */
  schemaVersion(): SchemaVersion {
    return schemaVersionOf(this.ctx.storage, watchdogSchema);
  }

  /** Sets the alarm for what is due next. Idempotent. */
  async start(): Promise<void> {
    await this.#schedule();
  }

  /** Takes a notice for every target that wants it, and delivers it without waiting. */
  async tell(notice: Notice): Promise<void> {
    this.#tell(notice);
  }

  /** Queues a test for one target. Returns false if there is no target of this name. */
  async sendTest(target: string): Promise<boolean> {
    if (!this.#config.notices.some(({ name }) => name === target)) return false;
    this.#queue.addTo(target, { type: 'test', data: { target } }, readClock());
    this.ctx.waitUntil(this.#deliver());
    return true;
  }

  /** Returns the targets of the configuration, and how their deliveries go. */
  targets(): readonly TargetState[] {
    return this.#config.notices.map((target) => this.#queue.stateOf(target));
  }

  /** Returns the schedule of the drill and its newest runs. */
  drill(runsMax: number): DrillStatus {
    return this.#drill.status(runsMax);
  }

  override async alarm(): Promise<void> {
    try {
      await Promise.all([this.#deliver(), this.#runDrill()]);
    } finally {
      await this.#schedule();
    }
  }

  get #config(): IssuerConfig {
    return readConfig(this.env);
  }

  #tell(notice: Notice): void {
    this.#queue.add(notice, this.#config.notices, readClock());
    this.ctx.waitUntil(this.#deliver());
  }

  async #deliver(): Promise<void> {
    await this.#deliveries.run(this.#config.notices, readClock());
    await this.#schedule();
  }

  async #runDrill(): Promise<void> {
    const due = this.#drill.dueAt(readClock());
    if (due === undefined || due > readClock() || this.#isDrilling) return;
    this.#isDrilling = true;
    try {
      await this.#drill.run();
    } finally {
      this.#isDrilling = false;
    }
  }

  async #schedule(): Promise<void> {
    const due = [this.#queue.dueAt(), this.#drill.dueAt(readClock())].flatMap((one) => one ?? []);
    if (due.length === 0) return;
    const time = Math.max(Math.min(...due), readClock());
    const scheduled = await this.ctx.storage.getAlarm();
    if (scheduled === null || scheduled > time) await this.ctx.storage.setAlarm(time);
  }
}
