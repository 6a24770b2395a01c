import type { VersionStore } from '../../deploy/index.ts';
import { ADMIN_API } from '../../issuer-api/index.ts';
import { ok } from '../../result.ts';
import { versionId } from '../../version/index.ts';
import type { CommandContext } from '../command.ts';
import { callIssuer } from '../issuer.ts';

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
    status: async () => {
      const status = await callIssuer(context, flags, api.showActiveVersion, {});
      if (!status.ok) return status;
      const { active, last_by: lastBy } = status.value;
      return ok({ active, lastByDeploy: lastBy.deploy });
    },
    show: async (id) => {
      const shown = await callIssuer(context, flags, api.showVersion, { params: { id } });
      return shown.ok
        ? ok({ policy: shown.value.policy, catalogue: shown.value.catalogue })
        : shown;
    },
    put: async (version, { expects }) => {
      const order = { by: 'deploy', reason: REASON } as const;
      const loaded = await callIssuer(context, flags, api.loadVersion, {
        body: { policy: { ...version.policy }, catalogue: version.catalogue, ...order },
      });
      if (!loaded.ok) return loaded;
      const activated = await callIssuer(context, flags, api.activateVersion, {
        params: { id: await versionId(version) },
        body: { expects, ...order },
      });
      return activated.ok ? ok(null) : activated;
    },
  };
}
