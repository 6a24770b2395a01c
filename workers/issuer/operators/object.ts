import { DurableObject } from 'cloudflare:workers';
import type { OperatorRecord } from '../../../src/audit/index.ts';
import { readSeconds } from '../../../src/clock.ts';
import { AUDIT_ANSWER_MILLISECONDS } from '../../../src/limits.ts';
import type { OperatorSource } from '../../../src/operators/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { within } from '../../../src/within.ts';
import { OwedRecords } from '../audit/owed-records.ts';
import { appendRecords } from '../log/append.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { migrate, type SchemaVersion, schemaVersionOf } from '../platform/sqlite.ts';
import type {
  ActOf,
  BreakGlass,
  Confirmation,
  NewSession,
  OperatorsBinding,
  Proposal,
  Session,
  StoredCapability,
  StoredPasskey,
} from './binding.ts';
import { CapabilityRows } from './capability-rows.ts';
import { PasskeyRows } from './passkey-rows.ts';
import { ProposalRows } from './proposal-rows.ts';
import {
  breakGlassRecord,
  mintedRecord,
  proposalRecord,
  signedInRecord,
  stamp,
  stoppedRecord,
} from './records.ts';
import { operatorsSchema } from './schema.ts';
import { SessionRows } from './session-rows.ts';

/**
 * Sessions, proposals and capabilities of operators. One object: what ends must end everywhere at
 * once.
 */
export class Operators extends DurableObject<IssuerEnv> implements OperatorsBinding {
  readonly #owed: OwedRecords;
  readonly #sessions: SessionRows;
  readonly #proposals: ProposalRows;
  readonly #capabilities: CapabilityRows;
  readonly #passkeys: PasskeyRows;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, operatorsSchema);
    this.#owed = OwedRecords.inTable(ctx.storage.sql, () => this.env);
    this.#sessions = new SessionRows(ctx.storage.sql);
    this.#proposals = new ProposalRows(ctx.storage.sql);
    this.#capabilities = new CapabilityRows(ctx.storage.sql);
    this.#passkeys = new PasskeyRows(ctx.storage.sql);
  }

  /** Returns the version of its storage. */
  schemaVersion(): SchemaVersion {
    return schemaVersionOf(this.ctx.storage, operatorsSchema);
  }

  /** Begins a session. Returns false if its proof began one before. */
  async begin(begun: NewSession): Promise<boolean> {
    const record = signedInRecord(begun);
    const isNew = this.ctx.storage.transactionSync(() => {
      this.#dropEnded();
      if (!this.#sessions.add(begun)) return false;
      this.#owed.add(record);
      return true;
    });
    await this.#deliver(record.id);
    return isNew;
  }

  /** Returns a session that has not ended. */
  session(digest: string): Session | undefined {
    return this.#sessions.find(digest);
  }

  /** Ends a session. Returns false if there is none. */
  async end(digest: string): Promise<boolean> {
    const session = this.session(digest);
    if (!session) return false;
    const { name, source } = session;
    const record: OperatorRecord = { ...stamp('signed_out'), actor: name, source };
    this.ctx.storage.transactionSync(() => {
      this.#sessions.end(digest);
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
    const record = breakGlassRecord(actor, route);
    this.#owed.add(record);
    await this.#deliver(record.id);
  }

  /** Stores an order until it is confirmed. Returns false if too many of this person wait. */
  async propose(proposal: Proposal, source: OperatorSource): Promise<boolean> {
    const record = proposalRecord('proposed', proposal, { actor: proposal.by, source });
    const isStored = this.ctx.storage.transactionSync(() => {
      this.#dropEnded();
      if (!this.#proposals.add(proposal)) return false;
      this.#owed.add(record);
      return true;
    });
    if (isStored) await this.#deliver(record.id);
    return isStored;
  }

  /** Returns the orders that wait, the oldest first. */
  proposals(): Proposal[] {
    return this.#proposals.all();
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
    const record = proposalRecord('confirmed', proposal, {
      actor: by,
      source,
      author: proposal.by,
      ...(reason !== undefined && { reason }),
    });
    if (!(await this.#recordFirst(record))) return refuse({ code: 'audit_unavailable' });
    // Another request may have used it up while the record was written.
    return this.#proposals.remove(id) ? ok(null) : refuse({ code: 'proposal_unknown' });
  }

  /** Ends an order that waits. */
  async withdraw(id: string, { by, source }: Confirmation): Promise<void> {
    const proposal = this.proposals().find((each) => each.id === id);
    if (!proposal) return;
    const record = proposalRecord('withdrawn', proposal, { actor: by, source });
    this.ctx.storage.transactionSync(() => {
      this.#proposals.remove(id);
      this.#owed.add(record);
    });
    await this.#deliver(record.id);
  }

  /** Keeps a capability before it is handed out. It gives power, so it is recorded first. */
  async addCapability(
    capability: StoredCapability,
    source: OperatorSource,
  ): Promise<Result<null, { readonly code: 'capabilities_full' | 'audit_unavailable' }>> {
    if (this.#capabilities.isFullFor(capability.by)) return refuse({ code: 'capabilities_full' });
    const record = mintedRecord(capability, source);
    if (!(await this.#recordFirst(record))) return refuse({ code: 'audit_unavailable' });
    this.#dropEnded();
    this.#capabilities.add(capability);
    return ok(null);
  }

  /** Returns a capability that has not ended, even one that is stopped. */
  capability(id: string): StoredCapability | undefined {
    return this.#capabilities.find(id);
  }

  /** Returns the capabilities that have not ended. */
  capabilities(): StoredCapability[] {
    return this.#capabilities.all();
  }

  /** Stops a block of a capability, or all of it. Returns false if there is nothing to stop. */
  async stopCapability(id: string, block: string | undefined, act: ActOf): Promise<boolean> {
    const capability = this.#capabilities.find(id);
    if (!capability) return false;
    const record = this.#stop(capability, block ?? capability.block, act);
    if (record) await this.#deliver(record.id);
    return record !== undefined;
  }

  /**
   * Stops a block for its holder, who needs no more than the token. Returns false if holders have
   * stopped too many of this capability.
   */
  async giveUpCapability(id: string, block: string): Promise<boolean> {
    const capability = this.#capabilities.find(id);
    if (!capability || capability.stopped.includes(block)) return true;
    if (this.#capabilities.isFullForHolders(capability)) return false;
    const reason = 'given up by its holder';
    await this.stopCapability(id, block, { by: 'holder', source: 'api', reason });
    return true;
  }

  #stop(capability: StoredCapability, block: string, act: ActOf): OperatorRecord | undefined {
    const record = stoppedRecord(capability, block, act);
    return this.ctx.storage.transactionSync(() => {
      if (!this.#capabilities.stop(capability, block)) return undefined;
      this.#owed.add(record);
      return record;
    });
  }

  /** Returns the sessions that have not ended, the newest first. */
  sessions() {
    return this.#sessions.all();
  }

  /** Ends every session of a person, and stops the capabilities that they made. */
  async endSessionsOf(name: string, act: ActOf) {
    const { by, source, reason } = act;
    const record = { ...stamp('session_ended'), actor: by, source, person: name, reason };
    const made = this.#capabilities.all().filter((each) => each.by === name);
    const sessions = this.ctx.storage.transactionSync(() => {
      this.#owed.add(record);
      return this.#sessions.endAllOf(name);
    });
    const stopped = made.flatMap((each) => this.#stop(each, each.block, act) ?? []);
    await this.#deliver(record.id);
    return { sessions, capabilities: stopped.length };
  }

  /** Returns the passkeys of everyone. */
  passkeys(): StoredPasskey[] {
    return this.#passkeys.all();
  }

  /** Adds a passkey of a person, and returns how many there are. It is recorded first. */
  async addPasskey(
    passkey: StoredPasskey,
    source: OperatorSource,
  ): Promise<
    Result<number, { readonly code: 'passkeys_full' | 'passkey_refused' | 'audit_unavailable' }>
  > {
    const { id, name } = passkey;
    if (this.#passkeys.isFullFor(name)) return refuse({ code: 'passkeys_full' });
    if (this.#passkeys.find(id)) return refuse({ code: 'passkey_refused' });
    const record = { ...stamp('passkey_added'), actor: name, source, passkey: id };
    if (!(await this.#recordFirst(record))) return refuse({ code: 'audit_unavailable' });
    // Another one may have been added while the record was written.
    if (this.#passkeys.isFullFor(name)) return refuse({ code: 'passkeys_full' });
    return this.#passkeys.add(passkey)
      ? ok(this.#passkeys.all().length)
      : refuse({ code: 'passkey_refused' });
  }

  /** Uses a signature of a passkey up. Returns false if its counter is that of a copy. */
  usePasskey(id: string, counter: number): boolean {
    return this.#passkeys.use(id, counter, readSeconds());
  }

  async removePasskey(id: string, { by, source, reason }: ActOf): Promise<void> {
    const passkey = this.#passkeys.find(id);
    if (!passkey) return;
    const removed = { ...stamp('passkey_removed'), actor: by, source, passkey: id, reason };
    const record: OperatorRecord = { ...removed, person: passkey.name };
    this.ctx.storage.transactionSync(() => {
      this.#passkeys.remove(id);
      this.#owed.add(record);
    });
    await this.#deliver(record.id);
  }

  /** Delivers records that the log did not take. */
  override async alarm(): Promise<void> {
    await this.#owed.deliver();
    await this.#schedule();
  }

  #dropEnded(): void {
    this.#sessions.dropEnded();
    this.#proposals.dropEnded();
    this.#capabilities.dropEnded();
  }

  /** Returns false if the log does not take the record in time. */
  async #recordFirst(record: OperatorRecord): Promise<boolean> {
    try {
      await within(appendRecords(this.env, [record]), AUDIT_ANSWER_MILLISECONDS);
      return true;
    } catch {
      return false;
    }
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
