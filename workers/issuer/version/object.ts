import { DurableObject } from 'cloudflare:workers';
import { hashable, type VersionRecord } from '../../../src/audit/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import {
  AUDIT_ANSWER_MILLISECONDS,
  OWED_RETRY_MILLISECONDS_MAX,
  OWED_RETRY_MILLISECONDS_MIN,
  OWED_WAIT_MILLISECONDS,
} from '../../../src/limits.ts';
import { checkVersion } from '../../../src/policy/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import {
  catalogueHash,
  readVersion,
  type Version,
  versionBytes,
  versionId,
} from '../../../src/version/index.ts';
import { within } from '../../../src/within.ts';
import { OwedRecords } from '../audit/owed-records.ts';
import { appendRecords } from '../log/append.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { type SchemaVersion, schemaVersionOf } from '../platform/sqlite.ts';
import type {
  ActivateOrder,
  ActivateReceipt,
  ActivateRefusal,
  Activation,
  InForce,
  LoadOrder,
  LoadReceipt,
  LoadRefusal,
  VersionOrder,
  VersionStatus,
  VersionSummary,
  VersionsBinding,
} from './binding.ts';
import { CataloguePublication } from './publication.ts';
import { type StoredActivation, toView, VersionRows } from './rows.ts';
import { versionsSchema } from './schema.ts';

/**
 * The versions of policy and catalogue, and which of them is active. One object: what is active can
 * only be compared and replaced in one place, and every mint asks for it.
 */
export class Versions extends DurableObject<IssuerEnv> implements VersionsBinding {
  readonly #rows: VersionRows;
  readonly #owed: OwedRecords;
  readonly #publication: CataloguePublication;
  /** The activation that a call is recording. Any other that is recording was left by a crash. */
  #recording: string | undefined;
  /** Consecutive alarms that left something undone. */
  #failures = 0;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    this.#rows = new VersionRows(ctx.storage);
    this.#owed = OwedRecords.inTable(ctx.storage.sql, () => this.env);
    this.#publication = new CataloguePublication(this.#rows, () => this.env);
  }

  /** Returns the version of its storage. */
  schemaVersion(): SchemaVersion {
    return schemaVersionOf(this.ctx.storage, versionsSchema);
  }

  /**
   * Stores a version. Everything that is stored has loaded as a whole, so a version that is active
   * can decide. Idempotent. It grants nothing yet, so its record may follow.
   */
  async load(order: LoadOrder): Promise<Result<LoadReceipt, LoadRefusal>> {
    const read = readVersion(order.version);
    if (!read.ok) return invalid([{ file: 'version', found: read.error }]);
    const version = read.value;
    const checked = checkVersion(version);
    if (!checked.ok) return invalid(checked.error);
    const [id, hash] = await Promise.all([versionId(version), catalogueHash(version.catalogue)]);
    const { warnings } = checked.value;
    const receipt = { id, catalogueHash: hash, warnings };
    if (this.#rows.has(id)) return ok({ ...receipt, loaded: false, recorded: true, dropped: [] });
    const record = recordOf('loaded', order, { version: id, catalogue: hash, at: readClock() });
    const dropped = this.ctx.storage.transactionSync(() => {
      this.#insert(version, record);
      this.#owed.add(record);
      return this.#rows.makeRoom(id);
    });
    const recorded = await this.#owed.isWritten(record.id);
    await this.#setAlarm();
    return ok({ ...receipt, loaded: true, recorded, dropped });
  }

  #insert(version: Version, { version: id, catalogue, at, actor, by, reason }: VersionRecord) {
    const bytes = versionBytes(version);
    const order = { actor, source: by, reason };
    this.#rows.insert({ id, catalogueHash: catalogue, bytes, loadedAt: at, version, ...order });
  }

  /**
   * Makes a stored version the active one. It may grant, so it is recorded first: if the audit log
   * does not answer, nothing changes. Verifiers learn of its catalogue afterwards, through the log.
   */
  async activate(order: ActivateOrder): Promise<Result<ActivateReceipt, ActivateRefusal>> {
    await this.#finishLeft();
    const active = this.#rows.current('active');
    if (active?.version === order.id) {
      // Names the catalogue again: the log may have been restored to a time before.
      await this.#publishSoon(true);
      return ok({ changed: false, activation: this.#activation(active.record.id) });
    }
    const begun = this.#begin(order, active);
    if (!begun.ok) return begun;
    const record = begun.value;
    this.#recording = record.id;
    try {
      // The alarm finishes what a crash leaves, and the record's id makes it exist once.
      await this.ctx.storage.setAlarm(readClock() + OWED_RETRY_MILLISECONDS_MIN);
      if (!(await this.#finish(record))) return refuse({ code: 'audit_unavailable' });
    } finally {
      this.#recording = undefined;
    }
    await this.#publishSoon(false);
    return ok({ changed: true, activation: this.#activation(record.id) });
  }

  /** Decides an activation and stores it, in one step without an `await`. */
  #begin(
    { id, expects, ...order }: ActivateOrder,
    active: StoredActivation | undefined,
  ): Result<VersionRecord, ActivateRefusal> {
    const version = this.#rows.find(id);
    if (!version) return refuse({ code: 'version_unknown' });
    const before = active?.version ?? null;
    const recording = this.#rows.current('recording')?.version;
    if (before !== expects || recording !== undefined) {
      const other = recording === undefined ? {} : { recording };
      return refuse({ code: 'version_conflict', active: before, expects, ...other });
    }
    const record = recordOf('activated', order, {
      version: id,
      catalogue: version.catalogueHash,
      ...(before !== null && { before }),
      at: readClock(),
    });
    this.#rows.beginActivation(record);
    return ok(record);
  }

  /** Records an activation and puts it in force, or abandons it. Returns whether it is in force. */
  async #finish(record: VersionRecord): Promise<boolean> {
    const { id, version } = record;
    try {
      const append = appendRecords(this.env, [hashable(record)]);
      await within(append, AUDIT_ANSWER_MILLISECONDS);
    } catch (error) {
      report('version.unrecorded', { version, why: (error as Error).message });
      // The record may have arrived nevertheless, so the trail says that it had no effect.
      this.ctx.storage.transactionSync(() => {
        this.#rows.abandon(id);
        this.#owed.add({ ...record, id: `${id}.abandoned`, change: 'abandoned', at: readClock() });
      });
      await this.#setAlarm();
      return false;
    }
    this.ctx.storage.transactionSync(() => this.#rows.putInForce(id, version, readClock()));
    return true;
  }

  /** Finishes an activation that a crash left between its order and its effect. */
  async #finishLeft(): Promise<void> {
    const left = this.#rows.current('recording');
    if (!left || left.record.id === this.#recording) return;
    this.#recording = left.record.id;
    try {
      await this.#finish(left.record);
    } finally {
      this.#recording = undefined;
    }
  }

  /** Names the active catalogue to the log. The answer waits for it only a moment. */
  async #publishSoon(again: boolean): Promise<void> {
    await within(this.#publication.publish(again), OWED_WAIT_MILLISECONDS).catch(() => undefined);
    await this.#setAlarm();
  }

  /** It may have been replaced while verifiers learned of it. */
  #activation(id: string): Activation {
    const stored = this.#rows.activation(id);
    if (!stored) throw new Error('an activation that was stored is gone');
    return toView(stored);
  }

  /** Returns all versions without their texts, the newest first. */
  list(): readonly VersionSummary[] {
    return this.#rows.list();
  }

  /** Returns a version with its texts; undefined if it is not stored. */
  show(id: string): (VersionSummary & Version) | undefined {
    return this.#rows.find(id);
  }

  /** Returns which version is active, and what each source put in force last. */
  status(): VersionStatus {
    const [active, recording] = [this.#rows.current('active'), this.#rows.current('recording')];
    return {
      active: active && toView(active),
      recording: recording && toView(recording),
      lastBy: this.#rows.lastBy(),
    };
  }

  /** Returns 50 activations before the position `before`, the newest first. */
  history(before: number = Number.MAX_SAFE_INTEGER): readonly Activation[] {
    return this.#rows.history(before);
  }

  /** Returns what decides now: the texts only if the caller has another version than that. */
  inForce(known?: string): InForce {
    const id = this.#rows.current('active')?.version;
    this.ctx.waitUntil(this.#publication.compareIfDue());
    if (id === undefined || id === known) return { id };
    const version = this.#rows.find(id);
    if (!version) throw new Error('the active version is not stored');
    const { policy, catalogue } = version;
    return { id, version: { policy, catalogue } };
  }

  /** Returns the text of a catalogue that a stored version has; undefined for any other hash. */
  catalogue(hash: string): string | undefined {
    return this.#rows.catalogue(hash);
  }

  /** Finishes what a crash, the audit log or the revocation log left undone. */
  override async alarm(): Promise<void> {
    try {
      await this.#owed.deliver();
      await this.#finishLeft();
      await this.#publication.publish();
    } finally {
      this.#failures = this.#isBehind ? this.#failures + 1 : 0;
      await this.#setAlarm();
    }
  }

  get #isBehind(): boolean {
    return this.#rows.current('active')?.inFeed === false || !!this.#rows.current('recording');
  }

  async #setAlarm(): Promise<void> {
    const now = readClock();
    const due: UnixMilliseconds[] = [];
    const owed = this.#owed.dueAt(now);
    if (owed !== undefined) due.push(owed);
    if (this.#isBehind) {
      const wait = OWED_RETRY_MILLISECONDS_MIN * 2 ** Math.min(this.#failures, 30);
      due.push(now + Math.min(wait, OWED_RETRY_MILLISECONDS_MAX));
    }
    if (due.length > 0) await this.ctx.storage.setAlarm(Math.min(...due));
  }
}

const invalid = (faults: LoadRefusal['faults']) =>
  refuse<LoadRefusal>({ code: 'version_invalid', faults });

type Changed = Pick<VersionRecord, 'version' | 'catalogue' | 'at' | 'before'>;

function recordOf(
  change: VersionRecord['change'],
  { source, actor, reason, via }: VersionOrder,
  changed: Changed,
): VersionRecord {
  const id = `version.${changed.version.slice(0, 32)}.${crypto.randomUUID()}`;
  return {
    event: 'version',
    id,
    ...changed,
    change,
    by: source,
    actor,
    reason,
    ...(via && { via }),
  };
}
