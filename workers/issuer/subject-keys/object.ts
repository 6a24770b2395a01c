import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import type { SubjectKey } from '../../../src/audit/entry/index.ts';
import type { ErasureRecord, HoldRecord } from '../../../src/audit/index.ts';
import { readClock } from '../../../src/clock.ts';
import { toHex } from '../../../src/encoding.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { OwedRecords } from '../audit/owed-records.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { migrate, type SchemaVersion, schemaVersionOf } from '../platform/sqlite.ts';
import type {
  Erasure,
  ErasureOrder,
  HoldOrder,
  LegalHold,
  NotErased,
  SubjectKeysBinding,
} from './binding.ts';
import { subjectKeysSchema } from './schema.ts';
import { holdTable } from './tables.ts';

const KEY_BYTES = 32;
/** With the digit of the object before it, an id has 32 digits. */
const ID_DIGITS = 31;

/**
 * The keys of people: what their records say is encrypted under them, and erasing a key erases it.
 * One object for each first digit of the SHA-256 of a person, named by that digit.
 */
export class SubjectKeys extends DurableObject<IssuerEnv> implements SubjectKeysBinding {
  readonly #sql: SqlStorage;
  readonly #owed: OwedRecords;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, subjectKeysSchema);
    this.#sql = ctx.storage.sql;
    this.#owed = OwedRecords.inTable(ctx.storage.sql, () => this.env);
  }

  /** Returns the version of its storage. */
  schemaVersion(): SchemaVersion {
    return schemaVersionOf(this.ctx.storage, subjectKeysSchema);
  }

  /** Returns the keys of people, in their order. Makes those that do not exist. */
  keysOf(people: readonly string[]): SubjectKey[] {
    return this.ctx.storage.transactionSync(() => people.map((person) => this.#keyOf(person)));
  }

  /** Returns the keys of people, in their order; null for a person who has none. */
  known(people: readonly string[]): (SubjectKey | null)[] {
    return people.map((person) => this.#read('person', digestOf(person)) ?? null);
  }

  /** Returns the keys with these ids. Those that were erased are missing. */
  find(ids: readonly string[]): SubjectKey[] {
    return ids.flatMap((id) => this.#read('id', id) ?? []);
  }

  /**
   * Erases the key of a person, unless a legal hold is on it. The order is recorded afterwards. A
   * person who comes back gets another key.
   */
  async erase({
    subject,
    actor,
    via,
    reference,
  }: ErasureOrder): Promise<Result<Erasure, NotErased>> {
    const holds = this.holds().filter((one) => one.subject === subject);
    if (holds.length > 0) return refuse({ code: 'held', holds });
    const person = digestOf(subject);
    const key = this.#read('person', person);
    if (!key) return refuse({ code: 'no_key' });
    const record: ErasureRecord = {
      event: 'erasure',
      id: `erasure.${crypto.randomUUID()}`,
      at: readClock(),
      key: key.id,
      actor,
      ...(via && { via }),
      ...(reference !== undefined && { reference }),
    };
    this.ctx.storage.transactionSync(() => {
      // Overwritten first: a deleted row can stay in a free page of the file.
      const zeros = new Uint8Array(KEY_BYTES);
      this.#sql.exec('UPDATE subject_key SET key = ? WHERE person = ?', zeros, person);
      this.#sql.exec('DELETE FROM subject_key WHERE person = ?', person);
      this.#owed.add(record);
    });
    return ok({ id: record.id, at: record.at, recorded: await this.#isWritten(record.id) });
  }

  /** Puts a legal hold on a person, who may have no records yet. It is recorded afterwards. */
  async hold({ subject, reason, actor, via }: HoldOrder): Promise<LegalHold> {
    const hold = { id: `hold.${crypto.randomUUID()}`, subject, reason, actor, at: readClock() };
    const record: HoldRecord = {
      event: 'hold',
      id: `${hold.id}.set`,
      at: hold.at,
      change: 'set',
      hold: hold.id,
      subject,
      actor,
      reason,
      ...(via && { via }),
    };
    this.ctx.storage.transactionSync(() => {
      this.#keyOf(subject);
      this.#sql.exec(
        'INSERT INTO hold (id, subject, reason, actor, at) VALUES (?, ?, ?, ?, ?)',
        ...[hold.id, subject, reason, actor, hold.at],
      );
      this.#owed.add(record);
    });
    await this.#isWritten(record.id);
    return hold;
  }

  /** Ends a legal hold. Returns false if there is none. The caller records it first. */
  release(id: string): boolean {
    return this.#sql.exec('DELETE FROM hold WHERE id = ?', id).rowsWritten > 0;
  }

  /** Returns the legal holds on people of this object, the oldest first. */
  holds(): LegalHold[] {
    return this.#sql
      .exec('SELECT * FROM hold ORDER BY at, id')
      .toArray()
      .map((row) => holdTable.read(row));
  }

  /** Returns the ids of the keys that legal holds are on. */
  heldKeys(): string[] {
    const people = this.holds().map(({ subject }) => digestOf(subject));
    return people.flatMap((person) => this.#read('person', person)?.id ?? []);
  }

  /** Delivers records that the log did not take. */
  override async alarm(): Promise<void> {
    await this.#owed.deliver();
    await this.#schedule();
  }

  async #isWritten(id: string): Promise<boolean> {
    const isWritten = await this.#owed.isWritten(id);
    await this.#schedule();
    return isWritten;
  }

  async #schedule(): Promise<void> {
    const due = this.#owed.dueAt();
    if (due !== undefined) await this.ctx.storage.setAlarm(due);
  }

  #keyOf(person: string): SubjectKey {
    const digest = digestOf(person);
    const known = this.#read('person', digest);
    if (known) return known;
    const random = toHex(crypto.getRandomValues(new Uint8Array(16)));
    const id = `${digest[0]}${random.slice(0, ID_DIGITS)}`;
    const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    this.#sql.exec('INSERT INTO subject_key (person, id, key) VALUES (?, ?, ?)', digest, id, key);
    return { id, key };
  }

  #read(column: 'person' | 'id', value: string): SubjectKey | undefined {
    const [row] = this.#sql
      .exec(`SELECT id, key FROM subject_key WHERE ${column} = ?`, value)
      .toArray();
    return row && { id: String(row.id), key: new Uint8Array(row.key as ArrayBuffer) };
  }
}

const digestOf = (person: string): string => createHash('sha256').update(person).digest('hex');
