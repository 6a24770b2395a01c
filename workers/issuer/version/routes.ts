import type { UnixMilliseconds } from '../../../src/clock.ts';
import { ADMIN_API, type Refusal } from '../../../src/issuer-api/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { versions } from '../platform/env.ts';
import type { ActivateRefusal, Activation, VersionSummary } from './binding.ts';

export const versionRoutes = bindAdmin(ADMIN_API.versions, {
  listVersions: async (_input, { env }) =>
    ok({ versions: (await versions(env).list()).map(describeVersion) }),

  loadVersion: async ({ body: { by, reason, ...version } }, { env, actor, via }) => {
    const loaded = await versions(env).load({ version, source: by, actor, reason, via });
    if (!loaded.ok) {
      const { faults } = loaded.error;
      return refuse({
        code: 'version_invalid',
        detail: { faults: faults.map((one) => ({ ...one })) },
      });
    }
    const { catalogueHash, warnings, ...receipt } = loaded.value;
    return ok({
      ...receipt,
      catalogue_hash: catalogueHash,
      warnings: warnings.map(({ file, line, found }) => ({
        file,
        ...(line !== undefined && { line }),
        found,
      })),
    });
  },

  showActiveVersion: async (_input, { env }) => {
    const { active, recording, lastBy } = await versions(env).status();
    return ok({
      active: active ? describeActivation(active) : null,
      recording: recording ? describeActivation(recording) : null,
      last_by: lastBy,
    });
  },

  listActivations: async ({ query }, { env }) => {
    const activations = await versions(env).history(query.before);
    return ok({ activations: activations.map(describeActivation) });
  },

  activateVersion: async ({ params: { id }, body }, { env, actor, via }) => {
    const { by, expects, reason } = body;
    const activated = await versions(env).activate({ id, expects, source: by, actor, reason, via });
    if (!activated.ok) return refuse(refusalOf(activated.error));
    const { changed, activation } = activated.value;
    return ok({ changed, activation: describeActivation(activation) });
  },

  showVersion: async ({ params: { id } }, { env }) => {
    const version = await versions(env).show(id);
    if (!version) return refuse({ code: 'version_unknown' });
    const { policy, catalogue } = version;
    return ok({ ...describeVersion(version), policy, catalogue });
  },
});

function refusalOf(refusal: ActivateRefusal): Refusal<ActivateRefusal['code']> {
  switch (refusal.code) {
    case 'version_unknown':
      return { code: refusal.code };
    case 'audit_unavailable':
      return {
        code: refusal.code,
        message: 'Not activated: the audit log did not answer, and it records first.',
      };
    case 'version_conflict': {
      const { active, expects, recording } = refusal;
      const others = recording === undefined ? '' : ` The activation of ${recording} is under way.`;
      return {
        code: refusal.code,
        message: `The order expects ${nameOf(expects)} to be active, and active is ${nameOf(active)}.${others}`,
        detail: { active, expects, ...(recording !== undefined && { recording }) },
      };
    }
  }
}

const nameOf = (id: string | null): string => (id === null ? 'no version' : `version ${id}`);

const describeVersion = ({ source, actor, ...version }: VersionSummary) => ({
  id: version.id,
  catalogue_hash: version.catalogueHash,
  files: version.files,
  bytes: version.bytes,
  loaded_at: timestampOf(version.loadedAt),
  loaded_by: actor,
  by: source,
  reason: version.reason,
  active: version.active,
  last_active: version.activeAt === null ? null : timestampOf(version.activeAt),
});

const describeActivation = ({ source, catalogueHash, inFeed, at, ...activation }: Activation) => ({
  n: activation.n,
  version: activation.version,
  before: activation.before,
  catalogue_hash: catalogueHash,
  at: timestampOf(at),
  actor: activation.actor,
  by: source,
  reason: activation.reason,
  state: activation.state,
  in_feed: inFeed,
});

const timestampOf = (time: UnixMilliseconds): string => new Date(time).toISOString();
