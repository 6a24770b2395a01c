import { ok, type Result, refuse } from '../../result.ts';
import { diffVersions, type Version, versionId } from '../../version/index.ts';
import { type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import type { IssuerFlags } from '../issuer.ts';
import { readDeploymentVersion } from './folder.ts';
import { countChanges, diffText } from './render.ts';
import { findId, type StoredVersion, showStatus, showStored } from './stored.ts';

export const versionsDiff = defineCommand({
  name: 'versions diff',
  summary: 'show what another version would change in the active one',
  operands: '[NEW]',
  description:
    'Shows a unified diff from the active version to NEW: a deployment folder with hewn.toml, by default the current one, or the id of a stored version. --from compares with another stored version. For what it would change in decisions on recorded requests, see hewn policy diff.',
  flags: {
    from: {
      kind: 'text',
      value: 'ID',
      description: 'compare with this version, not the active one',
    },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ['hewn versions diff', 'hewn versions diff 3f2a91c0 --from 77b0e2d4'],
  exitCodes: { 0: 'there is no difference', 1: 'there is a difference' },
  run: async ({ flags, operands }, context) => {
    const [wanted = '.', unexpected] = operands;
    if (unexpected !== undefined) return refuse('name one version or folder. See --help');
    const before = await readBefore(context, flags);
    if (!before.ok) return before;
    const after = await readAfter(context, flags, wanted);
    if (!after.ok) return after;
    const { policy, catalogue } = after.value;
    const changes = diffVersions(before.value, { policy, catalogue });
    if (flags.json) {
      const to = await versionId({ policy, catalogue });
      context.out(showJson({ from: before.value?.id ?? null, to, changes }));
    } else {
      if (changes.length > 0) context.out(diffText(changes));
      context.out(countChanges(changes));
    }
    return changes.length === 0 ? YES : NO;
  },
});

/** Until a version was activated there is nothing to compare with, and everything is added. */
async function readBefore(
  context: CommandContext,
  flags: IssuerFlags & { readonly from: string | undefined },
): Promise<Result<StoredVersion | undefined, string>> {
  if (flags.from !== undefined) return showById(context, flags, flags.from);
  const status = await showStatus(context, flags);
  if (!status.ok) return status;
  const { active } = status.value;
  return active ? showById(context, flags, active.version) : ok(undefined);
}

const readAfter = (
  context: CommandContext,
  flags: IssuerFlags,
  wanted: string,
): Promise<Result<Version, string>> =>
  /^[0-9a-f]{6,64}$/.test(wanted)
    ? showById(context, flags, wanted)
    : readDeploymentVersion(context, wanted);

async function showById(
  context: CommandContext,
  flags: IssuerFlags,
  text: string,
): Promise<Result<StoredVersion, string>> {
  const id = await findId(context, flags, text);
  return id.ok ? showStored(context, flags, id.value) : id;
}
