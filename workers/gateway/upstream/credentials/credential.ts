import type { Result } from '../../../../src/result.ts';
import type { CredentialConfig, SealedFault } from '../../../../src/upstream/index.ts';
import type { CallerFacts, UpstreamRequest } from '../upstream.ts';

/** Why the credential of an upstream cannot be used. It is logged, and no value with it. */
export type CredentialFault =
  | SealedFault
  /** The Worker has no secret of this name, or no key to sign or to open with. */
  | 'secret_missing'
  /** Too short to find in an answer, or not of the form that the kind needs. */
  | 'secret_unusable'
  /** The body streams, and would have to be signed as a whole. */
  | 'body_streams'
  /** The server that issues tokens refused, or gave no answer that can be used. */
  | 'token_refused';

/** A request that is complete except for its credential. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  /** The credential is added to these, last. */
  readonly headers: Headers;
  readonly body: UpstreamRequest['body'] | undefined;
  readonly caller: CallerFacts | undefined;
  readonly signal: AbortSignal;
}

/** What was added to a request. */
export interface Injected {
  /** Absent: the URL did not change. */
  readonly url?: URL;
  /** What must not appear in the answer. */
  readonly secrets: readonly string[];
}

export interface Credential {
  /** Adds the credential to the headers of a request. Never throws. */
  inject(request: Outgoing): Promise<Result<Injected, CredentialFault>>;
  /** The server refused the credential: a token is not used again. */
  refused?(request: Outgoing): void;
}

/** Where a secret is about to be used. A sealed one may not be used elsewhere. */
export type Destination = Pick<Outgoing, 'url' | 'method'>;

/** What a kind of credential is made of. */
export interface CredentialTools {
  readonly secret: (to: Destination) => Promise<Result<string, CredentialFault>>;
  /** Returns a JWT that says who calls, for this audience. */
  readonly callerToken: (
    caller: CallerFacts,
    audience: string,
  ) => Promise<Result<string, CredentialFault>>;
}

export type CreateCredential<C extends CredentialConfig> = (
  config: C,
  tools: CredentialTools,
) => Credential;
