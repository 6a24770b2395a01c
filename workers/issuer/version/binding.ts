import type { OrderVia } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { VersionFault } from '../../../src/policy/index.ts';
import type { Result } from '../../../src/result.ts';
import type { Version, VersionSource } from '../../../src/version/index.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';
import type { ActivationState } from './tables.ts';

/** Who orders a change, and why. */
export interface VersionOrder {
  readonly source: VersionSource;
  readonly actor: string;
  readonly reason: string;
  readonly via?: OrderVia;
}

export interface LoadOrder extends VersionOrder {
  /** As it was received: the object checks its form and its content. */
  readonly version: unknown;
}

export interface LoadReceipt {
  readonly id: string;
  readonly catalogueHash: string;
  /** False if it was stored already. */
  readonly loaded: boolean;
  /** Whether the audit log has the record yet. */
  readonly recorded: boolean;
  /** The versions that were dropped to make room. */
  readonly dropped: readonly string[];
  readonly warnings: readonly VersionFault[];
}

export interface LoadRefusal {
  readonly code: 'version_invalid';
  readonly faults: readonly VersionFault[];
}

export interface ActivateOrder extends VersionOrder {
  readonly id: string;
  /** The version that the caller believes to be active; null for none. */
  readonly expects: string | null;
}

export type ActivateRefusal =
  | { readonly code: 'version_unknown' }
  | {
      readonly code: 'version_conflict';
      readonly active: string | null;
      readonly expects: string | null;
      /** An activation that is being recorded. */
      readonly recording?: string;
    }
  | { readonly code: 'audit_unavailable' };

export interface Activation extends VersionOrder {
  readonly n: number;
  readonly version: string;
  readonly before: string | null;
  readonly catalogueHash: string;
  readonly at: UnixMilliseconds;
  readonly state: ActivationState;
  readonly inFeed: boolean;
}

export interface ActivateReceipt {
  /** False if the version was active already. */
  readonly changed: boolean;
  readonly activation: Activation;
}

/** A version without its texts. */
export interface VersionSummary extends VersionOrder {
  readonly id: string;
  readonly catalogueHash: string;
  readonly files: readonly string[];
  readonly bytes: number;
  readonly loadedAt: UnixMilliseconds;
  readonly activeAt: UnixMilliseconds | null;
  readonly active: boolean;
}

export interface VersionStatus {
  readonly active: Activation | undefined;
  readonly recording: Activation | undefined;
  /** The version that each source put in force last. */
  readonly lastBy: Readonly<Partial<Record<VersionSource, string>>>;
}

/** What decides now: nothing, a version that the caller has, or one with its texts. */
export interface InForce {
  readonly id: string | undefined;
  readonly version?: Version;
}

/** The methods that other parts of the issuer call. The class documents each. */
export interface VersionsBinding extends Rpc.DurableObjectBranded {
  load(order: LoadOrder): Promise<Result<LoadReceipt, LoadRefusal>>;
  activate(order: ActivateOrder): Promise<Result<ActivateReceipt, ActivateRefusal>>;
  list(): readonly VersionSummary[];
  show(id: string): (VersionSummary & Version) | undefined;
  status(): VersionStatus;
  history(before?: number): readonly Activation[];
  schemaVersion(): SchemaVersion;
  inForce(known?: string): InForce;
  catalogue(hash: string): string | undefined;
}
