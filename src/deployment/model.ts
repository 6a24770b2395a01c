import type { Directory } from '../operators/index.ts';
import type { StatedUpstream } from '../upstream/index.ts';
import type { DevSettings } from './dev-model.ts';
import type { Profile } from './profile.ts';

/** One environment of a deployment: what one issuer and its gateways are generated from. */
export interface Environment {
  readonly deployment: string;
  readonly name: string;
  readonly issuer: IssuerSettings;
  /** Entries of `IDENTITY_ISSUERS`. */
  readonly providers: readonly Readonly<Record<string, unknown>>[];
  readonly gateways: readonly GatewaySettings[];
  /** Empty if the file has no `[audit]`. */
  readonly audit: AuditSettings;
  /** Where notices are sent, with the name of each. */
  readonly notify: readonly Readonly<Record<string, unknown>>[];
  /** Empty if the file has no `[drill]`. */
  readonly drill: DrillSettings;
  /** Empty if the file has no `[operators]`. */
  readonly operators: Partial<Directory>;
  /** Empty if the file has no `[serve]`. */
  readonly serve: ServeSettings;
  /** Merged last into the generated files. */
  readonly wrangler: {
    readonly issuer: Readonly<Record<string, unknown>>;
    readonly gateway: Readonly<Record<string, unknown>>;
  };
}

export interface IssuerSettings {
  readonly url: string;
  readonly audiences?: readonly string[];
  readonly entry?: string;
  readonly feedPublicKey?: string;
  readonly feedShards?: number;
  readonly sourceHeader?: string;
  readonly verifierCredentials?: readonly { readonly audience: string; readonly sha256: string }[];
  readonly deviationRules?: Readonly<Record<string, 'shadow' | 'off'>>;
  readonly tripwires?: {
    readonly tools?: readonly string[];
    readonly datasets?: readonly string[];
  };
  readonly signalLoopback?: 'allowed';
  readonly rateLimits?: Readonly<Record<string, number>>;
  readonly mintCheckEvery?: number;
  readonly secrets?: readonly string[];
  readonly routes?: readonly string[];
}

export interface GatewaySettings {
  readonly name: string;
  readonly url: string;
  readonly upstreams: Readonly<Record<string, StatedUpstream>>;
  readonly entry?: string;
  readonly issuerKeys?: readonly { readonly id: number; readonly publicKey: string }[];
  readonly feedWitnesses?: string;
  readonly killPublicKey?: string;
  readonly killUrl?: string;
  readonly stepUpChallenge?: 'header' | 'none';
  readonly denials?: 'result' | 'error';
  readonly origins?: readonly string[];
  readonly sourceHeader?: string;
  readonly rateLimits?: Readonly<Record<string, number>>;
  readonly secrets?: readonly string[];
  readonly routes?: readonly string[];
}

/** The logs: where their archive is, for how long, and who attests to them. */
export interface AuditSettings {
  readonly archive?: string;
  /** Months, by kind of log. */
  readonly retention?: Readonly<Record<string, number>>;
  readonly witnesses?: string;
  readonly generation?: number;
  readonly auditorSha256?: string;
}

/** The scheduled drill, in seconds. */
export interface DrillSettings {
  readonly every?: number | 'off';
  readonly within?: number;
}

/** How `hewn serve` runs the Workers. */
export interface ServeSettings {
  readonly sourceHeader?: string;
  readonly host?: string;
  readonly issuerPort?: number;
  readonly gatewayPorts?: Readonly<Record<string, number>>;
  readonly state?: string;
  readonly issuerNetwork?: readonly string[];
  readonly gatewayNetwork?: readonly string[];
}

/** A deployment, as `hewn.toml` describes it. */
export interface Deployment {
  readonly name: string;
  /** Relative to the file. */
  readonly policy: string;
  readonly catalogue: string;
  readonly environments: readonly Environment[];
  readonly dev: DevSettings;
  /** What agents are run with, by name. */
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** The environment of a file that names none. */
export const ENVIRONMENT_DEFAULT = 'production';
export const POLICY_DEFAULT = 'policy';
export const CATALOGUE_DEFAULT = 'catalogue/tools.toml';
/** The entry files of the Workers, relative to the file. */
export const ISSUER_ENTRY_DEFAULT = 'issuer.ts';
export const GATEWAY_ENTRY_DEFAULT = 'gateway.ts';

/** Returns the name of a Worker: it carries the deployment and the environment. */
export const workerName = (
  environment: Pick<Environment, 'deployment' | 'name'>,
  role: string,
): string => `${environment.deployment}-${environment.name}-${role}`;
