import type { PublishedKeys, VersionStore } from '../../deploy/index.ts';
import {
  ADMIN_API,
  describeUnpublished,
  keysToPublish,
  loadAndActivate,
  publishKeys,
} from '../../issuer-api/index.ts';
import { ok, refuse } from '../../result.ts';
import { versionId } from '../../version/index.ts';
import type { CommandContext } from '../command.ts';
import { callerOf, callIssuer, describeIssuerFault } from '../issuer.ts';

const REASON = 'hewn deploy';

/** The versions of an issuer, over its admin API with the operator credential of a key file. */
export function versionStoreOf(
  context: CommandContext,
  issuer: string,
  keyFile: string,
): VersionStore {
  const flags = { issuer, file: keyFile };
  const api = ADMIN_API.versions;
  return {
    active: async () => {
      const status = await callIssuer(context, flags, api.showActiveVersion, {});
      return status.ok ? ok(status.value.active) : status;
    },
    show: async (id) => {
      const shown = await callIssuer(context, flags, api.showVersion, { params: { id } });
      return shown.ok
        ? ok({ policy: shown.value.policy, catalogue: shown.value.catalogue })
        : shown;
    },
    put: async (version, { expects }) => {
      const call = await callerOf(context, flags);
      if (!call.ok) return call;
      const order = {
        by: 'deploy',
        reason: REASON,
        id: await versionId(version),
        expects,
      } as const;
      const put = await loadAndActivate(call.value, { version, ...order });
      return put.ok ? ok(null) : refuse(await describeIssuerFault(context, flags, put.error));
    },
  };
}

/** Lets the feed name the keys of a deployment, with the operator credential of a key file. */
export async function publishThrough(
  context: CommandContext,
  keyFile: string,
  parts: Parameters<typeof keysToPublish>[0],
): Promise<PublishedKeys> {
  const keys = keysToPublish(parts);
  const flags = { issuer: parts.issuer.url, file: keyFile };
  const call = await callerOf(context, flags);
  if (!call.ok) return { count: keys.length, unpublished: keys.map(() => call.error) };
  const unpublished = await publishKeys(call.value, keys, REASON);
  const described = unpublished.map(async (key) =>
    describeUnpublished(key, await describeIssuerFault(context, flags, key.fault)),
  );
  return { count: keys.length, unpublished: await Promise.all(described) };
}
