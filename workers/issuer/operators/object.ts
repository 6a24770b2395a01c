import { DurableObject } from 'cloudflare:workers';
import type { OperatorRecord } from '../../../src/audit/index.ts';
import { readClock, readSeconds } from '../../../src/clock.ts';
import { AUDIT_ANSWER_MILLISECONDS } from '../../../src/limits.ts';
import type { OperatorSource } from '../../../src/operators/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { within } from '../../../src/within.ts';
import { OwedRecords } from '../audit/owed-records.ts';
import { appendRecords } from '../log/append.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { migrate, type SchemaVersion, schemaVersionOf } from '../platform/sqlite.ts';
import type {
  BreakGlass,
  Confirmation,
  NewSession,
  OperatorsBinding,
  Proposal,
  Session,
} from './binding.ts';
import { CLAIMS, PROPOSAL } from './columns.ts';
import { operatorsSchema } from './schema.ts';
import { proposalTable, sessionTable } from './tables.ts';

/** The browsers and shells of one person. The oldest session ends for another one. */
const SESSIONS_PER_PERSON_MAX = 16;
/** What one person may have waiting for another. */
const PROPOSALS_PER_PERSON_MAX = 32;
const BREAK_GLASS_MILLISECONDS = 60_000;

/** The sessions of operators. One object: a session must end everywhere at once. */
export class Operators extends DurableObject<IssuerEnv> implements OperatorsBinding {
  readonly #sql: SqlStorage;
  readonly #owed: OwedRecords;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, operatorsSchema);
    this.#sql = ctx.storage.sql;
    this.#owed = OwedRecords.inTable(ctx.storage.sql, () => this.env);
  }

  /** Returns the version of its storage. */
  schemaVersion(): SchemaVersion {
    return schemaVersionOf(this.ctx.storage, operatorsSchema);
  }

  /** Begins a session. Returns false if its proof began one before. */
  async begin({ digest, session, roles, proof }: NewSession): Promise<boolean> {
    const { name, source, ends } = session;
    const record: OperatorRecord = {
      ...stamp('signed_in'),
      actor: name,
      source,
      roles,
      until: ends,
    };
    const isNew = this.ctx.storage.transactionSync(() => {
      this.#dropEnded();
      if (proof && !this.#use(proof)) return false;
      this.#sql.exec(
        'INSERT INTO session (digest, name, provider, claims, source, begun, ends) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ...[digest, name, session.provider, CLAIMS.write(session.claims), source],
        ...[session.begun, ends],
      );
      this.#sql.exec(
        `DELETE FROM session WHERE digest IN (
           SELECT digest FROM session WHERE name = ? ORDER BY begun DESC, digest LIMIT -1 OFFSET ?
         )`,
        name,
        SESSIONS_PER_PERSON_MAX,
      );
      this.#owed.add(record);
      return true;
    });
    await this.#deliver(record.id);
    return isNew;
  }

  /** Returns a session that has not ended. */
  session(digest: string): Session | undefined {
    const [row] = this.#sql
      .exec('SELECT * FROM session WHERE digest = ? AND ends > ?', digest, readSeconds())
      .toArray();
    if (!row) return undefined;
    const { digest: _, ...session } = sessionTable.read(row);
    return session;
  }

  /** Ends a session. Returns false if there is none. */
  async end(digest: string): Promise<boolean> {
    const session = this.session(digest);
    if (!session) return false;
    const { name, source } = session;
    const record: OperatorRecord = { ...stamp('signed_out'), actor: name, source };
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('DELETE FROM session WHERE digest = ?', digest);
      this.#owed.add(record);
    });
    await this.#deliver(record.id);
    return true;
  }

  /**
   * Records a use of the operator credential. Uses of one route within a minute are one record,
   * because a command may ask every second.
   */
  async breakGlass({ actor, route }: BreakGlass): Promise<void> {
    const at = readClock();
    const minute = Math.floor(at / BREAK_GLASS_MILLISECONDS);
    const record: OperatorRecord = {
      event: 'operator',
      id: `operator.break_glass.${minute}.${route}`,
      at,
      change: 'break_glass',
      actor,
      source: 'api',
      route,
    };
    this.#owed.add(record);
    await this.#deliver(record.id);
  }

  /** Stores an order until it is confirmed. Returns false if too many of this person wait. */
  async propose(proposal: Proposal, source: OperatorSource): Promise<boolean> {
    const { id, by, expires, act, digest } = proposal;
    const record: OperatorRecord = {
      event: 'operator',
      id: `operator.${id}.proposed`,
      at: readClock(),
      change: 'proposed',
      actor: by,
      source,
      route: act,
      proposal: id,
      digest,
    };
    const isStored = this.ctx.storage.transactionSync(() => {
      this.#dropEnded();
      const waiting = this.#sql.exec('SELECT id FROM proposal WHERE author = ?', by).toArray();
      if (waiting.length >= PROPOSALS_PER_PERSON_MAX) return false;
      this.#sql.exec(
        'INSERT INTO proposal (id, author, expires, proposal) VALUES (?, ?, ?, ?)',
        ...[id, by, expires, PROPOSAL.write(proposal)],
      );
      this.#owed.add(record);
      return true;
    });
    if (isStored) await this.#deliver(record.id);
    return isStored;
  }

  /** Returns the orders that wait, the oldest first. */
  proposals(): Proposal[] {
    return this.#sql
      .exec('SELECT * FROM proposal WHERE expires > ? ORDER BY expires, id', readSeconds())
      .toArray()
      .map((row) => proposalTable.read(row).proposal);
  }

  /** Uses an order up. It opens something, so the confirmation is recorded first. */
  async confirm(
    id: string,
    digest: string,
    { by, source, reason }: Confirmation,
  ): Promise<Result<null, { readonly code: 'proposal_unknown' | 'audit_unavailable' }>> {
    const isOpen = () => this.proposals().some((each) => each.id === id && each.digest === digest);
    const proposal = this.proposals().find((each) => each.id === id);
    if (!proposal || !isOpen()) return refuse({ code: 'proposal_unknown' });
    const record: OperatorRecord = {
      event: 'operator',
      id: `operator.${id}.confirmed`,
      at: readClock(),
      change: 'confirmed',
      actor: by,
      author: proposal.by,
      source,
      route: proposal.act,
      proposal: id,
      digest,
      ...(reason !== undefined && { reason }),
    };
    try {
      await within(appendRecords(this.env, [record]), AUDIT_ANSWER_MILLISECONDS);
    } catch {
      return refuse({ code: 'audit_unavailable' });
    }
    // Another request may have used it up while the record was written.
    const used = this.#sql.exec('DELETE FROM proposal WHERE id = ?', id).rowsWritten > 0;
    return used ? ok(null) : refuse({ code: 'proposal_unknown' });
  }

  /** Ends an order that waits. */
  async withdraw(id: string, { by, source }: Confirmation): Promise<void> {
    const proposal = this.proposals().find((each) => each.id === id);
    if (!proposal) return;
    const record: OperatorRecord = {
      ...stamp('withdrawn'),
      actor: by,
      source,
      route: proposal.act,
      proposal: id,
      digest: proposal.digest,
    };
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('DELETE FROM proposal WHERE id = ?', id);
      this.#owed.add(record);
    });
    await this.#deliver(record.id);
  }

  /** Delivers records that the log did not take. */
  override async alarm(): Promise<void> {
    await this.#owed.deliver();
    await this.#schedule();
  }

  /** Takes a proof that may be used once. */
  #use({ digest, until }: NonNullable<NewSession['proof']>): boolean {
    const known = this.#sql.exec('SELECT 1 FROM proof WHERE digest = ?', digest).toArray();
    if (known.length > 0) return false;
    this.#sql.exec('INSERT INTO proof (digest, until) VALUES (?, ?)', digest, until);
    return true;
  }

  #dropEnded(): void {
    const now = readSeconds();
    this.#sql.exec('DELETE FROM session WHERE ends <= ?', now);
    this.#sql.exec('DELETE FROM proof WHERE until <= ?', now);
    this.#sql.exec('DELETE FROM proposal WHERE expires <= ?', now);
  }

  async #deliver(id: string): Promise<void> {
    await this.#owed.isWritten(id);
    await this.#schedule();
  }

  async #schedule(): Promise<void> {
    const due = this.#owed.dueAt();
    if (due !== undefined) await this.ctx.storage.setAlarm(due);
  }
}

const stamp = <Change extends OperatorRecord['change']>(change: Change) => ({
  event: 'operator' as const,
  id: `operator.${change}.${crypto.randomUUID()}`,
  at: readClock(),
  change,
});
