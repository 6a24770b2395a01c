import type { Role } from '../operators/index.ts';

/** A user or an agent whom the development identity provider vouches for. */
export interface DevParty {
  readonly provider?: string;
  readonly subject?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** An MCP server that replaces an upstream. Exactly one of `command` and `url` is set. */
export interface DevServer {
  readonly command?: readonly string[];
  readonly cwd?: string;
  /** A JSON file with further environment variables of the command. */
  readonly variables?: string;
  readonly url?: string;
}

/** An operator whom the development identity provider lets in. */
export interface DevOperator {
  readonly roles: readonly Role[];
  readonly owners?: readonly string[];
  readonly tools?: readonly string[];
}

/** The table `[dev]`. */
export interface DevSettings {
  readonly environment?: string;
  readonly users?: Readonly<Record<string, DevParty>>;
  readonly agents?: Readonly<Record<string, DevParty>>;
  readonly operators?: Readonly<Record<string, DevOperator>>;
  readonly servers?: Readonly<Record<string, DevServer>>;
  readonly audiences?: readonly string[];
  readonly ports?: {
    readonly issuer?: number;
    readonly gateway?: number;
    readonly identityProvider?: number;
    readonly servers?: number;
  };
  readonly deviationRules?: Readonly<Record<string, 'shadow' | 'off'>>;
}
