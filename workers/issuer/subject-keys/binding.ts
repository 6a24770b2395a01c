import type { SubjectKey } from '../../../src/audit/entry/index.ts';
import type { OrderVia } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { Result } from '../../../src/result.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';

/** An order that what a person's records say is kept. */
export interface LegalHold {
  readonly id: string;
  readonly subject: string;
  readonly reason: string;
  readonly actor: string;
  readonly at: UnixMilliseconds;
}

export interface HoldOrder extends Omit<LegalHold, 'id' | 'at'> {
  readonly via?: OrderVia;
}

/** An order to erase a person's key. */
export interface ErasureOrder {
  readonly subject: string;
  readonly actor: string;
  readonly via?: OrderVia;
  /** For the record, which stays: a number of a case, and nothing of the person. */
  readonly reference?: string;
}

export interface Erasure {
  /** The id of its record. */
  readonly id: string;
  readonly at: UnixMilliseconds;
  /** Whether the log has the record yet. */
  readonly recorded: boolean;
}

/** Why a key was not erased. `no_key`: no record of this person is under a key. */
export type NotErased =
  | { readonly code: 'held'; readonly holds: readonly LegalHold[] }
  | { readonly code: 'no_key' };

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface SubjectKeysBinding extends Rpc.DurableObjectBranded {
  keysOf(people: readonly string[]): SubjectKey[];
  known(people: readonly string[]): (SubjectKey | null)[];
  find(ids: readonly string[]): SubjectKey[];
  erase(order: ErasureOrder): Promise<Result<Erasure, NotErased>>;
  hold(order: HoldOrder): Promise<LegalHold>;
  release(id: string): boolean;
  holds(): LegalHold[];
  heldKeys(): string[];
  schemaVersion(): SchemaVersion;
}
