import type { Environment } from '../deployment/index.ts';
import type { ADMIN_API, RouteAnswer } from '../issuer-api/index.ts';
import type { KeyFile } from '../key-file/index.ts';
import type { Result } from '../result.ts';
import { within } from '../within.ts';

/** `skip`: it could not be examined, for a reason that is not a fault. */
export type FindingStatus = 'ok' | 'warn' | 'fail' | 'skip';

export interface Finding {
  readonly check: string;
  /** What was examined, such as a gateway or a provider. */
  readonly subject: string;
  readonly status: FindingStatus;
  readonly detail: string;
  /** What to do. Absent if the status is `ok`. */
  readonly advice?: string;
}

/** What a check reports: its name, and its advice if it gives none of its own, are added. */
export type Observation = Omit<Finding, 'check'>;

/** One row of the table. */
export interface Check {
  readonly name: string;
  readonly run: (site: Site) => Promise<readonly Observation[]>;
  /** What to do about an observation that has no advice of its own. */
  readonly advice: string;
}

export type IssuerStatus = RouteAnswer<(typeof ADMIN_API)['status']['showStatus']>;
export type VersionStatus = RouteAnswer<(typeof ADMIN_API)['versions']['showActiveVersion']>;

/** The deployment that is examined, and the ways to ask it. */
export interface Site {
  readonly environment: Environment;
  /** Where the issuer answers. */
  readonly issuer: string;
  readonly gateways: readonly GatewaySite[];
  /** What `hewn check` found in the folder. */
  readonly contents: { readonly faults: number; readonly casesPassed: number };
  /** Undefined if this machine does not have them. */
  readonly keys: KeyFile | undefined;
  /** In hex. */
  readonly feedPublicKey: string | undefined;
  /** The id of the version of policy and catalogue in the folder. */
  readonly version: string;
  readonly now: () => Date;
  readonly fetch: typeof fetch;
  /** Asks with the operator credential. Repeated calls give the same answer. */
  readonly status: () => Promise<Result<IssuerStatus, string>>;
  readonly active: () => Promise<Result<VersionStatus, string>>;
  /** Undefined if no drill is requested. */
  readonly drill: (() => Promise<Observation>) | undefined;
}

export interface GatewaySite {
  readonly name: string;
  readonly url: string;
  /** The servers that are reached over the network: their URLs by name. */
  readonly upstreams: Readonly<Record<string, string>>;
  readonly routes: readonly GatewayRoute[];
}

/** How a gateway serves one server. */
export interface GatewayRoute {
  readonly server: string;
  readonly kind: 'mcp' | 'http';
  readonly mode: 'enforce' | 'observe';
}

const CHECK_MILLISECONDS_MAX = 20_000; // A drill has its own bound.

/** Runs all checks at once. A check that throws or takes too long is a finding, too. */
export async function examine(checks: readonly Check[], site: Site): Promise<readonly Finding[]> {
  const found = checks.map(async ({ name, advice, run }) => {
    const observed = await observe(name, () => run(site));
    return observed.map(
      (one): Finding => ({
        check: name,
        ...one,
        ...(one.status !== 'ok' && { advice: one.advice ?? advice }),
      }),
    );
  });
  return (await Promise.all(found)).flat();
}

async function observe(
  name: string,
  run: () => Promise<readonly Observation[]>,
): Promise<readonly Observation[]> {
  try {
    return await (name === 'drill' ? run() : within(run(), CHECK_MILLISECONDS_MAX));
  } catch (error) {
    const detail = `could not be examined: ${(error as Error).message}`;
    return [{ subject: '', status: 'fail', detail }];
  }
}
