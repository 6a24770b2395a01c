import {
  createAdminCaller,
  describeCallFault,
  describeUnpublished,
  type KeyToPublish,
  publishKeys,
  putVersion,
} from '../issuer-api/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Version } from '../version/index.ts';

/**
 * Loads a version and makes it the active one. The files of the developer win over a version that
 * was activated by hand. A text says why it is not in force, with file and line.
 */
export async function putInForce(
  issuer: string,
  operator: string,
  version: Version,
): Promise<Result<undefined, string>> {
  const call = createAdminCaller({ url: issuer, credential: operator, fetch });
  const options = {
    version,
    by: 'dev',
    reason: 'hewn dev: the files changed',
    force: true,
  } as const;
  const put = await putVersion(call, options);
  if (put.ok) return ok(undefined);
  const { error } = put;
  switch (error.kind) {
    case 'invalid': {
      const [first, ...others] = error.faults;
      const place = [first?.file, first?.line].filter((part) => part !== undefined).join(':');
      const more = others.length > 0 ? ` (and ${others.length} more)` : '';
      return refuse(`${place}: ${first?.found}${more}`);
    }
    case 'changed_since':
      return refuse(`an operator activated ${error.active.version.slice(0, 12)} since`);
    default:
      return refuse(describeCallFault(error, issuer));
  }
}

/** Lets the feed name the keys of a run. Returns what a person should know about the others. */
export async function publishOwnKeys(
  issuer: string,
  operator: string,
  keys: readonly KeyToPublish[],
): Promise<readonly string[]> {
  const call = createAdminCaller({ url: issuer, credential: operator, fetch });
  const unpublished = await publishKeys(call, keys, 'hewn dev');
  return unpublished.map((key) => describeUnpublished(key, describeCallFault(key.fault, issuer)));
}
