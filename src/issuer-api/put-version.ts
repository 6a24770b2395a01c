import * as v from 'valibot';
import { ok, type Result, refuse } from '../result.ts';
import {
  diffVersions,
  type FileChange,
  type Version,
  type VersionSource,
  versionId,
} from '../version/index.ts';
import { ADMIN_API } from './admin/index.ts';
import type { AdminCaller, CallFault } from './call.ts';
import type { RouteAnswer } from './route.ts';

const { loadVersion, activateVersion, showActiveVersion, showVersion } = ADMIN_API.versions;

export interface PutVersionOptions {
  readonly version: Version;
  /** The command that brings it. */
  readonly by: VersionSource;
  readonly reason: string;
  /** Replaces a version that another source activated since. */
  readonly force?: boolean;
}

/** A version that is in force now. */
export interface VersionPut {
  readonly id: string;
  /** False if it was active already. */
  readonly changed: boolean;
  /** The version that it replaced; null if there was none. */
  readonly before: string | null;
  /** Whether the revocation log names its catalogue to the verifiers yet. */
  readonly inFeed: boolean;
  readonly warnings: RouteAnswer<typeof loadVersion>['warnings'];
}

/** One thing that is wrong in a file of a version, as the issuer found it. */
export type IssuerFault = v.InferOutput<typeof fault>;

const fault = v.object({
  file: v.string(),
  line: v.optional(v.number()),
  key: v.optional(v.string()),
  found: v.string(),
  allowed: v.optional(v.string()),
});
const faultsOf = v.object({ faults: v.array(fault) });

/** Why a version was not put in force. Nothing changed. */
export type PutVersionFault =
  | { readonly kind: 'invalid'; readonly faults: readonly IssuerFault[] }
  | {
      /** Another source activated another version since. */
      readonly kind: 'changed_since';
      readonly active: NonNullable<RouteAnswer<typeof showActiveVersion>['active']>;
      /** What this source put in force last; undefined if it never did. */
      readonly last: string | undefined;
      /** What this version would change in the active one. */
      readonly changes: readonly FileChange[];
    }
  | CallFault;

/**
 * Loads a version and makes it the active one, unless the last activation was someone else's.
 * Idempotent: a version that is active already stays so, without a record.
 */
export async function putVersion(
  call: AdminCaller,
  { version, by, reason, force = false }: PutVersionOptions,
): Promise<Result<VersionPut, PutVersionFault>> {
  const status = await call(showActiveVersion, {});
  if (!status.ok) return status;
  const { active, last_by: lastBy } = status.value;
  const id = await versionId(version);
  const expects = active?.version ?? null;
  if (active && expects === id) {
    const { before, in_feed: inFeed } = active;
    return ok({ id, changed: false, before, inFeed, warnings: [] });
  }
  // An operator who rolled back to what this source brought has rejected what came after it.
  if (active && !force && active.by !== by) {
    const shown = await call(showVersion, { params: { id: active.version } });
    if (!shown.ok) return shown;
    const changes = diffVersions(shown.value, version);
    return refuse({ kind: 'changed_since', active, last: lastBy[by], changes });
  }
  const put = await loadAndActivate(call, { version, by, reason, id, expects });
  if (!put.ok) return refuse(asInvalid(put.error));
  const { changed, activation, warnings } = put.value;
  const { before, in_feed: inFeed } = activation;
  return ok({ id, changed, before, inFeed, warnings });
}

interface LoadAndActivateOptions extends Omit<PutVersionOptions, 'force'> {
  /** Of the version. */
  readonly id: string;
  /** The version that must still be active then; null for none. */
  readonly expects: string | null;
}

type LoadedAndActivated = RouteAnswer<typeof activateVersion> & Pick<VersionPut, 'warnings'>;

/** Loads a version and activates it, if what is active by then is what was expected. */
export async function loadAndActivate(
  call: AdminCaller,
  { version, by, reason, id, expects }: LoadAndActivateOptions,
): Promise<Result<LoadedAndActivated, CallFault>> {
  const loaded = await call(loadVersion, { body: { ...version, by, reason } });
  if (!loaded.ok) return loaded;
  const activated = await call(activateVersion, { params: { id }, body: { expects, by, reason } });
  return activated.ok ? ok({ ...activated.value, warnings: loaded.value.warnings }) : activated;
}

/** Takes the faults of a version out of the problem that has them. */
export function asInvalid(error: CallFault): PutVersionFault {
  if (error.kind !== 'problem' || error.code !== 'version_invalid') return error;
  const read = v.safeParse(faultsOf, error.detail);
  return read.success ? { kind: 'invalid', faults: read.output.faults } : error;
}
