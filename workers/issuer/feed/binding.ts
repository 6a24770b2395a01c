import type { AuditRecord } from '../../../src/audit/index.ts';
import type {
  FeedQuestion,
  HeadWatermark,
  SignedHead,
  Watermark,
} from '../../../src/feed/index.ts';
import type { Result } from '../../../src/result.ts';
import type { Confirmation, Reach } from './confirmations.ts';
import type { Admitted, Denial, Denied, denialsOf, MintQuestion } from './denial.ts';
import type { Appended } from './entries.ts';
import type { StopOrder, WatermarkOrder } from './order.ts';
import type {
  DenialRefusal,
  DenyOrder,
  LiftRefusal,
  WatermarkRefusal,
  WithdrawalRefusal,
} from './scope-orders.ts';

/** Where an entry is. */
export interface Recorded extends Appended {
  /** Whether the archive has it, so that it outlives a restore of this object as well. */
  readonly archived: boolean;
}

/** Of an order that the log itself owes a record of. */
export interface Stopped extends Recorded {
  /** Whether the audit log has its record yet; it holds either way. */
  readonly recorded: boolean;
}

type Scope = Pick<Watermark, 'scope' | 'value'>;

/** What the other parts of the issuer ask of it, by its binding. What each does: see the class. */
export interface RevocationLogBinding extends Rpc.DurableObjectBranded {
  append(order: StopOrder): Promise<Recorded>;
  appendAll(orders: readonly StopOrder[]): Promise<readonly Recorded[]>;
  appendWatermark(
    order: WatermarkOrder,
    record: AuditRecord,
  ): Promise<Result<Stopped, WatermarkRefusal>>;
  fits(order: WatermarkOrder): Promise<boolean>;
  withdrawWatermark(scope: Scope, record: AuditRecord): Promise<Result<Stopped, WithdrawalRefusal>>;
  deny(order: DenyOrder): Promise<Result<Stopped & { readonly before: number }, DenialRefusal>>;
  lift(
    scope: { readonly scope: string; readonly value: string },
    who: { readonly actor: string; readonly reason: string },
  ): Promise<Result<Recorded, LiftRefusal>>;
  denials(): Promise<readonly Denial[]>;
  admit(mint: MintQuestion): Promise<Result<Admitted, { code: 'clock_behind' }>>;
  deniedOf(asker: Parameters<typeof denialsOf>[1]): Promise<readonly Denied[]>;
  namedUntil(scope: Scope): Promise<number | undefined>;
  head(): Promise<SignedHead>;
  delta(epoch: number, from: number, to: number): Uint8Array<ArrayBuffer> | undefined;
  snapshot(epoch: number, seq: number, hash: string): Uint8Array<ArrayBuffer> | undefined;
  isStopped(question: FeedQuestion): boolean;
  watermarks(): readonly HeadWatermark[];
  fetch(request: Request): Promise<Response>;
  confirm(confirmation: Confirmation): void;
  reachOf(position: { epoch: number; seq: number }): Reach;
}
