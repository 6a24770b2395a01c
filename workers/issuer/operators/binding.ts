import type { UnixSeconds } from '../../../src/clock.ts';
import type {
  OperatorClaims,
  OperatorSource,
  Permission,
  PermissionGrant,
} from '../../../src/operators/index.ts';
import type { Passkey } from '../../../src/passkey/index.ts';
import type { Result } from '../../../src/result.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';

/** A person who has signed in, and what their provider said. */
export interface Session {
  /** As records have it: provider and subject. */
  readonly name: string;
  readonly provider: string;
  /** What rules may read. The roles follow from it at each request, by the rules of that time. */
  readonly claims: OperatorClaims;
  readonly source: OperatorSource;
  readonly begun: UnixSeconds;
  readonly ends: UnixSeconds;
}

export interface ListedSession extends Session {
  /** SHA-256 of its token, in hex. */
  readonly digest: string;
}

/** A session by the SHA-256 of its token, in hex: the object never has the token. */
export interface NewSession {
  readonly digest: string;
  readonly session: Session;
  /** For the record. */
  readonly roles: readonly string[];
  /** SHA-256 of an ID token that a command sent. It begins one session. */
  readonly proof?: { readonly digest: string; readonly until: UnixSeconds };
}

/** An order that waits for a second person. */
export interface Proposal {
  readonly id: string;
  readonly permission: Permission | 'none';
  /** Method and path of its route. */
  readonly act: string;
  /** Its parameters, query and body, as JSON. */
  readonly order: string;
  readonly by: string;
  /** From which the roles of its author follow when it is confirmed. */
  readonly person: { readonly provider: string; readonly claims: OperatorClaims };
  readonly digest: string;
  readonly at: UnixSeconds;
  readonly expires: UnixSeconds;
}

export interface Confirmation {
  readonly by: string;
  readonly source: OperatorSource;
  readonly reason?: string;
}

/** What may stop an operator capability as a whole: what its maker may do is asked at each use. */
export type CapabilityMaker =
  | { readonly provider: string; readonly claims: OperatorClaims }
  /** The name of the operator credential: another one in the configuration makes it void. */
  | { readonly credential: string };

/** An operator capability that was handed out. The object never has the token. */
export interface StoredCapability {
  readonly id: string;
  /** The revocation id of its authority block: only this token counts. */
  readonly block: string;
  readonly by: string;
  readonly maker: CapabilityMaker;
  readonly grants: readonly PermissionGrant[];
  /** Thumbprint of the key of its first holder. */
  readonly holder: string;
  readonly reason: string;
  readonly at: UnixSeconds;
  readonly ends: UnixSeconds;
  /** The revocation ids of stopped blocks. With its first block, all of it is stopped. */
  readonly stopped: readonly string[];
}

/** A passkey of a person. */
export interface StoredPasskey extends Passkey {
  readonly name: string;
  /** What the person calls it. */
  readonly label: string;
  readonly at: UnixSeconds;
  readonly used?: UnixSeconds;
}

/** Who ordered something that is recorded as an operator's act. */
export interface ActOf {
  readonly by: string;
  readonly source: OperatorSource;
  readonly reason: string;
}

/** A use of the operator credential in a deployment that has operators. */
export interface BreakGlass {
  readonly actor: string;
  readonly route: string;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface OperatorsBinding extends Rpc.DurableObjectBranded {
  begin(session: NewSession): Promise<boolean>;
  session(digest: string): Session | undefined;
  end(digest: string): Promise<boolean>;
  breakGlass(use: BreakGlass): Promise<void>;
  propose(proposal: Proposal, source: OperatorSource): Promise<boolean>;
  proposals(): Proposal[];
  confirm(
    id: string,
    digest: string,
    confirmation: Confirmation,
  ): Promise<Result<null, { readonly code: 'proposal_unknown' | 'audit_unavailable' }>>;
  withdraw(id: string, by: Confirmation): Promise<void>;
  addCapability(
    capability: StoredCapability,
    source: OperatorSource,
  ): Promise<Result<null, { readonly code: 'capabilities_full' | 'audit_unavailable' }>>;
  capability(id: string): StoredCapability | undefined;
  capabilities(): StoredCapability[];
  stopCapability(id: string, block: string | undefined, act: ActOf): Promise<boolean>;
  giveUpCapability(id: string, block: string): Promise<boolean>;
  sessions(): ListedSession[];
  endSessionsOf(
    name: string,
    act: ActOf,
  ): Promise<{ readonly sessions: number; readonly capabilities: number }>;
  passkeys(): StoredPasskey[];
  addPasskey(
    passkey: StoredPasskey,
    source: OperatorSource,
  ): Promise<
    Result<number, { readonly code: 'passkeys_full' | 'passkey_refused' | 'audit_unavailable' }>
  >;
  usePasskey(id: string, counter: number): boolean;
  removePasskey(id: string, act: ActOf): Promise<void>;
  schemaVersion(): SchemaVersion;
}
