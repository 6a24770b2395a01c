import type { VersionStore } from '../../deploy/index.ts';
import { ADMIN_API, loadAndActivate } from '../../issuer-api/index.ts';
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
