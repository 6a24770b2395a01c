import type { AuditRecord } from '../../../src/audit/index.ts';
import type { FeedQuery, HeadWatermark, SignedHead, Watermark } from '../../../src/feed/index.ts';
import type { Result } from '../../../src/result.ts';
import type { Confirmation, Reach } from './confirmations.ts';
import type { AdmissionRequest, Admitted, Denial, Denied, denialsOf } from './denial.ts';
import type { Appended } from './entries.ts';
import type { StopDraft, WatermarkDraft } from './entry-draft.ts';
import type {
  DenialRefusal,
  DenyCommand,
  LiftRefusal,
  WatermarkRefusal,
  WithdrawalRefusal,
} from './scope-commands.ts';

/** Where an entry is. */
export interface AppendReceipt extends Appended {
  /** Whether the archive has it, so that it outlives a restore of this object as well. */
  readonly archived: boolean;
}

/** Of an order that the log itself owes a record of. */
export interface StopReceipt extends AppendReceipt {
  /** Whether the audit log has its record yet; it holds either way. */
  readonly recorded: boolean;
}

type Scope = Pick<Watermark, 'scope' | 'value'>;

/** What the other parts of the issuer ask of it, by its binding. What each does: see the class. */
export interface RevocationLogBinding extends Rpc.DurableObjectBranded {
  append(order: StopDraft): Promise<AppendReceipt>;
  appendAll(orders: readonly StopDraft[]): Promise<readonly AppendReceipt[]>;
  appendWatermark(
    order: WatermarkDraft,
    record: AuditRecord,
  ): Promise<Result<StopReceipt, WatermarkRefusal>>;
  fits(order: WatermarkDraft): Promise<boolean>;
  withdrawWatermark(
    scope: Scope,
    record: AuditRecord,
  ): Promise<Result<StopReceipt, WithdrawalRefusal>>;
  deny(
    order: DenyCommand,
  ): Promise<Result<StopReceipt & { readonly before: number }, DenialRefusal>>;
  lift(
    scope: { readonly scope: string; readonly value: string },
    who: { readonly actor: string; readonly reason: string },
  ): Promise<Result<AppendReceipt, LiftRefusal>>;
  denials(): Promise<readonly Denial[]>;
  admit(mint: AdmissionRequest): Promise<Result<Admitted, { code: 'clock_behind' }>>;
  deniedOf(asker: Parameters<typeof denialsOf>[1]): Promise<readonly Denied[]>;
  namedUntil(scope: Scope): Promise<number | undefined>;
  head(): Promise<SignedHead>;
  delta(epoch: number, from: number, to: number): Uint8Array<ArrayBuffer> | undefined;
  snapshot(epoch: number, seq: number, hash: string): Uint8Array<ArrayBuffer> | undefined;
  isStopped(question: FeedQuery): boolean;
  watermarks(): readonly HeadWatermark[];
  fetch(request: Request): Promise<Response>;
  confirm(confirmation: Confirmation): void;
  reachOf(position: { epoch: number; seq: number }): Reach;
}
