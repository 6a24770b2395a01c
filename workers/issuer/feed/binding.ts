import type { AuditRecord, DenialRecord } from '../../../src/audit/index.ts';
import type { UnixSeconds } from '../../../src/clock.ts';
import type {
  FeedQuery,
  HeadKeyList,
  HeadKeyLists,
  HeadWatermark,
  SignedHead,
  Watermark,
} from '../../../src/feed/index.ts';
import type { Result } from '../../../src/result.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';
import type { CanaryQuestion, CanarySpread } from './canary.ts';
import type { Confirmation, KnownVerifier, Reach } from './confirmations.ts';
import type { AdmissionRequest, Admitted, Denial, Denied, denialsOf } from './denial.ts';
import type { Appended } from './entries.ts';
import type { StopDraft, WatermarkDraft } from './entry-draft.ts';
import type { KeyAdded, KeyOrderer, KeyRemoved } from './keys/receipt.ts';
import type { KeyDraft } from './keys/state.ts';
import type { PublishedKey } from './published-keys.ts';
import type {
  DenialRefusal,
  DenyCommand,
  LiftRefusal,
  WatermarkRefusal,
  WithdrawalRefusal,
} from './scope-commands.ts';

/** Where an appended entry is. */
export interface AppendReceipt extends Appended {
  /** Whether the archive has it. If so, it survives a restore of the log. */
  readonly archived: boolean;
}

/** The receipt of a command that the log itself owes an audit record for. */
export interface StopReceipt extends AppendReceipt {
  /** Whether the audit log has the record yet. The command is in force either way. */
  readonly recorded: boolean;
}

/** The newest position of a log, and which verifiers have it. */
export interface LogStatus {
  readonly epoch: number;
  readonly seq: number;
  /** When the newest head was signed; 0 before the first one. */
  readonly issuedAt: UnixSeconds;
  /** Live revocations of workflows and blocks. */
  readonly live: number;
  readonly watermarks: number;
  readonly keys: readonly PublishedKey[];
  readonly reach: Reach;
  readonly schema: SchemaVersion;
  /** Absent if the issuer has no witnesses. */
  readonly tree?: TreeState;
}

/** How far the witnesses have cosigned the tree of a log. */
export interface TreeState {
  /** How many leaves the newest checkpoint covers. */
  readonly size: number;
  /** When a quorum saw it; absent if too few witnesses did. */
  readonly seenAt?: UnixSeconds;
  /** Why nothing is signed any more: another history was found. */
  readonly stopped?: string;
  readonly witnesses: readonly {
    readonly name: string;
    /** The size that it cosigned last. */
    readonly size: number;
    /** Why its last answer could not be used. */
    readonly fault?: string;
  }[];
}

type Scope = Pick<Watermark, 'scope' | 'value'>;

/** What the other features ask of a log. The class documents each method. */
export interface RevocationLogBinding extends Rpc.DurableObjectBranded {
  append(draft: StopDraft): Promise<AppendReceipt>;
  appendAll(drafts: readonly StopDraft[]): Promise<readonly AppendReceipt[]>;
  appendWatermark(
    draft: WatermarkDraft,
    record: AuditRecord,
  ): Promise<Result<StopReceipt, WatermarkRefusal>>;
  fits(draft: WatermarkDraft): Promise<boolean>;
  withdrawWatermark(
    scope: Scope,
    record: AuditRecord,
  ): Promise<Result<StopReceipt, WithdrawalRefusal>>;
  deny(
    command: DenyCommand,
  ): Promise<Result<StopReceipt & { readonly before: UnixSeconds }, DenialRefusal>>;
  lift(
    scope: { readonly scope: string; readonly value: string },
    by: Pick<DenialRecord, 'actor' | 'reason' | 'via'>,
  ): Promise<Result<AppendReceipt, LiftRefusal>>;
  denials(): Promise<readonly Denial[]>;
  admit(request: AdmissionRequest): Promise<Result<Admitted, { code: 'clock_behind' }>>;
  deniedOf(asker: Parameters<typeof denialsOf>[1]): Promise<readonly Denied[]>;
  namedUntil(scope: Scope): Promise<UnixSeconds | undefined>;
  setCatalogue(hash: string): Promise<{ readonly archived: boolean }>;
  headKeys(): HeadKeyLists;
  addKey(draft: KeyDraft, by: KeyOrderer): Promise<KeyAdded>;
  removeKey(list: HeadKeyList, id: number, by: KeyOrderer): Promise<KeyRemoved>;
  head(): Promise<SignedHead>;
  delta(epoch: number, from: number, to: number): Uint8Array<ArrayBuffer> | undefined;
  snapshot(epoch: number, seq: number, hash: string): Uint8Array<ArrayBuffer> | undefined;
  treeFile(path: string): Uint8Array<ArrayBuffer> | undefined;
  isStopped(query: FeedQuery): boolean;
  watermarks(): readonly HeadWatermark[];
  fetch(request: Request): Promise<Response>;
  confirm(confirmation: Confirmation): void;
  canary(question: CanaryQuestion): CanarySpread | undefined;
  reachOf(position: { epoch: number; seq: number }): Reach;
  verifiers(): readonly KnownVerifier[];
  status(): Promise<LogStatus>;
}
