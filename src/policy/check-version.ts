import { type Catalogue, findCatalogueFaults, parseCatalogue } from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { CATALOGUE_FILE, type Version } from '../version/index.ts';
import { findPolicyFaults, type LoadOptions, loadPolicy } from './load.ts';
import type { Policy, PolicyError, PolicyFile } from './policy.ts';

/** One thing that is wrong in a file of a version. */
export interface VersionFault {
  /** The name of the policy file, or `catalogue`. */
  readonly file: string;
  /** Counts from 1. Absent if the fault has no place. */
  readonly line?: number;
  /** In the catalogue: where, as in `tool.3.sinks`. */
  readonly key?: string;
  readonly found: string;
  readonly allowed?: string;
}

/** A version that loads: what decides, and what its author should look at. */
export interface CheckedVersion {
  readonly policy: Policy;
  readonly catalogue: Catalogue;
  readonly warnings: readonly VersionFault[];
}

/** A report of more has one cause, such as a wrong file. */
const FAULTS_MAX = 100;

/**
 * Loads the policy of a version together with its catalogue, as the issuer does. Returns every
 * fault of both, at most 100, if one of them does not load.
 */
export function checkVersion(
  version: Version,
  options: LoadOptions = {},
): Result<CheckedVersion, readonly VersionFault[]> {
  const catalogue = parseCatalogue(version.catalogue);
  const files = filesOf(version);
  // Without a catalogue, the names of tools and datasets in the policy cannot be checked.
  const known: Catalogue = catalogue.ok ? catalogue.value : new Map();
  const policy = loadPolicy(files, known, options);
  if (!policy.ok || !catalogue.ok) {
    const faults = [...catalogueFaults(version.catalogue), ...policyFaults(files, known, options)];
    return refuse(bounded(faults));
  }
  const warnings = policy.value.warnings.map(({ file, line, why }) => ({ file, line, found: why }));
  return ok({ policy: policy.value, catalogue: catalogue.value, warnings: bounded(warnings) });
}

/** In the order of their names, which is the order in which a policy is loaded. */
const filesOf = ({ policy }: Version): readonly PolicyFile[] =>
  Object.entries(policy)
    .map(([name, source]) => ({ name, source }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const catalogueFaults = (toml: string): readonly VersionFault[] =>
  findCatalogueFaults(toml).map(({ line, where, why }) => ({
    file: CATALOGUE_FILE,
    ...(line !== undefined && { line }),
    ...(where !== undefined && { key: where }),
    found: why,
  }));

const policyFaults = (
  files: readonly PolicyFile[],
  catalogue: Catalogue,
  options: LoadOptions,
): readonly VersionFault[] =>
  findPolicyFaults(files, catalogue, options).map((error) => faultOf(error, files));

function faultOf(error: PolicyError, files: readonly PolicyFile[]): VersionFault {
  switch (error.code) {
    case 'policy_missing': {
      const found = 'the policy has no statement, so it would refuse everything';
      return { file: files[0]?.name ?? 'policy', found };
    }
    case 'policy_too_large': {
      const allowed = '64 KiB: split it into several files';
      return { file: error.file, found: 'too large for a policy', allowed };
    }
    case 'policy_invalid':
      return { file: error.file, line: error.line, found: error.why };
  }
}

function bounded(faults: readonly VersionFault[]): readonly VersionFault[] {
  const [first] = faults;
  if (first === undefined || faults.length <= FAULTS_MAX) return faults;
  const found = `${faults.length - FAULTS_MAX} more are not shown`;
  return [...faults.slice(0, FAULTS_MAX), { file: first.file, found }];
}
