import type { Deployment } from '../../deployment/index.ts';
import {
  createAdminCaller,
  describeCallFault,
  describeUnpublished,
  type KeyToPublish,
  publishKeys,
  putVersion,
} from '../../issuer-api/index.ts';
import { renderDiff } from '../../version/index.ts';
import { readFolderVersion } from '../../version-files/index.ts';

export interface BringOptions {
  /** The folder of `hewn.toml`. */
  readonly folder: string;
  readonly deployment: Deployment;
  /** Where this machine reaches the issuer. */
  readonly url: string;
  /** The operator credential; undefined if the server got only its digest. */
  readonly credential: string | undefined;
  readonly fetch: typeof fetch;
}

/**
 * Loads the policy and the catalogue of the folder as a version and activates it, unless an
 * operator activated another one since the last start. Returns what happened, in lines for a
 * person. A version that is not brought leaves the active one in force.
 */
export async function bringVersion(options: BringOptions): Promise<string> {
  const { folder, deployment, url, credential, fetch } = options;
  if (credential === undefined) {
    return 'The policy of this folder was not loaded, because HEWN_OPERATOR is not set: load it with hewn versions load.';
  }
  const version = await readFolderVersion(folder, deployment);
  if (!version.ok) return `The policy of this folder was not loaded: ${version.error}`;
  const call = createAdminCaller({ url, credential, fetch });
  const put = await putVersion(call, { version: version.value, by: 'serve', reason: 'hewn serve' });
  if (put.ok) {
    const { id, changed } = put.value;
    return `policy and catalogue: version ${id.slice(0, 12)} ${changed ? 'activated' : 'is active'}`;
  }
  const { error } = put;
  switch (error.kind) {
    case 'invalid': {
      const faults = error.faults.map(
        ({ file, line, found }) =>
          `${[file, line].filter((part) => part !== undefined).join(':')}: ${found}`,
      );
      return ['The policy of this folder was not loaded, because it has faults:', ...faults].join(
        '\n',
      );
    }
    case 'changed_since':
      return [
        `The policy of this folder was not activated: version ${error.active.version.slice(0, 12)} was activated since by ${error.active.by}. To replace it, run hewn versions load and hewn versions activate.`,
        renderDiff(error.changes),
      ].join('\n');
    default:
      return `The policy of this folder was not loaded: ${describeCallFault(error, url)}`;
  }
}

/**
 * Lets the feed name the keys of the server that sign receipts and approvals. Returns a line for
 * each that it does not name.
 */
export async function bringKeys(
  { url, credential, fetch }: Pick<BringOptions, 'url' | 'credential' | 'fetch'>,
  keys: readonly KeyToPublish[],
): Promise<readonly string[]> {
  if (keys.length === 0) return [];
  if (credential === undefined) {
    return [
      'The feed does not name the keys for receipts and approvals of this server, because HEWN_OPERATOR is not set: hewn keys publish does it.',
    ];
  }
  const call = createAdminCaller({ url, credential, fetch });
  const unpublished = await publishKeys(call, keys, 'hewn serve');
  return unpublished.map((key) => describeUnpublished(key, describeCallFault(key.fault, url)));
}
