import { relative } from 'node:path';
import type { BundledWorker, BundledWorkers } from '../bundle/index.ts';
import {
  type Environment,
  secretNames,
  type WranglerConfig,
  workerName,
} from '../deployment/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { tableOf } from '../upstream/index.ts';
import type { DeployedState } from './state.ts';

/** One step of a deployment. `changes` is false for a step that finds its work already done. */
export type DeployStep =
  | { readonly kind: 'keys'; readonly changes: boolean; readonly file: string }
  | UploadStep
  /** Waits until the issuer answers with the keys of this folder and a head that they signed. */
  | { readonly kind: 'compare'; readonly changes: false; readonly url: string }
  | {
      readonly kind: 'version';
      readonly changes: boolean;
      readonly id: string;
      readonly files: readonly string[];
    }
  /** Lets the feed name the keys for receipts and for approvals of calls. */
  | { readonly kind: 'publish'; readonly changes: false }
  | { readonly kind: 'doctor'; readonly changes: false; readonly environment: string };

export interface UploadStep {
  readonly kind: 'upload';
  readonly changes: boolean;
  readonly role: string;
  readonly worker: string;
  /** The Workers that it is bound to. */
  readonly boundTo: readonly string[];
  readonly configPath: string;
  /** The arguments of wrangler, without the file of secrets. */
  readonly args: readonly string[];
  /** Names only. Empty: no file of secrets is passed. */
  readonly secrets: readonly string[];
  readonly fingerprint: string;
}

export interface PlanInput {
  /** The folder of `hewn.toml`. */
  readonly folder: string;
  readonly environment: Environment;
  readonly bundles: BundledWorkers;
  /** By role. */
  readonly fingerprints: ReadonlyMap<string, string>;
  readonly keys: { readonly file: string; readonly exists: boolean };
  readonly state: DeployedState;
  readonly version: { readonly id: string; readonly files: readonly string[] };
}

/**
 * Returns the steps of a deployment, in order: keys, the issuer, a check that it is ours, the
 * gateways, the version, the keys that the feed names, a last examination. Verifiers come before
 * the version, because an older one does not know the heads of an issuer with an active version.
 */
export function planDeployment(input: PlanInput): Result<readonly DeployStep[], string> {
  const { environment, bundles, keys, state, version } = input;
  const foreign = [bundles.issuer, ...bundles.gateways].flatMap(({ config }) =>
    foreignServices(config, environment),
  );
  if (foreign.length > 0) {
    return refuse(
      `a Worker of ${environment.name} would be bound to ${foreign.join(', ')}, which belongs to another environment`,
    );
  }
  return ok([
    { kind: 'keys', changes: !keys.exists, file: keys.file },
    upload(input, bundles.issuer),
    { kind: 'compare', changes: false, url: environment.issuer.url },
    ...bundles.gateways.map((gateway) => upload(input, gateway)),
    {
      kind: 'version',
      changes: state.version !== version.id,
      id: version.id,
      files: version.files,
    },
    { kind: 'publish', changes: false },
    { kind: 'doctor', changes: false, environment: environment.name },
  ]);
}

function upload(
  { folder, fingerprints, state }: PlanInput,
  { role, config, configPath }: BundledWorker,
): UploadStep {
  const path = relative(folder, configPath);
  const fingerprint = fingerprints.get(role) ?? '';
  return {
    kind: 'upload',
    changes: state.workers[config.name]?.fingerprint !== fingerprint,
    role,
    worker: config.name,
    boundTo: servicesOf(config),
    configPath: path,
    args: ['deploy', '--config', path],
    secrets: secretNames(config),
    fingerprint,
  };
}

/** Returns the Workers that a configuration binds, each once. */
function servicesOf(config: WranglerConfig): readonly string[] {
  const { services = [] } = config as { readonly services?: readonly { service: string }[] };
  return [...new Set(services.map(({ service }) => service))];
}

/**
 * Returns the Workers that a configuration must not be bound to: any but the issuer of its own
 * environment, and the Workers that its upstreams name. Wrangler binds a gateway of staging to the
 * issuer of production without a warning.
 */
function foreignServices(config: WranglerConfig, environment: Environment): readonly string[] {
  const stated = environment.gateways.flatMap(({ upstreams }) =>
    Object.values(upstreams).map((upstream) => tableOf(upstream).service),
  );
  const allowed = new Set([workerName(environment, 'issuer'), ...stated]);
  return servicesOf(config).filter((service) => !allowed.has(service));
}
